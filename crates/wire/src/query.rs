//! The GET twin: from a query string to the same value that a POST body would be, except that each
//! leaf is the list of the raw texts given for it (SEMANTICS 0.5 lists the encodings in the wild).

use serde_json::{Map, Value};

use crate::error::ApiError;

/// Reads decoded `name=value` pairs; dots in a name address nested objects.
pub fn from_query(
    pairs: impl IntoIterator<Item = (String, String)>,
) -> Result<Map<String, Value>, ApiError> {
    let mut root = Map::new();
    for (name, value) in pairs {
        insert(&mut root, &name, &name, value)?;
    }
    Ok(root)
}

fn insert(
    object: &mut Map<String, Value>,
    path: &str,
    whole: &str,
    value: String,
) -> Result<(), ApiError> {
    let clash = || ApiError::invalid_field(whole, format!("{whole} is both a value and an object"));
    if let Some((head, tail)) = path.split_once('.') {
        let inner = object.entry(head).or_insert_with(|| Value::Object(Map::new()));
        return insert(inner.as_object_mut().ok_or_else(clash)?, tail, whole, value);
    }
    let leaf = object.entry(path).or_insert_with(|| Value::Array(Vec::new()));
    leaf.as_array_mut().ok_or_else(clash)?.push(Value::String(value));
    Ok(())
}

/// Splits a raw text at the commas outside quotes, and takes the quotes off each element.
pub(crate) fn split_elements(raw: &str) -> Vec<String> {
    let mut elements = Vec::new();
    let mut rest = raw;
    while !rest.is_empty() {
        let end = element_end(rest);
        let element = unquote(&rest[..end]);
        if !element.is_empty() {
            elements.push(element);
        }
        rest = rest[end..].strip_prefix(',').unwrap_or("");
    }
    elements
}

/// Where the first element ends. A quote closes an element only before a comma or at the end: the
/// official TypeScript SDK does not double the quotes within an element.
fn element_end(rest: &str) -> usize {
    if rest.starts_with('"')
        && let Some(close) = rest[1..].find("\",").map(|at| at + 2)
    {
        return close;
    }
    if rest.starts_with('"') && rest.len() > 1 && rest.ends_with('"') {
        return rest.len();
    }
    rest.find(',').unwrap_or(rest.len())
}

/// Takes one pair of enclosing quotes off; doubled quotes within stand for one.
pub(crate) fn unquote(raw: &str) -> String {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => raw.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_come_apart_in_every_encoding_seen() {
        for (raw, elements) in [
            ("issue,ticket", vec!["issue", "ticket"]),
            ("\"issue\",\"ticket\"", vec!["issue", "ticket"]),
            ("\"DEVU-7\"", vec!["DEVU-7"]),
            ("\"a,b\",c", vec!["a,b", "c"]),
            ("\"say \"\"hi\"\"\"", vec!["say \"hi\""]),
            ("\"c \"d\"\"", vec!["c \"d\""]),
            (",,x,", vec!["x"]),
            ("", vec![]),
            ("\"", vec!["\""]),
        ] {
            assert_eq!(split_elements(raw), elements, "{raw}");
        }
    }

    #[test]
    fn dots_nest_and_repeats_collect() {
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        let read = from_query([pair("type", "a"), pair("type", "b"), pair("x.y.z", "1")]);
        let expected = serde_json::json!({"type": ["a", "b"], "x": {"y": {"z": ["1"]}}});
        assert_eq!(read.map(Value::Object), Ok(expected));
    }

    #[test]
    fn a_name_that_is_both_value_and_object_is_refused() {
        let pair = |a: &str| (a.to_owned(), String::new());
        assert!(from_query([pair("x"), pair("x.y")]).is_err());
        assert!(from_query([pair("x.y"), pair("x")]).is_err());
    }
}
