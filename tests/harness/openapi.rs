//! The OpenAPI document that the program serves.

use std::path::PathBuf;

/// The document, as it follows from the table of operations.
pub fn render() -> String {
    let document = worksmith_http::openapi::document(&worksmith_tracker::table());
    format!("{document:#}\n")
}

/// Where it is committed.
pub fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/http/openapi.json"))
}
