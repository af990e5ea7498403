//! Comments that an import brings.

use worksmith_engine::{Authorship, Tx};
use worksmith_kernel::Result;
use worksmith_wire::{Id, Kind};

use super::comment::{self, Comment};
use super::{mentions, write};

/// A comment of another system.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The object here that it is about.
    pub object: Id,
    /// The text, in Markdown.
    pub body: String,
    /// The external reference by which it is found again.
    pub external_ref: String,
    /// Who wrote and last changed it, and when.
    pub authorship: Authorship,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was created.
    Created,
    /// Its text was changed.
    Updated,
    /// It was here already.
    Unchanged,
}

/// Creates a comment, or changes the text of the one that was imported before.
pub async fn import(tx: &mut Tx, imported: Imported) -> Result<Outcome> {
    let Imported { object, body, external_ref, authorship } = imported;
    let found = match comment::with_ref(tx, &object.to_string(), &external_ref).await? {
        Some(id) => tx.find::<Comment>(&id).await?,
        None => None,
    };
    let now = tx.cx().now;
    let found = match found {
        Some(expired) if expired.doc.is_expired(now) => {
            write::give_up_ref(tx, expired).await?;
            None
        }
        other => other,
    };
    let references = mentions::of(tx, &body).await?;
    let body = Some(body);
    if let Some(old) = found {
        if old.doc.body == body {
            return Ok(Outcome::Unchanged);
        }
        let comment = Comment { body, references, ..old.doc.clone() };
        // A later change here counts as the last one.
        let modified = if authorship.modified_at > old.meta.modified_at {
            (authorship.modified_at, authorship.modified_by)
        } else {
            (old.meta.modified_at, old.meta.modified_by.clone())
        };
        tx.update_as(old, comment, Some(modified)).await?;
        return Ok(Outcome::Updated);
    }
    let external_ref = Some(external_ref);
    let comment = Comment { body, external_ref, references, ..Comment::on(&object) };
    tx.insert_of(&object, Kind::Comment, comment, Some(authorship)).await?;
    Ok(Outcome::Created)
}
