//! Rows from the lines of an export.

use std::collections::HashMap;

use serde_json::value::RawValue;
use worksmith_kernel::Value;
use worksmith_wire::Id;

use crate::dump::{Part, Shown};

/// What an export's first line says.
const FIRST: &str = "{\"format\":\"worksmith-export\",\"version\":1}";

pub(super) enum Line {
    /// The first or the last line.
    Frame,
    /// A row of the part at this index.
    Row(usize, Vec<Value>),
}

pub(super) struct Lines<'a> {
    parts: &'a [Part],
    places: HashMap<&'static str, usize>,
    is_first: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(parts: &'a [Part]) -> Self {
        let places = parts.iter().enumerate().map(|(place, part)| (part.table, place)).collect();
        Self { parts, places, is_first: true }
    }

    /// Reads the next line. An error is worded to follow the file's name.
    pub(super) fn read(&mut self, line: &str) -> Result<Line, String> {
        let line = line.trim_end_matches('\n');
        if std::mem::take(&mut self.is_first) {
            return if line == FIRST { Ok(Line::Frame) } else { Err(newer("the rows")) };
        }
        let members: HashMap<&str, &RawValue> =
            serde_json::from_str(line).map_err(|_| "holds a line that is no row".to_owned())?;
        let Some(table) = members.get("table") else {
            return if members.contains_key("end") { Ok(Line::Frame) } else { Err(newer("a row")) };
        };
        let table: &str = serde_json::from_str(table.get()).map_err(|_| newer("a row"))?;
        let place = *self.places.get(table).ok_or_else(|| newer(&format!("the table {table}")))?;
        let part = &self.parts[place];
        let row = row(part, &members);
        Ok(Line::Row(place, row.ok_or_else(|| newer(&format!("a row of {table}")))?))
    }
}

fn newer(what: &str) -> String {
    format!(
        "holds {what} in a form that this worksmith does not know; use the version that made it"
    )
}

fn row(part: &Part, members: &HashMap<&str, &RawValue>) -> Option<Vec<Value>> {
    let id = || -> Option<Id> { text(members.get("id")?)?.parse().ok() };
    let values = part.columns.iter().map(|(name, shown)| match shown {
        Shown::As(member) => scalar(members.get(member)?),
        Shown::Json(member) => match members.get(member)?.get() {
            "null" => Some(Value::Null),
            json => Some(json.into()),
        },
        // The id says both, and events are renumbered.
        Shown::Not => match *name {
            "kind" => Some(id()?.kind().noun().into()),
            _ if part.is_log() => Some(Value::Null),
            _ => Some(id()?.seq().into()),
        },
    });
    values.collect()
}

fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

fn scalar(raw: &RawValue) -> Option<Value> {
    match raw.get() {
        "null" => Some(Value::Null),
        json if json.starts_with('"') => text(raw).map(Value::Text),
        json => match json.parse() {
            Ok(integer) => Some(Value::Integer(integer)),
            Err(_) => json.parse().ok().map(Value::Real),
        },
    }
}
