//! Processes that are measured: started, watched, and ended.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Linux counts processor time in hundredths of a second, whatever the machine.
const TICK_US: u64 = 10_000;
/// The longest start, because a large database may be verified.
const START_MAX: Duration = Duration::from_secs(15 * 60);
/// How often a starting server is polled.
const POLL_EVERY: Duration = Duration::from_millis(2);

/// What a process has used so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    /// Processor time in microseconds.
    pub(crate) cpu_us: u64,
    /// The memory that it has now.
    pub(crate) rss_bytes: u64,
    /// The most memory that it had.
    pub(crate) rss_peak_bytes: u64,
}

impl Usage {
    /// Reads it for a running process.
    pub(crate) fn of(process: u32) -> Result<Self, String> {
        let read = |name: &str| {
            let path = format!("/proc/{process}/{name}");
            std::fs::read_to_string(&path).map_err(|cause| format!("{path}: {cause}"))
        };
        let (stat, status) = (read("stat")?, read("status")?);
        let ticks = ticks(&stat).ok_or_else(|| format!("strange /proc/{process}/stat: {stat}"))?;
        let rss_bytes = kib(&status, "VmRSS:").unwrap_or(0) * 1024;
        let rss_peak_bytes = kib(&status, "VmHWM:").unwrap_or(0) * 1024;
        Ok(Self { cpu_us: ticks * TICK_US, rss_bytes, rss_peak_bytes })
    }
}

/// The ticks in user and system mode: the 14th and 15th field. The second field is a name in
/// brackets that may contain blanks.
fn ticks(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// A line of a status file in KiB.
pub(crate) fn kib(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// A port that nobody listens on.
pub(crate) fn free_address() -> Result<SocketAddr, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|cause| cause.to_string())?;
    listener.local_addr().map_err(|cause| cause.to_string())
}

/// A process that is killed at the end.
pub(crate) struct Running {
    child: Child,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The time from its start to its first successful answer.
    pub(crate) start: Duration,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts a server, and asks it until it answers 200. What it prints goes to `log`.
    pub(crate) fn start(
        mut command: Command,
        address: SocketAddr,
        log: &Path,
        request: &str,
    ) -> Result<Self, String> {
        let shown = log.display();
        let open = File::create(log).and_then(|file| Ok((file.try_clone()?, file)));
        let (out, err) = open.map_err(|cause| format!("{shown}: {cause}"))?;
        let begin = Instant::now();
        let child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let program = Path::new(command.get_program()).display();
        let child = child.map_err(|cause| {
            format!("{program} does not start ({cause}); build it: cargo build --release")
        })?;
        let mut running = Self { child, address, start: Duration::ZERO };
        while !answers(address, request) {
            let ended = running.child.try_wait().map_err(|cause| cause.to_string())?;
            if let Some(status) = ended {
                return Err(format!("{program} ended ({status}); see {shown}"));
            }
            if begin.elapsed() > START_MAX {
                return Err(format!("{program} does not answer; see {shown}"));
            }
            std::thread::sleep(POLL_EVERY);
        }
        running.start = begin.elapsed();
        Ok(running)
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }
}

/// Whether a server answers 200.
fn answers(address: SocketAddr, request: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let mut first = [0; 12];
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut first).is_ok()
        && &first == b"HTTP/1.1 200"
}

/// The result of a command that ended by itself.
pub(crate) struct Ended {
    /// Its exit status.
    pub(crate) status: ExitStatus,
    /// How long it took.
    pub(crate) seconds: f64,
    /// The most memory that it was seen to use.
    pub(crate) rss_peak_bytes: u64,
}

/// Runs a command to its end. What it prints goes to `log`.
pub(crate) fn run(mut command: Command, log: &Path) -> Result<Ended, String> {
    let failed = |cause: std::io::Error| format!("{}: {cause}", log.display());
    let file = File::create(log).map_err(failed)?;
    let copy = file.try_clone().map_err(failed)?;
    let begin = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(copy).stderr(file).spawn();
    let mut child = child.map_err(|cause| format!("{command:?} does not start: {cause}"))?;
    let mut rss_peak_bytes = 0;
    loop {
        if let Ok(usage) = Usage::of(child.id()) {
            rss_peak_bytes = usage.rss_peak_bytes.max(rss_peak_bytes);
        }
        if let Some(status) = child.try_wait().map_err(|cause| cause.to_string())? {
            let seconds = begin.elapsed().as_secs_f64();
            return Ok(Ended { status, seconds, rss_peak_bytes });
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_process_is_read_whatever_its_name() {
        let stat = "7 (a b) c) S 1 2 3 4 5 6 7 8 9 10 300 45 0 0 20 0";
        assert_eq!(ticks(stat), Some(345));
    }

    #[test]
    fn this_process_uses_memory() {
        let usage = Usage::of(std::process::id()).unwrap();
        assert!(usage.rss_bytes > 0 && usage.rss_peak_bytes >= usage.rss_bytes);
    }
}
