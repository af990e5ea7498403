//! Why a command failed: one clear sentence for the user.

use std::fmt;

use worksmith_http::tls::TlsError;
use worksmith_kernel::Error;
use worksmith_store::{ExportError, MoveError, PostgresError, SqliteError};

/// The sentence.
#[derive(Debug)]
pub(crate) struct Failure {
    sentence: String,
    /// Whether the reason is that another process has the data dir.
    is_in_use: bool,
}

impl Failure {
    /// Whether the reason is that another process has the data dir.
    pub(crate) const fn is_in_use(&self) -> bool {
        self.is_in_use
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

impl From<String> for Failure {
    fn from(sentence: String) -> Self {
        Self { sentence, is_in_use: false }
    }
}

impl From<&str> for Failure {
    fn from(sentence: &str) -> Self {
        sentence.to_owned().into()
    }
}

impl From<SqliteError> for Failure {
    fn from(error: SqliteError) -> Self {
        let is_in_use = matches!(error, SqliteError::InUse(_));
        Self { sentence: error.to_string(), is_in_use }
    }
}

impl From<PostgresError> for Failure {
    fn from(error: PostgresError) -> Self {
        error.to_string().into()
    }
}

impl From<MoveError> for Failure {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::Sqlite(error) => error.into(),
            MoveError::Postgres(error) => error.into(),
            MoveError::Refused(sentence) => sentence.into(),
            MoveError::Store(error) => error.into(),
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Output(cause) => format!("the export can't be written: {cause}").into(),
            ExportError::Store(error) => error.into(),
        }
    }
}

impl From<TlsError> for Failure {
    fn from(error: TlsError) -> Self {
        error.to_string().into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::from(match error {
            Error::Api(error) => error.message,
            Error::Stale => "something else changed the same data meanwhile; try again".to_owned(),
            Error::Unavailable(cause) => format!("the database can't be used now: {cause}"),
            Error::Internal(cause) => format!("a defect of worksmith: {cause}"),
        })
    }
}
