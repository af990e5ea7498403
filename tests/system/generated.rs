//! Malformed requests generated from the contract: each member of each operation's request with a
//! wrong JSON type, outside its limits or its values, with an unknown member, and omitted.

use serde_json::{Value, json};
use worksmith_contract::{FieldFact, Kind, check_response, request_fields};
use worksmith_tests::ADMIN;

use crate::world::{World, as_admin, raw};

/// Members that the server accepts from real clients with any value (BEHAVIOUR 4.1).
const IGNORED: [(&str, &str); 3] = [
    ("works.update", "modified_by"),
    ("dev-users.identities.unlink", "id"),
    ("stage-diagrams.create", "subtype"),
];

/// A mistake, and what the answer must say about it.
struct Mistake {
    what: &'static str,
    field: String,
    request: Value,
    types: &'static [&'static str],
}

/// Members that the server reads as a text where the contract has an id: there are no such objects
/// here, so every id names nothing.
const TEXTS: [(&str, &str); 2] =
    [("groups.list", "space"), ("stages.custom.create", "marketplace_ref")];

/// Required members that real clients omit (BEHAVIOUR 4.1), or that the server does not need.
const OPTIONAL: [(&str, &str); 8] = [
    ("groups.create", "description"),
    ("links.create", "link_type"),
    ("parts.create", "owned_by"),
    ("preferences.get", "object"),
    ("preferences.get", "type"),
    ("preferences.update", "object"),
    ("preferences.update", "type"),
    ("vistas.create", "type"),
];

/// A valid request of an operation in which members are replaced.
struct Base<'a> {
    op: &'a str,
    request: Value,
}

impl Base<'_> {
    fn with(&self, field: &str, value: Value) -> Value {
        let mut request = self.request.clone();
        request[field] = value;
        request
    }

    fn mistakes(&self, fact: &FieldFact, is_free: bool) -> Vec<Mistake> {
        let mut found = Vec::new();
        let mut add = |what, value: Value, types| {
            let (field, request) = (fact.name.to_owned(), self.with(fact.name, value));
            found.push(Mistake { what, field, request, types });
        };
        // A single value counts as a list of one, so its type must be that of an element.
        let is_list = fact.kind == Some(Kind::Array);
        let element = if is_list { fact.fields.first() } else { Some(fact) };
        let Some(element) = element else { return found };
        match element.kind {
            Some(Kind::Object) => add("type", json!(5), &["unexpected_json_type"]),
            Some(Kind::Array | Kind::String) => add("type", json!(true), &["unexpected_json_type"]),
            Some(Kind::Boolean) => add("type", json!("yes"), &["unexpected_json_type"]),
            Some(Kind::Integer | Kind::Number) => {
                add("type", json!("many"), &["unexpected_json_type"]);
                add("type", json!([[]]), &["unexpected_json_type"]);
            }
            None => {}
        }
        if element.kind == Some(Kind::Integer) && fact.name != "limit" {
            let types = &["value_not_permitted", "invalid_enum_value"];
            add("fraction", json!(1.5), types);
            add("range", json!(1e300), types);
            add("range", json!(u64::MAX), types);
        }
        if element.kind == Some(Kind::String) && !TEXTS.contains(&(self.op, fact.name)) {
            texts(element, &mut add);
        }
        if element.kind == Some(Kind::Object) && !element.fields.is_empty() && !is_free {
            let unknown = json!({"no_such_member": 1});
            let types = &["invalid_field", "missing_required_field", "unexpected_json_type"];
            add("unknown within", unknown, types);
        }
        // A create and a read accept null as absent (BEHAVIOUR 1.5).
        if self.op.ends_with(".update") && !fact.nullable && !is_list && fact.kind.is_some() {
            add("null", json!(null), &["unexpected_json_type"]);
        }
        found
    }
}

fn texts(element: &FieldFact, add: &mut impl FnMut(&'static str, Value, &'static [&'static str])) {
    if !element.values.is_empty() {
        add("value", json!("no-such-value"), &["invalid_enum_value", "value_not_permitted"]);
        return;
    }
    match element.format {
        Some("id") => {
            add("id", json!("no id"), &["invalid_id"]);
            // Nothing in these requests accepts the id of a cascade.
            add("kind", json!("don:core:dvrv-us-1:devo/x:cascade/1"), &["unexpected_id_type"]);
        }
        Some("date-time") => add("date", json!("yesterday"), &["invalid_field"]),
        _ => {
            add("NUL", json!("a\0b"), &["value_not_permitted"]);
            let limits = element.limits;
            if let Some(most) = limits.max_length.and_then(|most| usize::try_from(most).ok()) {
                add("length", json!("x".repeat(most + 1)), &["value_not_permitted"]);
            }
            if limits.min_length.is_some_and(|least| least > 0) {
                add("empty", json!(""), &["value_not_permitted"]);
            }
        }
    }
}

/// The requests in which a member has a place: one for each variant that has it.
fn bases<'a>(world: &World, op: &'a str, fact: &FieldFact) -> Vec<Base<'a>> {
    let plain = || world.request(op).unwrap_or_else(|| panic!("requests.rs has none of {op}"));
    if fact.variants.is_empty() {
        return vec![Base { op, request: plain() }];
    }
    let variants = fact.variants.iter();
    variants
        .filter_map(|variant| {
            let request = world.request_of(op, variant.tag, variant.value)?;
            Some(Base { op, request })
        })
        .collect()
}

fn mistakes(world: &World, op: &str) -> Vec<Mistake> {
    let mut found = Vec::new();
    for fact in request_fields(op) {
        if fact.name == "*" || IGNORED.contains(&(op, fact.name)) {
            continue;
        }
        for base in bases(world, op, &fact) {
            let is_free = fact.fields.iter().any(|field| field.name == "*") || fact.recursive;
            found.extend(base.mistakes(&fact, is_free));
            let is_there = base.request.get(fact.name).is_some();
            let required =
                is_there && fact.required.is_some() && !OPTIONAL.contains(&(op, fact.name));
            // The kind is known from the id (BEHAVIOUR 5.2).
            if required && !(op.ends_with(".update") && fact.name == "type") {
                let mut request = base.request.clone();
                request.as_object_mut().expect("an object").remove(fact.name);
                let field = fact.name.to_owned();
                let types = &["missing_required_field"];
                found.push(Mistake { what: "left out", field, request, types });
            }
        }
    }
    let mut request = world.request(op).expect("a request");
    request["no_such_member"] = json!(1);
    let field = "no_such_member".to_owned();
    found.push(Mistake { what: "unknown", field, request, types: &["invalid_field"] });
    found
}

/// What is wrong with the answer to a mistake, if anything.
fn judge(op: &str, mistake: &Mistake, status: u16, body: &Value) -> Option<String> {
    let kind = body["type"].as_str().unwrap_or_default();
    let within = [body["detail"].as_str(), body["field_name"].as_str()]
        .into_iter()
        .flatten()
        .any(|path| path.split('.').next() == Some(&mistake.field));
    // The ledger of the contract reports members that are not served at all.
    let unserved = kind == "invalid_field"
        && body["message"].as_str().is_some_and(|text| text.contains("is not a field of this"));
    let expected = status == 400 && within && (mistake.types.contains(&kind) || unserved);
    let known = worksmith_contract::operation(op).is_some();
    let contract = if known { check_response(op, status, body) } else { Vec::new() };
    (!expected || !contract.is_empty()).then(|| {
        let Mistake { what, field, request, types } = mistake;
        format!(
            "{op} {field} {what} {request:.200}: wants {types:?}, got {status} {body} {contract:?}"
        )
    })
}

#[tokio::test]
async fn every_mistake_that_the_contract_knows_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let before = world.digest();
    let (mut sent, mut wrong) = (0, Vec::new());
    for op in worksmith_tracker::table().iter() {
        for mistake in mistakes(&world, op.name) {
            let (status, body) = as_admin(&world.server, op.name, &mistake.request).await;
            sent += 1;
            wrong.extend(judge(op.name, &mistake, status, &body));
        }
    }
    println!("{sent} generated requests");
    assert!(wrong.is_empty(), "{} of {sent}: {wrong:#?}", wrong.len());
    assert!(sent >= 1000, "only {sent} requests");
    assert_eq!(world.digest(), before);
}

/// The query of a GET with the members of a flat request.
fn query(request: &Value, name: &str, value: &str) -> String {
    let members = request.as_object().into_iter().flatten();
    let pairs = members
        .filter(|(key, _)| *key != name)
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .chain([format!("{name}={value}")]);
    pairs.collect::<Vec<_>>().join("&")
}

#[tokio::test]
async fn every_mistake_in_a_query_is_refused_and_changes_nothing() {
    let world = World::start().await;
    let before = world.digest();
    let (mut sent, mut wrong) = (0, Vec::new());
    let table = worksmith_tracker::table();
    for op in table.iter().filter(|op| op.get) {
        let Some(contract) = worksmith_contract::operation(op.name) else { continue };
        let request = world.request(op.name).expect("a request");
        let mut cases = vec![("no_such_member".to_owned(), "1", "invalid_field")];
        for parameter in &contract.query {
            let schema = worksmith_contract::Facts::get().resolve(&parameter.schema).1;
            let name = parameter.name.clone();
            match (schema.kind, schema.format.as_deref()) {
                (Some(Kind::Boolean | Kind::Integer | Kind::Number), _) => {
                    cases.push((name, "many", "unexpected_json_type"));
                }
                (Some(Kind::String), Some("date-time")) => {
                    cases.push((name, "yesterday", "invalid_field"));
                }
                // There are no roles here, so the text is accepted.
                _ if name == "shared_with.role" => {}
                (Some(Kind::String), Some("id")) => cases.push((name, "no+id", "invalid_id")),
                (Some(Kind::String), _) if !schema.values.is_empty() => {
                    cases.push((name, "no-such-value", "invalid_enum_value"));
                }
                _ => {}
            }
        }
        for (name, value, kind) in cases {
            let path = format!("/{}?{}", op.name, query(&request, &name, value));
            let answer =
                raw(&world.server, "GET", &path, &[("authorization", ADMIN.as_bytes())], "").await;
            sent += 1;
            let (status, body) = (answer.status.as_u16(), answer.json());
            let leaf = name.rsplit('.').next();
            // A block may also lack a required member.
            let path = body["detail"].as_str().unwrap_or_default();
            let lacks = body["type"] == "missing_required_field"
                && path.split('.').next() == name.split('.').next();
            let expected = status == 400
                && (lacks || (body["type"] == kind && body["field_name"].as_str() == leaf));
            if !expected {
                wrong.push(format!("{path}: wants {kind}, got {status} {body}"));
            }
        }
    }
    println!("{sent} generated queries");
    assert!(wrong.is_empty(), "{} of {sent}: {wrong:#?}", wrong.len());
    assert!(sent >= 100, "only {sent} queries");
    assert_eq!(world.digest(), before);
}
