//! Invalid fragments.

use serde_json::{Value, json};
use worksmith_tests::Server;

use super::{set, subtype, tenant, with};

/// Every way in which a field can be invalid: the field, the type of the error, the path.
fn wrong_fields() -> Vec<(Value, &'static str, &'static str)> {
    let custom = "customization_validation_error";
    let limit = "value_not_permitted";
    let field = |of: &str, members: Value| with(json!({"name": "f", "field_type": of}), members);
    let values = |values: Value| json!({ "allowed_values": values });
    let low = json!({"id": 1, "label": "Low", "ordinal": 1});
    vec![
        (json!({"field_type": "int"}), "missing_required_field", "fields.name"),
        (json!({"name": "f"}), "missing_required_field", "fields.field_type"),
        (json!({"name": "", "field_type": "int"}), limit, "fields.name"),
        (json!({"name": "1f", "field_type": "int"}), limit, "fields.name"),
        (json!({"name": "a b", "field_type": "int"}), limit, "fields.name"),
        (json!({"name": "a__b", "field_type": "int"}), limit, "fields.name"),
        (json!({"name": "f", "field_type": "money"}), "invalid_enum_value", "fields.field_type"),
        (field("unknown", json!({})), custom, "fields.f.field_type"),
        (field("array", json!({})), "missing_required_field", "fields.f.base_type"),
        (field("array", json!({"base_type": "array"})), "invalid_enum_value", "fields.base_type"),
        (field("int", json!({"base_type": "int"})), "invalid_field", "fields.f.base_type"),
        (field("int", json!({"min_len": 1})), "invalid_field", "fields.f.min_len"),
        (field("text", json!({"gt": 1})), "invalid_field", "fields.f.gt"),
        (field("bool", json!({"pattern": "x"})), "invalid_field", "fields.f.pattern"),
        (field("text", json!({"min_items": 1})), "invalid_field", "fields.f.min_items"),
        (field("int", json!({"id_type": ["issue"]})), "invalid_field", "fields.f.id_type"),
        (field("int", json!({"color": "red"})), "invalid_field", "fields.color"),
        (field("int", json!({"gt": 5, "lt": 6})), limit, "fields.f.lt"),
        (field("int", json!({"gte": 5, "lte": 4})), limit, "fields.f.lte"),
        (field("text", json!({"min_len": 5, "max_len": 4})), limit, "fields.f.max_len"),
        (field("text", json!({"eq_len": 5, "max_len": 4})), limit, "fields.f.eq_len"),
        (field("text", json!({"min_len": -1})), limit, "fields.f.min_len"),
        (field("text", json!({"pattern": "("})), limit, "fields.f.pattern"),
        (field("text", json!({"pattern": "(a{1000}){1000}"})), limit, "fields.f.pattern"),
        (field("enum", json!({})), "missing_required_field", "fields.f.allowed_values"),
        (field("enum", values(json!([]))), limit, "fields.f.allowed_values"),
        (field("enum", values(json!(["a", "a"]))), limit, "fields.f.allowed_values"),
        (field("enum", values(json!([low]))), limit, "fields.f.allowed_values"),
        (field("uenum", values(json!([]))), limit, "fields.f.allowed_values"),
        (field("uenum", values(json!(["a"]))), limit, "fields.f.allowed_values"),
        (field("uenum", values(json!([low, low]))), limit, "fields.f.allowed_values.id"),
        (
            field("uenum", values(json!([{"id": 1, "label": "x"}]))),
            "missing_required_field",
            "fields.allowed_values.ordinal",
        ),
        (
            field("enum", json!({"allowed_values": ["x".repeat(257)], "is_filterable": true})),
            limit,
            "fields.f.allowed_values",
        ),
        (field("id", json!({"id_type": ["nobody"]})), custom, "fields.f.id_type"),
        (field("composite", json!({})), "missing_required_field", "fields.f.composite_type"),
        (field("composite", json!({"composite_type": "x"})), limit, "fields.f.composite_type"),
        (field("struct", json!({"is_filterable": true})), limit, "fields.f.is_filterable"),
        (field("int", json!({"ui": {"is_sortable": true}})), limit, "fields.f.ui.is_sortable"),
        (field("int", json!({"ui": {"is_groupable": true}})), limit, "fields.f.ui.is_groupable"),
        (field("int", json!({"default_value": "x"})), custom, "fields.f.default_value"),
        (
            field("uenum", json!({"allowed_values": [low], "default_value": 2})),
            custom,
            "fields.f.default_value",
        ),
    ]
}

#[tokio::test]
async fn a_field_that_makes_no_sense_is_refused_by_name() {
    let server = Server::start().await;
    for (field, kind, path) in wrong_fields() {
        let error = server.call("schemas.custom.set", tenant(&json!([field]))).await;
        let error = error.error(400, kind);
        assert_eq!(error["detail"], path, "{field}: {error}");
        assert_eq!(error["field_name"], path.rsplit('.').next().expect("a leaf"));
    }
    let twice = json!([{"name": "f", "field_type": "int"}, {"name": "f", "field_type": "int"}]);
    let error = server.call("schemas.custom.set", tenant(&twice)).await;
    assert_eq!(error.error(400, "value_not_permitted")["detail"], "fields.name");
    let none = server.call("schemas.custom.list", json!({})).await.ok();
    assert_eq!(none, json!({"result": []}));
}

#[tokio::test]
async fn a_request_that_makes_no_sense_is_refused_by_name() {
    let server = Server::start().await;
    let custom = |leaf: &str, members: Value| {
        let own = json!({"leaf_type": leaf, "is_custom_leaf_type": true});
        with(with(tenant(&json!([])), own), members)
    };
    let prefixed = |leaf: &str, prefix: &str| custom(leaf, json!({"id_prefix": prefix}));
    let app = |app: &str| {
        let own = json!({"type": "app_fragment", "app": app});
        with(tenant(&json!([])), own)
    };
    let limit = "value_not_permitted";
    let missing = "missing_required_field";
    for (request, kind, field) in [
        (json!({"type": "tenant_fragment", "leaf_type": "issue"}), missing, "description"),
        (json!({"type": "tenant_fragment", "description": ""}), missing, "leaf_type"),
        (json!({"leaf_type": "issue", "description": ""}), missing, "type"),
        (with(tenant(&json!([])), json!({"type": "stock"})), "invalid_enum_value", "type"),
        (with(tenant(&json!([])), json!({"subtype": "x"})), "invalid_field", "subtype"),
        (with(tenant(&json!([])), json!({"leaf_type": "dream"})), limit, "leaf_type"),
        (with(tenant(&json!([])), json!({"leaf_type": "group"})), limit, "leaf_type"),
        (with(tenant(&json!([])), json!({"id_prefix": "ABC"})), "invalid_field", "id_prefix"),
        (custom("campaign", json!({})), missing, "id_prefix"),
        (prefixed("Campaign", "CAMP"), limit, "leaf_type"),
        (prefixed("camp2", "CAMP"), limit, "leaf_type"),
        (prefixed("campaign", "camp"), limit, "id_prefix"),
        (prefixed("campaign", "C"), limit, "id_prefix"),
        (prefixed("campaign", "CAMPAIGNSXX"), limit, "id_prefix"),
        (
            with(
                subtype("x", &json!([])),
                json!({"leaf_type": "lost", "is_custom_leaf_type": true}),
            ),
            limit,
            "leaf_type",
        ),
        (with(subtype(" ", &json!([])), json!({})), limit, "subtype"),
        (app("tnt"), limit, "app"),
        (app("a__b"), limit, "app"),
        (with(tenant(&json!([])), json!({"deleted_fields": ["x"]})), limit, "deleted_fields"),
    ] {
        let error = server.call("schemas.custom.set", request.clone()).await.error(400, kind);
        assert_eq!(error["field_name"], field, "{request}: {error}");
    }
}

#[tokio::test]
async fn conditions_that_make_no_sense_are_refused() {
    let server = Server::start().await;
    let effect = json!([{"fields": ["custom_fields.cost"], "require": true}]);
    let fields = json!([{"name": "cost", "field_type": "int"}]);
    let custom = "customization_validation_error";
    for (condition, kind, field) in [
        (json!({"expression": "stage =", "effects": effect}), custom, "expression"),
        (json!({"expression": "color == 'red'", "effects": effect}), custom, "expression"),
        (json!({"expression": "custom_fields.x == '1'", "effects": effect}), custom, "expression"),
        (json!({"effects": effect}), "missing_required_field", "expression"),
        (json!({"expression": "priority == 'p0'"}), "missing_required_field", "effects"),
        (
            json!({"expression": "priority == 'p0'", "effects": [{"fields": ["color"]}]}),
            custom,
            "fields",
        ),
        (
            json!({"expression": "priority == 'p0'", "effects": [{"require": true}]}),
            "missing_required_field",
            "fields",
        ),
    ] {
        let request = with(tenant(&fields), json!({"conditions": [condition]}));
        let error = server.call("schemas.custom.set", request).await.error(400, kind);
        assert_eq!(error["field_name"], field, "{condition}: {error}");
        if kind == custom {
            assert_eq!(error["subtype"], "expression_parse_error");
        }
    }
}

#[tokio::test]
async fn fields_go_only_when_the_request_says_so_and_keep_their_kind() {
    let server = Server::start().await;
    let choice =
        |values: Value| json!({"name": "c", "field_type": "uenum", "allowed_values": values});
    let low = json!({"id": 1, "label": "Low", "ordinal": 1});
    let high = json!({"id": 2, "label": "High", "ordinal": 2});
    let text = json!({"name": "t", "field_type": "text"});
    set(&server, tenant(&json!([text, choice(json!([low, high]))]))).await;
    for (fields, deleted, path) in [
        (json!([text]), json!([]), "deleted_fields"),
        (json!([text]), json!(["other"]), "deleted_fields"),
        (json!([text, choice(json!([low, high]))]), json!(["t"]), "deleted_fields"),
        (json!([text, choice(json!([low]))]), json!([]), "fields.c.allowed_values"),
        (
            json!([{"name": "t", "field_type": "int"}, choice(json!([low, high]))]),
            json!([]),
            "fields.t.field_type",
        ),
        (
            json!([text, {"name": "c", "field_type": "enum", "allowed_values": ["Low", "High"]}]),
            json!([]),
            "fields.c.field_type",
        ),
    ] {
        let request = with(tenant(&fields), json!({"deleted_fields": deleted}));
        let error = server.call("schemas.custom.set", request).await;
        let error = error.error(400, "value_not_permitted");
        let at = error.get("detail").unwrap_or(&error["field_name"]);
        assert_eq!(at, path, "{fields}: {error}");
    }
    // A value is deprecated, or gets another label.
    let low = json!({"id": 1, "label": "None", "ordinal": 1, "is_deprecated": true});
    set(&server, tenant(&json!([text, choice(json!([low, high]))]))).await;
}
