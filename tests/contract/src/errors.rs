//! Checks error bodies: the type must belong to the status, and its own members must be present.

use serde_json::Value;

use crate::check::{Checker, Fault, Side, Violation};
use crate::extras::Extras;
use crate::model::{Facts, Schema, Tier};

/// Checks the body of an answer with an error status.
pub(crate) fn check(status: u16, body: &Value) -> Vec<Violation> {
    // Every error of the beta document belongs to the superset, so its demands always apply.
    let mut checker = Checker::new(Side::Response, Tier::Beta);
    let Some(members) = body.as_object() else {
        checker.note(Fault::Type, "an error body is an object");
        return checker.finish();
    };
    // The contract leaves the message optional; every client reads it.
    if !members.contains_key("message") {
        checker.note(Fault::Missing, "message is missing");
    }
    let kind = members.get("type").and_then(Value::as_str);
    let extra = kind.and_then(|kind| Extras::get().error(status, kind));
    match (extra, Facts::get().errors.get(&status)) {
        (Some(extra), _) => checker.value(&with_base(extra), body),
        (None, Some(schema)) => checker.named(schema, body),
        (None, None) if kind.is_none() && Extras::get().error(status, "*").is_some() => {
            checker.note(Fault::Missing, "type is missing");
        }
        (None, None) => checker.note(Fault::Status, format!("nobody answers {status}")),
    }
    checker.finish()
}

fn with_base(extra: &Schema) -> Schema {
    let mut own = extra.clone();
    own.members
        .entry("type".to_owned())
        .or_insert_with(|| Schema { kind: Some(crate::model::Kind::String), ..Schema::default() });
    Schema { all: vec![Schema::named("error-base"), own], ..Schema::default() }
}

/// The error types that an answer of that status may have, in both documents and in this crate's
/// list of extras.
pub(crate) fn types(status: u16) -> Vec<&'static str> {
    let facts = Facts::get();
    let mut types = Vec::new();
    if let Some(schema) = facts.errors.get(&status).and_then(|name| facts.schemas.get(name)) {
        types.extend(schema.all.iter().flat_map(|part| part.variants.keys()).map(String::as_str));
    }
    let extra = Extras::get().errors.iter().filter(|each| each.status == status);
    types.extend(extra.map(|each| each.kind.as_str()).filter(|kind| *kind != "*"));
    types
}
