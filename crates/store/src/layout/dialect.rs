//! The few words in which the two databases differ. Statements are built once, for both; where more
//! than a word would differ, they are written so that both understand them.

use worksmith_kernel::ColumnType;

/// The dialect in which a statement is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// SQLite's.
    Sqlite,
    /// PostgreSQL's, and that of databases that speak like it.
    Postgres,
}

impl Dialect {
    /// A statement that creates tables or indexes, translated from SQLite's dialect. Both compare
    /// texts byte by byte.
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

    /// The name of a type in the catalogue of the database.
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

    /// Makes a selection of rows skip those that another transaction has locked.
    pub(crate) const fn skipping_locked(self) -> &'static str {
        match self {
            // There is one writer.
            Self::Sqlite => "",
            Self::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// Has a table read by this index and no other.
    pub(crate) fn by_index(self, index: &str) -> String {
        match self {
            Self::Sqlite => format!(" INDEXED BY {index}"),
            // PostgreSQL takes no hints. Queries are written so that no other index serves them.
            Self::Postgres => String::new(),
        }
    }

    /// The rows of a JSON list of lists, the first parameter: an id and three numbers each.
    pub(crate) const fn stretches(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "(SELECT value ->> 0 AS id, value ->> 1 AS low, value ->> 2 AS high,
                 value ->> 3 AS below
                 FROM json_each($1))"
            }
            Self::Postgres => {
                "(SELECT (one ->> 0) COLLATE \"C\" AS id, (one ->> 1)::BIGINT AS low,
                 (one ->> 2)::BIGINT AS high, (one ->> 3)::BIGINT AS below
                 FROM json_array_elements(($1::TEXT)::JSON) AS list(one))"
            }
        }
    }

    /// The rows of a JSON list of lists, the first parameter, by the columns of each.
    pub(crate) fn rows(self, columns: &[(&str, ColumnType)]) -> String {
        let column = |(at, (name, kind)): (usize, &(&str, ColumnType))| match self {
            Self::Sqlite => format!("value ->> {at} AS {name}"),
            Self::Postgres if *kind == ColumnType::Text => {
                format!("(one ->> {at}) COLLATE \"C\" AS {name}")
            }
            Self::Postgres => format!("(one ->> {at})::{} AS {name}", self.type_name(*kind)),
        };
        let columns: Vec<_> = columns.iter().enumerate().map(column).collect();
        let from = match self {
            Self::Sqlite => "json_each($1)",
            Self::Postgres => "json_array_elements(($1::TEXT)::JSON) AS list(one)",
        };
        format!("SELECT {} FROM {from}", columns.join(", "))
    }

    /// Has the log of events read in the order of its numbers, where one is asked for.
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
