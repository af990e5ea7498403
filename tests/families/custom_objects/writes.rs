//! Creating, reading, changing and deleting custom objects.

use serde_json::{Value, json};
use worksmith_store::Verb;
use worksmith_tests::{ADMIN, Server};
use worksmith_wire::Series;

use super::{campaign, fragment, make, merge, with_campaigns};

#[tokio::test]
async fn a_custom_object_is_made_read_listed_changed_and_deleted() {
    let server = with_campaigns().await;
    let made = make(
        &server,
        json!({
            "title": "Spring",
            "description": "Flowers",
            "unique_key": "spring",
            "custom_fields": {"tnt__budget": 500, "tnt__lead": "DEVU-1"},
        }),
    )
    .await;
    let (id, me, at) = (&made["id"], &made["created_by"], &made["created_date"]);
    let don = id.as_str().expect("an id");
    assert!(don.starts_with("don:core:"), "{don}");
    assert!(don.ends_with(":custom_object/campaign/1"), "{don}");
    let expected = json!({
        "id": id,
        "display_id": "C-CMP-1",
        "created_by": me,
        "created_date": at,
        "modified_by": me,
        "modified_date": at,
        "leaf_type": "campaign",
        "title": "Spring",
        "description": "Flowers",
        "unique_key": "spring",
        "custom_fields": {"tnt__budget": 500, "tnt__lead": me["id"]},
        "custom_schema_fragments": made["custom_schema_fragments"],
        "stock_schema_fragment": made["stock_schema_fragment"],
    });
    assert_eq!(made, expected);
    let fragments = made["custom_schema_fragments"].as_array().expect("fragments");
    assert_eq!(fragments.len(), 1);
    let got = server.get("custom-objects.get", &format!("id={don}")).await.ok();
    assert_eq!(got, json!({"custom_object": made}));

    let change = json!({
        "id": id,
        "title": "Summer",
        "description": "",
        "custom_fields": {"tnt__budget": null, "tnt__region": "south"},
    });
    let changed = server.call("custom-objects.update", change).await.ok();
    let changed = &changed["custom_object"];
    let mut expected = expected.clone();
    expected["modified_date"] = changed["modified_date"].clone();
    expected["title"] = json!("Summer");
    expected["description"] = json!("");
    expected["custom_fields"] = json!({"tnt__lead": me["id"], "tnt__region": "south"});
    assert_eq!(*changed, expected);
    let listed = server.call("custom-objects.list", json!({"leaf_type": "campaign"})).await.ok();
    assert_eq!(listed, json!({"result": [changed]}));
    let counted = server.call("custom-objects.count", json!({"leaf_type": "campaign"})).await;
    assert_eq!(counted.ok(), json!({"count": 1}));

    let untitled = json!({"id": id, "title": null});
    let untitled = server.call("custom-objects.update", untitled).await.ok();
    assert_eq!(untitled["custom_object"].get("title"), None);

    let name = json!({"id": id});
    assert_eq!(server.call("custom-objects.delete", name.clone()).await.ok(), json!({}));
    for op in ["get", "update", "delete"] {
        let op = format!("custom-objects.{op}");
        server.call(&op, name.clone()).await.error(404, "not_found");
    }
    let listed = server.get("custom-objects.list", "leaf_type=campaign").await.ok();
    assert_eq!(listed, json!({"result": []}));
    assert_eq!(make(&server, json!({})).await["display_id"], "C-CMP-2");
}

#[tokio::test]
async fn a_change_without_effect_leaves_the_object_alone() {
    let server = with_campaigns().await;
    let made = make(&server, json!({"title": "Spring"})).await;
    server.clock.advance_ms(1_000);
    let same = json!({"id": made["id"], "title": "Spring"});
    let same = server.call("custom-objects.update", same).await;
    assert_eq!(same.headers["x-worksmith-revision"], "1");
    assert_eq!(same.ok()["custom_object"], made);
}

#[tokio::test]
async fn a_leaf_type_must_be_one_of_the_orgs_own() {
    let server = with_campaigns().await;
    for leaf_type in ["issue", "journey", ""] {
        let request = json!({"leaf_type": leaf_type});
        for op in ["create", "list", "count"] {
            let op = format!("custom-objects.{op}");
            let refused = server.call(&op, request.clone()).await.error(400, "value_not_permitted");
            assert_eq!(refused["field_name"], "leaf_type");
            let expected = format!(
                "leaf_type {leaf_type:?} is none of the org's own; schemas.custom.set makes one"
            );
            assert_eq!(refused["message"], expected);
        }
    }
    for op in ["create", "list", "count"] {
        let op = format!("custom-objects.{op}");
        let refused = server.call(&op, json!({})).await.error(400, "missing_required_field");
        assert_eq!(refused["field_name"], "leaf_type");
    }
}

#[tokio::test]
async fn a_request_that_is_unsound_is_refused_and_names_the_member() {
    let server = with_campaigns().await;
    let made = make(&server, json!({})).await;
    let long = "x".repeat(65_537);
    for (with, kind, field) in [
        (json!({"description": long}), "value_not_permitted", "description"),
        (json!({"title": 5}), "unexpected_json_type", "title"),
        (json!({"unique_key": ""}), "value_not_permitted", "unique_key"),
        (json!({"stage": "DEVU-1"}), "unexpected_id_type", "stage"),
        (json!({"stage": "STAGE-1"}), "value_not_permitted", "stage"),
        (
            json!({"stage_validation_options": ["x"]}),
            "invalid_enum_value",
            "stage_validation_options",
        ),
        (json!({"subtype": "x"}), "invalid_field", "subtype"),
    ] {
        let request = campaign(&with);
        let refused = server.call("custom-objects.create", request).await.error(400, kind);
        assert_eq!(refused["field_name"], field);
    }
    for (with, kind, field) in [
        (json!({"id": "ISS-1"}), "unexpected_id_type", "id"),
        (json!({"id": "x"}), "invalid_id", "id"),
        (json!({"description": null}), "unexpected_json_type", "description"),
        (json!({"unique_key": "x"}), "invalid_field", "unique_key"),
        (json!({"leaf_type": "campaign"}), "invalid_field", "leaf_type"),
        (json!({"stage": "STAGE-1"}), "value_not_permitted", "stage"),
    ] {
        let mut request = json!({"id": made["id"]});
        merge(&mut request, &with);
        let refused = server.call("custom-objects.update", request).await.error(400, kind);
        assert_eq!(refused["field_name"], field);
    }
    let refused = server.call("custom-objects.get", json!({})).await;
    assert_eq!(refused.error(400, "missing_required_field")["field_name"], "id");
    let same = server.call("custom-objects.get", json!({"id": made["id"]})).await.ok();
    assert_eq!(same["custom_object"], made);
}

async fn refused(server: &Server, op: &str, request: Value) -> (Value, Value) {
    let error = server.call(op, request).await.error(400, "customization_validation_error");
    (error["subtype"].clone(), error["field_name"].clone())
}

#[tokio::test]
async fn custom_fields_obey_the_schema() {
    let server = with_campaigns().await;
    for (fields, subtype, field) in [
        (json!({"tnt__budget": "500"}), "wrong_type", "tnt__budget"),
        (json!({"tnt__budget": -1}), "invalid_argument", "tnt__budget"),
        (json!({"tnt__region": "west"}), "enum_out_of_range", "tnt__region"),
        (json!({"tnt__launch": "soon"}), "date_parse_error", "tnt__launch"),
        (json!({"tnt__lead": "ISS-1"}), "id_type_not_allowed", "tnt__lead"),
        (json!({"budget": 1}), "field_not_in_schema", "budget"),
    ] {
        let request = campaign(&json!({"custom_fields": fields}));
        let (was, name) = refused(&server, "custom-objects.create", request).await;
        assert_eq!((was, name), (json!(subtype), json!(field)), "{fields}");
    }
    let nobody = campaign(&json!({"custom_fields": {"tnt__lead": "DEVU-99"}}));
    let nobody = server.call("custom-objects.create", nobody).await.error(400, "invalid_id");
    assert_eq!(nobody["field_name"], "tnt__lead");
    let unknown = campaign(&json!({"custom_schema_spec": {"subtype": "email"}}));
    let (was, name) = refused(&server, "custom-objects.create", unknown).await;
    assert_eq!((was, name), (json!("fragment_not_found"), json!("subtype")));
}

#[tokio::test]
async fn custom_fields_of_a_new_object_come_with_the_name_of_their_schema() {
    let server = with_campaigns().await;
    let fields = json!({"tnt__budget": 1});
    let request = json!({"leaf_type": "campaign", "custom_fields": fields});
    let refused = server.call("custom-objects.create", request).await;
    let refused = refused.error(400, "missing_required_field");
    assert_eq!(refused["field_name"], "custom_schema_spec");

    // Without custom fields, no schema is needed; it can be added later.
    let bare = server.call("custom-objects.create", json!({"leaf_type": "campaign"})).await.ok();
    let bare = &bare["custom_object"];
    assert_eq!(bare.get("custom_schema_fragments"), None);
    let mut request = json!({"id": bare["id"], "custom_fields": fields});
    let refused = server.call("custom-objects.update", request.clone()).await;
    refused.error(400, "customization_validation_error");
    request["custom_schema_spec"] = json!({"tenant_fragment": true});
    let changed = server.call("custom-objects.update", request).await.ok();
    assert_eq!(changed["custom_object"]["custom_fields"], fields);
}

#[tokio::test]
async fn required_fields_are_asked_for_when_the_request_says_so() {
    let server = Server::start().await;
    let fields = json!([{"name": "owner", "field_type": "tokens", "is_required": true}]);
    fragment(&server, json!({"leaf_type": "campaign", "id_prefix": "CMP", "fields": fields})).await;
    make(&server, json!({})).await;
    let spec = json!({"tenant_fragment": true, "validate_required_fields": true});
    let request = campaign(&json!({"custom_schema_spec": spec}));
    let (was, name) = refused(&server, "custom-objects.create", request).await;
    assert_eq!((was, name), (json!("field_required"), json!("tnt__owner")));
}

#[tokio::test]
async fn a_unique_key_is_unique_within_its_leaf_type() {
    let server = with_campaigns().await;
    fragment(&server, json!({"leaf_type": "journey", "id_prefix": "JRN", "fields": []})).await;
    let made = make(&server, json!({"unique_key": "spring"})).await;
    let again = campaign(&json!({"unique_key": "spring"}));
    let clash = server.call("custom-objects.create", again.clone()).await.error(409, "conflict");
    assert_eq!(clash["message"], "unique_key \"spring\" is taken by C-CMP-1");
    assert_eq!(clash["detail"], "unique_key");
    make(&server, json!({"unique_key": "Spring"})).await;
    make(&server, json!({"leaf_type": "journey", "unique_key": "spring"})).await;
    server.call("custom-objects.delete", json!({"id": made["id"]})).await.ok();
    server.call("custom-objects.create", again).await.ok();
}

#[tokio::test]
async fn a_subtype_comes_with_its_fields_and_goes_with_them() {
    let server = with_campaigns().await;
    let email = json!({"type": "custom_type_fragment", "subtype": "email", "leaf_type": "campaign",
        "is_custom_leaf_type": true, "description": "By mail",
        "fields": [{"name": "subject", "field_type": "tokens"}]});
    server.call("schemas.custom.set", email).await.ok();
    let spec = json!({"tenant_fragment": true, "subtype": "email"});
    let made = make(
        &server,
        json!({"custom_schema_spec": spec, "custom_fields": {"ctype__subject": "Hello"}}),
    )
    .await;
    assert_eq!(made["subtype"], "email");
    assert_eq!(made["custom_fields"], json!({"ctype__subject": "Hello"}));
    assert_eq!(made["custom_schema_fragments"].as_array().map(Vec::len), Some(2));
    let change = json!({"id": made["id"], "custom_schema_spec": {"drop": {"subtype": true}}});
    let changed = server.call("custom-objects.update", change).await.ok();
    let changed = &changed["custom_object"];
    assert_eq!((changed.get("subtype"), changed.get("custom_fields")), (None, None));
    assert_eq!(changed["custom_schema_fragments"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn each_change_is_told_of_and_the_store_stays_sound() {
    let server = with_campaigns().await;
    let id = make(&server, json!({"custom_fields": {"tnt__channels": ["a", "b", "a"]}})).await;
    let id = &id["id"];
    let change = json!({"id": id, "custom_fields": {"tnt__channels": ["b"]}});
    server.call("custom-objects.update", change).await.ok();
    assert_eq!(server.engine.store().check(&mut |_, _| {}).await, Vec::<String>::new());
    server.call("custom-objects.delete", json!({"id": id})).await.ok();
    assert_eq!(server.engine.store().check(&mut |_, _| {}).await, Vec::<String>::new());

    let cx = worksmith_org::auth::authenticate(&server.environment, &server.engine, ADMIN)
        .await
        .expect("a context");
    let mut tx = server.engine.begin(&cx);
    let events = tx.events_of(&Series::of_leaf_type("campaign").id(1)).await.expect("events");
    let verbs: Vec<Verb> = events.iter().map(|event| event.verb).collect();
    assert_eq!(verbs, [Verb::Created, Verb::Updated, Verb::Deleted]);
}
