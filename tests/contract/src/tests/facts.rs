//! The contents of the facts: enough to notice a generator that loses something.

use std::collections::BTreeSet;

use crate::{Facts, Kind, Method, Tier, error_types, operation, operations, request_fields};

#[test]
fn every_operation_is_there() {
    let public = operations().iter().filter(|each| each.tier == Tier::Public);
    assert_eq!((operations().len(), public.count()), (284, 209));
    let methods: usize = operations().iter().map(|each| each.methods.len()).sum();
    assert_eq!(methods, 414);
    let get = |op: &str| operation(op).map(|each| each.methods.contains(&Method::Get));
    assert_eq!(get("works.get"), Some(true));
    assert_eq!(get("works.update"), Some(false));
    assert_eq!(get("/internal/works.update"), Some(false));
    assert_eq!(get("works.invent"), None);
}

#[test]
fn every_reference_leads_somewhere() {
    let facts = Facts::get();
    let known: BTreeSet<_> = facts.schemas.keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    for operation in operations() {
        used.insert(operation.request.as_str());
        used.extend(operation.response.as_deref());
    }
    used.extend(facts.errors.values().map(String::as_str));
    let mut nodes: Vec<_> = facts.schemas.values().collect();
    nodes.extend(operations().iter().flat_map(|each| &each.query).map(|each| &each.schema));
    while let Some(node) = nodes.pop() {
        used.extend(node.reference.as_deref());
        nodes.extend(node.members.values().chain(node.variants.values()).chain(&node.all));
        nodes.extend(node.items.iter().chain(&node.map).map(|each| &**each));
    }
    assert_eq!(used.difference(&known).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn operations_declare_their_errors() {
    let update = operation("works.update").unwrap();
    assert_eq!(update.errors, [400, 401, 403, 404, 429, 500, 503]);
    assert_eq!(update.beta_errors, [413]);
    assert_eq!(update.error_statuses().count(), 8);
    assert!(error_types(400).contains(&"stale_schema_fragments"));
    assert!(error_types(400).contains(&"group_hierarchy_depth_exceeded"));
    assert_eq!(error_types(404), ["not_found"]);
    assert!(error_types(418).is_empty());
}

#[test]
fn query_parameters_are_kept() {
    let list = operation("works.list").unwrap();
    let find = |name: &str| list.query.iter().find(|each| each.name == name);
    let stage = find("stage.name").unwrap();
    assert_eq!(stage.schema.kind, Some(Kind::Array));
    assert!(find("custom_fields").unwrap().schema.beta && !stage.schema.beta);
    assert!(operation("works.get").unwrap().query[0].required);
}

#[test]
fn fields_of_a_request() {
    let fields = request_fields("works.update");
    let all: Vec<_> = fields.iter().flat_map(|field| field.walk()).collect();
    let find = |path: &str| *all.iter().find(|each| each.path == path).unwrap();

    let title = find("title");
    assert_eq!((title.limits.min_length, title.limits.max_length), (Some(1), Some(256)));
    assert_eq!((title.kind, title.required), (Some(Kind::String), None));
    assert_eq!(find("id").required, Some(Tier::Public));
    assert!(find("target_close_date").nullable && !title.nullable);
    assert_eq!(find("artifacts.add").limits.max_items, Some(50));
    assert_eq!(find("artifacts.add[]").format, Some("id"));
    assert_eq!(find("sprint").variants[0].value, "issue");
    assert_eq!(find("amount").tier, Tier::Beta);
    assert_eq!(find("type").values, ["issue", "ticket"]);
    assert_eq!(find("type").beta_values, ["opportunity", "task"]);
    assert_eq!(find("sentiment").stock.len(), 5);
    assert!(find("tags.set[].id").required.is_some());
    assert!(request_fields("works.invent").is_empty());
}

#[test]
fn a_demand_belongs_to_its_variant() {
    let fields = request_fields("works.create");
    let opportunity = |field: &&crate::FieldFact| {
        field.name == "account" && field.variants.iter().any(|of| of.value == "opportunity")
    };
    let account = fields.iter().find(opportunity).unwrap();
    assert!(account.required.is_some());
    assert_eq!(account.variants.len(), 2, "tickets and opportunities share the member");
}

#[test]
fn a_demand_within_a_variant_of_a_variant_holds_when_all_share_it() {
    let fields = request_fields("works.list");
    let all: Vec<_> = fields.iter().flat_map(|field| field.walk()).collect();
    let days = all.iter().find(|each| each.path == "created_date.days").unwrap();
    assert_eq!((days.variants[0].value, days.required), ("preset", Some(Tier::Public)));
    let after = all.iter().find(|each| each.path == "created_date.after").unwrap();
    assert_eq!((after.variants[0].value, after.required), ("range", None));
}

#[test]
fn every_request_can_be_listed() {
    let count = |op: &crate::Operation| {
        request_fields(&op.id).iter().map(|field| field.walk().len()).sum::<usize>()
    };
    assert!(operations().iter().map(count).sum::<usize>() > 5_000);
    let fields = request_fields("groups.update");
    assert!(fields.iter().flat_map(|field| field.walk()).any(|each| each.recursive));
}

#[test]
fn the_facts_are_no_prose() {
    fn wordy(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) if text.contains(' ') => found.push(text.clone()),
            serde_json::Value::Array(items) => items.iter().for_each(|each| wordy(each, found)),
            serde_json::Value::Object(map) => {
                let kept = map.iter().filter(|(key, _)| *key != "stock");
                kept.for_each(|(_, each)| wordy(each, found));
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    wordy(&serde_json::to_value(Facts::get()).unwrap(), &mut found);
    assert_eq!(found, Vec::<String>::new());
}
