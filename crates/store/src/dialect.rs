//! The few words in which the two databases differ. Statements are built once, for both; whatever
//! needs more than another word is done otherwise, in the same words for both.

use worksmith_kernel::ColumnType;

/// Whose words a statement is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Of SQLite.
    Sqlite,
    /// Of PostgreSQL, and of what speaks like it.
    Postgres,
}

impl Dialect {
    /// A statement that makes tables or indexes, written for SQLite, in these words. Texts are
    /// compared byte by byte in both.
    pub(crate) fn ddl(self, sqlite: &str) -> String {
        match self {
            Self::Sqlite => sqlite.to_owned(),
            Self::Postgres => sqlite
                .replace(" WITHOUT ROWID", "")
                .replace("INTEGER", "BIGINT")
                .replace("REAL", "DOUBLE PRECISION")
                .replace("TEXT", "TEXT COLLATE \"C\""),
        }
    }

    /// The name of a type as the catalogue of the database spells it.
    pub(crate) const fn type_name(self, kind: ColumnType) -> &'static str {
        match (self, kind) {
            (Self::Sqlite, ColumnType::Integer) => "INTEGER",
            (Self::Sqlite, ColumnType::Real) => "REAL",
            (Self::Sqlite, ColumnType::Text) => "TEXT",
            (Self::Postgres, ColumnType::Integer) => "bigint",
            (Self::Postgres, ColumnType::Real) => "double precision",
            (Self::Postgres, ColumnType::Text) => "text",
        }
    }

    /// What makes a choice of rows pass those that another transaction is choosing.
    pub(crate) const fn skipping_locked(self) -> &'static str {
        match self {
            // There is one writer.
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Has a table read by one index and no other.
    pub(crate) fn by_index(self, index: &str) -> String {
        match self {
            Self::Sqlite => format!(" INDEXED BY {index}"),
            // It takes no orders. What is asked is written so that no other index serves it.
            Self::Postgres => String::new(),
        }
    }

    /// Has the log of events read in the order of its numbers, as far as one is asked for.
    pub(crate) const fn by_number(self) -> &'static str {
        match self {
            // It would sort all events of an org for each page.
            Self::Sqlite => " NOT INDEXED",
            // An index has the org and the number.
            Self::Postgres => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_other_names_elsewhere() {
        let sqlite = "CREATE TABLE t (a TEXT NOT NULL, b INTEGER, c REAL) WITHOUT ROWID";
        assert_eq!(Dialect::Sqlite.ddl(sqlite), sqlite);
        let postgres =
            "CREATE TABLE t (a TEXT COLLATE \"C\" NOT NULL, b BIGINT, c DOUBLE PRECISION)";
        assert_eq!(Dialect::Postgres.ddl(sqlite), postgres);
    }
}
