//! The tables that the store keeps documents in, derived from what families declare.

use worksmith_wire::Kind;

use crate::columns::{Column, Reference};
use crate::resource::Resource;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnType {
    /// A 64-bit integer; also times (milliseconds) and booleans (0 and 1).
    Integer,
    /// A double.
    Real,
    /// A text.
    Text,
}

/// A column as the table has it, whatever the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name in the table.
    pub name: &'static str,
    /// The type of its values.
    pub kind: ColumnType,
}

impl TableColumn {
    /// A column of this name and type.
    pub const fn new(name: &'static str, kind: ColumnType) -> Self {
        Self { name, kind }
    }
}

/// A table of the database; there is one for each list of the API.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// The name in the database.
    pub name: &'static str,
    /// The kinds of object that it contains.
    pub kinds: &'static [Kind],
    /// The promoted columns.
    pub columns: &'static [TableColumn],
    /// The columns by which lists are entered. Each has an index of the rows that have a value.
    pub filters: &'static [&'static str],
    /// The columns that lists are walked along, besides `created_at` and `modified_at`. Each has an
    /// index of all rows, which serves filters, too.
    pub sorts: &'static [&'static str],
    /// The columns and reference fields whose values are the terms of each row's digest: those that
    /// lists filter by equality. If this is empty, there is no digest.
    pub digest: &'static [&'static str],
}

impl Table {
    /// The table of a family.
    pub(crate) const fn of<R: Resource>() -> &'static Self {
        const {
            let Lists { columns, filters, sorts, digest } =
                const { &Lists::of(R::COLUMNS, R::REFS) };
            &Self {
                name: R::TABLE_NAME,
                kinds: R::KINDS,
                columns: columns.filled(),
                filters: filters.filled(),
                sorts: sorts.filled(),
                digest: digest.filled(),
            }
        }
    }
}

/// How many columns, or terms of a digest, a table may have.
const MOST: usize = 64;

/// A list that is filled while the program is compiled.
struct List<T> {
    items: [T; MOST],
    len: usize,
}

impl<T: Copy> List<T> {
    const fn new(empty: T) -> Self {
        Self { items: [empty; MOST], len: 0 }
    }

    const fn push(&mut self, item: T) {
        self.items[self.len] = item;
        self.len += 1;
    }

    const fn filled(&self) -> &[T] {
        self.items.split_at(self.len).0
    }
}

/// What a table has of the columns and references of a family, in the order of their declaration.
struct Lists {
    columns: List<TableColumn>,
    filters: List<&'static str>,
    sorts: List<&'static str>,
    digest: List<&'static str>,
}

impl Lists {
    const fn of<R>(columns: &[Column<R>], refs: &[Reference<R>]) -> Self {
        let mut lists = Self {
            columns: List::new(TableColumn::new("", ColumnType::Integer)),
            filters: List::new(""),
            sorts: List::new(""),
            digest: List::new(""),
        };
        let mut at = 0;
        while at < columns.len() {
            let Column { name, kind, value, is_filter, is_sorted, is_term } = columns[at];
            if value.is_some() {
                assert!(!lists.has(name), "a table has two columns of one name");
                lists.columns.push(TableColumn::new(name, kind));
            }
            if is_filter {
                lists.filters.push(name);
            }
            if is_sorted {
                lists.sorts.push(name);
            }
            if is_term {
                let may_be =
                    value.is_some() || is_same(name, "kind") || is_same(name, "created_by");
                assert!(may_be, "a column that changes with every write is no term of a digest");
                lists.digest.push(name);
            }
            at += 1;
        }
        let mut at = 0;
        while at < refs.len() {
            if refs[at].is_term {
                assert!(!lists.has(refs[at].field), "a column of this name is the term");
                lists.digest.push(refs[at].field);
            }
            at += 1;
        }
        lists
    }

    const fn has(&self, column: &str) -> bool {
        let mut at = 0;
        while at < self.columns.len {
            if is_same(self.columns.items[at].name, column) {
                return true;
            }
            at += 1;
        }
        false
    }
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}
