//! What a power cut does to changes that were not synced.

use std::collections::VecDeque;

use worksmith_tests::client::Chance;

use crate::disk::{Change, Entry, Names};

/// What a disk writes as a whole.
pub(crate) const SECTOR: usize = 512;
/// What the kernel writes as a whole.
pub(crate) const PAGE: usize = 4096;

/// How changes are lost.
#[derive(Debug)]
pub(crate) enum Cut {
    /// All of them.
    All,
    /// Some of them.
    Partly(Losses),
}

/// Which changes are lost, by chance.
#[derive(Debug)]
pub(crate) struct Losses {
    /// How many of 16 changes survive.
    kept: u64,
    /// Writes are torn between these; `None` keeps or loses them as a whole.
    torn: Option<usize>,
    /// Where a file grew, but its bytes were lost, it contains noise and not zeros.
    is_noisy: bool,
}

/// How much was lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lost {
    /// Writes, or pieces of them, and changes of the size of files.
    pub(crate) changes: u64,
    /// Changes of folders.
    pub(crate) entries: u64,
}

impl std::ops::AddAssign for Lost {
    fn add_assign(&mut self, other: Self) {
        self.changes += other.changes;
        self.entries += other.entries;
    }
}

impl Cut {
    pub(crate) fn any(chance: &mut Chance) -> Self {
        let torn = match chance.below(4) {
            0 => return Self::All,
            1 => None,
            2 => Some(PAGE),
            _ => Some(SECTOR),
        };
        let is_noisy = chance.below(2) == 0;
        Self::Partly(Losses { kept: 1 + chance.below(15), torn, is_noisy })
    }

    /// A file after the cut.
    pub(crate) fn content(
        &self,
        mut stored: Vec<u8>,
        pending: VecDeque<Change>,
        chance: &mut Chance,
        lost: &mut Lost,
    ) -> Vec<u8> {
        let Self::Partly(losses) = self else {
            lost.changes += pending.len() as u64;
            return stored;
        };
        // The size is stored apart from the bytes: it may be any that the file has had.
        let mut sizes = vec![stored.len()];
        let mut size = stored.len();
        for change in pending {
            match change {
                Change::Write { offset, bytes } => {
                    size = size.max(offset + bytes.len());
                    lost.changes += losses.write(&mut stored, offset, &bytes, chance);
                }
                Change::Resize(new) => {
                    size = new;
                    if losses.keeps(chance) {
                        losses.resize(&mut stored, new, chance);
                    } else {
                        lost.changes += 1;
                    }
                }
            }
            sizes.push(size);
        }
        if chance.below(2) == 0 {
            size = sizes[usize::try_from(chance.below(sizes.len() as u64)).unwrap()];
            lost.changes += u64::from(sizes.last() != Some(&size));
        }
        losses.resize(&mut stored, size, chance);
        stored
    }

    /// A folder after the cut.
    pub(crate) fn names(
        &self,
        mut stored: Names,
        pending: VecDeque<Entry>,
        chance: &mut Chance,
        lost: &mut Lost,
    ) -> Names {
        for entry in pending {
            match self {
                Self::Partly(losses) if losses.keeps(chance) => entry.apply(&mut stored),
                _ => lost.entries += 1,
            }
        }
        stored
    }
}

impl Losses {
    fn keeps(&self, chance: &mut Chance) -> bool {
        chance.below(16) < self.kept
    }

    fn resize(&self, bytes: &mut Vec<u8>, size: usize, chance: &mut Chance) {
        let before = bytes.len();
        bytes.resize(size, 0);
        if self.is_noisy && before < size {
            let mut noise = Chance(chance.next());
            bytes[before..].fill_with(|| noise.next().to_le_bytes()[0]);
        }
    }

    /// Writes the pieces that survive, and returns how many do not.
    fn write(&self, stored: &mut Vec<u8>, offset: usize, bytes: &[u8], chance: &mut Chance) -> u64 {
        // Most writes survive, or not, as a whole, whatever may happen to others.
        let torn = self.torn.filter(|_| chance.below(2) == 0).unwrap_or(usize::MAX);
        let (mut at, end, mut lost) = (offset, offset + bytes.len(), 0);
        while at < end {
            let next = (at / torn).saturating_add(1).saturating_mul(torn).min(end);
            if self.keeps(chance) {
                if stored.len() < next {
                    self.resize(stored, next, chance);
                }
                stored[at..next].copy_from_slice(&bytes[at - offset..next - offset]);
            } else {
                lost += 1;
            }
            at = next;
        }
        lost
    }
}
