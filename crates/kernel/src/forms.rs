//! Forms by which clients upload to where the bytes are kept, past this server. To sign one is
//! computing, and no I/O: whoever makes the context of a call has fetched what it takes.

use worksmith_wire::Timestamp;

use crate::error::Result;

/// What a form lets its holder do.
#[derive(Clone, Copy, Debug)]
pub struct FormTerms<'a> {
    /// The key under which the file is kept.
    pub key: &'a str,
    /// When the form is signed.
    pub signed_at: Timestamp,
    /// When it stops being good.
    pub expires_at: Timestamp,
    /// The address to which the client is sent after the upload.
    pub redirect: &'a str,
}

/// A form that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedForm {
    /// Where to post it.
    pub url: String,
    /// The fields that go before the file, with their values.
    pub fields: Vec<(String, String)>,
}

/// Signs forms.
pub trait FormSigner: Send + Sync {
    /// Signs one.
    fn sign(&self, terms: FormTerms<'_>) -> Result<SignedForm>;
}
