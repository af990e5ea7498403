//! Who sees what: what one may not see, does not exist.
//!
//! A family says which of its objects a caller may see (`Resource::visibility`), and with which
//! others an object is seen (`Resource::SEEN_WITH`): a comment with its object, a link with both of
//! its ends.

use worksmith_kernel::{Actor, Error, Resource, Result, Stored, above};
use worksmith_wire::{ApiError, ErrorType, Id};

use super::Tx;

impl Tx {
    /// Whether an object of any kind exists and the caller may see it. Customers see nothing of a
    /// family that has no rule for them.
    pub async fn is_visible(&mut self, id: &Id) -> Result<bool> {
        let mut left = vec![id.clone()];
        while let Some(id) = left.pop() {
            let Some(family) = self.inner.store.registry().family(id.kind()).copied() else {
                return Ok(false);
            };
            let Some(row) = self.row(family.table, &id).await? else { return Ok(false) };
            if family.is_open_to(&self.cx) {
                continue;
            }
            let stored = (family.read)(&row)?;
            if !family.lets_see(stored.as_ref(), &self.cx)? {
                return Ok(false);
            }
            let mut ids = Vec::new();
            (family.above)(stored.as_ref(), &mut ids);
            let asked = ids.into_iter().filter(|of| self.is_in_question(of, family.goes_with));
            left.extend(asked.map(|(_, id)| id));
        }
        Ok(true)
    }

    /// Whether somebody else may see an object.
    pub async fn is_visible_to(&mut self, actor: &Actor, id: &Id) -> Result<bool> {
        let caller = std::mem::replace(&mut self.cx.actor, actor.clone());
        let is_visible = self.is_visible(id).await;
        self.cx.actor = caller;
        is_visible
    }

    /// Whether the caller may see an object that was read.
    pub async fn sees<R: Resource>(&mut self, stored: &Stored<R>) -> Result<bool> {
        if let Some(cond) = R::visibility(&self.cx)
            && !cond.holds(stored)?
        {
            return Ok(false);
        }
        for of in above(stored) {
            if self.is_in_question(&of, R::GOES_WITH) && !self.is_visible(&of.1).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether it takes a look to know that the caller sees an object that another one refers to
    /// by a field. What goes with an object is only there as long as the object is.
    fn is_in_question(&self, (field, id): &(&'static str, Id), goes_with: &[&str]) -> bool {
        let family = self.inner.store.registry().family(id.kind());
        !goes_with.contains(field) || !family.is_some_and(|family| family.is_open_to(&self.cx))
    }

    /// The refusal of a call whose object does not exist, or is not for the caller to see.
    pub fn not_found(&self, id: &Id) -> Error {
        let name = self.cx.name(id);
        let noun = id.kind().noun().replace('_', " ");
        let message = if id.local().is_empty() {
            format!("no such {noun} in this org")
        } else {
            format!("there is no {noun} {name}")
        };
        ApiError::not_found(message).into()
    }

    /// The object of the call: 404 unless it exists and the caller may see it, 412 if the caller
    /// demands another revision.
    pub async fn target<R: Resource>(&mut self, id: &Id) -> Result<Stored<R>> {
        let Some(stored) = self.find_visible::<R>(id).await? else {
            return Err(self.not_found(id));
        };
        // The caller demands a revision of the object as it was before this call.
        let before = self.pending.get(id).and_then(|pending| pending.before.as_ref());
        let revision = before.map_or(stored.meta.revision, |(row, _)| row.meta.revision);
        match self.cx.preconditions.revision {
            Some(wanted) if wanted != revision => {
                let message = format!("the object is at revision {revision}, not {wanted}");
                Err(ApiError::new(ErrorType::PreconditionFailed, message).into())
            }
            _ => Ok(stored),
        }
    }

    /// An object of this org that the caller may see.
    pub async fn find_visible<R: Resource>(&mut self, id: &Id) -> Result<Option<Stored<R>>> {
        match self.find::<R>(id).await? {
            Some(stored) if self.sees(&stored).await? => Ok(Some(stored)),
            _ => Ok(None),
        }
    }
}
