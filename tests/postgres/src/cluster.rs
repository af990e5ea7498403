//! A private server: it can be killed and started again, and it ends with the process that started
//! it, however that ends.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::ops::Deref;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::installed::{self, Installed};
use crate::server::{OWNER, SUPERUSER, Server, ask};

/// How long a start or a stop may take, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the server, and waits for a line with a signal, and with the processes that get it besides
/// the server. If the input ends because the process that writes it is gone, the server ends, and
/// its folder is deleted.
const KEEPER: &str = r#"
folder=$1
shift
"$@" >>"$folder/log" 2>&1 </dev/null &
server=$!
echo "$server"
if read -r signal others; then
    kill -s "$signal" "$server" $others 2>/dev/null
    wait "$server"
else
    kill -s KILL "$server"
    wait "$server"
    # Its children follow it in a moment, and may write until then.
    rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
fi
"#;

/// How a cluster is started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Whether commits wait for the disk. Tests that only kill processes don't show the difference.
    pub fsync: bool,
    /// Further settings, such as `shared_buffers=1GB`.
    pub settings: &'static [&'static str],
}

/// A server in a temporary folder, which is deleted when this is dropped.
#[derive(Debug)]
pub struct Cluster {
    folder: TempDir,
    server: Server,
    run: Vec<String>,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    keeper: Child,
    postmaster: u32,
}

impl Deref for Cluster {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

impl Cluster {
    /// Creates a cluster that would not survive a power cut, and starts it.
    pub fn start() -> Self {
        Self::start_with(Options::default())
    }

    /// Creates a cluster and starts it.
    pub fn start_with(options: Options) -> Self {
        let installed = installed::find().unwrap_or_else(|reason| panic!("{reason}"));
        let folder = tempfile::Builder::new().prefix("pg").tempdir().expect("a temporary folder");
        if let Some((user, group)) = installed.owner {
            chown(folder.path(), Some(user), Some(group)).expect("a folder given away");
        }
        make(&installed, folder.path());
        let mut run = installed.command("postgres");
        run.extend(arguments(folder.path(), options));
        let server = Server::at(folder.path());
        let mut cluster = Self { folder, server, run, running: None };
        cluster.start_again();
        let role = format!("CREATE ROLE {OWNER} LOGIN");
        ask(&cluster.superuser_url(SUPERUSER), &role).expect("a role");
        cluster
    }

    /// Starts it with the existing data, and waits until it can be used.
    pub fn start_again(&mut self) {
        assert!(self.running.is_none(), "it runs");
        let mut keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(self.folder.path())
            .args(&self.run)
            .current_dir(self.folder.path())
            // A signal to all processes of the test must not reach it, so that it can clean up.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        let said = keeper.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).expect("a line");
        let postmaster = line.trim().parse().expect("the id of the server");
        self.running = Some(Running { keeper, postmaster });
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let (begin, url) = (Instant::now(), self.superuser_url(SUPERUSER));
        while let Err(error) = ask(&url, "SELECT 1") {
            let log = || fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            assert!(begin.elapsed() < LIMIT, "PostgreSQL does not start: {error}\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The id of its first process, while it is running.
    pub fn postmaster(&self) -> Option<u32> {
        self.running.as_ref().map(|running| running.postmaster)
    }

    /// Kills all its processes, and waits until none is left.
    pub fn kill9(&mut self) {
        let children = self.postmaster().map(children).unwrap_or_default();
        self.end("KILL", &children);
        let begin = Instant::now();
        while children.iter().any(|id| state(*id).is_some_and(|state| state != 'Z')) {
            assert!(begin.elapsed() < LIMIT, "processes of PostgreSQL are still there");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Stops it in an orderly way, whoever is connected.
    pub fn stop(&mut self) {
        self.end("INT", &[]);
    }

    fn end(&mut self, signal: &str, others: &[u32]) {
        let Some(Running { mut keeper, .. }) = self.running.take() else { return };
        let others: Vec<_> = others.iter().map(u32::to_string).collect();
        let mut stdin = keeper.stdin.take().expect("its input");
        writeln!(stdin, "{signal} {}", others.join(" ")).expect("a line to the keeper");
        keeper.wait().expect("the keeper's end");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.kill9();
    }
}

/// Creates the files of a cluster.
fn make(installed: &Installed, folder: &Path) {
    let line = installed.command("initdb");
    let made = Command::new(&line[0])
        .args(&line[1..])
        .args(["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--no-locale"])
        .args(["--no-sync", "--pgdata"])
        .arg(folder.join("data"))
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .expect("initdb");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
}

fn arguments(folder: &Path, options: Options) -> Vec<String> {
    let folder = folder.to_str().expect("a path in UTF-8");
    let fsync = if options.fsync { "on" } else { "off" };
    let settings = [
        "listen_addresses=".to_owned(),
        format!("unix_socket_directories={folder}"),
        format!("fsync={fsync}"),
        format!("full_page_writes={fsync}"),
        "synchronous_commit=on".to_owned(),
        "shared_buffers=32MB".to_owned(),
        "max_connections=300".to_owned(),
        "autovacuum=on".to_owned(),
    ];
    let mut arguments = vec!["-D".to_owned(), format!("{folder}/data")];
    let more = options.settings.iter().map(|&setting| setting.to_owned());
    arguments
        .extend(settings.into_iter().chain(more).flat_map(|setting| ["-c".to_owned(), setting]));
    arguments
}

/// The child processes of a process; none where there is no /proc.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    ids.filter(|id| stat(*id).is_some_and(|(_, of)| of == parent)).collect()
}

/// The state of a process, such as running, sleeping or zombie; `None` if it does not exist.
fn state(id: u32) -> Option<char> {
    stat(id).map(|(state, _)| state)
}

/// The state and the parent of a process.
fn stat(id: u32) -> Option<(char, u32)> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name of the program, in brackets, may contain anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}
