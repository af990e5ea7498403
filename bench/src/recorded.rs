//! What the product writes, statement by statement, so that a database can be measured that is
//! given the same statements and nothing else.
//!
//! The product's own operations run here, on a copy of the data. What each would hand over to the
//! store is turned into the statements that the store would run. Nothing is known here of tables
//! or columns. Values that differ from one run of a statement to the next, such as the revision,
//! are found by marks: the batch is given numbers that occur nowhere else.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use worksmith_engine::{Engine, OpTable, Request, Tx};
use worksmith_kernel::{ColumnType, OpCtx, SystemClock, SystemEntropy, Value};
use worksmith_org::Environment;
use worksmith_store::{Batch, Change, ChangeOp, written};
use worksmith_wire::{Id, Kind, Timestamp};
use worksmith_work::works::Work;

use crate::catalog::Catalog;
use crate::random::Chance;
use crate::requests;

/// Of how many works changes are recorded, at most. They take about 12 KB of memory each. At a
/// million works, a row changes about as many.
const WORKS_MAX: u64 = 40_000;
/// How many works are recorded at a time, so that their changes share commits.
const TOGETHER: usize = 64;
/// The seed of the changes.
const SEED: u64 = 0x5A3E;

/// The marks.
const REVISION: u64 = 7_203_040_506_070_801;
const AT: i64 = 7_203_040_506_070_802;
const EVENT: u64 = 7_203_040_506_070_803;
const NUMBER: u64 = 7_203_040_506_070_804;
/// What all of them have in common, and the one before the revision, too.
const MARK: &str = "72030405060708";

/// A value of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Slot {
    /// The same in every run.
    Fixed(Value),
    /// The revision that the work gets.
    Revision,
    /// The revision that it had.
    RevisionBefore,
    /// The instant.
    At,
    /// The number of the event.
    Event,
    /// The id of a work that is created.
    Id,
    /// The number in that id.
    Number,
}

/// A statement with its values.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Step {
    /// The index of the statement.
    pub(crate) statement: usize,
    pub(crate) slots: Vec<Slot>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// Its text, with parameters `$1`, `$2`, .. in order.
    pub(crate) sql: String,
    /// The types of the parameters.
    pub(crate) types: Vec<ColumnType>,
}

/// The changes of a work that lead from one of its states to the other, and back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Turns {
    /// The revision of the work when it was recorded.
    pub(crate) revision: u64,
    /// What leads to the second state, and what leads back. The work is in the first.
    pub(crate) turns: [Vec<Step>; 2],
}

/// Everything that was recorded.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) statements: Vec<Statement>,
    /// The works that are changed.
    pub(crate) works: Vec<Turns>,
    /// The works that are created, each again and again.
    pub(crate) created: Vec<Vec<Step>>,
    /// The highest number of an issue.
    pub(crate) last: u64,
}

/// Collects the statements of all works, each once.
#[derive(Default)]
struct Book {
    statements: Vec<Statement>,
    known: HashMap<String, usize>,
}

impl Book {
    fn place(&mut self, sql: String, types: Vec<ColumnType>) -> usize {
        *self.known.entry(sql).or_insert_with_key(|sql| {
            self.statements.push(Statement { sql: sql.clone(), types });
            self.statements.len() - 1
        })
    }
}

/// A caller with the token of the data.
pub(crate) async fn caller(engine: &Engine, catalog: &Catalog) -> Result<OpCtx, String> {
    let environment = Environment {
        clock: Arc::new(SystemClock),
        entropy: Arc::new(SystemEntropy),
        base_url: "".into(),
    };
    let cx = worksmith_org::auth::authenticate(&environment, engine, &catalog.token).await;
    cx.map_err(|cause| format!("the token of the data: {cause:?}"))
}

/// Records updates and creations of works. The works that are recorded are changed by that, twice
/// each, but not the times in their rows. The bodies of works that are created have `bytes` bytes.
pub(crate) async fn record(
    engine: &Engine,
    catalog: &Arc<Catalog>,
    bytes: usize,
) -> Result<Recorded, String> {
    let table = worksmith_tracker::table();
    let cx = caller(engine, catalog).await?;
    let issues = catalog.types.first().map_or(1, |(_, count)| *count);
    let (catalog, book) = (Arc::clone(catalog), Mutex::default());
    let recorder = Recorder { engine: engine.clone(), table, catalog, cx, book };
    let mut recorded = Recorded { last: issues, ..Recorded::default() };
    let mut body = requests::create(&recorder.catalog, bytes, SEED);
    for _ in 0..requests::CREATED {
        let mut text = Vec::new();
        body(&mut text);
        let (batch, _) = recorder.batch("works.create", &text, None).await?;
        recorded.created.push(recorder.steps(batch)?);
    }
    drop(body);
    let recorder = Arc::new(recorder);
    let count = issues.min(WORKS_MAX);
    let mut tasks = Vec::new();
    for first in 0..TOGETHER as u64 {
        let recorder = Arc::clone(&recorder);
        tasks.push(tokio::spawn(async move {
            let mut works = Vec::new();
            for place in (first..count).step_by(TOGETHER) {
                // Spread over all of them.
                works.push((place, recorder.turns(1 + place * issues / count).await?));
            }
            Ok::<_, String>(works)
        }));
    }
    let mut works = Vec::new();
    for task in tasks {
        works.extend(task.await.map_err(|cause| cause.to_string())??);
    }
    works.sort_by_key(|(place, _)| *place);
    recorded.works = works.into_iter().map(|(_, turns)| turns).collect();
    let mut book = recorder.book.lock().unwrap_or_else(PoisonError::into_inner);
    recorded.statements = std::mem::take(&mut book.statements);
    Ok(recorded)
}

struct Recorder {
    engine: Engine,
    table: OpTable,
    catalog: Arc<Catalog>,
    cx: OpCtx,
    book: Mutex<Book>,
}

impl Recorder {
    /// Brings a work to a first and then to a second state, and records what leads back and forth.
    async fn turns(&self, number: u64) -> Result<Turns, String> {
        let mut chance = Chance::of(SEED, number);
        let mut body = || {
            let mut body = Vec::new();
            requests::change(&self.catalog, number, &mut chance, &mut body);
            body
        };
        let (one, other) = (body(), body());
        let id = Id::numbered(Kind::Issue, number);
        let (to_one, at) = self.batch("works.update", &one, Some(&id)).await?;
        self.apply(to_one, at).await?;
        let (to_other, _) = self.batch("works.update", &other, Some(&id)).await?;
        self.apply(to_other.clone(), at).await?;
        let (back, _) = self.batch("works.update", &one, Some(&id)).await?;
        let revision = back.changes.first().map_or(1, |change| change.meta.revision) - 1;
        Ok(Turns { revision, turns: [self.steps(back)?, self.steps(to_other)?] })
    }

    /// What an operation would write, and when the work was last changed.
    async fn batch(
        &self,
        name: &str,
        body: &[u8],
        work: Option<&Id>,
    ) -> Result<(Batch, Timestamp), String> {
        let failed = |cause: &dyn std::fmt::Debug| format!("{name}: {cause:?}");
        let op = self.table.get(name).ok_or_else(|| failed(&"no such operation"))?;
        let members = serde_json::from_slice(body).map_err(|cause| failed(&cause))?;
        let mut tx: Tx = self.engine.begin(&self.cx);
        let mut at = self.cx.now;
        if let Some(id) = work {
            let found = tx.find::<Work>(id).await.map_err(|cause| failed(&cause))?;
            at = found.ok_or_else(|| failed(id))?.meta.modified_at;
        }
        let request = Request { members, query: Vec::new() };
        op.run(&mut tx, &self.cx, request).await.map_err(|cause| failed(&cause))?;
        let batch = tx.into_batch().map_err(|cause| failed(&cause))?;
        match batch.changes.len() {
            1 => Ok((batch, at)),
            count => Err(failed(&format!("{count} objects change, and one is expected"))),
        }
    }

    /// Writes a batch, as of an earlier time: recording must not bring all works together in the
    /// indexes of times.
    async fn apply(&self, mut batch: Batch, at: Timestamp) -> Result<(), String> {
        for change in &mut batch.changes {
            change.meta.modified_at = at;
        }
        self.engine.store().apply(batch).await.map_err(|cause| format!("{cause:?}"))
    }

    /// The statements of a batch.
    fn steps(&self, batch: Batch) -> Result<Vec<Step>, String> {
        let id = Id::numbered(Kind::Issue, NUMBER).to_string();
        let step = |statement: worksmith_store::Written| {
            let slots = statement.values.into_iter().map(|value| slot(value, &id));
            let slots = slots.collect::<Result<_, _>>()?;
            let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
            Ok(Step { statement: book.place(statement.sql, statement.types), slots })
        };
        written(&marked(batch), EVENT).into_iter().map(step).collect()
    }
}

/// The batch with the marks in place of what differs from one run to the next.
fn marked(mut batch: Batch) -> Batch {
    batch.at = Timestamp(AT);
    for Change { meta, op, .. } in &mut batch.changes {
        meta.modified_at = batch.at;
        match op {
            ChangeOp::Insert(_) => {
                meta.created_at = batch.at;
                meta.id = Id::numbered(Kind::Issue, NUMBER);
            }
            _ => meta.revision = REVISION,
        }
    }
    for (_, number) in &mut batch.counters {
        *number = NUMBER;
    }
    batch
}

/// A value of a marked batch.
fn slot(value: Value, id: &str) -> Result<Slot, String> {
    let is = |integer: i64, mark: u64| u64::try_from(integer) == Ok(mark);
    match value {
        Value::Integer(AT) => Ok(Slot::At),
        Value::Integer(number) if is(number, REVISION) => Ok(Slot::Revision),
        Value::Integer(number) if is(number, REVISION - 1) => Ok(Slot::RevisionBefore),
        Value::Integer(number) if is(number, EVENT) => Ok(Slot::Event),
        Value::Integer(number) if is(number, NUMBER) => Ok(Slot::Number),
        Value::Text(text) if text == id => Ok(Slot::Id),
        Value::Text(text) if text.contains(MARK) => {
            Err(format!("a value differs from run to run in a way that is not known here: {text}"))
        }
        fixed => Ok(Slot::Fixed(fixed)),
    }
}
