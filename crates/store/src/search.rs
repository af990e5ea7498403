//! Keeping the search index: it is made of the rows as they are, table by table, and follows the
//! events from then on. What it has is never shown as it is: whoever finds an entry looks at the
//! object. So an index that is behind hides what is new, and shows nothing that is gone.
//!
//! Each step reads some events or rows, and writes their entries together with how far the index is
//! then. If another server was faster, nothing is written.

use std::time::Duration;

use rustc_hash::FxHashSet;
use tokio::time::{Instant, timeout_at};
use worksmith_kernel::erased::{By, Query, Sort};
use worksmith_kernel::search::SearchEntry;
use worksmith_kernel::{Error, Family, RawRow, Result, Value};
use worksmith_wire::{Direction, Id};

use crate::entries::{EntryRow, FORMAT, Place, Standing, Writing};
use crate::events::Event;
use crate::list::{Edge, Hit, PageQuery};
use crate::snapshot::Snapshot;
use crate::store::Store;

/// How many events a step follows: few, since calls wait for a processor meanwhile.
const EVENTS: usize = 100;
/// How many rows a step reads while an index is made.
const ROWS: u64 = 500;
/// A search waits for this many events to be followed, for this many steps, and for this long if an
/// index is being made.
const EVENTS_NEAR: u64 = 1_000;
const STEPS_NEAR: usize = 12;
const MAKING_NEAR: Duration = Duration::from_millis(200);

/// What is left to be done for an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    /// Nothing.
    UpToDate,
    /// There are more events to follow, at most this many.
    Events(u64),
    /// It is being made, and has followed all events meanwhile.
    Making,
}

/// How large an index is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexSize {
    /// How many objects it has, of all orgs.
    pub entries: u64,
    /// How many bytes it takes on the disk.
    pub bytes: u64,
}

impl Store {
    /// How far the index of an org is behind the events.
    pub async fn search_is_behind(&self, org: &str) -> Result<Behind> {
        let standing = self.inner.search_standing(org).await?;
        let last = self.inner.snapshot()?.last_mark(org).await?;
        Ok(behind(standing.as_ref(), last.as_ref()))
    }

    /// Brings the index of an org up to date if it is little behind, so that a search finds what
    /// was written before it.
    pub async fn index_near(&self, org: &str) -> Result<()> {
        let until = Instant::now() + MAKING_NEAR;
        for _ in 0..STEPS_NEAR {
            match self.search_is_behind(org).await? {
                Behind::Events(count) if count <= EVENTS_NEAR => {
                    self.index_some(org).await?;
                }
                Behind::UpToDate | Behind::Events(_) => return Ok(()),
                // That of little data is made at once, whoever is at it.
                Behind::Making => match timeout_at(until, self.inner.indexing.turn.lock()).await {
                    Ok(_turn) => {
                        self.step(org).await?;
                    }
                    Err(_) => return Ok(()),
                },
            }
        }
        Ok(())
    }

    /// Brings the index of an org up to date, as far as one step goes, and says what is left.
    pub async fn index_some(&self, org: &str) -> Result<Behind> {
        let _turn = self.inner.indexing.turn.lock().await;
        Ok(self.step(org).await?.0)
    }

    /// A step, and how many objects it wrote the entries of.
    async fn step(&self, org: &str) -> Result<(Behind, usize)> {
        let mut snapshot = self.inner.snapshot()?;
        let standing = match self.inner.search_standing(org).await? {
            Some(standing) if !self.is_sound(org, &standing, &mut snapshot).await? => {
                tracing::info!("the search index fits the database no longer, and is made anew");
                self.inner.forget_search(org).await?;
                None
            }
            standing => standing,
        };
        let writing = match standing {
            None => self.begun(org, &mut snapshot).await?,
            Some(standing) => {
                let marks = snapshot.marks_after(org, standing.seq, EVENTS).await?;
                match marks.last() {
                    Some(last) => {
                        self.followed(org, &mut snapshot, &standing, last, &marks).await?
                    }
                    None if standing.place.is_some() => {
                        self.made(org, &mut snapshot, standing).await?
                    }
                    None => return Ok((Behind::UpToDate, 0)),
                }
            }
        };
        drop(snapshot);
        // What a power cut may take back would be known to nobody but the index.
        self.until_durable(None).await?;
        self.inner.write_search(org, &writing).await?;
        let last = self.inner.snapshot()?.last_mark(org).await?;
        Ok((behind(Some(&writing.to), last.as_ref()), writing.rows.len()))
    }

    /// Makes the indexes of all orgs anew; `done` is told after each step how many objects they
    /// have.
    pub async fn index_anew(&self, done: &mut (dyn FnMut(u64) + Send)) -> Result<()> {
        let mut objects = 0;
        for org in self.all_orgs().await? {
            self.inner.forget_search(&org).await?;
            let _turn = self.inner.indexing.turn.lock().await;
            loop {
                let (behind, rows) = self.step(&org).await?;
                if behind == Behind::UpToDate {
                    break;
                }
                objects += rows as u64;
                done(objects);
            }
        }
        Ok(())
    }

    /// Brings the index of each org a step further, and says how many events they are behind then,
    /// together, or that some are still being made.
    pub async fn index_further(&self) -> Result<Behind> {
        let mut all = Behind::UpToDate;
        for org in self.all_orgs().await? {
            all = match (all, self.index_some(&org).await?) {
                (Behind::Events(some), Behind::Events(more)) => Behind::Events(some + more),
                (Behind::Events(some), _) | (_, Behind::Events(some)) => Behind::Events(some),
                (Behind::Making, _) | (_, Behind::Making) => Behind::Making,
                _ => Behind::UpToDate,
            };
        }
        Ok(all)
    }

    /// How large the index is.
    pub async fn index_size(&self) -> Result<IndexSize> {
        let (entries, bytes) = self.inner.search_size().await?;
        Ok(IndexSize { entries, bytes })
    }

    /// Whether an index was made by this version, of this database. It is looked at once.
    async fn is_sound(
        &self,
        org: &str,
        standing: &Standing,
        snapshot: &mut Snapshot,
    ) -> Result<bool> {
        let sound = || {
            let sound = self.inner.indexing.sound.lock();
            sound.unwrap_or_else(std::sync::PoisonError::into_inner)
        };
        if sound().contains(org) {
            return Ok(true);
        }
        let event = snapshot.mark_at(org, standing.seq).await?;
        let is_sound =
            standing.shape == self.search_shape() && standing.mark == mark(event.as_ref());
        // A new one is sound as well.
        sound().insert(org.to_owned());
        Ok(is_sound)
    }

    /// What the index has of each family.
    fn search_shape(&self) -> String {
        let searched = self.inner.registry.families().iter().filter_map(|family| {
            let searched = (family.searched)()?;
            let keys: Vec<_> = searched.facets.iter().map(|(key, ..)| *key).collect();
            Some(format!("{} {} {}", family.table.name, searched.version, keys.join(",")))
        });
        format!("{FORMAT}; {}", searched.collect::<Vec<_>>().join("; "))
    }

    /// An index that has nothing yet, and follows from the last event on.
    async fn begun(&self, org: &str, snapshot: &mut Snapshot) -> Result<Writing> {
        let last = snapshot.last_mark(org).await?;
        let to = Standing {
            seq: last.as_ref().map_or(0, |last| last.seq),
            mark: mark(last.as_ref()),
            place: place(&Place::default())?,
            shape: self.search_shape(),
        };
        Ok(Writing { from: None, to, rows: Vec::new(), gone: Vec::new() })
    }

    /// The entries of the objects that some events are about.
    async fn followed(
        &self,
        org: &str,
        snapshot: &mut Snapshot,
        from: &Standing,
        last: &Event,
        marks: &[Event],
    ) -> Result<Writing> {
        let changed: FxHashSet<&Id> = marks.iter().map(|event| &event.id).collect();
        let (mut rows, mut gone) = (Vec::new(), Vec::new());
        for family in self.inner.registry.families() {
            if (family.searched)().is_none() {
                continue;
            }
            let of_family = |id: &&&Id| family.table.kinds.contains(&id.kind());
            let ids: Vec<&Id> = changed.iter().filter(of_family).copied().collect();
            if ids.is_empty() {
                continue;
            }
            let found = snapshot.get_many(family.table, org, &ids).await?;
            let own = entries(family, &found)?;
            let has_entry: FxHashSet<&Id> = own.iter().map(|row| &row.id).collect();
            gone.extend(ids.into_iter().filter(|id| !has_entry.contains(id)).cloned());
            rows.extend(own);
        }
        // Those that were changed last get the highest numbers.
        rows.sort_by_key(|row| row.modified_at);
        let to = Standing { seq: last.seq, mark: mark(Some(last)), ..from.clone() };
        Ok(Writing { from: Some(from.clone()), to, rows, gone })
    }

    /// The entries of the next rows, of one table after the other.
    async fn made(&self, org: &str, snapshot: &mut Snapshot, from: Standing) -> Result<Writing> {
        let at = from.place.as_deref().map_or(Ok(Place::default()), serde_json::from_str);
        let mut at: Place = at.map_err(Error::internal)?;
        let (mut rows, mut looked, mut is_begun) = (Vec::new(), 0, at.table.is_empty());
        let mut next = None;
        for family in self.inner.registry.families() {
            let name = family.table.name;
            is_begun |= name == at.table;
            if !is_begun || (family.searched)().is_none() {
                continue;
            }
            if looked >= ROWS {
                next = Some(Place { table: name.to_owned(), after: None });
                break;
            }
            let limit = ROWS - looked;
            let hits = self.rows_after(snapshot, (family, org), at.after.take(), limit).await?;
            let ids: Vec<&Id> = hits.iter().map(|hit| &hit.id).collect();
            rows.extend(entries(family, &snapshot.get_many(family.table, org, &ids).await?)?);
            looked += hits.len() as u64;
            if let Some(last) = hits.last().filter(|_| hits.len() as u64 == limit) {
                next = Some(Place { table: name.to_owned(), after: Some(last.key.clone()) });
                break;
            }
        }
        rows.sort_by_key(|row| row.modified_at);
        let place = next.as_ref().map_or(Ok(None), place)?;
        let to = Standing { place, ..from.clone() };
        Ok(Writing { from: Some(from), to, rows, gone: Vec::new() })
    }

    /// The next rows of a table after a place, in the order of their last changes.
    async fn rows_after(
        &self,
        snapshot: &mut Snapshot,
        (family, org): (&Family, &str),
        after: Option<Vec<Value>>,
        limit: u64,
    ) -> Result<Vec<Hit>> {
        let sort = Sort { by: By::Column("modified_at"), direction: Direction::Asc };
        let query = Query { conds: Vec::new(), sort: vec![sort] };
        let beside = after.map(|key| Edge { key, through: false });
        let (table, query, beside) = (family.table, &query, beside.as_ref());
        self.page(snapshot, &PageQuery { table, org, query, beside, backwards: false, limit }).await
    }
}

fn place(place: &Place) -> Result<Option<String>> {
    serde_json::to_string(place).map(Some).map_err(Error::internal)
}

/// The entries of rows. A document that can't be read has none.
fn entries(family: &Family, rows: &[RawRow]) -> Result<Vec<EntryRow>> {
    let mut entries = Vec::with_capacity(rows.len());
    for row in rows {
        let entry: Option<SearchEntry> = match (family.read)(row) {
            Ok(stored) => (family.entry)(stored.as_ref())?,
            Err(cause) => {
                tracing::warn!(?cause, "an object can't be found by the search");
                None
            }
        };
        entries.extend(entry.map(EntryRow::new));
    }
    Ok(entries)
}

/// What tells an event from another one with its number.
fn mark(event: Option<&Event>) -> String {
    let text = |event: &Event| {
        format!("{} {} {} {}", event.id, event.revision, event.at.0, event.request_id)
    };
    event.map(text).unwrap_or_default()
}

fn behind(standing: Option<&Standing>, last: Option<&Event>) -> Behind {
    let last = last.map_or(0, |last| last.seq);
    match standing {
        None => Behind::Making,
        Some(standing) if standing.seq < last => Behind::Events(last - standing.seq),
        Some(standing) if standing.place.is_some() => Behind::Making,
        Some(_) => Behind::UpToDate,
    }
}
