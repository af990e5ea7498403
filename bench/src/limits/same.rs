//! The product's database with the product's statements, and nothing else: they were recorded
//! before, and are run here for one work after the other.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};
use worksmith_kernel::{Clock, SystemClock, Value};
use worksmith_wire::{Id, Kind};

use super::together::{Jobs, Writer};
use crate::data::DATABASE;
use crate::recorded::{Recorded, Slot, Step, Turns};

/// The number of the first event, far above those that exist.
const FIRST_EVENT: i64 = 1 << 40;
/// The pause between two copies of the log.
const PAUSE: Duration = Duration::from_millis(500);
/// A log with more pages than this is restarted.
const LOG_PAGES_MAX: i64 = 16_384;

/// What a client wants.
pub(super) enum Job {
    /// A work is changed; any number leads to one.
    Update(u64),
    /// A work is created.
    Create,
}

/// Starts the writer on a data dir.
pub(super) fn start(home: &Path, recorded: Recorded) -> Result<Writer<Job>, String> {
    let failed = |cause: rusqlite::Error| cause.to_string();
    let connection = open(home).map_err(failed)?;
    // What is wrong with a statement shows before anything is measured.
    for statement in &recorded.statements {
        connection.prepare(&statement.sql).map_err(failed)?;
    }
    let is_long = Arc::new(AtomicBool::new(false));
    let copying = open(home).map_err(failed)?;
    let flag = Arc::clone(&is_long);
    let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
    let started = thread("limits-log").spawn(move || copy(&copying, &flag));
    started.map_err(|cause| cause.to_string())?;
    let (writer, jobs) = Writer::new();
    let started =
        thread("limits-same").spawn(move || write(&connection, recorded, &jobs, &is_long));
    started.map_err(|cause| cause.to_string())?;
    Ok(writer)
}

fn open(home: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(home.join(DATABASE))?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
         PRAGMA wal_autocheckpoint = 0;",
    )?;
    Ok(connection)
}

/// Copies the log into the database beside the writer, as the product does, so that no commit
/// waits for that. Never returns.
fn copy(connection: &Connection, is_long: &AtomicBool) {
    loop {
        std::thread::sleep(PAUSE);
        if pages(connection, "PASSIVE").is_some_and(|pages| pages > LOG_PAGES_MAX) {
            is_long.store(true, Ordering::Relaxed);
        }
    }
}

/// Copies the log, and returns how many pages it has.
fn pages(connection: &Connection, how: &str) -> Option<i64> {
    let sql = format!("PRAGMA wal_checkpoint({how})");
    connection.query_row(&sql, [], |row| row.get(1)).ok()
}

fn write(connection: &Connection, recorded: Recorded, jobs: &Jobs<Job>, is_long: &AtomicBool) {
    let mut replay = match Replay::new(connection, recorded) {
        Ok(replay) => replay,
        Err(cause) => return eprintln!("a recorded statement can't be prepared: {cause}"),
    };
    let apply = |job: &Job| match job {
        Job::Update(number) => replay.update(*number),
        Job::Create => replay.create(),
    };
    jobs.write(connection, apply, || {
        if is_long.swap(false, Ordering::Relaxed) {
            let _ = pages(connection, "RESTART");
        }
    });
}

/// What the slots of the statements stand for in one run.
#[derive(Default)]
struct Facts {
    revision: i64,
    at: i64,
    event: i64,
    id: String,
    number: i64,
}

impl Facts {
    fn value<'a>(&'a self, slot: &'a Slot) -> ToSqlOutput<'a> {
        ToSqlOutput::Borrowed(match slot {
            Slot::Fixed(Value::Null) => ValueRef::Null,
            Slot::Fixed(Value::Integer(integer)) => ValueRef::Integer(*integer),
            Slot::Fixed(Value::Real(real)) => ValueRef::Real(*real),
            Slot::Fixed(Value::Text(text)) => ValueRef::Text(text.as_bytes()),
            Slot::Revision => ValueRef::Integer(self.revision),
            Slot::RevisionBefore => ValueRef::Integer(self.revision - 1),
            Slot::At => ValueRef::Integer(self.at),
            Slot::Event => ValueRef::Integer(self.event),
            Slot::Id => ValueRef::Text(self.id.as_bytes()),
            Slot::Number => ValueRef::Integer(self.number),
        })
    }
}

/// Runs what was recorded.
struct Replay<'a> {
    statements: Vec<Statement<'a>>,
    works: Vec<(Turns, usize)>,
    created: Vec<Vec<Step>>,
    /// How many works were created.
    count: usize,
    /// The number of the last issue.
    last: i64,
    event: i64,
}

impl<'a> Replay<'a> {
    fn new(connection: &'a Connection, recorded: Recorded) -> rusqlite::Result<Self> {
        let prepare = |statement: &crate::recorded::Statement| connection.prepare(&statement.sql);
        Ok(Self {
            statements: recorded.statements.iter().map(prepare).collect::<Result<_, _>>()?,
            works: recorded.works.into_iter().map(|work| (work, 0)).collect(),
            created: recorded.created,
            count: 0,
            last: i64::try_from(recorded.last).unwrap_or(0),
            event: FIRST_EVENT,
        })
    }

    /// Changes a work from one of its states to the other.
    fn update(&mut self, number: u64) -> rusqlite::Result<()> {
        let place = number % u64::try_from(self.works.len()).unwrap_or(1).max(1);
        let place = usize::try_from(place).unwrap_or(0);
        let Some((work, turn)) = self.works.get_mut(place) else {
            return Err(rusqlite::Error::QueryReturnedNoRows);
        };
        self.event += 1;
        work.revision += 1;
        let facts = Facts {
            revision: i64::try_from(work.revision).unwrap_or(0),
            at: SystemClock.now().0,
            event: self.event,
            ..Facts::default()
        };
        run(&mut self.statements, &work.turns[*turn], &facts)?;
        *turn = 1 - *turn;
        Ok(())
    }

    /// Creates a work.
    fn create(&mut self) -> rusqlite::Result<()> {
        let Some(steps) = self.created.get(self.count % self.created.len().max(1)) else {
            return Err(rusqlite::Error::QueryReturnedNoRows);
        };
        self.count += 1;
        self.event += 1;
        self.last += 1;
        let facts = Facts {
            revision: 1,
            at: SystemClock.now().0,
            event: self.event,
            id: Id::numbered(Kind::Issue, self.last.unsigned_abs()).to_string(),
            number: self.last,
        };
        run(&mut self.statements, steps, &facts)
    }
}

/// Runs the statements of a work, each of which must change one row.
fn run(statements: &mut [Statement<'_>], steps: &[Step], facts: &Facts) -> rusqlite::Result<()> {
    for Step { statement, slots } in steps {
        let statement = &mut statements[*statement];
        for (at, slot) in (1..).zip(slots) {
            statement.raw_bind_parameter(at, facts.value(slot))?;
        }
        let changed = statement.raw_execute()?;
        if changed != 1 {
            return Err(rusqlite::Error::StatementChangedRows(changed));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use worksmith_work::works::Work;

    use super::*;
    use crate::{data, recorded};

    #[tokio::test(flavor = "multi_thread")]
    async fn the_store_finds_what_was_run_again_as_it_would_have_written_it() {
        let home = tempfile::tempdir().unwrap();
        let engine = data::open(home.path()).unwrap();
        let catalog = Arc::new(Box::pin(data::make(&engine, 40)).await.unwrap());
        let recorded = recorded::record(&engine, &catalog, 3000).await.unwrap();
        let org = recorded::caller(&engine, &catalog).await.unwrap().org.org;
        drop(engine);
        let (revision, issues) = (recorded.works[0].revision, recorded.last);
        assert_eq!((revision, issues), (3, recorded.works.len() as u64));
        let connection = open(home.path()).unwrap();
        let mut replay = Replay::new(&connection, recorded).unwrap();
        // There and back, and there.
        for number in 0..3 * issues {
            replay.update(number).unwrap();
        }
        for _ in 0..70 {
            replay.create().unwrap();
        }
        drop(replay);
        drop(connection);
        let engine = data::open(home.path()).unwrap();
        let issue = |number| {
            let (engine, org) = (engine.clone(), org.clone());
            async move {
                let id = Id::numbered(Kind::Issue, number);
                let events = engine.store().snapshot().unwrap().events_of(&org, &id).await.unwrap();
                let found = engine.peek::<Work>(&org, &id).await.unwrap().unwrap();
                (found.meta.revision, found.doc.title, events.len())
            }
        };
        let (revision, title, events) = issue(1).await;
        assert_eq!((revision, events), (6, 6));
        assert!(title.starts_with("A new title, the "), "{title}");
        let (revision, _, events) = issue(issues + 70).await;
        assert_eq!((revision, events), (1, 1));
        assert_eq!(engine.store().check(&mut |_, _| {}).await, Vec::<String>::new());
    }
}
