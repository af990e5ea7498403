//! What the machine can do at best: the same HTTP stack as the product's with nothing behind it,
//! and SQLite with one table behind it. Served by a process of its own, as the product is.
//!
//! - `/static/get`, `/static/list`: the body is read, and a fixed one of that size is the answer.
//! - `/commit`: one row of the size of a work is replaced by its key, durably; all clients that
//!   wait share one commit. The row is the answer.
//! - `/insert`: the same with a new row.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use rusqlite::{Connection, params};
use tokio::sync::oneshot;

use crate::numbers::{float, latencies, quantile_ms};
use crate::random::{Chance, prose};
use crate::results::Flushes;

/// How many rows there are to be replaced.
const ROWS: i64 = 10_000;
/// The most clients that share a commit.
const TOGETHER_MAX: usize = 512;
/// How long a client may take to send the headers of its request, as with the product.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// Rows differ in length, so that none can be replaced by comparing it with the one before.
const BODIES: usize = 16;

/// The sizes of answers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    /// The length of an average answer of `works.get`.
    pub(crate) get: usize,
    /// The length of an average answer of `works.list` with 50 works.
    pub(crate) list: usize,
}

enum Job {
    /// Replaces the row of a key.
    Replace(i64),
    /// Adds a row.
    Insert,
}

type Waiting = (Job, oneshot::Sender<Result<Bytes, String>>);

struct Limits {
    get: Bytes,
    list: Bytes,
    writer: Sender<Waiting>,
}

/// Serves until the process is killed.
pub(crate) fn serve(listen: SocketAddr, dir: &Path, sizes: Sizes) -> Result<(), String> {
    let text = |bytes: usize| {
        let mut text = String::new();
        prose(&mut Chance::new(1), bytes.try_into().unwrap_or(0), &mut text);
        Bytes::from(text)
    };
    let bodies: Vec<_> = (0..BODIES).map(|more| text(sizes.get + more)).collect();
    let connection = open(dir, &text(sizes.get)).map_err(|cause| cause.to_string())?;
    let (sender, receiver) = channel();
    std::thread::Builder::new()
        .name("limits-writer".to_owned())
        .spawn(move || write(&connection, &receiver, &bodies))
        .map_err(|cause| cause.to_string())?;
    let (get, list) = (text(sizes.get), text(sizes.list));
    let limits = Arc::new(Limits { get, list, writer: sender });
    let router = Router::new()
        .route("/static/get", post(static_get))
        .route("/static/list", post(static_list))
        .route("/commit", post(commit))
        .route("/insert", post(insert))
        .with_state(limits);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| cause.to_string())?;
    let served: std::io::Result<()> = runtime.block_on(async {
        let listener = TcpListener::bind(listen)?;
        let mut server = axum_server::from_tcp(listener)?.first_request_timeout(HEAD_LIMIT);
        server.http_builder().http1().header_read_timeout(HEAD_LIMIT);
        server.serve(router.into_make_service_with_connect_info::<SocketAddr>()).await
    });
    served.map_err(|cause| format!("serving ended: {cause}"))
}

fn json(body: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn static_get(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    json(limits.get.clone())
}

async fn static_list(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    json(limits.list.clone())
}

async fn commit(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    done(&limits, Job::Replace(first_number(&body) % ROWS + 1)).await
}

async fn insert(State(limits): State<Arc<Limits>>, body: Bytes) -> Response {
    std::hint::black_box(&body);
    done(&limits, Job::Insert).await
}

/// The first number in a request: that of the work that it is about.
fn first_number(body: &[u8]) -> i64 {
    let digits = body.iter().skip_while(|byte| !byte.is_ascii_digit());
    let digits = digits.take_while(|byte| byte.is_ascii_digit()).take(18);
    digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
}

async fn done(limits: &Limits, job: Job) -> Response {
    let (sender, answer) = oneshot::channel();
    let sent = limits.writer.send((job, sender));
    match (sent, answer.await) {
        (Ok(()), Ok(Ok(body))) => json(body),
        (_, Ok(Err(cause))) => (StatusCode::INTERNAL_SERVER_ERROR, cause).into_response(),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "the writer has stopped").into_response(),
    }
}

/// Opens a database with its rows in place.
fn open(dir: &Path, row: &[u8]) -> rusqlite::Result<Connection> {
    let connection = Connection::open(dir.join("limits.db"))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
         CREATE TABLE IF NOT EXISTS docs (id INTEGER PRIMARY KEY, modified INTEGER, doc BLOB);
         CREATE INDEX IF NOT EXISTS docs_modified ON docs (modified);
         BEGIN;",
    )?;
    {
        let mut statement = connection
            .prepare("INSERT OR REPLACE INTO docs (id, modified, doc) VALUES (?, ?, ?)")?;
        for id in 1..=ROWS {
            statement.execute(params![id, id, row])?;
        }
    }
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(connection)
}

/// The one writer: all that wait share a commit.
fn write(connection: &Connection, waiting: &Receiver<Waiting>, bodies: &[Bytes]) {
    let mut bodies = bodies.iter().cycle();
    let mut clock = ROWS;
    let mut applied = Vec::with_capacity(TOGETHER_MAX);
    while let Ok(first) = waiting.recv() {
        let mut result = connection.execute_batch("BEGIN IMMEDIATE");
        let more = waiting.try_iter().take(TOGETHER_MAX - 1);
        for (job, answer) in std::iter::once(first).chain(more) {
            clock += 1;
            let body = bodies.next().cloned().unwrap_or_default();
            result = result.and_then(|()| apply(connection, &job, clock, &body));
            applied.push((answer, body));
        }
        result = result.and_then(|()| connection.execute_batch("COMMIT"));
        let result = result.map_err(|cause| cause.to_string());
        if result.is_err() {
            let _ = connection.execute_batch("ROLLBACK");
        }
        for (answer, body) in applied.drain(..) {
            let _ = answer.send(result.clone().map(|()| body));
        }
    }
}

fn apply(connection: &Connection, job: &Job, clock: i64, body: &[u8]) -> rusqlite::Result<()> {
    let changed = match job {
        Job::Replace(id) => connection
            .prepare_cached("UPDATE docs SET modified = ?, doc = ? WHERE id = ?")?
            .execute(params![clock, body, id])?,
        Job::Insert => connection
            .prepare_cached("INSERT INTO docs (modified, doc) VALUES (?, ?)")?
            .execute(params![clock, body])?,
    };
    if changed == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
}

/// How long a single writer waits for the disk after each write of `bytes` bytes.
pub(crate) fn flushes(dir: &Path, bytes: usize, time: Duration) -> Result<Flushes, String> {
    use std::os::unix::fs::FileExt;
    const FILE: u64 = 64 << 20;
    let path = dir.join("flushes");
    let failed = |cause: std::io::Error| format!("{}: {cause}", path.display());
    let file = std::fs::File::create(&path).map_err(failed)?;
    // The file is written once beforehand, so that only its bytes change, not its place on the
    // disk.
    let zeros = vec![0; 1 << 20];
    for place in (0..FILE).step_by(1 << 20) {
        file.write_all_at(&zeros, place).map_err(failed)?;
    }
    file.sync_all().map_err(failed)?;
    let (block, step) = (vec![7; bytes], u64::try_from(bytes).unwrap_or(FILE));
    let mut micros = latencies()?;
    let (begin, mut place) = (Instant::now(), 0);
    while begin.elapsed() < time {
        let before = Instant::now();
        file.write_all_at(&block, place).map_err(failed)?;
        file.sync_data().map_err(failed)?;
        let taken = u64::try_from(before.elapsed().as_micros()).unwrap_or(u64::MAX);
        micros.saturating_record(taken.max(1));
        place = (place + step) % FILE;
    }
    let per_second = float(micros.len()) / begin.elapsed().as_secs_f64();
    drop(file);
    std::fs::remove_file(&path).map_err(failed)?;
    let (p50_ms, p99_ms) = (quantile_ms(&micros, 0.5), quantile_ms(&micros, 0.99));
    Ok(Flushes { bytes: step, per_second, p50_ms, p99_ms })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_names_its_row() {
        assert_eq!(first_number(br#"{"id":"ISS-0420","title":"7"}"#), 420);
        assert_eq!(first_number(b"{}"), 0);
    }

    #[test]
    fn rows_are_replaced_and_added_and_answered() {
        let dir = tempfile::tempdir().unwrap();
        let connection = open(dir.path(), b"row").unwrap();
        let (sender, receiver) = channel();
        let answers: Vec<_> = [Job::Replace(3), Job::Replace(ROWS + 9), Job::Insert]
            .into_iter()
            .map(|job| {
                let (answer, wait) = oneshot::channel();
                sender.send((job, answer)).unwrap();
                // Each has a commit of its own here, so that a failure affects only one.
                let (one, receiver_of_one) = channel();
                one.send(receiver.recv().unwrap()).unwrap();
                drop(one);
                write(&connection, &receiver_of_one, &[Bytes::from_static(b"new")]);
                wait.blocking_recv().unwrap()
            })
            .collect();
        assert!(answers[0].as_deref() == Ok(b"new") && answers[1].is_err());
        assert!(answers[2].as_deref() == Ok(b"new"));
        let count = "SELECT count(*) FROM docs WHERE doc = CAST('new' AS BLOB)";
        assert_eq!(connection.query_row(count, [], |row| row.get(0)), Ok(2));
    }
}
