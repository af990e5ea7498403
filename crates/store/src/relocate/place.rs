//! The source or target of a move: `sqlite:DIR` or `postgres://user@host:5432/database`.

use std::fmt;
use std::path::PathBuf;

use worksmith_kernel::{Error, Registry};

use crate::postgres::{PostgresError, hidden};
use crate::sqlite::SqliteError;
use crate::store::Store;

/// How many connections read.
const CONNECTIONS: usize = 3;

/// A database by its address. It is displayed without a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Place {
    /// The database in a data dir.
    Sqlite(PathBuf),
    /// A PostgreSQL database, by its URL.
    Postgres(String),
}

impl Place {
    /// Parses an address; `None` if it is of neither kind. The text may contain a password, so it
    /// is not fit to be shown.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("sqlite", dir) if !dir.is_empty() => Some(Self::Sqlite(dir.into())),
            ("postgres" | "postgresql", rest) if rest.starts_with("//") => {
                Some(Self::Postgres(text.to_owned()))
            }
            _ => None,
        }
    }

    /// Opens the database, which must exist.
    pub(super) async fn open(&self, registry: &Registry) -> Result<Store, MoveError> {
        let registry = registry.clone();
        Ok(match self {
            Self::Sqlite(dir) if dir.join(crate::sqlite::FILE).exists() => {
                Store::open_sqlite(dir, registry, &mut |_| {})?
            }
            Self::Sqlite(_) => {
                return Err(MoveError::Refused(format!("there is no data in {self}")));
            }
            Self::Postgres(url) => {
                Store::open_postgres(url, CONNECTIONS, registry, &mut |_| {}).await?
            }
        })
    }

    /// Refuses another name for the same data dir, because the move would wait for itself.
    pub(super) fn is_not(&self, other: &Self) -> Result<(), MoveError> {
        let is_same = match (self, other) {
            (Self::Sqlite(one), Self::Sqlite(other)) => {
                one == other
                    || one
                        .canonicalize()
                        .is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
            }
            (one, other) => one == other,
        };
        if is_same {
            return Err(MoveError::Refused(format!("{self} is both the source and the target")));
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(dir) => write!(f, "sqlite:{}", dir.display()),
            Self::Postgres(url) => f.write_str(&hidden(url)),
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a move or a comparison did not take place.
#[derive(Debug)]
pub enum MoveError {
    /// One of the data dirs can't be used.
    Sqlite(SqliteError),
    /// One of the PostgreSQL databases can't be used.
    Postgres(PostgresError),
    /// It would do harm, or nothing; a sentence says why.
    Refused(String),
    /// Anything else that went wrong on the way.
    Store(Error),
}

impl From<SqliteError> for MoveError {
    fn from(error: SqliteError) -> Self {
        Self::Sqlite(error)
    }
}

impl From<PostgresError> for MoveError {
    fn from(error: PostgresError) -> Self {
        Self::Postgres(error)
    }
}

impl From<Error> for MoveError {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_or_a_url_and_shows_no_password() {
        let shown = |text: &str| Place::parse(text).map(|place| format!("{place} {place:?}"));
        let folder = shown("sqlite:./data").unwrap();
        assert_eq!(folder, "sqlite:./data sqlite:./data");
        let url = shown("postgres://me:secret@db.example/work?password=secret").unwrap();
        assert_eq!(url, "postgres://me@db.example/work postgres://me@db.example/work");
        for neither in ["", "data", "./data", "sqlite:", "postgres:db", "mysql://db/x"] {
            assert_eq!(shown(neither), None, "{neither}");
        }
    }
}
