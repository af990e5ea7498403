//! Bringing in what other trackers hold.
//!
//! An importer is a pure mapping: it is given one item of the other system at a time, writes what
//! that means here through a transaction, and counts what it did in a [`Report`]. Reading files and
//! cutting them into transactions is the caller's. To add one: a module beside [`github`].

pub mod github;

use std::collections::BTreeMap;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many items were read.
    pub read: u64,
    /// How many works were made.
    pub created: u64,
    /// How many works were changed.
    pub updated: u64,
    /// How many works were as the item says already.
    pub unchanged: u64,
    /// Why items were left out, and how many.
    pub skipped: BTreeMap<String, u64>,
    /// What of the items has no place here and why, and how often.
    pub not_carried: BTreeMap<String, u64>,
    /// What was made or changed beside works, such as `tags created`.
    pub beside: BTreeMap<String, u64>,
}

impl Report {
    /// Counts what another one counted.
    pub fn add(&mut self, other: Self) {
        let Self { read, created, updated, unchanged, skipped, not_carried, beside } = other;
        self.read += read;
        self.created += created;
        self.updated += updated;
        self.unchanged += unchanged;
        let add = |to: &mut BTreeMap<String, u64>, from: BTreeMap<String, u64>| {
            for (what, count) in from {
                *to.entry(what).or_default() += count;
            }
        };
        add(&mut self.skipped, skipped);
        add(&mut self.not_carried, not_carried);
        add(&mut self.beside, beside);
    }

    /// Counts what has no place here.
    pub fn lose(&mut self, what: &str, count: u64) {
        if count > 0 {
            *self.not_carried.entry(what.to_owned()).or_default() += count;
        }
    }

    fn note(&mut self, what: &str) {
        *self.beside.entry(what.to_owned()).or_default() += 1;
    }

    /// The text as it can be kept: without NUL, and at most `max` characters.
    fn fit(&mut self, text: &str, max: usize, what: &str) -> String {
        let mut text = text.to_owned();
        if text.contains('\0') {
            text.retain(|letter| letter != '\0');
            self.lose(&format!("NUL in {what}: no text can hold it; it was removed"), 1);
        }
        if let Some((end, _)) = text.char_indices().nth(max) {
            text.truncate(end);
            self.lose(&format!("the end of {what}: at most {max} characters fit"), 1);
        }
        text
    }
}
