//! SQLite with one table and one index: a row as long as a work is replaced by its key, or added.

use std::path::Path;

use rusqlite::{Connection, params};

use super::together::{Jobs, Writer};

/// How many rows there are to be replaced.
const ROWS: i64 = 10_000;

/// What a client wants.
pub(super) enum Job {
    /// The row of a key is replaced; any number leads to one.
    Replace(u64),
    /// A row is added.
    Insert,
}

/// Starts the writer. The rows that it writes are taken in turn from `bodies`, which differ in
/// length, so that none can be replaced by comparing it with the one before.
pub(super) fn start(dir: &Path, bodies: Vec<String>) -> Result<Writer<Job>, String> {
    let row = bodies.first().map_or("", String::as_str);
    let connection = open(dir, row).map_err(|cause| cause.to_string())?;
    let (writer, jobs) = Writer::new();
    std::thread::Builder::new()
        .name("limits-bare".to_owned())
        .spawn(move || write(&connection, &jobs, &bodies))
        .map_err(|cause| cause.to_string())?;
    Ok(writer)
}

/// Opens a database with its rows in place.
fn open(dir: &Path, row: &str) -> rusqlite::Result<Connection> {
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
            statement.execute(params![id, id, row.as_bytes()])?;
        }
    }
    connection.execute_batch("COMMIT; PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(connection)
}

fn write(connection: &Connection, jobs: &Jobs<Job>, bodies: &[String]) {
    let mut bodies = bodies.iter().cycle();
    let mut clock = ROWS;
    let apply = |job: &Job| {
        clock += 1;
        let body = bodies.next().map_or("", String::as_str).as_bytes();
        let changed = match job {
            Job::Replace(number) => connection
                .prepare_cached("UPDATE docs SET modified = ?, doc = ? WHERE id = ?")?
                .execute(params![clock, body, key(*number)])?,
            Job::Insert => connection
                .prepare_cached("INSERT INTO docs (modified, doc) VALUES (?, ?)")?
                .execute(params![clock, body])?,
        };
        if changed == 1 { Ok(()) } else { Err(rusqlite::Error::QueryReturnedNoRows) }
    };
    jobs.write(connection, apply, || {});
}

fn key(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(0) % ROWS + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_replaced_and_added() {
        let dir = tempfile::tempdir().unwrap();
        let connection = open(dir.path(), "row").unwrap();
        let (writer, jobs) = Writer::new();
        let client = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let body = || bytes::Bytes::from_static(b"answer");
            for job in [Job::Replace(3), Job::Replace(7), Job::Insert] {
                assert_eq!(runtime.block_on(writer.done(job, body())).status(), 200);
            }
        });
        write(&connection, &jobs, &["new".to_owned()]);
        client.join().unwrap();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        assert_eq!(count("SELECT count(*) FROM docs WHERE doc = CAST('new' AS BLOB)"), Ok(3));
        assert_eq!(count("SELECT count(*) FROM docs"), Ok(ROWS + 1));
    }

    #[test]
    fn those_that_share_a_failed_commit_are_told_so() {
        let connection = Connection::open_in_memory().unwrap();
        let (writer, jobs) = Writer::new();
        let client = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(writer.done(Job::Insert, bytes::Bytes::new())).status()
        });
        write(&connection, &jobs, &[]);
        assert_eq!(client.join().unwrap(), 500);
    }
}
