//! Objects as answers showed them at an earlier moment.

use std::sync::Arc;

use worksmith_kernel::{Cond, Error, RawRow, Resource, Result, Stored};
use worksmith_store::{Event, Verb};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};

use super::super::{Cascade, One, Settled, Tx, settled};
use super::past::{Keep, Past};

/// An earlier moment of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// An instant. One that is to come counts as the present.
    Time(Timestamp),
    /// Right after the change that made this revision.
    Revision(u64),
}

impl AsOf {
    /// Whether an event is the last one by then.
    fn is_reached(self, event: &Event) -> bool {
        match self {
            Self::Time(at) => event.at <= at,
            Self::Revision(revision) => event.revision == revision && event.verb != Verb::Deleted,
        }
    }
}

impl Tx {
    /// The object of the call as an answer showed it at an earlier moment, with the summaries that
    /// it had then: 404 unless it was there and the caller may see it. What is deleted by now is
    /// shown to those who could see it last.
    pub async fn show_as_of<R: Resource>(&mut self, id: &Id, as_of: AsOf) -> Result<One<R>> {
        let unknown = || {
            let name = id.display_id().unwrap_or_else(|| id.to_string());
            let message = match as_of {
                AsOf::Time(at) => format!("at {at} there was no {name}"),
                AsOf::Revision(revision) => format!("there is no revision {revision} of {name}"),
            };
            Error::from(ApiError::not_found(message))
        };
        if !R::KINDS.contains(&id.kind()) {
            return Err(unknown());
        }
        let keep = |event: &Event| if as_of.is_reached(event) { Keep::Last } else { Keep::Skip };
        let mut pasts = self.pasts(vec![(id.clone(), 1)], keep).await?;
        let state = pasts.states.remove(id).unwrap_or_default().into_iter().next();
        let (Some(Past { event, row: Some(row) }), Some(last)) = (state, pasts.last.remove(id))
        else {
            return Err(unknown());
        };
        let last = self.settled_now::<R>(last).await?;
        let at = match as_of {
            AsOf::Time(at) => at.min(self.cx.now),
            AsOf::Revision(_) => event.at,
        };
        self.go_back(at).await?;
        let stored = self.settled_now::<R>(row).await?;
        let cond = R::visibility(&self.cx);
        let sees = |stored| cond.as_ref().map_or(Ok(true), |cond: &Cond<R>| cond.holds(stored));
        if !sees(&stored)? || !sees(&last)? {
            return Err(unknown());
        }
        self.one(&stored).await
    }

    /// An object as the cascades of this transaction change it.
    pub(super) async fn settled_now<R: Resource>(&mut self, row: Arc<RawRow>) -> Result<Stored<R>> {
        let cascades = self.cascades().await?;
        let family = worksmith_kernel::Family::of::<R>();
        // What is deleted by now is shown as it was.
        settled(&family, &cascades, &row)?.of(&row).unwrap_or(&row).read::<R>()
    }

    /// Has everything shown as of an earlier instant from here on.
    pub(super) async fn go_back(&mut self, at: Timestamp) -> Result<()> {
        let org = self.cx.org.org.clone();
        let mut open: Vec<Id> = Vec::new();
        for event in self.snapshot()?.marks_of_kind(&org, Kind::Cascade).await? {
            match event.verb {
                _ if event.at > at => {}
                Verb::Created => open.push(event.id),
                Verb::Deleted => open.retain(|id| *id != event.id),
                Verb::Updated => {}
            }
        }
        let mut cascades = Vec::with_capacity(open.len());
        if !open.is_empty() {
            let keep = |event: &Event| if event.at <= at { Keep::Last } else { Keep::Skip };
            let wanted = open.iter().map(|id| (id.clone(), 1)).collect();
            let mut pasts = self.pasts(wanted, keep).await?;
            open.sort_by_key(Id::seq);
            for id in open {
                let state = pasts.states.remove(&id).unwrap_or_default().into_iter().next();
                if let Some(row) = state.and_then(|past| past.row) {
                    cascades.push(row.read::<Cascade>()?.doc);
                }
            }
        }
        self.cascades = Some(Arc::new(cascades));
        self.past = Some(at);
        Ok(())
    }

    /// Those of these objects that existed at an instant, as readers saw them then.
    pub(crate) async fn rows_at(
        &mut self,
        ids: Vec<Id>,
        at: Timestamp,
    ) -> Result<Vec<Arc<RawRow>>> {
        let wanted = ids.into_iter().map(|id| (id, 1)).collect();
        let keep = |event: &Event| if event.at <= at { Keep::Last } else { Keep::Skip };
        let pasts = self.pasts(wanted, keep).await?;
        let cascades = self.cascades().await?;
        let mut rows = Vec::with_capacity(pasts.states.len());
        for (id, states) in pasts.states {
            let row = states.into_iter().next().and_then(|past| past.row);
            let (Some(row), Some(family)) = (row, self.inner.store.registry().family(id.kind()))
            else {
                continue;
            };
            match settled(family, &cascades, &row)? {
                Settled::AsStored | Settled::Gone => rows.push(row),
                Settled::Rewritten(row) => rows.push(Arc::new(row)),
            }
        }
        Ok(rows)
    }

    /// The states of an object from a revision on, the latest first, as they were stored.
    pub async fn states_since(&mut self, id: &Id, revision: u64) -> Result<Vec<Past>> {
        let mut pasts = self.pasts(vec![(id.clone(), revision)], |_| Keep::Take).await?;
        Ok(pasts.states.remove(id).unwrap_or_default())
    }
}
