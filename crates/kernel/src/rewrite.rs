//! What becomes of the references to an object, in the documents of any family: when the object is
//! deleted, when it is merged into another one, and when a value changes that is stored beside
//! them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use worksmith_wire::Id;

use crate::error::{Error, Result};
use crate::resource::{DOC_VERSION, RawRow, Resource, Stored};

/// What becomes of the references to an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rewrite {
    /// They are removed.
    Drop,
    /// They are replaced by references to this object.
    Lead(Id),
    /// They stay. The member beside each of them, in the same JSON object, gets another value.
    Beside {
        /// The member that refers to the object; also the column that holds its id.
        field: String,
        /// The member that changes; also the column that holds its value.
        member: String,
        /// The new value: a number or a text.
        value: Json,
    },
}

/// Two members, and columns, that several families have: one refers to an object, and the other
/// keeps a value of that object beside the reference.
#[derive(Clone, Copy, Debug)]
pub struct Beside {
    /// The member that refers to the object, and the column that holds its id.
    pub field: &'static str,
    /// The member that keeps the value, and the column that holds it.
    pub member: &'static str,
}

impl Beside {
    /// What follows from a new value: a number or a text.
    pub fn becomes(self, value: impl Into<Json>) -> Rewrite {
        let Self { field, member } = self;
        Rewrite::Beside { field: field.to_owned(), member: member.to_owned(), value: value.into() }
    }
}

/// Which references of a family are never rewritten, whatever becomes of their targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// None.
    None,
    /// Those to deleted objects: without them, the document would say something else.
    Deleted,
    /// All.
    All,
}

impl Keeps {
    /// Whether a rewriting leaves the family's documents alone.
    pub const fn ignores(self, what: &Rewrite) -> bool {
        match self {
            Self::None => false,
            Self::Deleted => matches!(what, Rewrite::Drop),
            Self::All => true,
        }
    }
}

/// Rewrites the references to `subject` in a row.
pub(crate) fn rewrite<R: Resource>(row: &RawRow, subject: &Id, what: &Rewrite) -> Result<RawRow> {
    let Stored { meta, doc } = row.read::<R>()?;
    let doc = rewritten(&doc, subject, what)?;
    let doc = serde_json::to_string(&doc).map_err(Error::internal)?;
    Ok(RawRow { meta, doc_version: DOC_VERSION, doc })
}

/// Rewrites the references to `subject` in a document.
pub fn rewritten<R: Resource>(doc: &R, subject: &Id, what: &Rewrite) -> Result<R> {
    let mut json = serde_json::to_value(doc).map_err(Error::internal)?;
    let mut places = Vec::new();
    find(&json, &subject.to_string(), &mut String::new(), &mut places);
    // From the last place on, so that removing an element of a list does not shift the others.
    for place in places.iter().rev() {
        if !is_reference::<R>(&mut json, place) {
            continue;
        }
        match what {
            Rewrite::Drop => drop_at(&mut json, place),
            Rewrite::Lead(to) => set(&mut json, place, &to.to_string()),
            Rewrite::Beside { field, member, value } => {
                set_beside(&mut json, place, field, member, value);
            }
        }
    }
    if let Rewrite::Lead(to) = what {
        once(&mut json, &to.to_string());
    }
    serde_json::from_value(json).map_err(Error::internal)
}

/// Whether the text at a place is a reference, since any text may happen to spell an id. To tell,
/// the text is replaced: a document with an invalid id in the place of a reference can't be parsed,
/// whatever its family.
fn is_reference<R: Resource>(json: &mut Json, place: &str) -> bool {
    let Some(slot) = json.pointer_mut(place) else { return false };
    let id = std::mem::replace(slot, Json::String(String::new()));
    let is_reference = serde_json::from_value::<R>(json.clone()).is_err();
    if let Some(slot) = json.pointer_mut(place) {
        *slot = id;
    }
    is_reference
}

/// Collects the places of a text in a document, as JSON pointers.
fn find(json: &Json, text: &str, at: &mut String, places: &mut Vec<String>) {
    let mut child = |name: &str, json: &Json| {
        let length = at.len();
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        find(json, text, at, places);
        at.truncate(length);
    };
    match json {
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, item)| child(&index.to_string(), item));
        }
        Json::Object(members) => members.iter().for_each(|(name, member)| child(name, member)),
        Json::String(found) if found == text => places.push(at.clone()),
        _ => {}
    }
}

fn set(json: &mut Json, place: &str, text: &str) {
    if let Some(slot) = json.pointer_mut(place) {
        *slot = Json::String(text.to_owned());
    }
}

/// The pointer to the parent of a place, and the last step to the place.
fn split(place: &str) -> Option<(&str, &str)> {
    place.rsplit_once('/')
}

/// Removes a reference: an element of a list with everything in it, such as the value of a tag; a
/// member becomes null.
fn drop_at(json: &mut Json, place: &str) {
    let mut at = Some(place);
    while let Some((holder, step)) = at.and_then(split) {
        if let Some(Json::Array(items)) = json.pointer_mut(holder)
            && let Ok(index) = step.parse::<usize>()
        {
            items.remove(index);
            return;
        }
        at = Some(holder);
    }
    if let Some(slot) = json.pointer_mut(place) {
        *slot = Json::Null;
    }
}

fn set_beside(json: &mut Json, place: &str, field: &str, member: &str, value: &Json) {
    let Some((holder, step)) = split(place) else { return };
    if step == field
        && let Some(Json::Object(members)) = json.pointer_mut(holder)
    {
        members.insert(member.to_owned(), value.clone());
    }
}

/// If a list named both objects, keeps the remaining one only once.
fn once(json: &mut Json, text: &str) {
    match json {
        Json::Array(items) => {
            let mut seen = false;
            items.retain(|item| item.as_str() != Some(text) || !std::mem::replace(&mut seen, true));
            for item in items {
                once(item, text);
            }
        }
        Json::Object(members) => members.values_mut().for_each(|member| once(member, text)),
        _ => {}
    }
}
