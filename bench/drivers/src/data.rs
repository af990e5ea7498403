//! The rows: the same for every driver.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// How many works there are.
pub(crate) const ROWS: usize = 5_000;
/// The approximate length of a work as JSON.
const DOC_BYTES: usize = 6_000;
/// How many bytes of replaced members an event stores.
const OLD_BYTES: usize = 500;
const DOCS: usize = 64;
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

pub(crate) const ORG: &str = "home";
pub(crate) const ACTOR: &str = "dev_user/1";

/// One transaction: the row gets a document if it still has a revision, and an event records it.
pub(crate) struct Job {
    pub(crate) id: String,
    /// The revision before the change.
    pub(crate) revision: i64,
    pub(crate) at: i64,
    pub(crate) doc: String,
    pub(crate) old: String,
}

/// The state that the clients of one turn share.
#[derive(Clone)]
pub(crate) struct World {
    revisions: Arc<Vec<AtomicI64>>,
    docs: Arc<Vec<String>>,
}

/// A random generator that is the same each time (SplitMix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap_or_default() % end
    }
}

pub(crate) fn id(row: usize) -> String {
    format!("issue/{row}")
}

impl World {
    pub(crate) fn new() -> Self {
        let mut chance = Chance(1);
        let mut doc = || -> String {
            let letters = (0..DOC_BYTES).map(|_| char::from(LETTERS[chance.below(LETTERS.len())]));
            letters.collect()
        };
        Self {
            revisions: Arc::new((0..ROWS).map(|_| AtomicI64::new(1)).collect()),
            docs: Arc::new((0..DOCS).map(|_| doc()).collect()),
        }
    }

    pub(crate) fn doc(&self, number: usize) -> &str {
        &self.docs[number % DOCS]
    }

    /// A change of one of the rows that only this task changes.
    pub(crate) fn job(&self, task: usize, tasks: usize, chance: &mut Chance) -> Job {
        let row = chance.below(ROWS / tasks) * tasks + task;
        let revision = self.revisions[row].fetch_add(1, Ordering::Relaxed);
        let doc = self.doc(chance.below(DOCS)).to_owned();
        let old = doc[..OLD_BYTES].to_owned();
        Job { id: id(row), revision, at: 1_800_000_000_000 + revision, doc, old }
    }
}
