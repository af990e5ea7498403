//! PostgreSQL for tests, without any server that runs already: a [`Cluster`] is a server in a
//! temporary folder that listens on a socket there and nowhere else, and goes with the test. A
//! [`Database`] is a fresh one on such a server.
//!
//! A start takes about a second, which is too dear for each of a thousand tests, and a test runner
//! may run each of them in a process of its own. So [`shared`] takes the server whose folder
//! `WORKSMITH_TEST_POSTGRES` names, and starts one for this process where none is named. The
//! program of this crate is such a server: `scripts/test.sh` lets it run as long as the tests.

mod cluster;
mod installed;
mod server;

use std::sync::OnceLock;

pub use cluster::{Cluster, Options};
pub use server::{Database, Rows, Server};

/// Names the folder of the socket of a server that all tests share.
pub const SHARED: &str = "WORKSMITH_TEST_POSTGRES";
/// Names the databases on which tests must run, such as `sqlite postgres`: what they lack is then a
/// failure.
pub const PROMISED: &str = "WORKSMITH_DATABASES";

/// Whether there is a PostgreSQL to test with. Where there is none, the reason is printed, or the
/// test fails if PostgreSQL was promised.
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

/// The server that the tests share; `None` where [`available`] says so.
pub fn shared() -> Option<&'static Server> {
    static STARTED: OnceLock<Cluster> = OnceLock::new();
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        if let Some(folder) = std::env::var_os(SHARED) {
            return Some(Server::at(folder));
        }
        // No one drops a static, but the server goes with the process.
        available().then(|| Server::clone(STARTED.get_or_init(Cluster::start)))
    });
    server.as_ref()
}
