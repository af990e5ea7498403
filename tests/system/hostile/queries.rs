//! Queries that no request may have.

use super::Case;

/// Queries of a GET.
pub fn of_gets() -> Vec<Case> {
    [
        ("works.get", "missing_required_field", "id"),
        ("works.get?id", "invalid_id", "id"),
        ("works.get?id=", "invalid_id", "id"),
        ("works.get?id=%22%22", "invalid_id", "id"),
        ("works.get?id=ISS-1'--", "invalid_id", "id"),
        ("works.get?id=PROD-1", "unexpected_id_type", "id"),
        ("works.get?id=ISS-1%00", "value_not_permitted", "id"),
        ("works.get?id=%ff", "invalid_field", "id"),
        ("works.get?id=%c0%80", "invalid_field", "id"),
        ("works.get?id=%EF%BF%BD&id=%ff", "invalid_field", "id"),
        ("works.get?stage.name=%ff", "invalid_field", "name"),
        ("works.get?%ff=ISS-1", "invalid_field", "\u{fffd}"),
        ("works.get?ID=ISS-1", "invalid_field", "ID"),
        ("works.get?id=ISS-1&id[x]=ISS-1", "invalid_field", "id[x]"),
        ("works.get?id=ISS-1&id[]x=ISS-1", "invalid_field", "id[]x"),
        ("works.get?id=ISS-1&id[0][1]=ISS-1", "invalid_field", "id[0]"),
        ("works.get?[]=ISS-1", "invalid_field", ""),
        ("works.list?type[]=issue,ticket", "invalid_enum_value", "type"),
        ("works.list?type[0].x=issue", "invalid_field", "type[0]"),
        ("works.get?id.x=ISS-1", "unexpected_json_type", "id"),
        ("works.list?limit=abc", "unexpected_json_type", "limit"),
        ("works.list?limit=1e400", "unexpected_json_type", "limit"),
        ("works.list?limit=99999999999999999999", "value_not_permitted", "limit"),
        ("works.list?limit=1.5", "value_not_permitted", "limit"),
        ("works.list?mode=sideways", "invalid_enum_value", "mode"),
        ("works.list?type=bug", "invalid_enum_value", "type"),
        ("works.list?type=issue,bug", "invalid_enum_value", "type"),
        ("works.list?sort_by=title", "invalid_field", "sort_by"),
        ("works.list?sort_by=nothing:asc", "invalid_field", "sort_by"),
        ("works.list?sort_by=title:asc;DROP", "invalid_field", "sort_by"),
        ("works.list?stage=x", "unexpected_json_type", "stage"),
        ("works.list?stage.nothing=x", "invalid_field", "nothing"),
        ("works.list?created_date.after=soon", "invalid_field", "after"),
        ("works.list?cursor=x", "invalid_field", "cursor"),
        ("works.list?staged_info.is_staged=maybe", "unexpected_json_type", "is_staged"),
        ("works.list?owned_by=DEVU-1,TAG-1", "unexpected_id_type", "owned_by"),
        ("works.list?owned_by=DEVU-1,x", "invalid_id", "owned_by"),
        ("works.list?.=x", "invalid_field", ""),
        ("works.list?a.b.c.d.e.f=x", "invalid_field", "a"),
        ("tags.get?id=TAG-1&x=1", "invalid_field", "x"),
    ]
    .map(|(path, kind, field)| Case::get(path, kind, field))
    .into_iter()
    .collect()
}

/// Queries of a POST.
pub fn of_posts() -> Vec<Case> {
    [
        ("works.list?x=1", "{}", "invalid_field", "x"),
        ("works.list?limit=abc", "{}", "unexpected_json_type", "limit"),
        ("works.list?type=issue", r#"{"type":["issue"]}"#, "invalid_field", "type"),
        ("works.list?type=issue", r#"{"type":null}"#, "invalid_field", "type"),
        ("works.list?stage.name=x", r#"{"stage":{"name":"y"}}"#, "invalid_field", "stage"),
        ("works.list?type=%ff", "{}", "invalid_field", "type"),
        ("works.list?type=issue", "[]", "unexpected_json_type", ""),
        ("works.list?type=issue", "{", "parse_error", ""),
        // Each is parsed by its own rules: in a body, the number of a query string is a text.
        ("works.list?type=issue", r#"{"limit":"5"}"#, "unexpected_json_type", "limit"),
        ("works.update?id=ISS-1&title=", "", "value_not_permitted", "title"),
        ("works.update?id=ISS-1&titel=x", "{}", "invalid_field", "titel"),
        ("works.update?id=ISS-1&custom_fields.tnt__x=1", "{}", "invalid_field", "custom_fields"),
        ("works.delete?id=ISS-1", r#"{"id":"ISS-2"}"#, "invalid_field", "id"),
        ("tags.create?nam=x", r#"{"name":"y"}"#, "invalid_field", "nam"),
        (
            "groups.create?dynamic_group_info.membership_expression.type=primitive",
            r#"{"name":"x","type":"dynamic"}"#,
            "invalid_field",
            "membership_expression",
        ),
    ]
    .map(|(path, body, kind, field)| Case { field, ..Case::post(path, body, kind) })
    .into_iter()
    .collect()
}
