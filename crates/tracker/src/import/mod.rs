//! Importing from other trackers.
//!
//! An importer is a pure mapping: it gets items of the other system, writes their equivalents
//! through a transaction, and counts what it did in a [`Report`]. The caller reads files and
//! divides the items into transactions. To add an importer, add a module beside [`github`].

pub mod github;

use std::collections::BTreeMap;

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many items were read.
    pub read: u64,
    /// How many works were created.
    pub created: u64,
    /// How many works were changed.
    pub updated: u64,
    /// How many works were up to date already.
    pub unchanged: u64,
    /// How many items were skipped, by the reason.
    pub skipped: BTreeMap<String, u64>,
    /// How often something in an item has no equivalent here, by what it is and why.
    pub not_carried: BTreeMap<String, u64>,
    /// How many other objects were created or changed, such as `tags created`.
    pub beside: BTreeMap<String, u64>,
}

impl Report {
    /// Adds the counts of another report.
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

    /// Counts something that has no equivalent here.
    pub fn lose(&mut self, what: &str, count: u64) {
        if count > 0 {
            *self.not_carried.entry(what.to_owned()).or_default() += count;
        }
    }

    fn note(&mut self, what: &str) {
        *self.beside.entry(what.to_owned()).or_default() += 1;
    }

    /// The text in a form that can be stored: without NUL, and of at most `max` characters.
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
