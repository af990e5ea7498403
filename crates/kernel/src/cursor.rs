//! Where a page ends: opaque to clients, and bound to the query that made it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};
use worksmith_wire::ApiError;

use crate::resource::Value;

/// The sort key of the object at the edge of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    /// Version of this format.
    v: u8,
    /// What it is bound to.
    q: String,
    /// The values of the order's columns, tie-breakers included.
    k: Vec<Value>,
}

const VERSION: u8 = 1;

impl Cursor {
    /// A cursor at a key of the query that `binding` names.
    pub fn new(binding: &str, key: Vec<Value>) -> Self {
        Self { v: VERSION, q: binding.to_owned(), k: key }
    }

    /// The values of the order's columns.
    pub fn into_key(self) -> Vec<Value> {
        self.k
    }

    /// The text that clients carry.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }

    /// Reads a text that a client brought back, and refuses one of another query.
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
            _ => refuse("is not one of this server; leave it out to start anew"),
        }
    }

    /// A short hash that names a query: the operation and its request without the page.
    /// The request counts and not the conditions made from it, because the bounds of a filter
    /// such as "the last 7 days" move with every call.
    pub fn binding(operation: &str, request: &Map<String, Json>) -> String {
        let mut hash = Sha256::new();
        hash.update(operation);
        for (name, value) in request {
            if !matches!(name.as_str(), "cursor" | "limit" | "mode") {
                hash.update(format!("\n{name}={value}"));
            }
        }
        URL_SAFE_NO_PAD.encode(&hash.finalize()[..9])
    }
}
