//! The side of the server: a thread that accepts connections, and one for each job. Jobs are less
//! urgent than calls, so their threads have a lower priority.

use std::io;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

use super::frame::{Frame, Hello, VERSION};
use super::spool::{self, Writer};
use super::{Data, Job, Run, Session, socket};
use crate::failure::Failure;
use crate::output::{Output, Progress, Sink};

/// How many jobs may run at a time.
const JOBS_MAX: usize = 16;
/// The nice value of the threads of jobs.
const NICE: i32 = 10;
/// How long a client may take to send its request.
const ASK_WITHIN: Duration = Duration::from_secs(30);
/// How often the progress of a job is sent.
const TELL_EVERY: Duration = Duration::from_millis(100);
/// How long jobs may take to say that the server is stopping.
const END_WITHIN: Duration = Duration::from_secs(2);

/// Listens for commands until it is dropped.
pub(crate) struct Control {
    dir: PathBuf,
    stop: watch::Sender<bool>,
    jobs: Arc<AtomicUsize>,
    listening: JoinHandle<()>,
}

/// The context of a job.
#[derive(Clone)]
struct Desk {
    data: Arc<Data>,
    run: Run,
    dir: PathBuf,
    runtime: Handle,
    stop: watch::Receiver<bool>,
    jobs: Arc<AtomicUsize>,
}

impl Control {
    /// Begins to listen on a data dir that this process has locked. `run` does the jobs.
    pub(crate) fn start(dir: &Path, data: Data, run: Run) -> Result<Self, Failure> {
        let failed = |cause: io::Error| {
            format!("commands can't be listened for in the data dir {}: {cause}", dir.display())
        };
        let listener = socket::listen(dir).map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let jobs = Arc::new(AtomicUsize::new(0));
        let desk = Desk {
            data: Arc::new(data),
            run,
            dir: dir.to_owned(),
            runtime: Handle::current(),
            stop: stopped,
            jobs: Arc::clone(&jobs),
        };
        let thread = std::thread::Builder::new().name("control".to_owned());
        let listening = thread.spawn(move || accept(&listener, &desk)).map_err(failed)?;
        Ok(Self { dir: dir.to_owned(), stop, jobs, listening })
    }

    /// Accepts no more commands, and ends those that are running. Afterwards, only jobs that do not
    /// end in time still hold the data.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(true);
        // A connection wakes the listening thread.
        if let Ok(Some(_)) = socket::connect(&self.dir) {
            let _ = self.listening.join();
        }
        let _ = socket::remove(&self.dir);
        let begin = Instant::now();
        while self.jobs.load(Ordering::Relaxed) > 0 && begin.elapsed() < END_WITHIN {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn accept(listener: &UnixListener, desk: &Desk) {
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(cause) => {
                tracing::warn!(%cause, "a command can't be listened to");
                std::thread::sleep(Duration::from_millis(100));
                continue;
            }
        };
        if *desk.stop.borrow() {
            return;
        }
        let desk = desk.clone();
        let thread = std::thread::Builder::new().name("command".to_owned());
        let started = thread.spawn(move || {
            // If that is not allowed, the job has the same priority as everything else.
            let _ = rustix::process::nice(NICE);
            if let Err(cause) = answer(stream, &desk) {
                tracing::debug!(%cause, "whoever asked for a command has gone");
            }
        });
        if let Err(cause) = started {
            tracing::warn!(%cause, "a command can't be run");
        }
    }
}

/// Counts a job as long as it exists.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn one_more(jobs: &'a AtomicUsize) -> Option<Self> {
        let counted = Self(jobs);
        (jobs.fetch_add(1, Ordering::Relaxed) < JOBS_MAX).then_some(counted)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Answers one connection.
fn answer(mut stream: UnixStream, desk: &Desk) -> io::Result<()> {
    let refuse = |stream: &mut UnixStream, why: &str| Frame::End(Some(why.to_owned())).send(stream);
    if !socket::is_owner(&stream) {
        tracing::warn!("a command of another user is refused");
        let why = "the running server takes commands only of the user that it runs as";
        return refuse(&mut stream, why);
    }
    let Some(_counted) = Counted::one_more(&desk.jobs) else {
        return refuse(&mut stream, "the running server has too many commands to do; try again");
    };
    Frame::Hello(Hello::own()).send(&mut stream)?;
    stream.set_read_timeout(Some(ASK_WITHIN))?;
    match Frame::read(&mut stream)? {
        Some(Frame::Hello(hello)) => {
            if let Some(mismatch) = hello.mismatch(VERSION, &hello.version) {
                return refuse(&mut stream, &mismatch);
            }
        }
        _ => return Ok(()),
    }
    let Some(Frame::Asked(asked)) = Frame::read(&mut stream)? else { return Ok(()) };
    stream.set_read_timeout(None)?;
    let ended = run(asked.job, asked.place, &stream, desk);
    let ended = Frame::End(ended.err().map(|failure| failure.to_string()));
    ended.send(&mut stream)
}

/// Runs a job for the client at the other end.
fn run(job: Job, place: String, stream: &UnixStream, desk: &Desk) -> Result<(), Failure> {
    let failed = |cause: io::Error| Failure::from(format!("the server can't do that: {cause}"));
    let (gone, has_gone) = oneshot::channel();
    let listening = stream.try_clone().map_err(failed)?;
    let output = Output::new(Remote::new(stream.try_clone().map_err(failed)?));
    let (writer, reader) = spool::spool(&desk.dir).map_err(failed)?;
    let thread = std::thread::Builder::new().name("command-input".to_owned());
    thread.spawn(move || listen(listening, writer, gone)).map_err(failed)?;
    let only_reads = job.only_reads();
    let session = Session { output, input: Some(Box::new(reader)), place };
    let mut stop = desk.stop.clone();
    tracing::info!(command = job.name(), "a command begins");
    desk.runtime.block_on(async {
        tokio::select! {
            done = (desk.run)(job, &desk.data, session) => done,
            _ = has_gone, if only_reads => Err("whoever asked for it has gone".into()),
            _ = stop.wait_for(|is_stopped| *is_stopped) => {
                Err("the server was stopped before the command was done; run it again".into())
            }
        }
    })
}

/// Receives input from the other end, and reports when it is gone.
fn listen(stream: UnixStream, writer: Writer, gone: oneshot::Sender<()>) {
    let mut stream = io::BufReader::new(stream);
    let mut writer = Some(writer);
    while let Ok(Some(frame)) = Frame::read(&mut stream) {
        match (frame, &writer) {
            (Frame::Input(bytes), Some(to)) if to.push(&bytes).is_ok() => {}
            (Frame::InputEnd, Some(_)) => {
                if let Some(writer) = writer.take() {
                    writer.complete();
                }
            }
            _ => break,
        }
    }
    drop(writer);
    let _ = gone.send(());
}

/// The client at the other end.
struct Remote {
    stream: Mutex<UnixStream>,
    told: Mutex<Option<(Instant, Progress)>>,
}

impl Remote {
    fn new(stream: UnixStream) -> Self {
        Self { stream: Mutex::new(stream), told: Mutex::default() }
    }

    fn send(&self, frame: &Frame) -> io::Result<()> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        frame.send(&mut *stream)
    }
}

impl Sink for Remote {
    fn out(&self, bytes: &[u8]) -> io::Result<()> {
        self.send(&Frame::Out(bytes.to_vec()))
    }

    fn note(&self, line: &str) {
        // An import goes on even if nobody reads its messages any more.
        let _ = self.send(&Frame::Note(line.to_owned()));
    }

    fn progress(&self, at: &Progress) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = told.as_ref().is_none_or(|(when, last)| {
            last.what != at.what
                || when.elapsed() > TELL_EVERY
                || at.done / at.every > last.done / at.every
                || at.all.is_some_and(|all| at.done >= all)
        });
        if is_new {
            *told = Some((Instant::now(), at.clone()));
            let _ = self.send(&Frame::Progress(at.clone()));
        }
    }

    fn settle(&self) {}
}
