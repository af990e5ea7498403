//! The members that every paged list shares.

use std::ops::Deref;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::error::ApiError;
use crate::parse::{At, FromWire, text};

crate::wire_enum! {
    /// Which side of the cursor a page lies on.
    pub enum ListMode = "list-mode" {
        /// The page that follows the cursor, or the first one.
        After = "after",
        /// The page that precedes the cursor, or the last one.
        Before = "before",
    }
}

/// A cursor of an earlier page, as a client sends it back. The cursors of an operation are bound to
/// its request because the request has a member of this type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageCursor(pub String);

impl Deref for PageCursor {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromWire for PageCursor {
    const HAS_CURSOR: bool = true;
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        text(value, at).map(Self)
    }
    fn schema(generator: &mut SchemaGenerator) -> Schema {
        String::schema(generator)
    }
}

crate::request! {
    /// Which page of a list.
    read struct PageRequest = "page-request" {
        /// The cursor of an earlier page of the same query, from which to continue.
        cursor: Option<PageCursor>,
        /// How many objects a page holds: 1 to 100, 50 when absent.
        limit: Option<i64>,
        /// Which side of the cursor the page lies on.
        mode: Option<ListMode>,
    }
}

impl PageRequest {
    const DEFAULT_LIMIT: usize = 50;
    const MAX_LIMIT: usize = 100;

    /// The page size. Values out of range are clamped rather than refused (BEHAVIOUR 3.1).
    pub fn limit(&self) -> usize {
        match self.limit {
            None | Some(i64::MIN..=0) => Self::DEFAULT_LIMIT,
            Some(limit) => usize::try_from(limit).unwrap_or(Self::MAX_LIMIT).min(Self::MAX_LIMIT),
        }
    }
}

/// Ascending or descending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Smallest first.
    Asc,
    /// Largest first.
    Desc,
}

/// One entry of `sort_by`: `created_date:desc`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortBy {
    /// The field to sort by.
    pub field: String,
    /// Ascending or descending.
    pub direction: Direction,
}

impl FromWire for SortBy {
    fn from_value(value: Value, at: &At<'_>) -> Result<Self, ApiError> {
        let text = text(value, at)?;
        let (field, direction) = match text.rsplit_once(':') {
            Some((field, "asc")) if !field.is_empty() => (field, Direction::Asc),
            Some((field, "desc")) if !field.is_empty() => (field, Direction::Desc),
            _ => {
                let place = at.path();
                let message =
                    format!("{place}: {text:?} is not of the form field:asc or field:desc");
                return Err(ApiError::invalid_field(&place, message));
            }
        };
        Ok(Self { field: field.to_owned(), direction })
    }

    fn schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "sort-by", "pattern": "^.+:(asc|desc)$" })
    }
}
