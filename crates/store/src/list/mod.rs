//! The pages and counts of lists: which objects match a query, in its order. `plan.rs` chooses the
//! way; `select.rs`, `walk.rs`, `references.rs` and `groups.rs` write its statements, `masks.rs`
//! says which rows need not be read, and `tallies.rs` counts without reading any.

mod groups;
mod masks;
mod plan;
mod references;
mod select;
mod tallies;
mod walk;

use worksmith_kernel::erased::{By, Query, Sort};
use worksmith_kernel::{ColumnType, Table, Value};

pub use self::plan::{Costs, Hit};
pub(crate) use self::select::PageSelect;

/// A page of a list, as it is asked for.
#[derive(Clone, Copy, Debug)]
pub struct PageQuery<'a> {
    /// The objects that are listed.
    pub table: &'static Table,
    /// The org that they belong to.
    pub org: &'a str,
    /// Which of them, and in which order.
    pub query: &'a Query,
    /// The edge next to which the page lies.
    pub beside: Option<&'a Edge>,
    /// True for a page before the edge, or at the end of the list.
    pub backwards: bool,
    /// The largest number of objects.
    pub limit: u64,
}

/// Where a page begins or ends.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The sort key.
    pub key: Vec<Value>,
    /// Whether an object with exactly this key lies beyond the edge.
    pub through: bool,
}

impl Edge {
    /// Whether the columns of the order can have these values. Clients may send any.
    pub fn fits(&self, table: &Table, order: &[Sort]) -> bool {
        let fits = |(sort, value): (&Sort, &Value)| {
            let By::Column(name) = sort.by else {
                let text = matches!(value, Value::Text(text) if !text.contains('\0'));
                return text || *value == Value::Null;
            };
            let promoted = table.columns.iter().find(|column| column.name == name);
            let kind = match (promoted, name) {
                (Some(column), _) => column.kind,
                (None, "seq" | "created_at" | "modified_at") => ColumnType::Integer,
                (None, _) => ColumnType::Text,
            };
            match (value, kind) {
                (Value::Null, _) => promoted.is_some(),
                (Value::Text(text), ColumnType::Text) => !text.contains('\0'),
                (Value::Integer(_), ColumnType::Integer) | (Value::Real(_), ColumnType::Real) => {
                    true
                }
                _ => false,
            }
        };
        self.key.len() == order.len() && order.iter().zip(&self.key).all(fits)
    }
}
