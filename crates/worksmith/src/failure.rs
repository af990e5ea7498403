//! Why a command ended: one clear sentence for whoever called it.

use std::fmt;

use worksmith_http::tls::TlsError;
use worksmith_kernel::Error;
use worksmith_store::{PostgresError, SqliteError};

/// The sentence.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self(sentence)
    }
}

impl From<&str> for Failure {
    fn from(sentence: &str) -> Self {
        Self(sentence.to_owned())
    }
}

impl From<SqliteError> for Failure {
    fn from(error: SqliteError) -> Self {
        Self(error.to_string())
    }
}

impl From<PostgresError> for Failure {
    fn from(error: PostgresError) -> Self {
        Self(error.to_string())
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        Self(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(match error {
            Error::Api(error) => error.message,
            Error::Stale => "something else changed the same data meanwhile; try again".to_owned(),
            Error::Unavailable(cause) => format!("the database can't be used now: {cause}"),
            Error::Internal(cause) => format!("a defect of worksmith: {cause}"),
        })
    }
}
