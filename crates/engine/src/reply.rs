//! The answer of an operation.

use std::fmt;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::Stream;
use worksmith_kernel::Result;

/// What follows the first part of a long answer; it is rendered while it is sent.
pub type Rest = Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

/// A long answer, which is never in memory as a whole.
pub struct Parts {
    /// The beginning of its JSON.
    pub first: Vec<u8>,
    /// The rest of it; `None` if `first` is everything.
    pub rest: Option<Rest>,
}

/// The answer of an operation.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body, or its first part.
    pub body: Vec<u8>,
    /// What follows the first part.
    pub rest: Option<Rest>,
}

impl Reply {
    /// A complete answer.
    pub const fn whole(status: u16, body: Vec<u8>) -> Self {
        Self { status, body, rest: None }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = String::from_utf8_lossy(&self.body);
        let mut text = f.debug_struct("Reply");
        text.field("status", &self.status).field("body", &body).finish_non_exhaustive()
    }
}
