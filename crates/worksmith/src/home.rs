//! An open data dir: what every command that touches the data begins with.

use std::path::Path;
use std::sync::Arc;

use worksmith_kernel::{OpTable, SystemClock, SystemEntropy};
use worksmith_store::{Store, Tx};
use worksmith_tracker::auth::Environment;

use crate::failure::Failure;
use crate::reindex;

/// An open data dir.
pub(crate) struct Home {
    /// Every operation.
    pub(crate) table: OpTable<Tx>,
    /// The data.
    pub(crate) store: Store,
    /// Time, chance and address.
    pub(crate) environment: Environment,
}

impl Home {
    /// Opens the data dir, and makes it if it is not there.
    pub(crate) fn open(dir: &Path) -> Result<Self, Failure> {
        let table = worksmith_tracker::table();
        let mut progress = reindex::progress();
        let store = Store::open_sqlite(dir, table.registry().clone(), &mut progress)?;
        let environment = Environment {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            base_url: "".into(),
        };
        Ok(Self { table, store, environment })
    }

    /// Whether there is a database in the data dir.
    pub(crate) fn exists(dir: &Path) -> bool {
        dir.join("worksmith.db").exists()
    }

    /// Says that there is none.
    pub(crate) fn missing(dir: &Path) -> Failure {
        format!("there is no data in {}; start `worksmith serve` there once", dir.display()).into()
    }
}
