//! Tags on objects: what parts, works, accounts, workspaces, contacts and others share.
//!
//! A family whose objects carry tags keeps a `Vec<TagOn>` in its document, visits it in
//! `Resource::REFS` with [`visit`], reads it from requests with [`resolve`], [`replace`] or
//! [`patch`], and shows it with [`render`].

use serde::{Deserialize, Serialize};
use worksmith_engine::Tx;
use worksmith_kernel::{Expander, Result};
use worksmith_wire::tags::{RemoveTag, SetTag, TagWithValue};
use worksmith_wire::{ApiError, Id, ListPatch};

use crate::tags::Tag;

/// The field by which objects refer to their tags.
pub const TAGS: &str = "tags";

/// A tag on an object, as documents store it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagOn {
    /// The tag.
    pub tag: Id,
    /// Its value on this object.
    pub value: Option<String>,
}

/// The tags of a request, without repetitions; the last value of a tag counts. `before` are those
/// that the object has: they may stay even if their value is no longer allowed.
pub async fn resolve(tx: &mut Tx, request: Vec<SetTag>, before: &[TagOn]) -> Result<Vec<TagOn>> {
    let mut tags: Vec<TagOn> = Vec::with_capacity(request.len());
    for SetTag { id, value } in request {
        let new = TagOn { tag: id.into(), value };
        if !before.contains(&new) {
            check(tx, &new).await?;
        }
        match tags.iter_mut().find(|tag| tag.tag == new.tag) {
            Some(there) => *there = new,
            None => tags.push(new),
        }
    }
    Ok(tags)
}

/// Replaces the tags of an object, if a request has new ones.
pub async fn replace(tx: &mut Tx, tags: &mut Vec<TagOn>, new: Option<Vec<SetTag>>) -> Result<()> {
    if let Some(new) = new {
        *tags = resolve(tx, new, tags).await?;
    }
    Ok(())
}

/// Changes the tags of an object.
pub async fn patch(
    tx: &mut Tx,
    tags: &mut Vec<TagOn>,
    change: ListPatch<SetTag, RemoveTag>,
) -> Result<()> {
    let ListPatch { add, remove, set } = change;
    replace(tx, tags, set).await?;
    tags.retain(|on| !remove.iter().any(|gone| *gone.id == on.tag));
    for new in resolve(tx, add, tags).await? {
        match tags.iter_mut().find(|on| on.tag == new.tag) {
            Some(there) => *there = new,
            None => tags.push(new),
        }
    }
    Ok(())
}

/// A value must be one that the tag allows. Whether the tag exists is checked together with all
/// references.
async fn check(tx: &mut Tx, new: &TagOn) -> Result<()> {
    let Some(value) = &new.value else { return Ok(()) };
    let Some(tag) = tx.find::<Tag>(&new.tag).await? else { return Ok(()) };
    tx.rely_on(&tag);
    let Tag { name, allowed_values, .. } = &tag.doc;
    if allowed_values.contains(value) {
        return Ok(());
    }
    let message = if allowed_values.is_empty() {
        format!("the tag {name:?} takes no value")
    } else {
        format!("{value:?} is not one of the values of the tag {name:?}")
    };
    let error = ApiError::not_permitted("tags.value", message);
    Err(error.with("allowed_values", allowed_values.clone()).into())
}

/// Visits the tags as references.
pub fn visit<'a>(tags: &'a [TagOn], visit: &mut dyn FnMut(&'a Id)) {
    for on in tags {
        visit(&on.tag);
    }
}

/// The tags as an answer shows them, without deleted ones.
pub fn render(tags: &[TagOn], x: &Expander) -> Vec<TagWithValue> {
    let shown = tags.iter().filter_map(|TagOn { tag, value }| {
        x.doc::<Tag>(tag)?;
        Some(TagWithValue { tag: x.embed(tag)?, value: value.clone() })
    });
    shown.collect()
}
