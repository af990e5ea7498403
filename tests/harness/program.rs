//! The program in tests that kill it: one server, or several of them, which is the same to a test.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::process::Running;

/// What is called, and killed now and then.
pub trait Program {
    /// Calls an operation as the admin until a server answers with success.
    fn call(&mut self, op: &str, body: &Value) -> Value;
    /// Kills a server, as `kill -9` does, and starts it again.
    fn kill(&mut self);
}

/// A single server on SQLite.
pub struct Alone {
    data: PathBuf,
    options: Vec<String>,
    running: Option<Running>,
}

impl Alone {
    /// Starts it on a data dir.
    pub fn start(data: &Path, options: &[&str]) -> Self {
        let options = options.iter().map(ToString::to_string).collect();
        let mut alone = Self { data: data.to_owned(), options, running: None };
        alone.kill();
        alone
    }

    /// The process.
    pub fn running(&mut self) -> &mut Running {
        self.running.as_mut().expect("it runs")
    }
}

impl Program for Alone {
    fn call(&mut self, op: &str, body: &Value) -> Value {
        let (status, _, answer) = self.running().call(op, body);
        assert!(status < 300, "{op}: {answer}");
        answer
    }

    fn kill(&mut self) {
        // Dropping it kills it.
        drop(self.running.take());
        let options: Vec<_> = self.options.iter().map(String::as_str).collect();
        self.running = Some(Running::serve(&self.data, &options));
    }
}
