//! A subtype with forty fields of all types: their values, and what each of them refuses.

use serde_json::{Map, Value, json};

/// The fields by name, each with a value that it accepts.
fn fields() -> Vec<(Value, Value)> {
    let low_high = json!([
        {"id": 1, "label": "Low", "ordinal": 10}, {"id": 2, "label": "High", "ordinal": 20},
        {"id": 3, "label": "Old", "ordinal": 30, "is_deprecated": true},
    ]);
    let list = |of: &str| json!({"field_type": "array", "base_type": of});
    let plain = |of: &str| json!({ "field_type": of });
    let with = |mut field: Value, members: Value| {
        let members = members.as_object().expect("members").clone();
        field.as_object_mut().expect("a field").extend(members);
        field
    };
    let named = |name: &str, field: Value| with(json!({ "name": name }), field);
    let field = |name: &str, of: &str, members: Value| named(name, with(plain(of), members));
    let many = |name: &str, of: &str, members: Value| named(name, with(list(of), members));
    let none = || json!({});
    vec![
        (field("int", "int", none()), json!(-7)),
        (field("over", "int", json!({"gt": 5})), json!(6)),
        (field("from", "int", json!({"gte": 5})), json!(5)),
        (field("under", "int", json!({"lt": 5})), json!(4)),
        (field("upto", "int", json!({"lte": 5})), json!(5)),
        (field("double", "double", none()), json!(1.5)),
        (field("bool", "bool", none()), json!(true)),
        (field("tokens", "tokens", json!({"is_filterable": true})), json!("a b")),
        (field("eq_len", "tokens", json!({"eq_len": 3})), json!("äöü")),
        (field("min_len", "text", json!({"min_len": 3})), json!("abc")),
        (field("max_len", "text", json!({"max_len": 3})), json!("abc")),
        (field("pattern", "text", json!({"pattern": "^[a-z]+$"})), json!("abc")),
        (field("prefix", "text", json!({"prefix": "ab"})), json!("abc")),
        (field("suffix", "text", json!({"suffix": "bc"})), json!("abc")),
        (field("contains", "text", json!({"contains": "b"})), json!("abc")),
        (field("rich", "rich_text", none()), json!("# Why\n\nSo.")),
        (field("enum", "enum", json!({"allowed_values": ["a", "b"]})), json!("a")),
        (field("uenum", "uenum", json!({"allowed_values": low_high})), json!(2)),
        (field("timestamp", "timestamp", none()), json!("2026-02-01T10:00:00.000Z")),
        (field("date", "date", none()), json!("2024-02-29")),
        (field("id", "id", none()), json!("DEVU-1")),
        (field("issue", "id", json!({"id_type": ["issue", "ticket"]})), Value::Null),
        (field("user", "id", json!({"id_type": ["user"]})), json!("DEVU-1")),
        (field("part", "id", json!({"id_type": ["product"]})), json!("PROD-1")),
        (
            field("place", "composite", json!({"composite_type": "place"})),
            json!({"city": "Rome", "zip": 12, "kind": 1}),
        ),
        (field("struct", "struct", none()), json!({"a": [1, {"b": null}]})),
        (field("json", "json_value", none()), json!([1, "x", {"y": true}])),
        (field("fixed", "text", json!({"is_immutable": true})), json!("first")),
        (field("needed", "text", json!({"is_required": true})), json!("x")),
        (many("ints", "int", json!({"gte": 0})), json!([1, 2])),
        (many("two", "int", json!({"eq_items": 2})), json!([1, 2])),
        (many("some", "bool", json!({"min_items": 1})), json!([true])),
        (many("few", "double", json!({"max_items": 2})), json!([1.5, 2.5])),
        (many("texts", "text", json!({"max_len": 3})), json!(["a", "abc"])),
        (many("enums", "enum", json!({"allowed_values": ["a", "b"]})), json!(["b", "a"])),
        (many("uenums", "uenum", json!({"allowed_values": low_high})), json!([1, 2])),
        (many("times", "timestamp", none()), json!(["2026-02-01T10:00:00.000Z"])),
        (many("days", "date", none()), json!(["2026-02-01"])),
        (many("ids", "id", json!({"id_type": ["dev_user"]})), json!(["DEVU-1"])),
        (
            many("places", "composite", json!({"composite_type": "place"})),
            json!([{"city": "Rome"}, {"city": "Bern"}]),
        ),
    ]
}

/// Forty fields, the composite schemas they need, and a value of each by its full name.
pub(super) fn forty() -> (Value, Value, Value) {
    let composites = json!([{"name": "place", "fields": [
        {"name": "city", "field_type": "text", "is_required": true, "max_len": 10},
        {"name": "zip", "field_type": "int", "gte": 1},
        {"name": "kind", "field_type": "uenum",
         "allowed_values": [{"id": 1, "label": "Town", "ordinal": 5}]},
    ]}]);
    let mut values = Map::new();
    let mut fields_only = Vec::new();
    for (field, value) in fields() {
        let name = format!("ctype__{}", field["name"].as_str().expect("a name"));
        // Null stands for an object that exists, which the issue itself does not yet.
        let value = if value.is_null() { json!("TKT-1") } else { value };
        values.insert(name, value);
        fields_only.push(field);
    }
    (fields_only.into(), composites, values.into())
}

/// Invalid values: the field, the value, and the rule that it breaks.
pub(super) fn wrong_values() -> Vec<(&'static str, Value, &'static str)> {
    let long = "x".repeat(65_537);
    vec![
        ("int", json!("7"), "wrong_type"),
        ("int", json!(1.5), "wrong_type"),
        ("int", json!(true), "wrong_type"),
        ("int", json!([1]), "wrong_type"),
        ("int", json!(9_223_372_036_854_775_808_u64), "wrong_type"),
        ("over", json!(5), "invalid_argument"),
        ("from", json!(4), "invalid_argument"),
        ("under", json!(5), "invalid_argument"),
        ("upto", json!(6), "invalid_argument"),
        ("double", json!("1.5"), "wrong_type"),
        ("double", json!({}), "wrong_type"),
        ("bool", json!("true"), "wrong_type"),
        ("bool", json!(1), "wrong_type"),
        ("tokens", json!(1), "wrong_type"),
        ("tokens", json!("x".repeat(257)), "invalid_argument"),
        ("tokens", json!("a\u{0}b"), "invalid_argument"),
        ("eq_len", json!("ab"), "invalid_argument"),
        ("eq_len", json!("abcd"), "invalid_argument"),
        ("min_len", json!("ab"), "invalid_argument"),
        ("max_len", json!("abcd"), "invalid_argument"),
        ("pattern", json!("ABC"), "invalid_argument"),
        ("prefix", json!("xabc"), "invalid_argument"),
        ("suffix", json!("abcx"), "invalid_argument"),
        ("contains", json!("ac"), "invalid_argument"),
        ("rich", json!(["x"]), "wrong_type"),
        ("rich", json!(long), "invalid_argument"),
        ("enum", json!("c"), "enum_out_of_range"),
        ("enum", json!("A"), "enum_out_of_range"),
        ("enum", json!(1), "wrong_type"),
        ("uenum", json!(4), "enum_out_of_range"),
        ("uenum", json!(3), "enum_out_of_range"),
        ("uenum", json!("High"), "wrong_type"),
        ("uenum", json!({"label": "High"}), "wrong_type"),
        ("timestamp", json!("soon"), "timestamp_parse_error"),
        ("timestamp", json!("2026-02-01"), "timestamp_parse_error"),
        ("timestamp", json!(1_769_940_000), "wrong_type"),
        ("date", json!("2026-02-30"), "date_parse_error"),
        ("date", json!("2026-2-1"), "date_parse_error"),
        ("date", json!("2026-02-01T00:00:00Z"), "date_parse_error"),
        ("date", json!(20_260_201), "wrong_type"),
        ("id", json!("nobody"), "id_parse_error"),
        ("id", json!(1), "wrong_type"),
        ("issue", json!("DEVU-1"), "id_type_not_allowed"),
        ("user", json!("PROD-1"), "id_type_not_allowed"),
        ("part", json!("FEAT-1"), "id_type_not_allowed"),
        ("place", json!("Rome"), "wrong_type"),
        ("place", json!({"zip": 1}), "field_required"),
        ("place", json!({"city": "Rome", "zip": 0}), "invalid_argument"),
        ("place", json!({"city": "Rome", "zip": "1"}), "wrong_type"),
        ("place", json!({"city": "Rome", "land": "IT"}), "field_not_in_schema"),
        ("place", json!({"city": "Rome", "kind": 2}), "enum_out_of_range"),
        ("struct", json!([]), "wrong_type"),
        ("struct", json!("x"), "wrong_type"),
        ("fixed", json!("second"), "field_immutable"),
        ("fixed", json!(null), "field_immutable"),
        ("needed", json!(null), "field_required"),
        ("needed", json!(""), "field_required"),
        ("ints", json!([1, -1]), "invalid_argument"),
        ("ints", json!([1, "2"]), "wrong_type"),
        ("two", json!([1]), "invalid_argument"),
        ("two", json!([1, 2, 3]), "invalid_argument"),
        ("some", json!([]), "invalid_argument"),
        ("few", json!([1, 2, 3]), "invalid_argument"),
        ("texts", json!(["abcd"]), "invalid_argument"),
        ("enums", json!(["a", "c"]), "enum_out_of_range"),
        ("uenums", json!([1, 9]), "enum_out_of_range"),
        ("times", json!(["soon"]), "timestamp_parse_error"),
        ("days", json!(["2026-13-01"]), "date_parse_error"),
        ("ids", json!(["DEVU-1", "TAG-1"]), "id_type_not_allowed"),
        ("places", json!([{"city": "Rome"}, {}]), "field_required"),
        ("lost", json!(1), "field_not_in_schema"),
    ]
}
