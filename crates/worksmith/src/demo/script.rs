//! The calls of `demo.json`. In a text, `{name}` stands for the object that an earlier call kept
//! `as` that name, `{me}` for the first user, and `{now+3d}`, `{now-5h}` or `{now-20m}` for an
//! instant that many days, hours or minutes from now. The web UI fills an empty org with the same
//! calls (`web/src/works/script.ts`).

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use worksmith_wire::Timestamp;

use crate::failure::Failure;

const MINUTE_MS: i64 = 60 * 1000;

/// The contents of `demo.json`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    /// The calls that create the org, in the order of their dates.
    pub(super) calls: Vec<Call>,
    /// The calls that create webhooks of the receiver at `{receiver}`.
    pub(super) hooks: Vec<Call>,
    /// What happens once these are active.
    pub(super) later: Vec<Call>,
    /// The calls that are shown for trying out.
    pub(super) examples: Vec<Example>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Call {
    pub(super) op: String,
    pub(super) body: Value,
    /// The name under which later calls find the object.
    #[serde(rename = "as")]
    pub(super) name: Option<String>,
    /// The name of who calls, instead of the first user.
    pub(super) by: Option<String>,
    /// When that was, as in `{now-5h}`; until the next call that says so.
    pub(super) at: Option<String>,
    /// The bytes of the file that the call prepares.
    pub(super) file: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    /// What it shows.
    pub(super) title: String,
    pub(super) op: String,
    pub(super) body: Value,
}

impl Script {
    pub(super) fn read() -> Result<Self, Failure> {
        let script = serde_json::from_str(include_str!("../demo.json"));
        script.map_err(|cause| format!("a defect of worksmith: demo.json: {cause}").into())
    }
}

/// The values of the texts in braces.
pub(super) struct Names {
    texts: HashMap<String, String>,
    now: Timestamp,
}

impl Names {
    pub(super) fn new(now: Timestamp, me: String) -> Self {
        Self { texts: HashMap::from([("me".to_owned(), me)]), now }
    }

    /// Keeps the id of the single object of an answer.
    pub(super) fn keep(&mut self, name: &str, answer: &Value) {
        let object = answer.as_object().and_then(|members| members.values().next());
        let id = object.and_then(|object| object["id"].as_str()).or(answer["id"].as_str());
        if let Some(id) = id {
            self.keep_text(name, id.to_owned());
        }
    }

    pub(super) fn keep_text(&mut self, name: &str, text: String) {
        self.texts.insert(name.to_owned(), text);
    }

    pub(super) fn fill(&self, value: &Value) -> Result<Value, Failure> {
        Ok(match value {
            Value::String(text) => self.text(text)?.into(),
            Value::Array(items) => {
                items.iter().map(|item| self.fill(item)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(members) => {
                let fill = |(name, value): (&String, &Value)| Ok((name.clone(), self.fill(value)?));
                Value::Object(members.iter().map(fill).collect::<Result<_, Failure>>()?)
            }
            other => other.clone(),
        })
    }

    /// The text with what its braces stand for; braces around anything but a name stay.
    pub(super) fn text(&self, text: &str) -> Result<String, Failure> {
        let (mut filled, mut rest) = (String::new(), text);
        while let Some((before, after)) = rest.split_once('{') {
            filled.push_str(before);
            match after.split_once('}') {
                Some((name, behind)) if is_name(name) => {
                    filled.push_str(&self.value(name)?);
                    rest = behind;
                }
                _ => {
                    filled.push('{');
                    rest = after;
                }
            }
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn value(&self, name: &str) -> Result<String, Failure> {
        if let Some(distance) = name.strip_prefix("now") {
            return self.instant(distance).map(|instant| instant.to_string());
        }
        let text = self.texts.get(name).cloned();
        text.ok_or_else(|| format!("demo.json names {name:?} before it is kept").into())
    }

    /// The instant that a text like `{now-5h}` stands for.
    pub(super) fn moment(&self, text: &str) -> Result<Timestamp, Failure> {
        let distance = text.strip_prefix("{now").and_then(|rest| rest.strip_suffix('}'));
        self.instant(distance.ok_or_else(|| format!("demo.json: {text:?} is no instant"))?)
    }

    fn instant(&self, distance: &str) -> Result<Timestamp, Failure> {
        let wrong = || Failure::from(format!("demo.json: now{distance} is no instant"));
        let Some(unit) = distance.chars().next_back() else { return Ok(self.now) };
        let minutes = match unit {
            'd' => 24 * 60,
            'h' => 60,
            'm' => 1,
            _ => return Err(wrong()),
        };
        let count: i64 = distance[..distance.len() - 1].parse().map_err(|_| wrong())?;
        Ok(self.now.plus_ms(count * minutes * MINUTE_MS))
    }
}

fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty() && text.bytes().all(|byte| is_letter(byte) || byte == b'-' || byte == b'+')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        Names::new(Timestamp(0), "don:me".to_owned())
    }

    #[test]
    fn the_script_calls_only_what_there_is() {
        let (script, table) = (Script::read().unwrap(), worksmith_tracker::table());
        let calls = script.calls.iter().chain(&script.hooks).chain(&script.later);
        let examples = script.examples.iter().map(|example| &example.op);
        for op in calls.map(|call| &call.op).chain(examples) {
            assert!(table.get(op).is_some(), "{op}");
        }
    }

    #[test]
    fn the_history_goes_on_and_ends_before_now() {
        let (script, names) = (Script::read().unwrap(), names());
        let dates = script.calls.iter().filter_map(|call| call.at.as_deref());
        let dates: Vec<Timestamp> = dates.map(|at| names.moment(at).unwrap()).collect();
        assert!(dates.is_sorted(), "{dates:?}");
        assert!(dates.last().is_some_and(|last| last.0 < 0), "{dates:?}");
        assert!(script.calls[0].at.is_some(), "the first call says when it is");
    }

    #[test]
    fn braces_are_filled_in() {
        let mut names = names();
        names.keep("bug", &json!({ "tag": { "id": "don:x" } }));
        names.keep("file", &json!({ "id": "don:y", "url": "/upload/z" }));
        let body = json!({
            "tags": [{ "id": "{bug}" }], "due": "{now+2d}", "at": "{now-90m}", "n": 1,
            "s": "<{me}> {bug}{file}, {} and { \"b\": 1 }"
        });
        let filled = names.fill(&body).unwrap();
        let wanted = json!({
            "tags": [{ "id": "don:x" }], "due": "1970-01-03T00:00:00.000Z",
            "at": "1969-12-31T22:30:00.000Z", "n": 1,
            "s": "<don:me> don:xdon:y, {} and { \"b\": 1 }"
        });
        assert_eq!(filled, wanted);
        assert!(names.fill(&json!("{nobody}")).is_err());
        assert!(names.moment("{now-2x}").is_err());
    }
}
