//! A fixed state of the database, for those that read all of it while others write.

use worksmith_kernel::{Error, Result};

use crate::layout::Progress;
use crate::sqlite::Copied;
use crate::store::Store;

/// A store that nobody writes to. With SQLite it is a copy of the database: reading one state of
/// the original for long would keep its log from being copied back, and a growing log slows
/// everybody down. PostgreSQL has its own ways to keep a state, so there it is the store itself.
pub struct Still {
    store: Store,
    /// Deleted with the store, and after it.
    _folder: Option<Copied>,
}

impl Still {
    /// A store that nobody else uses.
    pub fn alone(store: Store) -> Self {
        Self { store, _folder: None }
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }
}

impl Store {
    /// The present state. With SQLite, it is copied beside the database, which blocks the thread
    /// but no writer, and takes as much room on the disk as the database. `progress` is told in
    /// pages.
    pub fn still(&self, progress: Progress<'_>) -> Result<Still> {
        let Some(sqlite) = self.sqlite() else { return Ok(Still::alone(self.clone())) };
        let folder = sqlite.copy(progress)?;
        let registry = self.inner.registry.clone();
        let store = Self::open_sqlite(folder.path(), registry, &mut |_| {});
        let store = store.map_err(|cause| Error::Unavailable(cause.to_string()))?;
        Ok(Still { store, _folder: Some(folder) })
    }
}
