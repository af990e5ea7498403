//! The published contract as facts, and checks of bodies against them.
//!
//! The contract itself is prose and shapes; this crate contains only the shapes (`facts.json`), so
//! that a clone can check every answer of the server without the published documents. Answers that
//! go beyond the contract on purpose are listed, each with its reason, in `extras.json`.
//!
//! - [`check_response`] and [`check_request`] judge a body;
//! - [`request_fields`] lists what a request may hold;
//! - [`compare_openapi`] holds the server's own description against the contract.
//!
//! The `facts` program of this crate imports a newer contract; see `src/bin/facts`.

mod check;
mod compare;
mod errors;
pub mod extras;
mod fields;
pub mod flatten;
mod formats;
pub mod model;
#[cfg(test)]
mod tests;

use check::{Checker, Side};
pub use check::{Fault, Violation};
pub use compare::{Difference, Gap, compare_openapi};
pub use fields::FieldFact;
pub use model::{Facts, Kind, Limits, Method, Operation, QueryParam, Schema, Tier};
use serde_json::Value;

/// Every operation of the contract, ordered by id.
pub fn operations() -> &'static [Operation] {
    &Facts::get().operations
}

/// The operation of that id (`works.update`; a leading `/` or `/internal/` is fine).
pub fn operation(op: &str) -> Option<&'static Operation> {
    Facts::get().operation(op)
}

/// Checks the answer `body` (`Value::Null` for an empty one) that `op` gave with `status`.
///
/// Required are the members that the public contract demands, and for an operation that only the
/// beta contract has, those that the beta contract demands.
pub fn check_response(op: &str, status: u16, body: &Value) -> Vec<Violation> {
    let tier = operation(op).map_or(Tier::Public, |operation| operation.tier);
    check_response_as(tier, op, status, body)
}

/// Like [`check_response`], with the demands of the contract `tier`.
pub fn check_response_as(tier: Tier, op: &str, status: u16, body: &Value) -> Vec<Violation> {
    let mut checker = Checker::new(Side::Response, tier);
    let Some(operation) = operation(op) else {
        checker.note(Fault::Operation, format!("there is no operation {op}"));
        return checker.finish();
    };
    if status >= 400 {
        return errors::check(status, body);
    }
    if status != operation.status {
        let message = format!("{op} answers {}, not {status}", operation.status);
        checker.note(Fault::Status, message);
    }
    let empty = body.is_null() || body.as_object().is_some_and(serde_json::Map::is_empty);
    match &operation.response {
        Some(schema) if !(operation.status == 204 && empty) => checker.named(schema, body),
        None if !empty => checker.note(Fault::Unknown, format!("the answer of {op} is empty")),
        _ => {}
    }
    checker.finish()
}

/// Checks the body of a request to `op`.
pub fn check_request(op: &str, body: &Value) -> Vec<Violation> {
    let tier = operation(op).map_or(Tier::Public, |operation| operation.tier);
    let mut checker = Checker::new(Side::Request, tier);
    match operation(op) {
        Some(operation) => checker.named(&operation.request, body),
        None => checker.note(Fault::Operation, format!("there is no operation {op}")),
    }
    checker.finish()
}

/// Checks `value` as a part of an answer with that schema: `check_object("issue", ..)`. For bodies
/// that are not answers of an operation, such as webhook deliveries and events.
pub fn check_object(schema: &str, value: &Value) -> Vec<Violation> {
    let mut checker = Checker::new(Side::Response, Tier::Public);
    checker.named(schema, value);
    checker.finish()
}

/// The members that a request to `op` may contain; none if there is no such operation.
pub fn request_fields(op: &str) -> Vec<FieldFact> {
    operation(op).map(|operation| fields::of(&operation.request)).unwrap_or_default()
}

/// The error types that may come with `status`.
pub fn error_types(status: u16) -> Vec<&'static str> {
    errors::types(status)
}
