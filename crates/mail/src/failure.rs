//! Why a message was not handed over, and what is to be done about that.

use std::fmt;

use lettre::transport::smtp::Error;

/// Why a message was not handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may work later: the server is not there, or says so.
    Later(String),
    /// It never will: the server refuses the message or the address.
    Never(String),
    /// Nobody knows whether the server took it.
    Unknown(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Later(why) | Self::Never(why) | Self::Unknown(why)) = self;
        f.write_str(why)
    }
}

impl Failure {
    /// What an error means while the text has not been sent.
    pub(crate) fn before(cause: &Error) -> Self {
        if cause.is_permanent() {
            return Self::Never(cause.to_string());
        }
        Self::Later(cause.to_string())
    }

    /// What an error means once the text is on its way.
    pub(crate) fn after(cause: &Error) -> Self {
        if cause.is_permanent() || cause.is_transient() {
            return Self::before(cause);
        }
        Self::Unknown(cause.to_string())
    }
}
