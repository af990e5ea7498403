//! Searching the objects of all families that the search finds.
//!
//! The index proposes, and the objects decide: `candidates.rs` has the entries of the index that a
//! query hits and the order in which they are shown, and this looks at the objects themselves. One
//! that is gone, that the caller may not see, or that no longer says what was looked for, is left
//! out. `scope.rs` says where the caller may look at all.

mod candidates;
mod scope;

use std::sync::Arc;

use worksmith_kernel::search::{Needs, SearchEntry, Terms};
use worksmith_kernel::{ColumnType, Cursor, Error, Family, RawRow, Result, Value};
use worksmith_store::{EntryHit, Found, Looking};
use worksmith_wire::{Direction, Id, Kind, ListMode, Timestamp};

use self::candidates::{Candidate, Key};
use super::Tx;

/// How many comments are shown of an object that is found by them.
const PARTS_MAX: usize = 5;
/// How many objects a name in a filter stands for at most.
const NAMED_MAX: usize = 50;

/// In which order objects are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SearchOrder {
    /// Those that fit best come first, unless they are much older than others.
    #[default]
    Relevance,
    /// By the time of creation.
    Created,
    /// By the time of the last change.
    Modified,
}

/// What a caller searches for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The words.
    pub terms: Terms,
    /// The object that the words are the id of.
    pub named: Option<Id>,
    /// The kinds of objects; `None` for all.
    pub kinds: Option<Vec<Kind>>,
    /// What must hold of the facets of an object.
    pub needs: Vec<Needs>,
    /// The order, and its direction: by default, what fits best or is newest comes first.
    pub order: SearchOrder,
    /// The direction.
    pub direction: Option<Direction>,
}

/// Which page of the results is shown.
#[derive(Clone, Copy, Debug)]
pub struct SearchPage<'a> {
    /// The cursor of an earlier page.
    pub cursor: Option<&'a str>,
    /// The side of it on which the page lies.
    pub mode: Option<ListMode>,
    /// How many objects it has at most.
    pub limit: usize,
}

/// An object that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundObject {
    /// The object.
    pub id: Id,
    /// What results call it.
    pub noun: &'static str,
    /// When it was last changed.
    pub modified_at: Timestamp,
    /// What of it was hit, if anything.
    pub snippet: Option<String>,
    /// The comments that were hit, the newest first.
    pub parts: Vec<FoundPart>,
}

/// A comment that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPart {
    /// The comment.
    pub id: Id,
    /// Who wrote it.
    pub created_by: Id,
    /// When it was written.
    pub created_at: Timestamp,
    /// What of it was hit.
    pub snippet: String,
}

/// A page of what was found.
#[derive(Clone, Debug)]
pub struct FoundPage {
    /// The objects, in the order of the search.
    pub found: Vec<FoundObject>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
    /// Where the page before ends, if there is one.
    pub prev_cursor: Option<String>,
}

/// An object as it is now, and what the index would have of it.
struct Present {
    family: Family,
    modified_at: Timestamp,
    entry: Option<SearchEntry>,
}

impl Tx {
    /// A page of the objects that a caller finds.
    pub async fn search(&mut self, search: &Search, page: SearchPage<'_>) -> Result<FoundPage> {
        let binding = self.cx.binding.clone();
        let place = page.cursor.map(|text| place(text, &binding)).transpose()?;
        let mut candidates = self.candidates(search).await?;
        candidates.sort_unstable_by(|one, other| one.key.cmp(&other.key));
        let beyond = |key: &Key| place.as_ref().is_none_or(|place| key > place);
        let at = candidates.partition_point(|candidate| !beyond(&candidate.key));
        let (mut before, mut after) = (candidates, Vec::new());
        if place.is_some() || page.mode != Some(ListMode::Before) {
            after = before.split_off(at);
        }
        // The one at the place itself is on neither side.
        if before.last().is_some_and(|last| Some(&last.key) == place.as_ref()) {
            before.pop();
        }
        before.reverse();
        let is_backwards = page.mode == Some(ListMode::Before);
        let (ahead, behind) = if is_backwards { (before, after) } else { (after, before) };
        let mut shown = self.present(search, ahead, page.limit + 1).await?;
        let more = shown.len() > page.limit;
        shown.truncate(page.limit);
        let less = place.is_some() && !self.present(search, behind, 1).await?.is_empty();
        if is_backwards {
            shown.reverse();
        }
        let cursor = |edge: Option<&(Key, FoundObject)>| {
            let key = edge.map(|(key, _)| key).or(place.as_ref());
            key.map(|key| Cursor::new(&binding, key.values()).encode())
        };
        let (next, prev) = if is_backwards { (less, more) } else { (more, less) };
        let next_cursor = if next { cursor(shown.last()) } else { None };
        let prev_cursor = if prev { cursor(shown.first()) } else { None };
        let found = shown.into_iter().map(|(_, found)| found).collect();
        Ok(FoundPage { found, next_cursor, prev_cursor })
    }

    /// The objects of some kinds that have these words in their titles, as far as the caller sees
    /// them: those that are meant by a name.
    pub async fn named(&mut self, kinds: &[Kind], name: &str) -> Result<Vec<Id>> {
        let terms = Terms::read(name, |_| false);
        let needs = [Needs::of_kinds(kinds, false)];
        let org = self.cx.org.org.clone();
        let looking = Looking {
            org: &org,
            is_part: false,
            in_titles: true,
            terms: &terms,
            needs: &needs,
            order: Found::Newest,
            limit: NAMED_MAX,
        };
        let hits = self.snapshot()?.find(&looking).await?;
        self.fetch(hits.iter().map(|hit| &hit.id)).await?;
        let mut named = Vec::with_capacity(hits.len());
        for EntryHit { id, .. } in hits {
            let Some(present) = self.look(&id).await? else { continue };
            if present.entry.is_some_and(|entry| terms.snippet(&entry).is_some()) {
                named.push(id);
            }
        }
        Ok(named)
    }

    /// Has the index follow what was written before, unless that is a lot. Every search begins with
    /// this, before anything is read: what a transaction reads is as it was at its first read.
    pub async fn catch_up_search(&mut self) -> Result<()> {
        let org = self.cx.org.org.clone();
        let store = self.inner.store.clone();
        match Box::pin(store.index_near(&org)).await {
            // The index may be behind, and the search go on.
            Err(Error::Unavailable(cause)) => {
                tracing::warn!(%cause, "the search index can't be brought up to date");
                Ok(())
            }
            done => done,
        }
    }

    /// The first of some candidates that are still what they were, at most `limit`.
    async fn present(
        &mut self,
        search: &Search,
        candidates: Vec<Candidate>,
        limit: usize,
    ) -> Result<Vec<(Key, FoundObject)>> {
        let mut shown = Vec::new();
        let mut left = candidates.into_iter().peekable();
        while left.peek().is_some() && shown.len() < limit {
            let some: Vec<_> = left.by_ref().take(limit - shown.len()).collect();
            let first = some.iter().flat_map(|candidate| candidate.parts.iter().take(PARTS_MAX));
            let objects = some.iter().map(|candidate| &candidate.id);
            let ids: Vec<Id> = objects.chain(first.map(|part| &part.id)).cloned().collect();
            self.fetch(&ids).await?;
            for candidate in some {
                let key = candidate.key.clone();
                shown.extend(self.found(search, candidate).await?.map(|found| (key, found)));
            }
            tokio::task::yield_now().await;
        }
        Ok(shown)
    }

    /// What of a candidate is found, as it is now.
    async fn found(
        &mut self,
        search: &Search,
        candidate: Candidate,
    ) -> Result<Option<FoundObject>> {
        let Candidate { id, own, parts: hits, .. } = candidate;
        let Some(Present { family, modified_at, entry }) = self.look(&id).await? else {
            return Ok(None);
        };
        let Some(searched) = (family.searched)().filter(|searched| !searched.is_part) else {
            return Ok(None);
        };
        let is_wanted = search.kinds.as_ref().is_none_or(|kinds| kinds.contains(&id.kind()));
        let facets = entry.as_ref().map_or(&[][..], |entry| &entry.facets);
        if !is_wanted || !search.needs.iter().all(|needs| needs.holds(facets)) {
            return Ok(None);
        }
        let snippet = match &entry {
            Some(entry) if own => search.snippet(&id, entry),
            _ => None,
        };
        let mut parts = Vec::new();
        for hit in hits {
            if parts.len() == PARTS_MAX {
                break;
            }
            parts.extend(self.found_part(search, &id, hit).await?);
        }
        if snippet.is_none() && parts.is_empty() {
            return Ok(None);
        }
        Ok(Some(FoundObject { id, noun: searched.noun, modified_at, snippet, parts }))
    }

    /// What of a part of an object is found, as it is now.
    async fn found_part(
        &mut self,
        search: &Search,
        object: &Id,
        hit: EntryHit,
    ) -> Result<Option<FoundPart>> {
        let Some(Present { entry: Some(entry), .. }) = self.look(&hit.id).await? else {
            return Ok(None);
        };
        if entry.of.as_ref() != Some(object) {
            return Ok(None);
        }
        let snippet = search.snippet(&hit.id, &entry);
        let (created_by, created_at) = (entry.meta.created_by, entry.meta.created_at);
        Ok(snippet.map(|snippet| FoundPart { id: hit.id, created_by, created_at, snippet }))
    }

    /// An object as it is now, if the caller sees it.
    async fn look(&mut self, id: &Id) -> Result<Option<Present>> {
        let inner = Arc::clone(&self.inner);
        let Some(family) = inner.store.registry().family(id.kind()) else { return Ok(None) };
        if !self.may_read(id.kind()) || !self.is_visible(id).await? {
            return Ok(None);
        }
        let Some(row) = self.row(family.table, id).await? else { return Ok(None) };
        let stored = (family.read)(&row)?;
        let entry = (family.entry)(stored.as_ref())?;
        Ok(Some(Present { family: *family, modified_at: row.meta.modified_at, entry }))
    }

    /// Reads the rows of many objects at once.
    async fn fetch<'a>(&mut self, ids: impl IntoIterator<Item = &'a Id>) -> Result<()> {
        let ids: Vec<&Id> = ids.into_iter().collect();
        let (org, inner) = (self.cx.org.org.clone(), Arc::clone(&self.inner));
        for family in inner.store.registry().families() {
            let unread = |id: &&&Id| {
                family.table.kinds.contains(&id.kind()) && !self.read.contains_key(**id)
            };
            let unread: Vec<&Id> = ids.iter().filter(unread).copied().collect();
            if unread.is_empty() {
                continue;
            }
            let rows: Vec<RawRow> = self.snapshot()?.get_many(family.table, &org, &unread).await?;
            for row in rows {
                self.read.insert(row.meta.id.clone(), Arc::new(row));
            }
        }
        Ok(())
    }
}

impl Search {
    /// What of an object is hit; the word that is typed last may be unfinished.
    fn snippet(&self, id: &Id, entry: &SearchEntry) -> Option<String> {
        let found = self.terms.snippet(entry);
        let found = found.or_else(|| self.terms.unfinished()?.snippet(entry));
        found
            .or_else(|| Terms::default().snippet(entry).filter(|_| self.named.as_ref() == Some(id)))
    }
}

/// The place that a cursor of this search names.
fn place(text: &str, binding: &str) -> Result<Key> {
    const KEY: [ColumnType; 2] = [ColumnType::Integer, ColumnType::Text];
    match &Cursor::decode(text, binding, KEY.len())?.into_key()[..] {
        [Value::Integer(rank), Value::Text(id)] => Ok(Key { rank: *rank, id: id.clone() }),
        _ => Err(Cursor::foreign().into()),
    }
}
