//! Running the followers that are registered for a change, in the transaction of the change.

use std::sync::Arc;

use worksmith_kernel::{Derived, Error, RawRow, Resource, Result, Stored};
use worksmith_wire::{Id, Kind};

use super::pending::After;
use super::{AnyChange, Tx};

impl Tx {
    /// Whether an object is stored differently from how this transaction shows it.
    pub(crate) fn is_unsettled(&self, id: &Id) -> bool {
        !self.changes(id) && self.unsettled.contains(id)
    }

    /// An object before a change, as it is stored: its row, itself, and what is derived from it.
    pub(crate) fn before<R: Resource>(
        &self,
        old: Stored<R>,
    ) -> Result<(Arc<RawRow>, Stored<R>, Derived)> {
        let row = self.raw_before(&old)?;
        // What a cascade has changed in the meantime counts as part of this change.
        let before = if self.is_unsettled(old.id()) { row.read::<R>()? } else { old };
        let derived = Derived::of(&before.doc);
        Ok((row, before, derived))
    }

    /// Runs the followers of a change, and returns the object as they leave it.
    pub(crate) async fn followed<R: Resource>(
        &mut self,
        before: Option<Stored<R>>,
        row: &Arc<RawRow>,
        after: Stored<R>,
    ) -> Result<Stored<R>> {
        let kind = after.id().kind();
        if !self.inner.followers.is_followed(kind) {
            return Ok(after);
        }
        let after = Arc::new(after);
        let change = AnyChange {
            before: before.map(|before| Arc::new(before) as _),
            after: Some(Arc::clone(&after) as _),
        };
        self.follow(kind, &change).await?;
        drop(change);
        match self.pending.get(after.id()).map(|pending| &pending.after) {
            Some(After::Row(left, _)) if Arc::ptr_eq(left, row) => Ok(Arc::unwrap_or_clone(after)),
            Some(After::Row(left, _)) => left.read::<R>(),
            Some(After::Deleted { .. }) | None => {
                Err(Error::internal("a follower deletes what it follows"))
            }
        }
    }

    /// Runs the followers of a change.
    pub(crate) async fn follow(&mut self, kind: Kind, change: &AnyChange) -> Result<()> {
        let inner = Arc::clone(&self.inner);
        inner.followers.follow(self, kind, change).await
    }
}
