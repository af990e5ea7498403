//! Query strings: converted to the value of an equivalent POST body, except that each leaf is the
//! list of the raw texts given for it (BEHAVIOUR 1.4 lists the encodings in the wild).

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use crate::error::ApiError;

/// The meaning of an unencoded plus sign in a query string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plus {
    /// A space, as in forms.
    Space,
    /// A plus sign, in texts that often contain one and rarely a space: clients forget to encode
    /// it.
    Itself,
}

/// Parses a query string. Dots in a name address nested objects; brackets at its end, as in
/// `type[]` and `type[0]`, mark a list. Leaves are not decoded yet, because the type of a member
/// decides what a plus sign in it means.
pub fn from_query(query: &str) -> Result<Map<String, Value>, ApiError> {
    let mut root = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (raw_name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = decode(raw_name, Plus::Space);
        if is_no_text(raw_name) || is_no_text(value) {
            return Err(ApiError::invalid_field(&name, format!("{name} is not UTF-8")));
        }
        match name.strip_suffix(']').and_then(|name| name.rsplit_once('[')) {
            Some((name, place)) if place.bytes().all(|b| b.is_ascii_digit()) => {
                insert(&mut root, name, name, whole(value))?;
            }
            _ => insert(&mut root, &name, &name, value.to_owned())?,
        }
    }
    Ok(root)
}

fn is_no_text(raw: &str) -> bool {
    percent_decode_str(raw).decode_utf8().is_err()
}

/// Decodes a part of a query string.
pub(crate) fn decode(raw: &str, plus: Plus) -> String {
    let spaced = match plus {
        Plus::Space => Cow::Owned(raw.replace('+', " ")),
        Plus::Itself => Cow::Borrowed(raw),
    };
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

/// A leaf whose name says that it is one of several: its commas are not separators.
fn whole(raw: &str) -> String {
    const QUOTE: &str = "%22";
    let is_quoted = raw.starts_with('"') || raw.starts_with(QUOTE);
    if is_quoted || raw.is_empty() { raw.to_owned() } else { [QUOTE, raw, QUOTE].concat() }
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

/// Splits a text at the commas outside quotes, and removes the quotes of each element.
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

/// The end of the first element. A quote closes an element only before a comma or at the end of the
/// text: the official TypeScript SDK does not double the quotes within an element.
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

/// Removes one pair of enclosing quotes; doubled quotes inside stand for one.
pub(crate) fn unquote(raw: &str) -> String {
    match raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
        Some(inner) => inner.replace("\"\"", "\""),
        None => raw.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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

    fn read(query: &str) -> Value {
        Value::Object(from_query(query).unwrap())
    }

    #[test]
    fn dots_nest_and_repeats_collect() {
        let expected = json!({"type": ["a", "b"], "x": {"y": {"z": ["1"]}}});
        assert_eq!(read("type=a&&type=b&x.y.z=1&"), expected);
        assert_eq!(read("a&b="), json!({"a": [""], "b": [""]}));
    }

    #[test]
    fn brackets_at_the_end_of_a_name_say_that_there_are_several() {
        let several = json!({"a": {"b": ["%22x,y%22", "%22z%22", "\"q\"", ""]}});
        assert_eq!(read("a.b[]=x,y&a.b%5B%5D=z&a.b[]=\"q\"&a.b[]"), several);
        assert_eq!(read("a[0]=x&a%5b1%5D=y&a[17]=z"), read("a[]=x&a[]=y&a[]=z"));
        for odd in ["a[x]", "a[", "a]", "a[0].b", "a[]x"] {
            let name = odd.split('.').next().unwrap();
            assert!(read(&format!("{odd}=1"))[name].is_array() || odd.contains('.'), "{odd}");
        }
    }

    #[test]
    fn a_name_that_is_both_value_and_object_is_refused() {
        assert!(from_query("x&x.y").is_err());
        assert!(from_query("x.y&x").is_err());
    }

    #[test]
    fn a_plus_is_a_space_or_itself_and_an_encoded_one_always_itself() {
        assert_eq!(decode("+a+%2B%20%2b", Plus::Space), " a + +");
        assert_eq!(decode("+a+%2B%20%2b", Plus::Itself), "+a++ +");
        assert_eq!(decode("100%&%zz&%%32B", Plus::Space), "100%&%zz&%2B");
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_wherever_they_stand() {
        for (query, name) in [
            ("name=%ff", "name"),
            ("name=%EF%BF%BD&name=%FF", "name"),
            ("a=1&x.y=%c0%80", "y"),
            ("%ff=1", "\u{fffd}"),
        ] {
            let refused = from_query(query).unwrap_err();
            assert_eq!(refused.kind, crate::ErrorType::InvalidField, "{query}");
            assert_eq!(refused.extra["field_name"], name, "{query}");
        }
        assert_eq!(read("name=%EF%BF%BD"), json!({"name": ["%EF%BF%BD"]}));
    }
}
