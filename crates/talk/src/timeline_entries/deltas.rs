//! What differs between an object before and after a change, both as answers show them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use worksmith_wire::Timestamp;
use worksmith_wire::timeline_entries::{Composite, FieldDelta, FieldValue, TagValue};

/// Members that say what the object is and who changed it when. That is no news.
const HEAD: &[&str] =
    &["id", "display_id", "type", "created_by", "created_date", "modified_by", "modified_date"];
/// The member whose own members are fields, too.
const CUSTOM_FIELDS: &str = "custom_fields";

/// The fields that differ, those that are there in the order of the object, then those that are
/// gone.
pub fn between(before: &Value, after: &Value) -> Vec<FieldDelta> {
    let (before, after) = (fields(before), fields(after));
    let value = |fields: &[Field<'_>], name: &str| {
        let (_, value) = fields.iter().find(|(each, _)| each == name)?;
        of_field(name, value)
    };
    let gone = before.iter().filter(|(name, _)| after.iter().all(|(each, _)| each != name));
    let deltas = after.iter().chain(gone).map(|(name, _)| FieldDelta {
        name: name.clone(),
        new_value: value(&after, name),
        old_value: value(&before, name),
    });
    deltas.filter(|delta| delta.old_value != delta.new_value).collect()
}

/// The name of a field and its value.
type Field<'a> = (String, &'a Value);

/// The fields of an object: `title`, `custom_fields.tnt__cost`.
fn fields(object: &Value) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    for (name, value) in object.as_object().into_iter().flatten() {
        match value {
            _ if HEAD.contains(&name.as_str()) => {}
            Value::Object(custom) if name == CUSTOM_FIELDS => {
                let field = |(own, value)| (format!("{CUSTOM_FIELDS}.{own}"), value);
                fields.extend(custom.iter().map(field));
            }
            value => fields.push((name.clone(), value)),
        }
    }
    fields
}

/// The value of a field; `None` if it has none.
fn of_field(name: &str, value: &Value) -> Option<FieldValue> {
    match (name, value) {
        ("stage" | "stage_v2", Value::Object(stage)) => of_stage(stage).or_else(|| of(value)),
        ("tags", Value::Array(tags)) => {
            let values: Vec<_> = tags.iter().filter_map(of_tag).collect();
            (!values.is_empty()).then_some(FieldValue::TagSummaryList { values })
        }
        _ => of(value),
    }
}

/// A stage by its name, in the shape of the contract and as the composite value that programs read.
fn of_stage(stage: &Map<String, Value>) -> Option<FieldValue> {
    let name = stage.get("name")?.as_str()?.to_owned();
    let field = FieldValue::String { value: name.clone() };
    let fields = BTreeMap::from([("name".to_owned(), field)]);
    Some(FieldValue::Stage { name, fields })
}

fn of_tag(on: &Value) -> Option<TagValue> {
    Some(TagValue {
        name: text(&on["tag"]["name"]),
        tag_id: text(&on["tag"]["id"])?,
        value: text(&on["value"]),
    })
}

fn of(value: &Value) -> Option<FieldValue> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => FieldValue::Bool { value: *value },
        Value::Number(number) => match number.as_i64() {
            Some(value) => FieldValue::Int { value },
            None => FieldValue::Double { value: number.as_f64()? },
        },
        Value::String(text) => of_text(text.clone()),
        Value::Object(members) => match id(value) {
            Some(value) => FieldValue::Id { value },
            None => FieldValue::Composite(composite(members)),
        },
        Value::Array(values) => return of_list(values),
    })
}

fn of_text(value: String) -> FieldValue {
    if value.starts_with("don:") {
        FieldValue::Id { value }
    } else if Timestamp::parse(&value).is_some_and(|at| at.to_string() == value) {
        FieldValue::DateTime { value }
    } else {
        FieldValue::String { value }
    }
}

/// The id of an object that another one embeds.
fn id(value: &Value) -> Option<String> {
    value.get("id")?.as_str().map(ToOwned::to_owned)
}

fn composite(members: &Map<String, Value>) -> Composite {
    let fields = members.iter().filter_map(|(name, value)| Some((name.clone(), of(value)?)));
    Composite { fields: fields.collect() }
}

/// A list, by the type that all its elements have; of several types, each as JSON.
fn of_list(list: &[Value]) -> Option<FieldValue> {
    if list.is_empty() {
        return None;
    }
    let is_don = |text: &&str| text.starts_with("don:");
    let don = |value: &Value| value.as_str().filter(is_don).map(ToOwned::to_owned);
    let ids = all(list, |value| id(value).or_else(|| don(value)));
    let found = ids
        .map(|values| FieldValue::IdList { values })
        .or_else(|| Some(FieldValue::StringList { values: all(list, text)? }))
        .or_else(|| Some(FieldValue::BoolList { values: all(list, Value::as_bool)? }))
        .or_else(|| Some(FieldValue::IntList { values: all(list, Value::as_i64)? }))
        .or_else(|| Some(FieldValue::DoubleList { values: all(list, Value::as_f64)? }))
        .or_else(|| {
            let values = all(list, |value| value.as_object().map(composite))?;
            Some(FieldValue::CompositeList { values })
        });
    let as_json = || FieldValue::StringList { values: list.iter().map(Value::to_string).collect() };
    Some(found.unwrap_or_else(as_json))
}

/// The elements of a list, if all are of one type.
fn all<T>(list: &[Value], of: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    list.iter().map(of).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deltas(before: &Value, after: &Value) -> Value {
        serde_json::to_value(between(before, after)).unwrap()
    }

    #[test]
    fn only_what_differs_is_told() {
        let before = json!({
            "id": "x", "modified_date": "2026-01-01T12:00:00.000Z", "title": "a", "owned_by": [],
            "stage": {"name": "triage", "stage": {"id": "don:s/1"}}, "gone": true,
            "custom_fields": {"tnt__cost": 1, "tnt__note": "same"},
        });
        let after = json!({
            "id": "x", "modified_date": "2026-01-02T12:00:00.000Z", "title": "b",
            "stage": {"name": "in_review", "stage": {"id": "don:s/2"}},
            "target_close_date": "2026-03-01T00:00:00.000Z",
            "custom_fields": {"tnt__cost": 2.5, "tnt__note": "same"},
        });
        let stage = |name: &str| {
            json!({
                "type": "stage", "name": name,
                "fields": {"name": {"type": "string", "value": name}},
            })
        };
        let expected = json!([
            {
                "name": "title", "new_value": {"type": "string", "value": "b"},
                "old_value": {"type": "string", "value": "a"},
            },
            {"name": "stage", "new_value": stage("in_review"), "old_value": stage("triage")},
            {
                "name": "target_close_date",
                "new_value": {"type": "date_time", "value": "2026-03-01T00:00:00.000Z"},
            },
            {
                "name": "custom_fields.tnt__cost", "new_value": {"type": "double", "value": 2.5},
                "old_value": {"type": "int", "value": 1},
            },
            {"name": "gone", "old_value": {"type": "bool", "value": true}},
        ]);
        assert_eq!(deltas(&before, &after), expected);
    }

    #[test]
    fn values_have_the_types_of_the_contract() {
        for (value, expected) in [
            (json!({"id": "don:x", "name": "n"}), json!({"type": "id", "value": "don:x"})),
            (json!("don:x"), json!({"type": "id", "value": "don:x"})),
            (json!([{"id": "don:x"}, "don:y"]), {
                json!({"type": "id_list", "values": ["don:x", "don:y"]})
            }),
            (json!(["a", "b"]), json!({"type": "string_list", "values": ["a", "b"]})),
            (json!([true]), json!({"type": "bool_list", "values": [true]})),
            (json!([1, 2]), json!({"type": "int_list", "values": [1, 2]})),
            (json!([1, 2.5]), json!({"type": "double_list", "values": [1.0, 2.5]})),
            (json!([1, "a"]), json!({"type": "string_list", "values": ["1", "\"a\""]})),
            (json!("2026"), json!({"type": "string", "value": "2026"})),
            (json!({"id": 2, "label": "p1"}), {
                let (id, label) =
                    (json!({"type": "int", "value": 2}), json!({"type": "string", "value": "p1"}));
                json!({"type": "composite", "fields": {"id": id, "label": label}})
            }),
            (json!([{"a": null, "b": 1}]), {
                let fields = json!({"b": {"type": "int", "value": 1}});
                json!({"type": "composite_list", "values": [{"fields": fields}]})
            }),
        ] {
            let (before, after) = (json!({}), json!({"x": value}));
            let delta = json!([{"name": "x", "new_value": expected}]);
            assert_eq!(deltas(&before, &after), delta, "{value}");
        }
        let tags = json!({"tags": [{"tag": {"id": "don:t", "name": "n"}, "value": "v"}]});
        let list = json!({
            "type": "tag_summary_list", "values": [{"name": "n", "tag_id": "don:t", "value": "v"}],
        });
        let expected = json!([{"name": "tags", "old_value": list}]);
        assert_eq!(deltas(&tags, &json!({"tags": []})), expected);
    }
}
