//! The entries of the search index, as both databases write and find them: what an entry has, how
//! entries are numbered, and how the conditions of a query are spelled.
//!
//! Entries are numbered in the order in which they are written, within each org, and apart for
//! objects and for what belongs to them. A change of an object gives its entry a new number. So the
//! highest numbers are the latest changes, about, and a query that hits a great many entries reads
//! only those.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Mutex;

use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};
use worksmith_kernel::Value;
use worksmith_kernel::search::{Clause, Needs, SearchEntry, Terms, Within, tokens};
use worksmith_wire::{Id, Timestamp};

/// The version of the words and facets of all entries. Raise it to have indexes made anew.
pub(crate) const FORMAT: u32 = 1;
/// How many words of an object are found.
const WORDS_MAX: usize = 70_000;
/// How far the numbers of the entries of one org lie from those of the next, in bits.
pub(crate) const NUMBER_BITS: u32 = 40;

/// What an index has of an object.
#[derive(Clone, Debug)]
pub(crate) struct EntryRow {
    pub(crate) id: Id,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    /// Tells whether the words and facets have changed.
    pub(crate) hash: i64,
    entry: SearchEntry,
}

impl EntryRow {
    pub(crate) fn new(entry: SearchEntry) -> Self {
        let mut hash = FxHasher::default();
        (FORMAT, &entry.titles, &entry.texts, &entry.facets).hash(&mut hash);
        Self {
            id: entry.meta.id.clone(),
            created_at: entry.meta.created_at,
            modified_at: entry.meta.modified_at,
            hash: hash.finish().cast_signed(),
            entry,
        }
    }

    /// The object that it belongs to.
    pub(crate) fn of(&self) -> Option<&Id> {
        self.entry.of.as_ref()
    }

    pub(crate) fn is_part(&self) -> bool {
        self.entry.of.is_some()
    }

    pub(crate) fn facets(&self) -> &[String] {
        &self.entry.facets
    }

    /// The words of each title, and of each other text.
    pub(crate) fn words(&self) -> (Vec<Vec<String>>, Vec<Vec<String>>) {
        let mut left = WORDS_MAX;
        let mut words = |text: &String| -> Vec<String> {
            let mut words = tokens(text);
            words.truncate(left);
            left -= words.len();
            words.into_iter().map(|token| token.word).collect()
        };
        let titles = self.entry.titles.iter().map(&mut words).collect();
        (titles, self.entry.texts.iter().map(&mut words).collect())
    }
}

/// How far the index of an org is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The number of the last event that it follows.
    pub(crate) seq: u64,
    /// What tells that event from another one with its number.
    pub(crate) mark: String,
    /// How far it is made, if it is being made: a [`Place`].
    pub(crate) place: Option<String>,
    /// What the index has of each family.
    pub(crate) shape: String,
}

/// How far an index is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The table whose rows are being read.
    pub(crate) table: String,
    /// The last of them, by the order of the last changes; `None` before the first.
    pub(crate) after: Option<Vec<Value>>,
}

/// What is written to an index at once.
#[derive(Debug)]
pub(crate) struct Writing {
    /// How far the index was; it is not written if that has changed.
    pub(crate) from: Option<Standing>,
    /// How far it is then.
    pub(crate) to: Standing,
    /// The entries of objects.
    pub(crate) rows: Vec<EntryRow>,
    /// The objects that have none.
    pub(crate) gone: Vec<Id>,
}

/// In which order entries are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// Those that were changed last come first.
    Newest,
    /// Those that were changed last come last.
    Oldest,
}

/// Which entries of an index are looked for.
#[derive(Clone, Copy, Debug)]
pub struct Looking<'a> {
    /// The org.
    pub org: &'a str,
    /// Whether those that belong to other objects are looked for; otherwise, those that do not.
    pub is_part: bool,
    /// Whether the words must be in titles.
    pub in_titles: bool,
    /// The words.
    pub terms: &'a Terms,
    /// What must hold of the facets.
    pub needs: &'a [Needs],
    /// The order.
    pub order: Found,
    /// How many are found at most.
    pub limit: usize,
}

/// An entry that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryHit {
    /// The object.
    pub id: Id,
    /// The object that it belongs to, if it does to one.
    pub of: Option<Id>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed, as far as the index knows.
    pub modified_at: Timestamp,
}

/// What this process knows of the indexes that it writes.
#[derive(Debug, Default)]
pub(crate) struct Indexing {
    /// Held by whoever writes one.
    pub(crate) turn: tokio::sync::Mutex<()>,
    /// The orgs whose index was found to fit the database.
    pub(crate) sound: Mutex<HashSet<String>>,
}

/// The first of the numbers that the entries of an org have, if the org has this number.
pub(crate) const fn first_number(org: i64, is_part: bool) -> i64 {
    (org * 2 + is_part as i64) << NUMBER_BITS
}

/// How an index spells conditions.
pub(crate) trait Spelling {
    /// A word or a facet, and whether it is only the beginning.
    fn phrase(words: &[String], is_prefix: bool) -> String;
    /// All of these, and none of those; there is at least one of the former.
    fn both(all: &[String], none: &[String]) -> String;
    /// One of these.
    fn any(one: &[String]) -> String;
}

/// Spells conditions that consist of a positive part, which may be absent, and of a negative one.
/// What can't be spelled is left out: hits are looked at anyway.
#[derive(Debug, Default)]
pub(crate) struct Spelled {
    pub(crate) all: Vec<String>,
    pub(crate) none: Vec<String>,
    /// Whether they hold for nothing.
    pub(crate) is_never: bool,
}

impl Spelled {
    pub(crate) fn of<S: Spelling>(needs: &[Needs]) -> Self {
        let mut spelled = Self::default();
        for needs in needs {
            spelled.add::<S>(needs);
        }
        spelled
    }

    fn add<S: Spelling>(&mut self, needs: &Needs) {
        match needs {
            Needs::Has(facet) => self.all.push(has::<S>(facet)),
            Needs::All(all) => all.iter().for_each(|needs| self.add::<S>(needs)),
            Needs::Any(any) => {
                let each = any.iter().map(|needs| Self::of::<S>(std::slice::from_ref(needs)));
                let each: Vec<Self> = each.filter(|each| !each.is_never).collect();
                self.is_never |= each.is_empty();
                // What is merely negative holds for nearly everything.
                if each.iter().all(|each| !each.all.is_empty()) && !each.is_empty() {
                    let one = each.iter().map(|each| S::both(&each.all, &each.none));
                    self.all.push(S::any(&one.collect::<Vec<_>>()));
                }
            }
            Needs::Not(needs) => match &**needs {
                Needs::Has(facet) => self.none.push(has::<S>(facet)),
                Needs::Any(any) => {
                    let only_facets = any.iter().map(|needs| match needs {
                        Needs::Has(facet) => Some(has::<S>(facet)),
                        _ => None,
                    });
                    self.none.extend(only_facets.collect::<Option<Vec<_>>>().unwrap_or_default());
                }
                Needs::All(_) | Needs::Not(_) => {}
            },
        }
    }
}

fn has<S: Spelling>(facet: &str) -> String {
    S::phrase(std::slice::from_ref(&facet.to_owned()), false)
}

/// A clause without the place of its words.
pub(crate) fn clause<S: Spelling>(clause: &Clause) -> String {
    S::phrase(&clause.words, clause.is_prefix)
}

impl Looking<'_> {
    /// Whether anything can be found: words that must be in other texts are in no title.
    pub(crate) fn is_sensible(&self) -> bool {
        !self.in_titles || self.terms.all.iter().all(|clause| clause.within != Within::Texts)
    }
}
