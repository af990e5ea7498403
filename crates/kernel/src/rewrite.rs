//! Rewriting the references to an object in documents of any family.

use serde_json::Value as Json;
use worksmith_wire::Id;

use crate::error::{Error, Result};
use crate::references::Rewrite;
use crate::resource::Resource;
use crate::row::{DOC_VERSION, RawRow, Stored};

/// Reads a document of a family and writes it again, if it is one.
type Read = fn(&str) -> Result<String>;

/// Rewrites the references to `subject` in a row.
pub(crate) fn rewrite<R: Resource>(row: &RawRow, subject: &Id, what: &Rewrite) -> Result<RawRow> {
    let Stored { meta, doc } = row.read::<R>()?;
    let doc = serde_json::to_string(&doc).map_err(Error::internal)?;
    let doc = rewritten_text(&doc, subject, what, read::<R>)?;
    Ok(RawRow { meta, doc_version: DOC_VERSION, doc })
}

/// Rewrites the references to `subject` in a document.
pub fn rewritten<R: Resource>(doc: &R, subject: &Id, what: &Rewrite) -> Result<R> {
    let doc = serde_json::to_string(doc).map_err(Error::internal)?;
    let doc = rewritten_text(&doc, subject, what, read::<R>)?;
    serde_json::from_str(&doc).map_err(Error::internal)
}

fn read<R: Resource>(doc: &str) -> Result<String> {
    let doc: R = serde_json::from_str(doc).map_err(Error::internal)?;
    serde_json::to_string(&doc).map_err(Error::internal)
}

fn rewritten_text(doc: &str, subject: &Id, what: &Rewrite, read: Read) -> Result<String> {
    let mut json: Json = serde_json::from_str(doc).map_err(Error::internal)?;
    let mut places = Vec::new();
    find(&json, &subject.to_string(), &mut String::new(), &mut places);
    // From the last place on, so that removing an element of a list does not shift the others.
    for place in places.iter().rev() {
        if !is_reference(&mut json, place, read) {
            continue;
        }
        match what {
            Rewrite::Drop => drop_at(&mut json, place),
            Rewrite::Lead(to) => set(&mut json, place, &to.to_string()),
            Rewrite::Beside { field, member, value } => {
                set_beside(&mut json, place, field, member, value);
            }
            // The object goes as a whole.
            Rewrite::Delete => {}
        }
    }
    if let Rewrite::Lead(to) = what {
        once(&mut json, &to.to_string());
    }
    read(&json.to_string())
}

/// Whether the text at a place is a reference, since any text may happen to spell an id. To tell,
/// the text is replaced: a document with an invalid id in the place of a reference can't be parsed,
/// whatever its family.
fn is_reference(json: &mut Json, place: &str, read: Read) -> bool {
    let Some(slot) = json.pointer_mut(place) else { return false };
    let id = std::mem::replace(slot, Json::String(String::new()));
    let is_reference = read(&json.to_string()).is_err();
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
