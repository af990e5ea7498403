//! What the databases of either kind contain: tables, columns and indexes, made from what the
//! families declare, and the words of the statements that read and write them.

pub(crate) mod ddl;
mod dialect;
mod filling;
mod row;
pub(crate) mod shape;
mod sql;
pub(crate) mod statements;
pub(crate) mod tallies;
pub(crate) mod upgrade;

pub(crate) use self::dialect::Dialect;
pub(crate) use self::filling::{Rows, Statement, UNFINISHED, UNFINISHED_SAID};
pub(crate) use self::row::{as_kept, number, raw_row, text};
pub use self::sql::row_by_id;
pub(crate) use self::sql::{ROW_COLUMNS, Sql, row_columns};
pub use self::statements::{Written, written};
pub use self::upgrade::{UpgradePart, Upgrades, Upgrading};

/// Called with how much of a long task is done, and how much there is in all.
pub type Progress<'a> = &'a mut (dyn FnMut(u64, u64) + Send);
