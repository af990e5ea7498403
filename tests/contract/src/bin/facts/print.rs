//! Writes the facts so that a change of one fact is a change of one or two lines: keys are sorted,
//! and a value stays on one line as long as it fits.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value};

const WIDTH: usize = 100;

/// The text of `facts.json`.
pub(crate) fn print(facts: &impl Serialize) -> serde_json::Result<String> {
    let mut out = String::new();
    value(&sorted(serde_json::to_value(facts)?), 0, 0, &mut out);
    out.push('\n');
    Ok(out)
}

/// Keys in order, whatever map the features of `serde_json` select.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(k, v)| (k, sorted(v))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

fn value(this: &Value, depth: usize, used: usize, out: &mut String) {
    let flat = this.to_string();
    if depth + used + flat.len() <= WIDTH || !(this.is_array() || this.is_object()) {
        out.push_str(&flat);
        return;
    }
    let (open, close) = if this.is_array() { ('[', ']') } else { ('{', '}') };
    out.push(open);
    let mut separator = "";
    let mut entry = |key: Option<&str>, child: &Value| {
        let _ = write!(out, "{separator}\n{:depth$} ", "");
        separator = ",";
        let key = key.map(|key| format!("{}:", Value::from(key))).unwrap_or_default();
        out.push_str(&key);
        value(child, depth + 1, key.len() + 1, out);
    };
    match this {
        Value::Array(items) => items.iter().for_each(|child| entry(None, child)),
        Value::Object(map) => map.iter().for_each(|(key, child)| entry(Some(key), child)),
        _ => {}
    }
    let _ = write!(out, "\n{:depth$}{close}", "");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_values_stay_on_a_line_and_long_ones_break() {
        let long = "x".repeat(98);
        let text = print(&json!({"b": [1, 2], "a": {"long": long}})).unwrap();
        assert_eq!(text, format!("{{\n \"a\":{{\n  \"long\":\"{long}\"\n }},\n \"b\":[1,2]\n}}\n"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["b"], json!([1, 2]));
    }
}
