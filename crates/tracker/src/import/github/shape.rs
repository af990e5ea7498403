//! The shape that an item must have, so that an error can say in plain words what is wrong with it.

use serde_json::Value;
use worksmith_wire::Timestamp;

/// The type of a value.
#[derive(Clone, Copy)]
enum Shape {
    Text,
    Number,
    Flag,
    Time,
    OneOf(&'static [&'static str]),
    Object(&'static [Member]),
    List(&'static Shape),
    /// A label: an object, or in very old answers its name.
    Label,
}

/// A member of an object.
#[derive(Clone, Copy)]
struct Member {
    name: &'static str,
    shape: Shape,
    /// Whether it is required.
    is_needed: bool,
    /// Whether it may be null.
    may_be_null: bool,
}

const fn needed(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, is_needed: true, may_be_null: false }
}

const fn maybe(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, is_needed: false, may_be_null: true }
}

/// A member that may be absent, but not null.
const fn counted(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, is_needed: false, may_be_null: false }
}

const STATE: Shape = Shape::OneOf(&["open", "closed"]);
const PERSON: Shape = Shape::Object(&[needed("id", Shape::Number), needed("login", Shape::Text)]);
const LABEL: &[Member] = &[needed("name", Shape::Text), maybe("color", Shape::Text)];
const MILESTONE: Shape = Shape::Object(&[
    needed("title", Shape::Text),
    maybe("description", Shape::Text),
    needed("state", STATE),
    maybe("created_at", Shape::Time),
    maybe("due_on", Shape::Time),
]);
const ITEM: Shape = Shape::Object(&[
    needed("html_url", Shape::Text),
    needed("number", Shape::Number),
    needed("title", Shape::Text),
    maybe("body", Shape::Text),
    maybe("user", PERSON),
    counted("labels", Shape::List(&Shape::Label)),
    needed("state", STATE),
    maybe("state_reason", Shape::Text),
    maybe("assignee", PERSON),
    counted("assignees", Shape::List(&PERSON)),
    maybe("milestone", MILESTONE),
    needed("created_at", Shape::Time),
    needed("updated_at", Shape::Time),
    maybe("closed_at", Shape::Time),
    maybe("pull_request", Shape::Object(&[maybe("merged_at", Shape::Time)])),
    counted("locked", Shape::Flag),
    counted("comments", Shape::Number),
    maybe("reactions", Shape::Object(&[needed("total_count", Shape::Number)])),
    maybe("draft", Shape::Flag),
    maybe("closed_by", PERSON),
    maybe("sub_issues_summary", Shape::Object(&[needed("total", Shape::Number)])),
]);

const COMMENT: Shape = Shape::Object(&[
    needed("html_url", Shape::Text),
    needed("id", Shape::Number),
    maybe("body", Shape::Text),
    maybe("user", PERSON),
    needed("created_at", Shape::Time),
    needed("updated_at", Shape::Time),
    maybe("reactions", Shape::Object(&[needed("total_count", Shape::Number)])),
]);

/// What is wrong with a comment, if anything is.
pub(super) fn wrong_comment(comment: &Value) -> Option<String> {
    COMMENT.wrong(comment, "")
}

/// What is wrong with an item, if anything is.
pub(super) fn wrong(item: &Value) -> Option<String> {
    match item {
        Value::Object(_) => ITEM.wrong(item, ""),
        other => Some(format!("is {}, and no issue", called(other))),
    }
}

impl Shape {
    fn wrong(self, value: &Value, at: &str) -> Option<String> {
        let is_not = |wanted: &str| Some(format!("{at} is {}, and no {wanted}", called(value)));
        match (self, value) {
            (Self::Text | Self::Label, Value::String(_)) | (Self::Flag, Value::Bool(_)) => None,
            (Self::Number, Value::Number(number)) if number.is_u64() => None,
            (Self::Time, Value::String(text)) if Timestamp::parse(text).is_some() => None,
            (Self::Time, Value::String(text)) => {
                Some(format!("{at} is {text:?}, and no time as GitHub writes it"))
            }
            (Self::OneOf(words), Value::String(text)) if words.contains(&text.as_str()) => None,
            (Self::OneOf(words), Value::String(text)) => {
                Some(format!("{at} is {text:?}, and none of {}", words.join(", ")))
            }
            (Self::Label, Value::Object(_)) => Self::Object(LABEL).wrong(value, at),
            (Self::Object(members), Value::Object(_)) => {
                members.iter().find_map(|member| member.wrong(value, at))
            }
            (Self::List(shape), Value::Array(values)) => {
                let each =
                    |(place, value): (usize, &Value)| shape.wrong(value, &format!("{at}[{place}]"));
                values.iter().enumerate().find_map(each)
            }
            (Self::Text | Self::OneOf(_), _) => is_not("text"),
            (Self::Number, _) => is_not("whole number"),
            (Self::Flag, _) => is_not("true or false"),
            (Self::Time, _) => is_not("time"),
            (Self::Object(_) | Self::Label, _) => is_not("object"),
            (Self::List(_), _) => is_not("list"),
        }
    }
}

impl Member {
    fn wrong(&self, object: &Value, at: &str) -> Option<String> {
        let Self { name, shape, is_needed, may_be_null } = *self;
        let at = if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") };
        match object.get(name) {
            None if is_needed => Some(format!("{at} is missing")),
            None => None,
            Some(Value::Null) if may_be_null => None,
            Some(value) => shape.wrong(value, &at),
        }
    }
}

/// The kind of a value, in plain words.
fn called(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
