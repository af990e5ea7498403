//! Servers on one database, each a process that can be killed and started again.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use worksmith_test_postgres::Database;
use worksmith_tests::client::Client;
use worksmith_tests::delivering::OPTIONS;
use worksmith_tests::process::{Ended, Running, command, run};
use worksmith_tests::program::Program;

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
    options: Vec<String>,
    dirs: Vec<TempDir>,
    running: Vec<Option<Running>>,
}

impl<'a> Servers<'a> {
    /// Starts all of them at once, so that they compete for an empty database.
    pub fn start(database: &Database, addresses: &'a Addresses) -> Self {
        Self::start_with(database, addresses, &OPTIONS)
    }

    /// The same with other options.
    pub fn start_with(database: &Database, addresses: &'a Addresses, options: &[&str]) -> Self {
        let options: Vec<String> = options.iter().map(ToString::to_string).collect();
        let count = addresses.count();
        let dirs: Vec<_> = (0..count).map(|_| TempDir::new().expect("a data dir")).collect();
        let url = database.url();
        let running: Vec<_> = std::thread::scope(|scope| {
            let starts = dirs.iter().map(|dir| scope.spawn(|| serve(&url, &options, dir)));
            let starts: Vec<_> = starts.collect();
            starts.into_iter().map(|start| Some(start.join().expect("a start"))).collect()
        });
        for (server, running) in running.iter().enumerate() {
            addresses.set(server, running.as_ref().map(Running::address));
        }
        Self { addresses, url, options, dirs, running }
    }

    /// Kills a server, as `kill -9` does.
    pub fn kill(&mut self, server: usize) {
        self.addresses.set(server, None);
        drop(self.running[server].take());
    }

    pub fn start_again(&mut self, server: usize) {
        let running = serve(&self.url, &self.options, &self.dirs[server]);
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

fn serve(url: &str, options: &[String], dir: &TempDir) -> Running {
    let mut all = vec!["--database", url, "--log-level", "warn"];
    all.extend(options.iter().map(String::as_str));
    Running::serve(dir.path(), &all)
}

/// How long a client waits before it calls a server again that is down.
const PAUSE: Duration = Duration::from_millis(20);

/// Servers that are called, and killed, one after the other.
pub struct ByTurns<'a> {
    pub servers: Servers<'a>,
    calls: usize,
    killed: usize,
}

impl<'a> ByTurns<'a> {
    pub fn new(servers: Servers<'a>) -> Self {
        Self { servers, calls: 0, killed: 0 }
    }
}

impl Program for ByTurns<'_> {
    fn call(&mut self, op: &str, body: &Value) -> Value {
        let addresses = self.servers.addresses;
        loop {
            self.calls += 1;
            let address = addresses.of(self.calls % addresses.count());
            let client = address.and_then(|address| Client::connect(address).ok());
            match client.and_then(|mut client| client.call(op, body).ok()) {
                Some(answer) if answer.status < 300 => {
                    return serde_json::from_str(&answer.body).expect("an object");
                }
                Some(answer) => assert_eq!(answer.status, 503, "{op}: {}", answer.body),
                None => std::thread::sleep(PAUSE),
            }
        }
    }

    fn kill(&mut self) {
        let server = self.killed % self.servers.addresses.count();
        self.killed += 1;
        self.servers.kill(server);
        self.servers.start_again(server);
    }
}
