//! What can go wrong in an operation. The part that clients see and the part that only the log
//! sees are different types, so that an internal message cannot leak.

use std::fmt;

use worksmith_wire::ApiError;

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation did not succeed.
#[derive(Debug)]
pub enum Error {
    /// The client's mistake, or a rule of the tracker; shown to the client as it is.
    Api(Box<ApiError>),
    /// The store refused the batch because something that it relied on has changed. Run it again.
    Stale,
    /// A temporary fault of the machine, such as a full disk; the text is for the log.
    Unavailable(String),
    /// A defect; the text is for the log.
    Internal(String),
}

impl Error {
    /// A defect, described by its cause.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// A temporary fault, described by its cause.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}
