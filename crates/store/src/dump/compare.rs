//! Comparing what two databases keep, object by object. Each side is read and hashed independently.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sha2::{Digest as _, Sha256};
use worksmith_kernel::{Result, Value};

use super::export::describe;
use super::{COUNTERS, Hash, Pages, Part, count, orgs};
use crate::layout::Progress;
use crate::snapshot::Snapshot;

/// How many differences are reported for each table of an org.
const TOLD_MAX: usize = 10;

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The orgs of both sides, ordered by their ids.
    pub orgs: Vec<OrgReport>,
    /// What differs, a sentence each; nothing if both sides are the same. Only the first
    /// differences of a table are listed, followed by the number of the others.
    pub differences: Vec<String>,
}

/// What both sides have of an org.
#[derive(Clone, Debug)]
pub struct OrgReport {
    /// Its id.
    pub org: String,
    /// Each table in which either side has rows.
    pub tables: Vec<TableReport>,
    /// Each counter of the org.
    pub counters: Vec<CounterReport>,
}

/// What both sides have of a table of an org.
#[derive(Clone, Debug)]
pub struct TableReport {
    /// Its name.
    pub table: &'static str,
    /// The source's rows.
    pub source: Side,
    /// The target's rows.
    pub target: Side,
}

/// What one side has of a table of an org.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// The number of rows.
    pub rows: u64,
    /// The hash over the hashes of all rows, in their order.
    pub hash: String,
}

/// The value of a counter on both sides.
#[derive(Clone, Debug)]
pub struct CounterReport {
    /// What it counts.
    pub kind: String,
    /// Its value in the source, if it exists there.
    pub source: Option<i64>,
    /// Its value in the target, if it exists there.
    pub target: Option<i64>,
}

/// Compares everything that can't be derived from anything else.
pub(crate) async fn compare(
    source: &mut Snapshot,
    target: &mut Snapshot,
    parts: &[Part],
    progress: Progress<'_>,
) -> Result<Report> {
    let mut all = 0;
    for part in parts {
        all += count(source, part).await?.max(count(target, part).await?);
    }
    let mut names: BTreeSet<String> = orgs(source, parts).await?.into_iter().collect();
    names.extend(orgs(target, parts).await?);
    let (mut report, mut done) = (Report::default(), 0);
    for org in names {
        let (mut tables, mut counters) = (Vec::new(), Counters::new());
        for part in parts {
            let differences = Differences { part, found: 0, told: &mut report.differences };
            let mut pair = Pair {
                source: Reading::new(part, &org),
                target: Reading::new(part, &org),
                differences,
                counters: &mut counters,
            };
            pair.merge(source, target, &mut |rows| progress(done + rows, all)).await?;
            let Pair { source, target, differences, .. } = pair;
            differences.end();
            done += source.rows.max(target.rows);
            let (source, target) = (source.end(), target.end());
            if source.rows + target.rows > 0 {
                tables.push(TableReport { table: part.table, source, target });
            }
        }
        let counters = counters.into_iter().map(|(kind, [source, target])| CounterReport {
            kind,
            source,
            target,
        });
        report.orgs.push(OrgReport { org, tables, counters: counters.collect() });
    }
    Ok(report)
}

/// The counters of an org in the source and in the target.
type Counters = BTreeMap<String, [Option<i64>; 2]>;

/// The rows of a table of an org, as one side is read.
struct Reading<'a> {
    part: &'a Part,
    pages: Pages<'a>,
    waiting: VecDeque<(Vec<Value>, Hash)>,
    rows: u64,
    hash: Sha256,
}

impl<'a> Reading<'a> {
    fn new(part: &'a Part, org: &'a str) -> Self {
        let (pages, waiting) = (part.pages(org, None), VecDeque::new());
        Self { part, pages, waiting, rows: 0, hash: Sha256::new() }
    }

    /// Reads a page if no row is waiting and there are more.
    async fn fill(&mut self, snapshot: &mut Snapshot) -> Result<()> {
        if self.waiting.is_empty() {
            for row in self.pages.next(snapshot).await? {
                let hash = self.part.hash(&row);
                self.hash.update(hash);
                self.rows += 1;
                self.waiting.push_back((row, hash));
            }
        }
        Ok(())
    }

    fn end(self) -> Side {
        Side { rows: self.rows, hash: hex::encode(self.hash.finalize()) }
    }
}

/// A table of an org on both sides.
struct Pair<'a> {
    source: Reading<'a>,
    target: Reading<'a>,
    differences: Differences<'a>,
    counters: &'a mut Counters,
}

impl Pair<'_> {
    /// Goes through both sides in their common order.
    async fn merge(
        &mut self,
        source: &mut Snapshot,
        target: &mut Snapshot,
        progress: &mut dyn FnMut(u64),
    ) -> Result<()> {
        loop {
            // The two sides are read concurrently.
            let filled =
                futures_util::future::join(self.source.fill(source), self.target.fill(target));
            let (source_filled, target_filled) = filled.await;
            source_filled?;
            target_filled?;
            progress(self.source.rows.max(self.target.rows));
            if self.source.waiting.is_empty() && self.target.waiting.is_empty() {
                return Ok(());
            }
            // Until one side has to read on or has ended.
            loop {
                let is_over = [&self.source, &self.target].map(|side| side.waiting.is_empty());
                match is_over {
                    [false, false] => self.step(),
                    [false, true] if self.target.pages.is_over => self.missing(),
                    [true, false] if self.source.pages.is_over => self.strange(),
                    _ => break,
                }
            }
        }
    }

    /// Takes the next row of either side, or of both.
    fn step(&mut self) {
        let Some(((one, one_hash), (other, other_hash))) =
            self.source.waiting.front().zip(self.target.waiting.front())
        else {
            return;
        };
        let part = self.source.part;
        match order(part, one, other) {
            Ordering::Less => self.missing(),
            Ordering::Greater => self.strange(),
            Ordering::Equal => {
                if one_hash != other_hash {
                    self.differences.of(one, other);
                }
                if part.table == COUNTERS {
                    note(self.counters, 0, one);
                    note(self.counters, 1, other);
                }
                self.source.waiting.pop_front();
                self.target.waiting.pop_front();
            }
        }
    }

    /// Reports that the next row of the source is not in the target.
    fn missing(&mut self) {
        let Some((row, _)) = self.source.waiting.pop_front() else { return };
        self.differences.only(&row, "is in the source only");
        if self.source.part.table == COUNTERS {
            note(self.counters, 0, &row);
        }
    }

    /// Reports that the next row of the target is not in the source.
    fn strange(&mut self) {
        let Some((row, _)) = self.target.waiting.pop_front() else { return };
        self.differences.only(&row, "is in the target only");
        if self.source.part.table == COUNTERS {
            note(self.counters, 1, &row);
        }
    }
}

fn note(counters: &mut Counters, side: usize, row: &[Value]) {
    if let [_, Value::Text(kind), Value::Integer(value), ..] = row {
        counters.entry(kind.clone()).or_default()[side] = Some(*value);
    }
}

/// Which of two rows comes first. Events are paired by their order, since their numbers are not
/// kept.
fn order(part: &Part, one: &[Value], other: &[Value]) -> Ordering {
    if part.is_log() {
        return Ordering::Equal;
    }
    let text = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        other => format!("{other:?}"),
    };
    let key = |row: &[Value]| part.key_of(row).iter().map(text).collect::<Vec<_>>();
    key(one).cmp(&key(other))
}

struct Differences<'a> {
    part: &'a Part,
    found: usize,
    told: &'a mut Vec<String>,
}

impl Differences<'_> {
    fn add(&mut self, sentence: impl FnOnce() -> String) {
        self.found += 1;
        if self.found <= TOLD_MAX {
            self.told.push(sentence());
        }
    }

    fn of(&mut self, one: &[Value], other: &[Value]) {
        let part = self.part;
        self.add(|| {
            let both = part.content(one).zip(part.content(other));
            let names = both.filter(|((_, one), (_, other))| one != other);
            let names: Vec<_> = names.map(|((name, _), _)| name).collect();
            format!("{} differs in {}", named(part, one), names.join(", "))
        });
    }

    fn only(&mut self, row: &[Value], what: &str) {
        let part = self.part;
        self.add(|| format!("{} {what}", named(part, row)));
    }

    fn end(self) {
        if let Some(more) = self.found.checked_sub(TOLD_MAX).filter(|more| *more > 0) {
            self.told.push(format!("and {more} more of {}", self.part.table));
        }
    }
}

/// How a row is named in reports; an event by the change that it records.
fn named(part: &Part, row: &[Value]) -> String {
    if let (true, [Value::Text(org), .., Value::Text(id), Value::Text(verb), revision, _]) =
        (part.is_log(), row)
    {
        let revision = match revision {
            Value::Integer(revision) => *revision,
            _ => 0,
        };
        return format!("the event {verb} of {id} at revision {revision} of org {org}");
    }
    describe(part, row).to_string()
}
