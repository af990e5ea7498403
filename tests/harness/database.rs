//! The database of a server under test: SQLite in its data dir, or PostgreSQL if
//! `WORKSMITH_TEST_DATABASE` is `postgres`. `scripts/test.sh` runs the suites that use this on
//! both, with exactly the same expectations.

use std::path::Path;

use worksmith_kernel::Registry;
use worksmith_store::Store;
use worksmith_test_postgres::{Database, shared};

/// How many connections of each server read; few, because many servers share the database.
const CONNECTIONS: usize = 4;

/// The variable that names the kind of database for servers under test.
const KIND: &str = "WORKSMITH_TEST_DATABASE";

/// A fresh PostgreSQL database; `None` if servers should use SQLite.
pub fn wanted() -> Option<Database> {
    match std::env::var(KIND).as_deref() {
        Err(_) | Ok("sqlite") => None,
        Ok("postgres") => Some(shared().expect("a PostgreSQL to test with").database()),
        Ok(other) => panic!("{KIND} is {other}, and may be sqlite or postgres"),
    }
}

/// Opens the store of a server with this data dir.
pub(crate) async fn open(dir: &Path, database: Option<&Database>, registry: Registry) -> Store {
    match database {
        None => Store::open_sqlite(dir, registry, &mut |_| {}).expect("a store"),
        Some(database) => {
            let opened =
                Store::open_postgres(&database.url(), CONNECTIONS, registry, &mut |_| {}).await;
            opened.expect("a store")
        }
    }
}
