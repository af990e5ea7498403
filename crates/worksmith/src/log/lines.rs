//! The lines of the log on their way out.
//!
//! Whoever logs appends to a buffer, and a thread writes what has gathered there. The line of a
//! call waits for more of its kind, so that many calls share the cost of waking the thread and of
//! writing. Every other line is written at once, after those that were there before it.

use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::Metadata;
use tracing_subscriber::fmt::MakeWriter;
use worksmith_http::ACCESS;

/// For how long the lines of calls gather. A process that is killed loses no more of them.
const GATHER: Duration = Duration::from_millis(20);
/// As soon as this many bytes wait, they are written.
const BYTES_ENOUGH: usize = 64 * 1024;
/// How many bytes may wait to be written; after that, calls wait, too.
const BYTES_MAX: usize = 1024 * 1024;
/// How long the end waits for a reader that does not read.
const END_WAITS: Duration = Duration::from_secs(5);

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Open,
    /// No line is taken any more, and those that wait are written.
    Ending,
    Ended,
}

/// What waits to be written.
#[derive(Default)]
struct Waiting {
    lines: Vec<u8>,
    /// Whether it is to be written without waiting for more.
    is_urgent: bool,
    phase: Phase,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// For the thread: there is something to write.
    news: Condvar,
    /// For everybody else: the thread has taken what waited, or has ended.
    taken: Condvar,
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append(&self, line: &[u8], is_urgent: bool) {
        let is_full = |waiting: &mut Waiting| {
            waiting.lines.len() >= BYTES_MAX && waiting.phase == Phase::Open
        };
        let waiting = self.taken.wait_while(self.waiting(), is_full);
        let mut waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        if waiting.phase != Phase::Open {
            return;
        }
        let is_first = waiting.lines.is_empty();
        waiting.lines.extend_from_slice(line);
        let is_urgent = is_urgent || waiting.lines.len() >= BYTES_ENOUGH;
        let becomes_urgent = is_urgent && !waiting.is_urgent;
        waiting.is_urgent |= is_urgent;
        drop(waiting);
        if is_first || becomes_urgent {
            self.news.notify_one();
        }
    }

    /// Takes the lines when it is time to write them, and says whether they are the last.
    fn take(&self, lines: &mut Vec<u8>, gather: Duration) -> bool {
        let nothing =
            |waiting: &mut Waiting| waiting.lines.is_empty() && waiting.phase == Phase::Open;
        let waiting = self.news.wait_while(self.waiting(), nothing);
        let waiting = waiting.unwrap_or_else(PoisonError::into_inner);
        let has_time = |waiting: &mut Waiting| !waiting.is_urgent && waiting.phase == Phase::Open;
        let waited = self.news.wait_timeout_while(waiting, gather, has_time);
        let (mut waiting, _) = waited.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut waiting.lines, lines);
        waiting.is_urgent = false;
        let are_last = waiting.phase != Phase::Open;
        drop(waiting);
        self.taken.notify_all();
        are_last
    }

    fn write_out(&self, gather: Duration, mut to: impl Write) {
        let mut lines = Vec::new();
        let mut are_last = false;
        while !are_last {
            are_last = self.take(&mut lines, gather);
            // If the log can't be written, there is nobody to be told.
            let _ = to.write_all(&lines).and_then(|()| to.flush());
            lines.clear();
        }
        self.waiting().phase = Phase::Ended;
        self.taken.notify_all();
    }
}

/// Takes the lines of the log.
pub(crate) struct Lines {
    shared: Arc<Shared>,
}

/// As long as it is there, lines are taken. All of them have been written when it is dropped.
pub(crate) struct Guard {
    shared: Arc<Shared>,
}

impl Lines {
    /// Starts the thread that writes the lines.
    pub(crate) fn start(to: impl Write + Send + 'static) -> io::Result<(Self, Guard)> {
        Self::start_gathering(GATHER, to)
    }

    fn start_gathering(
        gather: Duration,
        to: impl Write + Send + 'static,
    ) -> io::Result<(Self, Guard)> {
        let shared = Arc::new(Shared::default());
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("log".to_owned());
        thread.spawn(move || of_thread.write_out(gather, to))?;
        Ok((Self { shared: Arc::clone(&shared) }, Guard { shared }))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut waiting = self.shared.waiting();
        waiting.phase = Phase::Ending;
        self.shared.news.notify_one();
        self.shared.taken.notify_all();
        let is_writing = |waiting: &mut Waiting| waiting.phase != Phase::Ended;
        drop(self.shared.taken.wait_timeout_while(waiting, END_WAITS, is_writing));
    }
}

/// Takes one line.
pub(crate) struct Line<'a> {
    shared: &'a Shared,
    is_urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.append(line, self.is_urgent);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { shared: &self.shared, is_urgent: true }
    }

    fn make_writer_for(&'a self, event: &Metadata<'_>) -> Line<'a> {
        Line { shared: &self.shared, is_urgent: event.target() != ACCESS }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    /// Longer than any test may take.
    const NEVER: Duration = Duration::from_secs(24 * 60 * 60);
    /// How long a test waits for what must come.
    const LIMIT: Duration = Duration::from_secs(60);

    /// Hands over what is written, and waits for a word before each piece if there is to be one.
    struct Reader {
        written: Sender<String>,
        may_go_on: Option<Receiver<()>>,
    }

    impl Write for Reader {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if let Some(word) = &self.may_go_on {
                // Without a sender, everything may be written.
                let _ = word.recv();
            }
            self.written.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn start(gather: Duration) -> (Lines, Guard, Receiver<String>) {
        let (written, lines_written) = mpsc::channel();
        let reader = Reader { written, may_go_on: None };
        let (lines, guard) = Lines::start_gathering(gather, reader).unwrap();
        (lines, guard, lines_written)
    }

    fn of_a_call(lines: &Lines, line: &str) {
        lines.shared.append(line.as_bytes(), false);
    }

    /// What each of several threads appends at the same time: its name and a number.
    fn append_from_threads(lines: &Lines, threads: usize, each: usize) {
        thread::scope(|scope| {
            for name in 0..threads {
                scope.spawn(move || {
                    for number in 0..each {
                        let line = format!("{name} {number} {}\n", "x".repeat(number % 300));
                        lines.shared.append(line.as_bytes(), number % 1000 == 999);
                    }
                });
            }
        });
    }

    fn assert_complete(text: &str, threads: usize, each: usize) {
        let mut next = vec![0; threads];
        for line in text.lines() {
            let mut words = line.split(' ');
            let name: usize = words.next().unwrap().parse().unwrap();
            let number: usize = words.next().unwrap().parse().unwrap();
            assert_eq!((number, words.next()), (next[name], Some(&*"x".repeat(number % 300))));
            next[name] += 1;
        }
        assert_eq!(next, vec![each; threads]);
    }

    #[test]
    fn every_line_is_written_whole_once_and_in_its_order() {
        for gather in [Duration::ZERO, Duration::from_millis(1), NEVER] {
            let (lines, guard, written) = start(gather);
            append_from_threads(&lines, 4, 20_000);
            drop(guard);
            drop(lines);
            assert_complete(&written.iter().collect::<String>(), 4, 20_000);
        }
    }

    #[test]
    fn lines_of_calls_are_written_after_a_while_and_all_others_at_once() {
        let (lines, _guard, written) = start(Duration::from_millis(1));
        of_a_call(&lines, "call\n");
        assert_eq!(written.recv_timeout(LIMIT).unwrap(), "call\n");

        let (lines, _guard, written) = start(NEVER);
        of_a_call(&lines, "call 1\n");
        of_a_call(&lines, "call 2\n");
        lines.make_writer().write_all(b"trouble\n").unwrap();
        assert_eq!(written.recv_timeout(LIMIT).unwrap(), "call 1\ncall 2\ntrouble\n");
        // There is enough for a piece.
        let line = format!("{}\n", "x".repeat(BYTES_ENOUGH));
        of_a_call(&lines, &line);
        assert_eq!(written.recv_timeout(LIMIT).unwrap(), line);
    }

    #[test]
    fn whoever_logs_waits_for_a_reader_who_does_not_read() {
        let (written, lines_written) = mpsc::channel();
        let (word, may_go_on) = mpsc::channel();
        let reader = Reader { written, may_go_on: Some(may_go_on) };
        let (lines, guard) = Lines::start_gathering(Duration::ZERO, reader).unwrap();
        let (ready, is_ready) = mpsc::channel();
        thread::scope(|scope| {
            let lines = &lines;
            scope.spawn(move || {
                append_from_threads(lines, 4, 10_000);
                ready.send(()).unwrap();
            });
            while lines.shared.waiting().lines.len() < BYTES_MAX {
                thread::yield_now();
            }
            // There are megabytes to come, and nothing is read.
            assert!(is_ready.try_recv().is_err());
            assert!(lines.shared.waiting().lines.len() < BYTES_MAX + 1000);
            drop(word);
        });
        drop(guard);
        drop(lines);
        assert_complete(&lines_written.iter().collect::<String>(), 4, 10_000);
    }

    #[test]
    fn what_is_logged_after_the_end_holds_nobody_up() {
        let (lines, guard, written) = start(NEVER);
        of_a_call(&lines, "before\n");
        drop(guard);
        for _ in 0..3 {
            of_a_call(&lines, &"x".repeat(BYTES_MAX));
        }
        drop(lines);
        assert_eq!(written.iter().collect::<Vec<_>>(), ["before\n"]);
    }
}
