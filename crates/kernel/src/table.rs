//! The lists of a table, made of what its family declares.

use crate::columns::{Column, Reference};
use crate::row::{ColumnType, TableColumn};

/// A list of at most `MOST` items that is filled while the program is compiled. The empty places
/// are part of the program, wherever a table is named, so `MOST` is not much more than any table
/// has.
pub(crate) struct List<T, const MOST: usize> {
    items: [T; MOST],
    len: usize,
}

impl<T: Copy, const MOST: usize> List<T, MOST> {
    const fn new(empty: T) -> Self {
        Self { items: [empty; MOST], len: 0 }
    }

    const fn push(&mut self, item: T) {
        assert!(self.len < MOST, "a table has more of these than lists are made for");
        self.items[self.len] = item;
        self.len += 1;
    }

    pub(crate) const fn filled(&self) -> &[T] {
        self.items.split_at(self.len).0
    }
}

/// What a table has of the columns and references of a family, in the order of their declaration.
pub(crate) struct Lists {
    pub(crate) columns: List<TableColumn, 40>,
    pub(crate) filters: List<&'static str, 20>,
    pub(crate) whole: List<&'static str, 2>,
    pub(crate) sorts: List<&'static str, 6>,
    pub(crate) digest: List<&'static str, 16>,
    pub(crate) carried: Option<&'static str>,
    pub(crate) tallied: List<&'static str, 8>,
}

impl Lists {
    pub(crate) const fn of<R>(columns: &[Column<R>], refs: &[Reference<R>]) -> Self {
        let mut lists = Self {
            columns: List::new(TableColumn::new("", ColumnType::Integer)),
            filters: List::new(""),
            whole: List::new(""),
            sorts: List::new(""),
            digest: List::new(""),
            carried: None,
            tallied: List::new(""),
        };
        let mut at = 0;
        while at < columns.len() {
            let Column {
                name,
                kind,
                value,
                is_filter,
                is_sorted,
                is_whole,
                is_term,
                is_carried,
                is_tallied,
            } = columns[at];
            if value.is_some() {
                assert!(!lists.has(name), "a table has two columns of one name");
                lists.columns.push(TableColumn::new(name, kind));
            }
            if is_filter {
                lists.filters.push(name);
            }
            if is_whole {
                lists.whole.push(name);
            }
            if is_sorted {
                lists.sorts.push(name);
            }
            if is_carried {
                let is_text = matches!(kind, ColumnType::Text) && value.is_some();
                assert!(is_text, "references carry a promoted column of texts");
                assert!(lists.carried.is_none(), "references carry one column");
                lists.carried = Some(name);
            }
            if is_tallied {
                let has_texts = !matches!(kind, ColumnType::Real) && value.is_some();
                assert!(has_texts, "promoted columns of texts and integers are tallied");
                lists.tallied.push(name);
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
            if refs[at].is_tallied {
                assert!(!lists.has(refs[at].field), "a column of this name is tallied");
                lists.tallied.push(refs[at].field);
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
