//! What a document refers to and which names it claims: whether it may be stored, and where
//! references to merged objects lead.

use worksmith_kernel::{Derived, Error, Name, Resource, Result, Rewrite, Standing, rewritten};
use worksmith_store::Assert;
use worksmith_wire::{ApiError, Id, Kind};

use super::Tx;

impl Tx {
    /// The object that has a name, or its primary object if it was merged.
    pub fn find_name<'a, R>(
        &'a mut self,
        names: Name<R>,
        name: &'a str,
    ) -> impl Future<Output = Result<Option<Id>>> + Send + use<'a, R> {
        self.find_in(names.space(), name)
    }

    async fn find_in(&mut self, space: &str, name: &str) -> Result<Option<Id>> {
        match self.holder(space, name).await? {
            Some(id) => self.primary(&id).await.map(Some),
            None => Ok(None),
        }
    }

    /// The object that has a name, merged or not.
    pub(crate) async fn holder(&mut self, space: &str, name: &str) -> Result<Option<Id>> {
        if let Some(holder) = self.names.get(space).and_then(|names| names.get(name)) {
            return Ok(holder.clone());
        }
        let org = self.cx.org.org.clone();
        let found = self.snapshot()?.find_name(Some(&org), space, name).await?;
        Ok(found.map(|(_, id)| id))
    }

    /// Checks that a document may be stored, and derives what is kept beside it: new references
    /// must lead somewhere, and are moved to the primary object if their target was merged; new
    /// names must be free.
    pub(crate) async fn checked<R: Resource>(
        &mut self,
        old: Option<(&Id, &Derived)>,
        mut doc: R,
    ) -> Result<(R, Derived)> {
        let derived = Derived::of(&doc);
        let mut merged = Vec::new();
        for (field, id) in coming(old.map(|(_, old)| old), &derived) {
            let Some(standing) = self.standing(id).await? else {
                return Err(self.nowhere(field, id));
            };
            if standing.merged_into.is_some() {
                merged.push((id.clone(), self.primary(id).await?));
            } else if let Some(why) = standing.unassignable.filter(|_| is_assignment(field)) {
                return Err(self.unassignable(field, id, why));
            }
            self.rely_on_target(id, &standing);
        }
        if !merged.is_empty() {
            for (from, to) in merged {
                doc = rewritten(&doc, &from, &Rewrite::Lead(to))?;
            }
            // What the corrected references imply is checked in the same way.
            return Box::pin(self.checked(old, doc)).await;
        }
        self.check_names(old, &derived).await?;
        Ok((doc, derived))
    }

    /// Leaves it to the batch to assert that the target still exists, and is still not merged.
    fn rely_on_target(&mut self, id: &Id, standing: &Standing) {
        let Some(table) = self.table_of(id.kind()).filter(|_| !self.changes(id)) else { return };
        self.asserts.push(if self.can_merge(id.kind()) {
            Assert::Revision(table, id.clone(), standing.revision)
        } else {
            Assert::Exists(table, id.clone())
        });
    }

    /// Whether objects of a kind can be merged.
    pub(crate) fn can_merge(&self, kind: Kind) -> bool {
        self.inner.store.registry().family(kind).is_some_and(|family| family.can_merge)
    }

    /// What a new reference has to know of its target; `None` if it does not exist.
    async fn standing(&mut self, id: &Id) -> Result<Option<Standing>> {
        let Some(family) = self.inner.store.registry().family(id.kind()).copied() else {
            return Ok(None);
        };
        // A known object need not be read: the batch asserts that it still exists.
        if !self.changes(id)
            && let Some((known, _)) = self.inner.cache.summary(self.org(), id, &[])
            && let Some(stored) = known.entry.stored
        {
            return (family.standing)(stored.as_ref()).map(Some);
        }
        let Some(row) = self.row(family.table, id).await? else { return Ok(None) };
        (family.standing)((family.read)(&row)?.as_ref()).map(Some)
    }

    /// The object that another one was merged into, at the end of all merges; the object itself if
    /// it was not merged or does not exist.
    pub async fn primary(&mut self, id: &Id) -> Result<Id> {
        let mut primary = id.clone();
        while self.can_merge(primary.kind())
            && let Some(Standing { merged_into: Some(into), .. }) = self.standing(&primary).await?
        {
            primary = into;
        }
        Ok(primary)
    }

    fn nowhere(&self, field: &str, id: &Id) -> Error {
        let leaf = leaf(field);
        let message = if id.local().is_empty() {
            format!("{leaf}: there is no such object in this org")
        } else {
            format!("{leaf}: there is no {}", self.cx.name(id))
        };
        ApiError::invalid_id(leaf, message).into()
    }

    fn unassignable(&self, field: &str, id: &Id, why: &str) -> Error {
        let leaf = leaf(field);
        let message = format!("{leaf}: {} {why}; name somebody else", self.cx.name(id));
        ApiError::not_permitted(leaf, message).into()
    }

    async fn check_names(&mut self, old: Option<(&Id, &Derived)>, new: &Derived) -> Result<()> {
        for (space, field, name) in &new.names {
            // A name that stays is the object's own.
            if old.is_some_and(|(_, old)| has_name(old, space, name)) {
                continue;
            }
            let holder = self.holder(space, name).await?;
            let own = old.map(|(id, _)| id);
            if let Some(holder) = holder.filter(|holder| Some(holder) != own) {
                let message = format!("{field} {name:?} is taken by {}", self.cx.name(&holder));
                return Err(ApiError::conflict(message).at(*field).into());
            }
        }
        Ok(())
    }
}

fn has_name(derived: &Derived, space: &str, name: &str) -> bool {
    derived.names.iter().any(|(in_space, _, has)| *in_space == space && has == name)
}

/// The references that a document has and did not have before.
fn coming<'a>(
    old: Option<&Derived>,
    new: &'a Derived,
) -> impl Iterator<Item = (&'static str, &'a Id)> {
    let is_new = move |each: &&(&'static str, Id)| old.is_none_or(|old| !old.refs.contains(each));
    new.refs.iter().filter(is_new).map(|(field, id)| (*field, id))
}

/// The member that an error names.
fn leaf(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}

/// Whether a reference makes somebody responsible for the object.
fn is_assignment(field: &str) -> bool {
    matches!(leaf(field), "owned_by" | "owner")
}
