//! Forms by which clients upload directly to the bucket. Signing one takes no I/O: what it needs
//! was fetched when the context of the call was made.

use worksmith_wire::Timestamp;

use crate::error::Result;

/// What a form permits its holder to do.
#[derive(Clone, Copy, Debug)]
pub struct FormTerms<'a> {
    /// The key under which the file is kept.
    pub key: &'a str,
    /// The instant of signing.
    pub signed_at: Timestamp,
    /// The instant from which it is no longer valid.
    pub expires_at: Timestamp,
    /// The address to which the bucket redirects the client after the upload.
    pub redirect: &'a str,
}

/// A signed form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedForm {
    /// The URL to post it to.
    pub url: String,
    /// The fields that precede the file, with their values.
    pub fields: Vec<(String, String)>,
}

/// Signs forms.
pub trait FormSigner: Send + Sync {
    /// Signs a form with these terms.
    fn sign(&self, terms: FormTerms<'_>) -> Result<SignedForm>;
}
