//! Rows of documents as statements return them.

use worksmith_kernel::{ColumnType, Error, LongText, Meta, RawRow, Result, Value};
use worksmith_wire::{Id, Timestamp};

/// A value as a column of this type returns it.
pub(crate) fn as_kept(value: &Value, kind: ColumnType) -> Value {
    match (value, kind) {
        #[expect(clippy::cast_precision_loss, reason = "as the database does it")]
        (Value::Integer(integer), ColumnType::Real) => Value::Real(*integer as f64),
        (Value::Real(real), _) if real.is_nan() => Value::Null,
        (value, _) => value.clone(),
    }
}

/// The text in a column of a row.
pub(crate) fn text(row: &[Value], at: usize) -> Result<&str> {
    match row.get(at) {
        Some(Value::Text(text)) => Ok(text),
        other => Err(Error::internal(format!("{other:?} is no text"))),
    }
}

/// The number in a column of a row; no number is negative.
pub(crate) fn number(row: &[Value], at: usize) -> Result<u64> {
    match row.get(at) {
        Some(Value::Integer(integer)) if *integer >= 0 => Ok(integer.unsigned_abs()),
        other => Err(Error::internal(format!("{other:?} is no number"))),
    }
}

/// Reads a row whose columns are [`META_COLUMNS`](super::ddl::META_COLUMNS), with the whole
/// document.
pub(crate) fn raw_row(row: &[Value]) -> Result<RawRow> {
    let id = |at| text(row, at)?.parse::<Id>().map_err(|_| Error::internal("no stored id"));
    let time = |at| match row.get(at) {
        Some(Value::Integer(time)) => Ok(Timestamp(*time)),
        other => Err(Error::internal(format!("{other:?} is no time"))),
    };
    Ok(RawRow {
        meta: Meta {
            id: id(1)?,
            revision: number(row, 4)?,
            created_at: time(5)?,
            created_by: id(6)?,
            modified_at: time(7)?,
            modified_by: id(8)?,
        },
        doc_version: u16::try_from(number(row, 9)?).map_err(Error::internal)?,
        doc: text(row, 10)?.to_owned(),
        long: LongText::Unknown,
    })
}
