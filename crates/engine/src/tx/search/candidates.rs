//! The entries of the index that a query hits, and how they are ranked.
//!
//! The rank of an object is the time of its last change, with years added for a hit that says more:
//! in the title, and there as a phrase. So what is new comes first among hits of the same worth, a
//! hit in a title is worth some years, and an order does not change by itself as time passes.
//!
//! Of each worth, only the latest hits are looked at: a query that hits more says little.

use std::collections::HashMap;

use worksmith_kernel::search::{Clause, Needs, Terms, Within};
use worksmith_kernel::{Result, Value};
use worksmith_store::{EntryHit, Found, Looking};
use worksmith_wire::{Direction, Id, Kind};

use super::scope::Scope;
use super::{Search, SearchOrder};
use crate::tx::Tx;

/// How many entries of each worth are looked at.
const HITS_MAX: usize = 500;
/// If fewer than this were found, the last word may be unfinished.
const FEW: usize = 100;

const YEAR_MS: i64 = 365 * 24 * 60 * 60 * 1000;
/// What a hit in a title is worth, and what it is worth there as a phrase.
const TITLE: i64 = 4 * YEAR_MS;
const PHRASE: i64 = TITLE + 2 * YEAR_MS;
/// What a hit in a comment is worth less than in the object.
const PART: i64 = -YEAR_MS;
/// What the beginning of a word is worth less than the word.
const UNFINISHED: i64 = -3 * YEAR_MS;

/// The place of an object in the order; lower ones come first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) rank: i64,
    pub(super) id: String,
}

impl Key {
    pub(super) fn values(&self) -> Vec<Value> {
        vec![Value::Integer(self.rank), Value::Text(self.id.clone())]
    }
}

/// An object that may be found.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) id: Id,
    pub(super) key: Key,
    /// Whether the index hits it itself.
    pub(super) own: bool,
    /// What belongs to it and is hit, the newest first.
    pub(super) parts: Vec<EntryHit>,
}

/// The candidates while they are collected.
struct Collected<'a> {
    search: &'a Search,
    all: HashMap<Id, Candidate>,
}

impl Tx {
    /// The objects that may be found, in no order.
    pub(super) async fn candidates(&mut self, search: &Search) -> Result<Vec<Candidate>> {
        let mut collected = Collected { search, all: HashMap::new() };
        if let Some(id) = &search.named {
            collected.put(id, i64::MIN, true);
        }
        let kinds = search.kinds.as_deref();
        let has_words = !search.terms.all.is_empty();
        let is_ranked = search.order == SearchOrder::Relevance && has_words;
        self.collect(&mut collected, &search.terms, is_ranked, 0).await?;
        if collected.all.len() < FEW
            && let Some(unfinished) = search.terms.unfinished()
        {
            self.collect(&mut collected, &unfinished, is_ranked, UNFINISHED).await?;
        }
        let mut candidates: Vec<_> = collected.all.into_values().collect();
        if search.order != SearchOrder::Relevance {
            self.date(search, &mut candidates).await?;
        }
        candidates.retain(|candidate| kinds.is_none_or(|kinds| kinds.contains(&candidate.kind())));
        Ok(candidates)
    }

    async fn collect(
        &mut self,
        collected: &mut Collected<'_>,
        terms: &Terms,
        is_ranked: bool,
        worth: i64,
    ) -> Result<()> {
        if is_ranked {
            if let Some(phrase) = phrase(terms) {
                for hit in self.hits(collected.search, &phrase, (false, true)).await? {
                    collected.take(hit, PHRASE + worth);
                }
            }
            for hit in self.hits(collected.search, terms, (false, true)).await? {
                collected.take(hit, TITLE + worth);
            }
        }
        for hit in self.hits(collected.search, terms, (false, false)).await? {
            collected.take(hit, worth);
        }
        // Of objects alone, filters say something. A title is none of a comment.
        let may_be_parts = terms.all.iter().all(|clause| clause.within != Within::Titles);
        if !terms.all.is_empty() && may_be_parts {
            for hit in self.hits(collected.search, terms, (true, false)).await? {
                collected.take(hit, PART + worth);
            }
        }
        Ok(())
    }

    /// The latest entries that hit a query: of objects or of their parts, in titles or anywhere.
    async fn hits(
        &mut self,
        search: &Search,
        terms: &Terms,
        (is_part, in_titles): (bool, bool),
    ) -> Result<Vec<EntryHit>> {
        let mut needs: Vec<Needs> = match self.scope(search.kinds.as_deref(), is_part) {
            Scope::Nothing => return Ok(Vec::new()),
            Scope::Everything => Vec::new(),
            Scope::Where(needs) => vec![needs],
        };
        // The parts of an object don't have its facets.
        if !is_part {
            needs.extend(search.needs.iter().cloned());
        }
        let is_oldest =
            search.order != SearchOrder::Relevance && search.direction == Some(Direction::Asc);
        let org = self.cx.org.org.clone();
        let looking = Looking {
            org: &org,
            is_part,
            in_titles,
            terms,
            needs: &needs,
            order: if is_oldest { Found::Oldest } else { Found::Newest },
            limit: HITS_MAX,
        };
        self.snapshot()?.find(&looking).await
    }

    /// Ranks candidates by their dates, which the index does not know of all.
    async fn date(&mut self, search: &Search, candidates: &mut Vec<Candidate>) -> Result<()> {
        self.fetch(candidates.iter().map(|candidate| &candidate.id)).await?;
        candidates.retain_mut(|candidate| {
            let Some(row) = self.read.get(&candidate.id) else { return false };
            let date = match search.order {
                SearchOrder::Created => row.meta.created_at.0,
                SearchOrder::Modified | SearchOrder::Relevance => row.meta.modified_at.0,
            };
            let is_ascending = search.direction == Some(Direction::Asc);
            candidate.key.rank = if is_ascending { date } else { -date };
            true
        });
        Ok(())
    }
}

impl Candidate {
    fn kind(&self) -> Kind {
        self.id.kind()
    }
}

impl Collected<'_> {
    fn take(&mut self, hit: EntryHit, worth: i64) {
        let rank = hit.modified_at.0.saturating_add(worth);
        let is_ascending = self.search.direction == Some(Direction::Asc);
        let rank = if is_ascending { rank } else { -rank };
        match hit.of.clone() {
            None => self.put(&hit.id, rank, true),
            Some(of) => {
                self.put(&of, rank, false);
                if let Some(candidate) = self.all.get_mut(&of)
                    && candidate.parts.iter().all(|part| part.id != hit.id)
                {
                    candidate.parts.push(hit);
                }
            }
        }
    }

    /// Notes a hit of an object. The one that is worth most comes first, and counts.
    fn put(&mut self, id: &Id, rank: i64, own: bool) {
        let key = || Key { rank, id: id.to_string() };
        let candidate = self.all.entry(id.clone()).or_insert_with(|| Candidate {
            id: id.clone(),
            key: key(),
            own,
            parts: Vec::new(),
        });
        candidate.own |= own;
        let is_ascending = self.search.direction == Some(Direction::Asc);
        let is_better =
            if is_ascending { rank > candidate.key.rank } else { rank < candidate.key.rank };
        if is_better {
            candidate.key = key();
        }
    }
}

/// The words of a query as one phrase; `None` if there is only one word, or other conditions.
fn phrase(terms: &Terms) -> Option<Terms> {
    let [_, .., last] = &terms.all[..] else { return None };
    let is_plain = |(at, clause): (usize, &Clause)| {
        let is_last = at + 1 == terms.all.len();
        clause.within != Within::Texts && (is_last || !clause.is_prefix)
    };
    if !terms.all.iter().enumerate().all(is_plain) {
        return None;
    }
    let words = terms.all.iter().flat_map(|clause| clause.words.iter().cloned()).collect();
    let clause =
        Clause { words, is_prefix: last.is_prefix, is_quoted: true, within: Within::Titles };
    Some(Terms { all: vec![clause], ..terms.clone() })
}
