//! Where a page ends: opaque to clients, and bound to the query that made it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use worksmith_wire::ApiError;

use crate::row::Value;

/// The sort key of the object at the edge of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// The version of this format.
    v: u8,
    /// The binding: a hash of the query.
    q: String,
    /// The values of the order's columns, including the tie-breakers.
    k: Vec<Value>,
    /// Whether an object with exactly this key lies beyond the cursor; otherwise it lies before it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    t: bool,
}

const VERSION: u8 = 1;

impl Cursor {
    /// A cursor at a key, bound to the query that `binding` identifies.
    pub fn new(binding: &str, key: Vec<Value>) -> Self {
        Self { v: VERSION, q: binding.to_owned(), k: key, t: false }
    }

    /// The same cursor, with an object that has exactly this key beyond it.
    #[must_use]
    pub fn through(self, through: bool) -> Self {
        Self { t: through, ..self }
    }

    /// Whether an object with exactly this key lies beyond the cursor.
    pub const fn is_through(&self) -> bool {
        self.t
    }

    /// The values of the order's columns.
    pub fn into_key(self) -> Vec<Value> {
        self.k
    }

    /// The text that clients carry.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a text that a client sent back, and refuses one of another query.
    pub fn decode(text: &str, binding: &str, keys: usize) -> Result<Self, ApiError> {
        let refuse = |why: &str| Err(ApiError::invalid_field("cursor", format!("cursor {why}")));
        let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(cursor) if cursor.v == VERSION && cursor.q == binding && cursor.k.len() == keys => {
                Ok(cursor)
            }
            Ok(cursor) if cursor.v == VERSION => {
                refuse("belongs to another query; keep the filters and sort_by as they were")
            }
            _ => Err(Self::foreign()),
        }
    }

    /// The refusal of a cursor that this server did not make, or not for this order.
    pub fn foreign() -> ApiError {
        let message = "cursor is not one of this server; leave it out to start anew";
        ApiError::invalid_field("cursor", message)
    }

    /// A short hash that identifies a query: the operation and its request without the page. It is
    /// made from the request rather than the resulting conditions, because the bounds of a filter
    /// such as "the last 7 days" move with every call.
    pub fn binding(operation: &str, request: &Map<String, Json>) -> String {
        let mut hash = Sha256::new();
        hash.update(operation);
        let mut members: Vec<_> = request.iter().collect();
        members.retain(|(name, _)| !matches!(name.as_str(), "cursor" | "limit" | "mode"));
        members.sort_unstable_by_key(|(name, _)| *name);
        for (name, value) in members {
            hash.update(format!("\n{name}={}", in_order(value)));
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..9])
    }
}

/// The same value with the members of its objects sorted, since clients send them in any order.
fn in_order(value: &Json) -> Json {
    match value {
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            let ordered = members.into_iter().map(|(name, value)| (name.clone(), in_order(value)));
            Json::Object(ordered.collect())
        }
        Json::Array(values) => Json::Array(values.iter().map(in_order).collect()),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(request: &str) -> String {
        Cursor::binding("works.list", &serde_json::from_str(request).unwrap())
    }

    #[test]
    fn a_binding_is_that_of_the_query_whatever_the_page_and_the_order_of_members() {
        let one = binding(r#"{"type": ["issue"], "issue": {"a": [1], "b": {"c": 1, "d": 2}}}"#);
        let other = binding(
            r#"{"limit": 3, "issue": {"b": {"d": 2, "c": 1}, "a": [1]}, "type": ["issue"],
                "cursor": "x", "mode": "before"}"#,
        );
        assert_eq!(one, other);
        assert_ne!(one, binding(r#"{"type": ["ticket"], "issue": {"a": [1]}}"#));
        assert_ne!(binding(r#"{"sort_by": ["a", "b"]}"#), binding(r#"{"sort_by": ["b", "a"]}"#));
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let key = vec![Value::Null, Value::Integer(1), Value::Real(2.0), Value::from("x")];
        for through in [false, true] {
            let cursor = Cursor::new("q", key.clone()).through(through);
            assert_eq!(Cursor::decode(&cursor.encode(), "q", 4), Ok(cursor));
        }
    }

    #[test]
    fn other_texts_are_refused() {
        let cursor = Cursor::new("q", vec![Value::Null]).encode();
        for (text, binding, keys) in [
            (&*cursor, "other", 1),
            (&cursor, "q", 2),
            ("", "q", 1),
            ("e30", "q", 1),
            ("é", "q", 1),
        ] {
            let refused = Cursor::decode(text, binding, keys).unwrap_err();
            assert_eq!(refused.kind.status(), 400, "{text}");
        }
    }
}
