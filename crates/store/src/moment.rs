//! Moments in the history of a database, which say how long what was read from it holds.

/// A moment in the history of the database, counted in commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// The moment right after a commit.
    pub(crate) const fn of(commit: u64) -> Self {
        Self(commit)
    }

    /// The number of the last commit before it.
    pub(crate) const fn number(self) -> u64 {
        self.0
    }

    /// How many commits lie between an earlier moment and this one.
    pub(crate) const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}
