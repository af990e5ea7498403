//! A statement while it is put together.

use worksmith_kernel::{Table, Value};

use crate::texts::with_text;

/// The columns that a row is read from, in order.
pub(crate) const ROW_COLUMNS: [&str; 8] =
    ["id", "rev", "created_at", "created_by", "modified_at", "modified_by", "doc_version", "doc"];

/// The columns that a row is read from, of a table that is called `from`: those of [`ROW_COLUMNS`],
/// and the text that its document has apart, if those of the table may have one.
pub(crate) fn row_columns(table: &Table, from: &str) -> String {
    with_text(ROW_COLUMNS.join(", "), table, from)
}

/// Reads an object by its org and its id.
pub fn row_by_id(table: &Table) -> String {
    let name = table.name;
    format!("SELECT {} FROM {name} WHERE org = $1 AND id = $2", row_columns(table, name))
}

/// A statement, and the values of its parameters in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) values: Vec<Value>,
}

impl Sql {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    pub(crate) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        self.text.push('$');
        self.text.push_str(&self.values.len().to_string());
        self
    }

    /// Pushes values in parentheses.
    pub(crate) fn tuple(&mut self, values: impl IntoIterator<Item = Value>) -> &mut Self {
        self.push("(");
        self.separated(", ", values, |sql, value| {
            sql.bind(value);
        });
        self.push(")")
    }

    pub(crate) fn separated<T>(
        &mut self,
        separator: &str,
        items: impl IntoIterator<Item = T>,
        mut one: impl FnMut(&mut Self, T),
    ) -> &mut Self {
        for (at, item) in items.into_iter().enumerate() {
            if at > 0 {
                self.push(separator);
            }
            one(self, item);
        }
        self
    }
}
