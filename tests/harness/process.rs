//! The program itself, as users start it: for tests that need a process.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// The token of the first user of every server here.
pub const TOKEN: &str = "test-admin-token-of-a-process";

/// How long a start or a stop may take, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The program under test: `WORKSMITH_BIN`, or one that is built on demand, so that it is never
/// stale.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(given) = std::env::var_os("WORKSMITH_BIN") {
            return PathBuf::from(given).canonicalize().expect("WORKSMITH_BIN names a program");
        }
        // The tests are in target/PROFILE/deps.
        let test = std::env::current_exe().expect("the path of this test");
        let profile = test.ancestors().nth(2).expect("the folder of the profile");
        let mut build = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
        build.args(["build", "--quiet", "--package", "worksmith", "--target-dir"]);
        build.arg(profile.parent().expect("the target folder"));
        if profile.ends_with("release") {
            build.arg("--release");
        }
        assert!(build.status().expect("cargo").success(), "worksmith does not build");
        profile.join("worksmith")
    })
}

/// A command of the program, without any setting of this test's own environment.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("WORKSMITH_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// The result of a command that has ended.
#[derive(Debug)]
pub struct Ended {
    /// The exit code.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Ended {
    let output = command.output().expect("the program starts");
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Ended {
    /// The one sentence of a start that failed.
    #[track_caller]
    pub fn sentence(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        let sentence = self.stderr.strip_prefix("worksmith: ").expect("a sentence");
        let sentence = sentence.strip_suffix('\n').expect("a line");
        assert!(!sentence.contains('\n'), "more than a sentence: {sentence}");
        sentence
    }
}

/// A running server; it is killed when the test ends.
pub struct Running {
    child: Child,
    /// The address that it printed.
    pub url: String,
    /// Where its output goes.
    pub folder: TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts `command`, which serves on any free port, and waits until it answers. Its output goes
    /// to files; it prints its address to the first of them.
    pub fn start(mut command: Command) -> Self {
        command.env("WORKSMITH_ADMIN_TOKEN", TOKEN);
        Self::start_without_token(command)
    }

    /// The same without `WORKSMITH_ADMIN_TOKEN`.
    pub fn start_without_token(mut command: Command) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = |name: &str| File::create(folder.path().join(name)).expect("a file");
        let child = command
            .stdin(Stdio::null())
            .stdout(file("stdout"))
            .stderr(file("stderr"))
            .spawn()
            .expect("the program starts");
        let mut running = Self { child, url: String::new(), folder };
        running.url = running.wait_for(|running| {
            let said = running.stdout();
            let at = said.find("http")?;
            let url = said[at..].lines().next()?.trim().to_owned();
            said[at..].contains('\n').then_some(url)
        });
        let address = running.address();
        running.wait_for(|_| TcpStream::connect(address).ok());
        running
    }

    /// Starts `worksmith serve` on a data dir.
    pub fn serve(data: &Path, arguments: &[&str]) -> Self {
        let mut command = command(&["serve", "--listen", "127.0.0.1:0"]);
        command.arg("--data-dir").arg(data).args(arguments);
        Self::start(command)
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        let host = self.url.split_once("://").map_or("", |(_, host)| host);
        host.parse().expect("an address")
    }

    /// What it printed.
    pub fn stdout(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stdout")).unwrap_or_default()
    }

    /// What it logged.
    pub fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap_or_default()
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until a condition holds, as long as the server is running.
    #[track_caller]
    pub fn wait_for<T>(&mut self, is_so: impl Fn(&Self) -> Option<T>) -> T {
        let begin = Instant::now();
        loop {
            if let Some(found) = is_so(self) {
                return found;
            }
            let ended = self.child.try_wait().expect("the state of the process");
            let late = begin.elapsed() > LIMIT;
            assert!(ended.is_none() && !late, "{ended:?} {}{}", self.stdout(), self.stderr());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(format!("-{name}")).arg(self.id().to_string()).status();
        assert!(sent.expect("kill").success());
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the state of the process") {
                return status;
            }
            assert!(begin.elapsed() < LIMIT, "still running: {}", self.stderr());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Calls an operation of a server without TLS: the status, the headers and the body.
    pub fn call(&self, op: &str, body: &Value) -> (u16, String, Value) {
        self.call_as(TOKEN, op, body)
    }

    /// The same with another token.
    pub fn call_as(&self, token: &str, op: &str, body: &Value) -> (u16, String, Value) {
        let body = body.to_string();
        let request = format!(
            "POST /{op} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (head, body) = self.exchange(&request);
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
        (status, head, serde_json::from_str(&body).unwrap_or_default())
    }

    /// Gets a page of a server without TLS.
    pub fn page(&self, path: &str) -> String {
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        self.exchange(&request).1
    }

    /// Sends a request as it is, which must close the connection: the headers, in lower case, and
    /// the body.
    pub fn exchange(&self, request: &str) -> (String, String) {
        let mut stream = TcpStream::connect(self.address()).expect("a connection");
        stream.write_all(request.as_bytes()).expect("a request sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
        (head.to_ascii_lowercase(), body.to_owned())
    }
}
