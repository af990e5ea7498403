//! Servers on one database, each a process that can be killed and started again.

use std::net::SocketAddr;
use std::sync::Mutex;

use tempfile::TempDir;
use worksmith_test_postgres::Database;
use worksmith_tests::delivering::OPTIONS;
use worksmith_tests::process::{Ended, Running, command, run};

/// Where the servers listen at the moment; `None` while they are down.
pub struct Addresses(Vec<Mutex<Option<SocketAddr>>>);

impl Addresses {
    pub fn new(count: usize) -> Self {
        Self((0..count).map(|_| Mutex::new(None)).collect())
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    pub fn of(&self, server: usize) -> Option<SocketAddr> {
        *self.0[server].lock().unwrap()
    }

    fn set(&self, server: usize, address: Option<SocketAddr>) {
        *self.0[server].lock().unwrap() = address;
    }
}

/// The processes. Each has its own data dir, as if on a machine of its own.
pub struct Servers<'a> {
    addresses: &'a Addresses,
    url: String,
    dirs: Vec<TempDir>,
    running: Vec<Option<Running>>,
}

impl<'a> Servers<'a> {
    /// Starts all of them at once, so that they compete for an empty database.
    pub fn start(database: &Database, addresses: &'a Addresses) -> Self {
        let count = addresses.count();
        let dirs: Vec<_> = (0..count).map(|_| TempDir::new().expect("a data dir")).collect();
        let url = database.url();
        let running: Vec<_> = std::thread::scope(|scope| {
            let starts = dirs.iter().map(|dir| scope.spawn(|| serve(&url, dir)));
            let starts: Vec<_> = starts.collect();
            starts.into_iter().map(|start| Some(start.join().expect("a start"))).collect()
        });
        for (server, running) in running.iter().enumerate() {
            addresses.set(server, running.as_ref().map(Running::address));
        }
        Self { addresses, url, dirs, running }
    }

    /// Kills a server, as `kill -9` does.
    pub fn kill(&mut self, server: usize) {
        self.addresses.set(server, None);
        drop(self.running[server].take());
    }

    pub fn start_again(&mut self, server: usize) {
        let running = serve(&self.url, &self.dirs[server]);
        self.addresses.set(server, Some(running.address()));
        self.running[server] = Some(running);
    }

    /// The processes that are running.
    pub fn ids(&self) -> Vec<u32> {
        self.running.iter().flatten().map(Running::id).collect()
    }

    /// What they have logged since their starts.
    pub fn logs(&self) -> String {
        self.running.iter().flatten().map(Running::stderr).collect()
    }

    /// Kills all of them, and runs `worksmith check` on the database.
    pub fn check(mut self) -> Ended {
        for server in 0..self.running.len() {
            self.kill(server);
        }
        let mut check = command(&["check", "--database", &self.url, "--data-dir"]);
        run(check.arg(self.dirs[0].path()))
    }
}

fn serve(url: &str, dir: &TempDir) -> Running {
    let options = [&["--database", url, "--log-level", "warn"], &OPTIONS[..]].concat();
    Running::serve(dir.path(), &options)
}
