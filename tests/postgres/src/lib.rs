//! PostgreSQL for tests, which does not need a running server: a [`Cluster`] is a server in a
//! temporary folder that listens only on a socket there, and ends with the test. A [`Database`] is
//! a fresh one on such a server.
//!
//! A start takes about a second, which is too expensive for each of a thousand tests, and a test
//! runner may run each of them in a process of its own. So [`shared`] uses the server whose folder
//! `WORKSMITH_TEST_POSTGRES` names, and starts one for this process if none is named. The program
//! of this crate is such a server: `scripts/test.sh` runs it as long as the tests.

mod cluster;
mod installed;
mod server;

use std::sync::OnceLock;

pub use cluster::{Cluster, Options};
pub use server::{Database, Rows, Server};

/// The variable that names the socket folder of a server that all tests share.
pub const SHARED: &str = "WORKSMITH_TEST_POSTGRES";
/// The variable that names the databases on which tests must run, such as `sqlite postgres`. If one
/// of them is missing, tests fail.
pub const PROMISED: &str = "WORKSMITH_DATABASES";

/// Whether there is a PostgreSQL to test with. If there is none, the reason is printed, or the test
/// fails if PostgreSQL was promised.
pub fn available() -> bool {
    if std::env::var_os(SHARED).is_some() {
        return true;
    }
    let Some(reason) = installed::find().err() else { return true };
    let promised = std::env::var(PROMISED).unwrap_or_default();
    assert!(!promised.split_whitespace().any(|each| each == "postgres"), "{reason}");
    eprintln!("skipped: {reason}");
    false
}

/// The server that the tests share; `None` if none is [`available`].
pub fn shared() -> Option<&'static Server> {
    static STARTED: OnceLock<Cluster> = OnceLock::new();
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        if let Some(folder) = std::env::var_os(SHARED) {
            return Some(Server::at(folder));
        }
        // A static is never dropped, but the server ends with the process.
        available().then(|| Server::clone(STARTED.get_or_init(Cluster::start)))
    });
    server.as_ref()
}
