//! The load generator: a thread that keeps connections busy and measures the time of each answer.
//!
//! It shares the machine with what it measures, so it must be cheap: nothing is allocated for a
//! request once all buffers have grown.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use mio::net::TcpStream;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use crate::numbers::{float, latencies, quantile_ms, ratio};
use crate::process::Usage;
use crate::requests::Writer;
use crate::response::Response;
use crate::results::Figures;

/// The key of the timer; the keys of connections are their indexes.
const TIMER: Token = Token(usize::MAX - 1);
/// How often memory and time are checked.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// How long pending answers are awaited at the end, so that the next row begins on a quiet server.
const DRAIN: Duration = Duration::from_secs(10);
/// After this many broken connections in a row, the run gives up.
const BROKEN_MAX: u64 = 50;

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// Each connection sends the next request when the last one is answered.
    Closed,
    /// This many requests per second, regardless of the answers. The time of an answer counts from
    /// when its request was due.
    Open(f64),
}

/// The load: what is sent where, how, and for how long.
pub(crate) struct Load<'a> {
    /// The server.
    pub(crate) address: SocketAddr,
    /// The headers of every request, up to the value of `content-length`.
    pub(crate) head: String,
    /// Writes the body of the next request.
    pub(crate) body: Writer<'a>,
    /// How many connections.
    pub(crate) connections: usize,
    /// How requests follow each other.
    pub(crate) pace: Pace,
    /// How long answers are not counted at the beginning.
    pub(crate) warm_up: Duration,
    /// How long answers are counted.
    pub(crate) measured: Duration,
    /// Counting continues until there are this many answers, at most until `measured_max`.
    pub(crate) answers_min: u64,
    /// When counting ends in any case.
    pub(crate) measured_max: Duration,
    /// The process that serves.
    pub(crate) server: u32,
}

/// The results of a load.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The times of successful answers, in microseconds.
    pub(crate) latencies: Histogram<u64>,
    /// Failed answers, and broken connections.
    pub(crate) errors: u64,
    /// An example of them.
    pub(crate) example: Option<String>,
    /// How long answers were counted.
    pub(crate) seconds: f64,
    /// The processor time of the server in microseconds, if it is known.
    pub(crate) cpu_us: Option<u64>,
    /// The length of all successful answers' bodies.
    pub(crate) bytes: u64,
    /// The most memory that the server was seen to use.
    pub(crate) rss_bytes: u64,
}

impl Outcome {
    /// This load and another one of the same kind, as if they had been one.
    pub(crate) fn and(mut self, other: Self) -> Result<Self, String> {
        self.latencies.add(&other.latencies).map_err(|cause| cause.to_string())?;
        Ok(Self {
            latencies: self.latencies,
            errors: self.errors + other.errors,
            example: self.example.or(other.example),
            seconds: self.seconds + other.seconds,
            cpu_us: self.cpu_us.zip(other.cpu_us).map(|(one, other)| one + other),
            bytes: self.bytes + other.bytes,
            rss_bytes: self.rss_bytes.max(other.rss_bytes),
        })
    }

    /// Rates and averages.
    pub(crate) fn figures(self) -> Figures {
        let answers = self.latencies.len();
        let of_answers = |sum: u64| ratio(float(sum), float(answers));
        Figures {
            answers,
            seconds: self.seconds,
            per_second: ratio(float(answers), self.seconds).unwrap_or(0.0),
            p50_ms: quantile_ms(&self.latencies, 0.5),
            p99_ms: quantile_ms(&self.latencies, 0.99),
            max_ms: quantile_ms(&self.latencies, 1.0),
            cpu_us: self.cpu_us.and_then(of_answers),
            bytes: of_answers(self.bytes).unwrap_or(0.0),
            errors: self.errors,
            example: self.example,
        }
    }
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    sent: usize,
    response: Response,
    /// When the request was sent or due; `None` while there is none.
    since: Option<Instant>,
}

/// What is counted.
struct Count {
    latencies: Histogram<u64>,
    errors: u64,
    broken_in_a_row: u64,
    example: Option<String>,
    bytes: u64,
    counting: bool,
}

impl Count {
    fn error(&mut self, example: impl FnOnce() -> String) {
        if self.counting {
            self.errors += 1;
        }
        if self.example.is_none() {
            self.example = Some(example());
        }
    }
}

/// When requests are due, at a fixed rate.
struct Schedule {
    timer: OwnedFd,
    gap: Duration,
    next: Instant,
    idle: VecDeque<usize>,
}

impl Schedule {
    fn new(per_second: f64, registry: &Registry) -> Result<Self, String> {
        let failed = |cause: std::io::Error| format!("no timer: {cause}");
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags);
        let timer = timer.map_err(|cause| failed(cause.into()))?;
        let gap = Duration::from_secs_f64(1.0 / per_second.max(0.1));
        let every = Timespec::try_from(gap).map_err(|_| "no such rate".to_owned())?;
        let spec = Itimerspec { it_interval: every, it_value: every };
        timerfd_settime(&timer, TimerfdTimerFlags::empty(), &spec)
            .map_err(|cause| failed(cause.into()))?;
        registry
            .register(&mut SourceFd(&timer.as_fd().as_raw_fd()), TIMER, Interest::READABLE)
            .map_err(failed)?;
        Ok(Self { timer, gap, next: Instant::now() + gap, idle: VecDeque::new() })
    }
}

struct Run<'a> {
    load: Load<'a>,
    poll: Poll,
    connections: Vec<Connection>,
    count: Count,
    schedule: Option<Schedule>,
    body: Vec<u8>,
    buffer: Vec<u8>,
}

/// Sends, waits, counts.
pub(crate) fn run(load: Load<'_>) -> Result<Outcome, String> {
    let poll = Poll::new().map_err(|cause| cause.to_string())?;
    let schedule = match load.pace {
        Pace::Closed => None,
        Pace::Open(rate) => Some(Schedule::new(rate, poll.registry())?),
    };
    let count = Count {
        latencies: latencies()?,
        errors: 0,
        broken_in_a_row: 0,
        example: None,
        bytes: 0,
        counting: false,
    };
    let connections = (0..load.connections).map(|at| connect(load.address, at, poll.registry()));
    let connections = connections.collect::<Result<_, _>>()?;
    let buffer = vec![0; 256 << 10];
    let run = Run { load, poll, connections, count, schedule, body: Vec::new(), buffer };
    run.all()
}

fn connect(address: SocketAddr, at: usize, registry: &Registry) -> Result<Connection, String> {
    let failed = |cause: std::io::Error| format!("no connection to {address}: {cause}");
    let stream = std::net::TcpStream::connect(address).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    stream.set_nonblocking(true).map_err(failed)?;
    let mut stream = TcpStream::from_std(stream);
    let interest = Interest::READABLE | Interest::WRITABLE;
    registry.register(&mut stream, Token(at), interest).map_err(failed)?;
    let response = Response::default();
    Ok(Connection { stream, request: Vec::new(), sent: 0, response, since: None })
}

impl Run<'_> {
    fn all(mut self) -> Result<Outcome, String> {
        let warm = Instant::now() + self.load.warm_up;
        for at in 0..self.connections.len() {
            self.free(at, Instant::now())?;
        }
        self.until(|_, now| now >= warm)?;
        self.count.counting = true;
        let before = Usage::of(self.load.server)?;
        let begin = Instant::now();
        let (enough, end) = (begin + self.load.measured, begin + self.load.measured_max);
        let answers_min = self.load.answers_min;
        let mut rss_bytes = 0;
        let (server, mut look) = (self.load.server, begin);
        self.until(|count, now| {
            if now >= look {
                look = now + LOOK_EVERY;
                let usage = Usage::of(server);
                rss_bytes = usage.map_or(rss_bytes, |usage| usage.rss_bytes.max(rss_bytes));
            }
            now >= enough && (count.latencies.len() >= answers_min || now >= end)
        })?;
        let seconds = begin.elapsed().as_secs_f64();
        let after = Usage::of(self.load.server)?;
        self.count.counting = false;
        self.drain()?;
        let Count { latencies, errors, example, bytes, .. } = self.count;
        Ok(Outcome {
            latencies,
            errors,
            example: example.filter(|_| errors > 0),
            seconds,
            cpu_us: Some(after.cpu_us.saturating_sub(before.cpu_us)),
            bytes,
            rss_bytes: rss_bytes.max(after.rss_bytes),
        })
    }

    /// Goes on until `is_over` returns true, which is called after each round.
    fn until(&mut self, mut is_over: impl FnMut(&Count, Instant) -> bool) -> Result<(), String> {
        let mut events = Events::with_capacity(1024);
        loop {
            match self.poll.poll(&mut events, Some(Duration::from_millis(50))) {
                Err(cause) if cause.kind() != ErrorKind::Interrupted => {
                    return Err(cause.to_string());
                }
                _ => {}
            }
            for event in &events {
                match event.token() {
                    TIMER => self.due()?,
                    Token(at) => self.progress(at, event.is_readable())?,
                }
            }
            if is_over(&self.count, Instant::now()) {
                return Ok(());
            }
        }
    }

    /// Waits for pending answers, without sending anything more.
    fn drain(&mut self) -> Result<(), String> {
        let end = Instant::now() + DRAIN;
        self.schedule = None;
        self.load.pace = Pace::Open(0.0);
        while self.connections.iter().any(|one| one.since.is_some()) && Instant::now() < end {
            self.until(|_, _| true)?;
        }
        Ok(())
    }

    /// Called when the timer fires: sends what is due, as far as connections are free.
    fn due(&mut self) -> Result<(), String> {
        let Some(schedule) = &mut self.schedule else { return Ok(()) };
        let mut rung = [0; 8];
        let _ = rustix::io::read(&schedule.timer, &mut rung);
        let now = Instant::now();
        while let Some(schedule) = &mut self.schedule
            && schedule.next <= now
            && let Some(at) = schedule.idle.pop_front()
        {
            let since = schedule.next;
            schedule.next += schedule.gap;
            self.send(at, since)?;
        }
        Ok(())
    }

    /// Called when a connection is idle: sends the next request.
    fn free(&mut self, at: usize, now: Instant) -> Result<(), String> {
        let since = match (&mut self.schedule, self.load.pace) {
            (Some(schedule), _) if schedule.next <= now => {
                let since = schedule.next;
                schedule.next += schedule.gap;
                since
            }
            (Some(schedule), _) => {
                schedule.idle.push_back(at);
                return Ok(());
            }
            (None, Pace::Open(_)) => return Ok(()),
            (None, Pace::Closed) => now,
        };
        self.send(at, since)
    }

    fn send(&mut self, at: usize, since: Instant) -> Result<(), String> {
        self.body.clear();
        (self.load.body)(&mut self.body);
        let connection = &mut self.connections[at];
        connection.request.clear();
        connection.request.extend_from_slice(self.load.head.as_bytes());
        let _ = write!(connection.request, "{}\r\n\r\n", self.body.len());
        connection.request.extend_from_slice(&self.body);
        (connection.sent, connection.since) = (0, Some(since));
        self.write(at)
    }

    fn write(&mut self, at: usize) -> Result<(), String> {
        let connection = &mut self.connections[at];
        while connection.since.is_some() && connection.sent < connection.request.len() {
            match connection.stream.write(&connection.request[connection.sent..]) {
                Ok(bytes) => connection.sent += bytes,
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => break,
                Err(cause) => return self.broken(at, &cause.to_string()),
            }
        }
        Ok(())
    }

    /// Called when something happened on a connection.
    fn progress(&mut self, at: usize, is_readable: bool) -> Result<(), String> {
        self.write(at)?;
        if !is_readable {
            return Ok(());
        }
        loop {
            let connection = &mut self.connections[at];
            match connection.stream.read(&mut self.buffer) {
                Ok(0) => return self.broken(at, "the server ended a connection"),
                Ok(bytes) => {
                    if connection.since.is_none() {
                        return self.broken(at, "an answer to nothing");
                    }
                    match connection.response.take(&self.buffer[..bytes]) {
                        Ok(false) => {}
                        Ok(true) => self.answered(at)?,
                        Err(cause) => return self.broken(at, &cause),
                    }
                    // Everything was read; what arrives later is another event.
                    if bytes < self.buffer.len() {
                        return Ok(());
                    }
                }
                Err(cause) if cause.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(cause) => return self.broken(at, &cause.to_string()),
            }
        }
    }

    fn answered(&mut self, at: usize) -> Result<(), String> {
        let now = Instant::now();
        let connection = &mut self.connections[at];
        let response = &mut connection.response;
        let since = connection.since.take();
        self.count.broken_in_a_row = 0;
        if !response.is_success() {
            let (status, body) = (response.status, &response.example);
            self.count.error(|| format!("{status} {}", String::from_utf8_lossy(body)));
        } else if self.count.counting {
            self.count.bytes += u64::try_from(response.length).unwrap_or(0);
            let time = since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
            let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
            self.count.latencies.saturating_record(micros.max(1));
        }
        response.reset();
        self.free(at, now)
    }

    /// Called when a connection broke: counts an error, and opens another one.
    fn broken(&mut self, at: usize, cause: &str) -> Result<(), String> {
        self.count.error(|| cause.to_owned());
        self.count.broken_in_a_row += 1;
        if self.count.broken_in_a_row > BROKEN_MAX {
            return Err(format!("connections keep breaking: {cause}"));
        }
        let registry = self.poll.registry();
        let _ = registry.deregister(&mut self.connections[at].stream);
        self.connections[at] = connect(self.load.address, at, registry)?;
        self.free(at, Instant::now())
    }
}
