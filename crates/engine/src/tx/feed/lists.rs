//! Lists as they were: what has not changed since is found as ever, and what has is put in where it
//! was.

use std::cmp::Ordering;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use worksmith_kernel::erased::compare_keys;
use worksmith_kernel::{Query, RawRow, Resource, Result, Stored};
use worksmith_store::{Edge, Event, Hit};
use worksmith_wire::{ApiError, Id, Kind, PageRequest, Timestamp};

use super::super::{PageOf, Tx, settled};
use super::past::Keep;

/// How many changes of the org a list goes back over at most.
const CHANGES_MAX: usize = 50_000;
/// How many events are read at a time.
const CHUNK: usize = 2_000;
/// How much earlier than the change before it a change may have begun, in milliseconds.
const SLACK_MS: i64 = 120_000;

/// What has changed since an earlier moment, as it was then.
pub(crate) struct Replaced {
    /// The objects that have changed since, or come.
    changed: FxHashSet<Id>,
    /// Those that were there, and that the caller may see by now.
    rows: FxHashMap<Id, Arc<RawRow>>,
}

impl Replaced {
    /// An object that has changed since, as it was.
    pub(crate) fn row(&self, id: &Id) -> Option<&Arc<RawRow>> {
        self.rows.get(id)
    }
}

/// The order in which a page is walked, from an edge of the list on.
fn walked(hits: &mut [Hit], order: impl Fn(&Hit, &Hit) -> Ordering, backwards: bool) {
    hits.sort_by(|one, other| {
        let order = order(one, other);
        if backwards { order.reverse() } else { order }
    });
}

impl Tx {
    /// An answer that shows a page of the objects that the caller may see, as of an earlier
    /// instant: those that matched then, in the order of then. It is refused if too much has
    /// changed since. For families whose objects go with no others.
    pub async fn list_as_of<R: Resource>(
        &mut self,
        query: Query<R>,
        page: &PageRequest,
        at: Timestamp,
    ) -> Result<PageOf<R>> {
        if at < self.cx.now {
            let since = self.changed_since(R::KINDS, at).await?;
            let keep = |event: &Event| if event.at <= at { Keep::Last } else { Keep::Skip };
            let changed = since.keys().cloned().collect();
            let from = |(id, first): (Id, u64)| (id, first.saturating_sub(1));
            let pasts = self.pasts(since.into_iter().map(from).collect(), keep).await?;
            let mut seen = FxHashSet::default();
            for (id, last) in pasts.last {
                let last: Stored<R> = self.settled_now(last).await?;
                if R::visibility(&self.cx).map_or(Ok(true), |cond| cond.holds(&last))? {
                    seen.insert(id);
                }
            }
            self.go_back(at).await?;
            let cascades = self.cascades().await?;
            let family = worksmith_kernel::Family::of::<R>();
            let mut rows = FxHashMap::default();
            for (id, states) in pasts.states {
                let row = states.into_iter().next().and_then(|past| past.row);
                let Some(row) = row.filter(|_| seen.contains(&id)) else { continue };
                if let Some(left) = settled(&family, &cascades, &row)?.of(&row) {
                    rows.insert(id, Arc::new(left.clone()));
                }
            }
            self.replaced = Some(Arc::new(Replaced { changed, rows }));
        }
        self.list(query, page).await
    }

    /// The objects of these kinds that have changed after an instant, each with the revision that
    /// its first change since has made.
    async fn changed_since(&mut self, kinds: &[Kind], at: Timestamp) -> Result<FxHashMap<Id, u64>> {
        let org = self.cx.org.org.clone();
        let (mut changed, mut looked, mut below) = (FxHashMap::default(), 0, u64::MAX);
        loop {
            let marks = self.snapshot()?.marks_before(&org, below, CHUNK).await?;
            let Some(oldest) = marks.last() else { return Ok(changed) };
            let is_end = marks.len() < CHUNK || oldest.at < at.plus_ms(-SLACK_MS);
            (below, looked) = (oldest.seq, looked + marks.len());
            for mark in marks {
                if mark.at > at && kinds.contains(&mark.id.kind()) {
                    let first = changed.entry(mark.id).or_insert(mark.revision);
                    *first = mark.revision.min(*first);
                }
            }
            if is_end {
                return Ok(changed);
            }
            if looked >= CHANGES_MAX {
                let message = format!(
                    "as_of: there were more than {CHANGES_MAX} changes in the org since, and lists \
                     go back no further"
                );
                let reason = format!("at most {CHANGES_MAX} changes ago");
                return Err(ApiError::not_permitted("as_of", message)
                    .with("reason", reason)
                    .into());
            }
            tokio::task::yield_now().await;
        }
    }

    /// A page of a list as it was.
    pub(crate) async fn past_places<R: Resource>(
        &mut self,
        query: &Query<R>,
        beside: Option<&Edge>,
        backwards: bool,
        limit: usize,
        replaced: &Replaced,
    ) -> Result<(Vec<Hit>, bool)> {
        let keys = query.erased().total_order();
        let order = |one: &Hit, other: &Hit| compare_keys(&keys, &one.key, &other.key);
        let mut found = Vec::new();
        for (id, row) in &replaced.rows {
            let stored = row.read::<R>()?;
            if query.matches(&stored)? {
                let (revision, key) = (Some(stored.meta.revision), query.key_of(&stored)?);
                found.push(Hit { id: id.clone(), revision, key });
            }
        }
        if let Some(Edge { key, through }) = beside {
            found.retain(|hit| match compare_keys(&keys, &hit.key, key) {
                Ordering::Equal => *through,
                order => (order == Ordering::Greater) != backwards,
            });
        }
        let (mut edge, mut more, mut unchanged) = (beside.cloned(), true, 0);
        while more && unchanged <= limit {
            let (mut next, is_more) =
                self.present_places(query, edge.as_ref(), backwards, limit + 1).await?;
            walked(&mut next, order, backwards);
            let last = next.last().map(|hit| Edge { key: hit.key.clone(), through: false });
            (edge, more) = (last, is_more);
            next.retain(|hit| !replaced.changed.contains(&hit.id));
            unchanged += next.len();
            found.append(&mut next);
        }
        walked(&mut found, order, backwards);
        let more = found.len() > limit;
        found.truncate(limit);
        if backwards {
            found.reverse();
        }
        Ok((found, more))
    }
}
