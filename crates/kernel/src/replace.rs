//! Making the references to one object those to another, in a document of any family: for merges.

use serde_json::Value as Json;
use worksmith_wire::Id;

use crate::error::{Error, Result};
use crate::expand::Derived;
use crate::resource::{RawRow, Resource, Stored};

/// The row with every reference to `old` leading to `new`.
pub(crate) fn replace<R: Resource>(row: &RawRow, old: &Id, new: &Id) -> Result<(RawRow, Derived)> {
    let Stored { meta, doc } = row.read::<R>()?;
    let mut json = serde_json::to_value(&doc).map_err(Error::internal)?;
    let mut places = Vec::new();
    find(&json, &old.to_string(), &mut String::new(), &mut places);
    for place in places {
        // A text may happen to spell an id. A document with a text that is none in the place of
        // an id can't be read, which tells the two apart whatever the family.
        set(&mut json, &place, "");
        let is_reference = serde_json::from_value::<R>(json.clone()).is_err();
        set(&mut json, &place, &if is_reference { new } else { old }.to_string());
    }
    once(&mut json, &new.to_string());
    let doc: R = serde_json::from_value(json).map_err(Error::internal)?;
    let derived = Derived::of(&doc);
    let doc = serde_json::to_string(&doc).map_err(Error::internal)?;
    Ok((RawRow { meta, doc_version: R::DOC_VERSION, doc }, derived))
}

/// Where in a document a text stands, as JSON pointers.
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
        text.clone_into(match slot {
            Json::String(slot) => slot,
            _ => return,
        });
    }
}

/// A list that named both objects names the one that is left once.
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
