//! Filling a database from elsewhere: what a move and a restore write.

use worksmith_kernel::Value;

/// The layout of the target of an unfinished move: higher than that of any version, so that
/// versions without moves leave it alone too.
pub(crate) const UNFINISHED: i64 = 1_000_000;
/// The message about such a database.
pub(crate) const UNFINISHED_SAID: &str =
    "is the target of a move or a restore that was not finished; run the same command again";

/// Rows of one table that are to be added.
pub(crate) struct Rows {
    pub(crate) table: &'static str,
    pub(crate) columns: Vec<&'static str>,
    pub(crate) rows: Vec<Vec<Value>>,
}

/// A statement, and the values of its parameters.
pub(crate) struct Statement {
    pub(crate) sql: String,
    pub(crate) values: Vec<Value>,
}
