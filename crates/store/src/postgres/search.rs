//! The search index in PostgreSQL: a row for each object, with its words in two `tsvector`s, one of
//! its titles and one of everything. They are made here, word by word, so that no dictionary of the
//! database is asked, and both databases find the same.
//!
//! An index of words gives its entries in no order. So that a query that hits a great many reads
//! only the newest, each entry has the names of the blocks of numbers that it lies in, of several
//! lengths, among its words.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deadpool::managed::Object;
use tokio_postgres::Error as Fault;
use tokio_postgres::types::ToSql;
use worksmith_kernel::search::{Clause, Within};
use worksmith_kernel::{Error, Result, Value};
use worksmith_wire::Timestamp;

use super::reader::PostgresSnapshot;
use super::session::{Session, take};
use super::{Postgres, failed};
use crate::entries::{
    EntryHit, EntryRow, Found, Looking, NUMBER_BITS, Spelled, Spelling, Standing, Writing, clause,
    first_number,
};
use crate::layout::number;

/// The lengths of the blocks, in bits of the numbers in them; the last has all that an org has.
const BLOCKS: [u32; 4] = [13, 17, 21, NUMBER_BITS];
/// The highest position in a `tsvector`. What comes after is counted from 1 again; hits are looked
/// at anyway.
const POSITION_MAX: usize = 16_000;
/// How many positions a `tsvector` keeps of a word.
const POSITIONS_MAX: usize = 255;

/// How `tsquery` spells conditions.
struct Ts;

impl Spelling for Ts {
    fn phrase(words: &[String], is_prefix: bool) -> String {
        let quoted: Vec<_> = words.iter().map(|word| format!("'{word}'")).collect();
        format!("({}{})", quoted.join(" <-> "), if is_prefix { ":*" } else { "" })
    }

    fn both(all: &[String], none: &[String]) -> String {
        let positive = all.join(" & ");
        match none {
            [] => format!("({positive})"),
            none => format!("({positive} & !({}))", none.join(" | ")),
        }
    }

    fn any(one: &[String]) -> String {
        format!("({})", one.join(" | "))
    }
}

const STANDING: &str = "SELECT seq, mark, place, shape FROM searched WHERE org = $1";
/// The number of an org, for the first time.
const BEGIN: &str = "INSERT INTO searched (org, no, seq, mark, place, shape)
    SELECT $1, coalesce(max(no), 0) + 1, 0, '', NULL, '' FROM searched
    ON CONFLICT (org) DO NOTHING";
const ADVANCE: &str =
    "UPDATE searched SET seq = $2, mark = $3, place = $4, shape = $5 WHERE org = $1";
const KNOWN: &str = "SELECT id, no, hash FROM search WHERE org = $1 AND id = ANY($2)";
const TOUCH: &str = "UPDATE search SET modified_at = t.at
    FROM unnest($1::BIGINT[], $2::BIGINT[]) AS t(no, at) WHERE search.no = t.no";
const DELETE: &str = "DELETE FROM search WHERE no = ANY($1)";
const INSERT: &str = "INSERT INTO search
    (no, org, id, of_id, created_at, modified_at, hash, titles, words)
    SELECT t.no, $1, t.id, t.of_id, t.made, t.at, t.hash, t.titles::TSVECTOR, t.words::TSVECTOR
    FROM unnest($2::BIGINT[], $3::TEXT[], $4::TEXT[], $5::BIGINT[], $6::BIGINT[], $7::BIGINT[],
                $8::TEXT[], $9::TEXT[]) AS t(no, id, of_id, made, at, hash, titles, words)";
const LAST: &str = "SELECT max(no) FROM search WHERE no > $1 AND no < $2";

impl Postgres {
    /// How far the index of an org is; `None` if there is none.
    pub(crate) async fn search_standing(&self, org: &str) -> Result<Option<Standing>> {
        let session = take(&self.readers).await?;
        standing(&session, org, STANDING).await.map_err(|cause| failed(&cause))
    }

    /// Deletes the index of an org.
    pub(crate) async fn forget_search(&self, org: &str) -> Result<()> {
        for sql in ["DELETE FROM search WHERE org = $1", "DELETE FROM searched WHERE org = $1"] {
            super::ask(&self.others, sql, &[org.into()]).await?;
        }
        Ok(())
    }

    /// Writes to the index of an org; `false` if it was not as far as expected.
    pub(crate) async fn write_search(&self, org: &str, writing: &Writing) -> Result<bool> {
        let session = take(&self.others).await?;
        let written = write(&session, org, writing).await;
        if written.is_err() {
            // Its transaction may still be open.
            drop(Object::take(session));
        }
        written.map_err(|cause| failed(&cause))
    }

    /// How many entries the index has, and how many bytes.
    pub(crate) async fn search_size(&self) -> Result<(u64, u64)> {
        let sql = "SELECT (SELECT count(*) FROM search), pg_total_relation_size('search')";
        let rows = super::session::values(&super::ask(&self.others, sql, &[]).await?)?;
        let row = rows.first().ok_or_else(|| Error::internal("no size"))?;
        Ok((number(row, 0)?, number(row, 1)?))
    }
}

async fn standing(session: &Session, org: &str, sql: &str) -> Result<Option<Standing>, Fault> {
    let statement = session.prepare(sql).await?;
    let row = session.client.query_opt(&statement, &[&org]).await?;
    row.map(|row| {
        Ok(Standing {
            seq: row.try_get::<_, i64>(0)?.unsigned_abs(),
            mark: row.try_get(1)?,
            place: row.try_get(2)?,
            shape: row.try_get(3)?,
        })
    })
    .transpose()
    // A row without a shape only has the number of the org.
    .map(|standing| standing.filter(|standing: &Standing| !standing.shape.is_empty()))
}

async fn execute(
    session: &Session,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<(), Fault> {
    let statement = session.prepare(sql).await?;
    session.client.execute(&statement, parameters).await.map(drop)
}

async fn write(session: &Session, org: &str, writing: &Writing) -> Result<bool, Fault> {
    let Writing { from, to, rows, gone } = writing;
    session.client.batch_execute("BEGIN").await?;
    if from.is_none() {
        execute(session, BEGIN, &[&org]).await?;
    }
    let locked = format!("{STANDING} FOR UPDATE");
    if standing(session, org, &locked).await? != *from {
        session.client.batch_execute("ROLLBACK").await?;
        return Ok(false);
    }
    let Standing { seq, mark, place, shape } = to;
    execute(session, ADVANCE, &[&org, &seq.cast_signed(), mark, place, shape]).await?;
    let ids = rows.iter().map(|row| &row.id).chain(gone);
    let ids: Vec<String> = ids.map(ToString::to_string).collect();
    if !ids.is_empty() {
        let statement = session.prepare(KNOWN).await?;
        let mut known: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for row in session.client.query(&statement, &[&org, &ids]).await? {
            known.insert(row.try_get(0)?, (row.try_get(1)?, row.try_get(2)?));
        }
        let statement = session.prepare("SELECT no FROM searched WHERE org = $1").await?;
        let no: i64 = session.client.query_one(&statement, &[&org]).await?.try_get(0)?;
        put(session, (org, no), writing, &known).await?;
    }
    session.client.batch_execute("COMMIT").await?;
    Ok(true)
}

/// Writes entries in the place of those that are known.
async fn put(
    session: &Session,
    (org, no): (&str, i64),
    writing: &Writing,
    known: &BTreeMap<String, (i64, i64)>,
) -> Result<(), Fault> {
    let mut deleted: Vec<i64> = Vec::new();
    deleted.extend(writing.gone.iter().filter_map(|id| Some(known.get(&id.to_string())?.0)));
    let (mut touched, mut times) = (Vec::new(), Vec::new());
    let mut columns = Columns::default();
    for is_part in [false, true] {
        let mut next = None;
        for row in writing.rows.iter().filter(|row| row.is_part() == is_part) {
            match known.get(&row.id.to_string()) {
                Some((known, hash)) if *hash == row.hash => {
                    touched.push(*known);
                    times.push(row.modified_at.0);
                    continue;
                }
                Some((known, _)) => deleted.push(*known),
                None => {}
            }
            let at = match next {
                Some(next) => next,
                None => last(session, no, is_part).await?.unwrap_or(first_number(no, is_part)) + 1,
            };
            columns.push(at, row);
            next = Some(at + 1);
        }
    }
    execute(session, DELETE, &[&deleted]).await?;
    execute(session, TOUCH, &[&touched, &times]).await?;
    let Columns { no, id, of, created_at, modified_at, hash, titles, words } = &columns;
    let parameters: [&(dyn ToSql + Sync); 9] =
        [&org, no, id, of, created_at, modified_at, hash, titles, words];
    execute(session, INSERT, &parameters).await
}

/// The highest number that an entry of an org has.
async fn last(session: &Session, org: i64, is_part: bool) -> Result<Option<i64>, Fault> {
    let first = first_number(org, is_part);
    let end = first + (1 << NUMBER_BITS);
    let statement = session.prepare(LAST).await?;
    session.client.query_one(&statement, &[&first, &end]).await?.try_get(0)
}

/// The columns of many rows.
#[derive(Default)]
struct Columns {
    no: Vec<i64>,
    id: Vec<String>,
    of: Vec<Option<String>>,
    created_at: Vec<i64>,
    modified_at: Vec<i64>,
    hash: Vec<i64>,
    titles: Vec<String>,
    words: Vec<String>,
}

impl Columns {
    fn push(&mut self, no: i64, row: &EntryRow) {
        let (titles, texts) = row.words();
        let mut all = Lexemes::of(no, row);
        all.add(&titles);
        let own = if titles.is_empty() { String::new() } else { all.to_string() };
        all.add(&texts);
        self.no.push(no);
        self.id.push(row.id.to_string());
        self.of.push(row.of().map(ToString::to_string));
        self.created_at.push(row.created_at.0);
        self.modified_at.push(row.modified_at.0);
        self.hash.push(row.hash);
        self.titles.push(own);
        self.words.push(all.to_string());
    }
}

/// The words of a `tsvector`, with their positions.
struct Lexemes {
    words: BTreeMap<String, Vec<usize>>,
    next: usize,
}

impl Lexemes {
    fn of(no: i64, row: &EntryRow) -> Self {
        let blocks = BLOCKS.iter().map(|bits| block(*bits, no));
        let words = blocks.chain(row.facets().iter().cloned()).map(|word| (word, Vec::new()));
        Self { words: words.collect(), next: 1 }
    }

    /// Adds texts that are no phrase together.
    fn add(&mut self, texts: &[Vec<String>]) {
        for words in texts {
            for word in words {
                let at = self.next % POSITION_MAX + 1;
                let places = self.words.entry(word.clone()).or_default();
                if places.len() < POSITIONS_MAX {
                    places.push(at);
                }
                self.next += 1;
            }
            self.next += 1;
        }
    }
}

impl std::fmt::Display for Lexemes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (word, places) in &self.words {
            write!(f, "'{word}'")?;
            for (place, at) in places.iter().enumerate() {
                f.write_char(if place == 0 { ':' } else { ',' })?;
                write!(f, "{at}")?;
            }
            f.write_char(' ')?;
        }
        Ok(())
    }
}

/// The name of the block of this length that a number lies in.
fn block(bits: u32, no: i64) -> String {
    format!("~{bits}.{}", no >> bits)
}

impl PostgresSnapshot {
    /// The entries that are looked for.
    pub(crate) async fn find(&mut self, looking: &Looking<'_>) -> Result<Vec<EntryHit>> {
        let spelled = Spelled::of::<Ts>(looking.needs);
        let asked = [looking.org.into()];
        let org = self.ask("SELECT no FROM searched WHERE org = $1", &asked).await?;
        let Some(org) = org.first().filter(|_| !spelled.is_never) else { return Ok(Vec::new()) };
        let first = first_number(number(org, 0)?.cast_signed(), looking.is_part);
        let end = first + (1 << NUMBER_BITS);
        let last = self.ask(LAST, &[Value::Integer(first), Value::Integer(end)]).await?;
        let Some([Value::Integer(last)]) = last.first().map(Vec::as_slice) else {
            return Ok(Vec::new());
        };
        let conditions = Conditions::of(spelled, looking);
        for bits in BLOCKS {
            let before = (last >> bits) - 1;
            let is_all = bits == NUMBER_BITS || before <= first >> bits;
            if looking.order == Found::Oldest && !is_all {
                continue;
            }
            let blocks = if is_all {
                vec![block(NUMBER_BITS, *last)]
            } else {
                vec![block(bits, *last), block(bits, before << bits)]
            };
            let (sql, values) = conditions.statement(&blocks, looking);
            let rows = self.ask(&sql, &values).await?;
            if is_all || rows.len() == looking.limit {
                return rows.iter().map(|row| hit(row)).collect();
            }
        }
        Ok(Vec::new())
    }
}

fn hit(row: &[Value]) -> Result<EntryHit> {
    let broken = || Error::internal("an entry can't be read");
    let [Value::Text(id), of, Value::Integer(created_at), Value::Integer(modified_at)] = row else {
        return Err(broken());
    };
    let of = match of {
        Value::Text(of) => Some(of.parse().map_err(|_| broken())?),
        _ => None,
    };
    let (created_at, modified_at) = (Timestamp(*created_at), Timestamp(*modified_at));
    Ok(EntryHit { id: id.parse().map_err(|_| broken())?, of, created_at, modified_at })
}

/// What must hold, by the columns: what must be there, and what must not.
#[derive(Default)]
struct Conditions {
    titles: (Vec<String>, Vec<String>),
    words: (Vec<String>, Vec<String>),
}

impl Conditions {
    fn of(spelled: Spelled, looking: &Looking<'_>) -> Self {
        let mut conditions = Self::default();
        let own = if looking.in_titles { &mut conditions.titles } else { &mut conditions.words };
        own.0.extend(spelled.all);
        own.1.extend(spelled.none);
        for each in &looking.terms.all {
            let is_title = looking.in_titles || each.within == Within::Titles;
            let column = if is_title { &mut conditions.titles } else { &mut conditions.words };
            column.0.push(clause::<Ts>(each));
        }
        // That a word is in no text but the title can't be said of all words.
        let sure = |each: &&Clause| !looking.in_titles && each.within != Within::Texts;
        for each in looking.terms.none.iter().filter(sure) {
            let is_title = each.within == Within::Titles;
            let column = if is_title { &mut conditions.titles } else { &mut conditions.words };
            column.1.push(clause::<Ts>(each));
        }
        conditions
    }

    /// The statement that finds the entries in some blocks. Each word is a condition of its own:
    /// the index skips from one to the next that has all of them.
    fn statement(&self, blocks: &[String], looking: &Looking<'_>) -> (String, Vec<Value>) {
        let block = Ts::any(&blocks.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>());
        let (mut values, mut held) = (Vec::new(), String::new());
        let mut hold = |column: &str, query: String| {
            values.push(Value::Text(query));
            let and = if held.is_empty() { "" } else { " AND " };
            let _ = write!(held, "{and}{column} @@ ${}::TEXT::TSQUERY", values.len());
        };
        let own = if looking.in_titles { "titles" } else { "words" };
        for (column, (all, none)) in [("titles", &self.titles), ("words", &self.words)] {
            if column == own || !none.is_empty() {
                hold(column, Ts::both(std::slice::from_ref(&block), none));
            }
            for query in all {
                hold(column, query.clone());
            }
        }
        values.push((looking.limit as u64).into());
        let direction = if looking.order == Found::Newest { "DESC" } else { "ASC" };
        let limit = values.len();
        let sql = format!(
            "WITH found AS MATERIALIZED (
                 SELECT no, id, of_id, created_at, modified_at FROM search WHERE {held})
             SELECT id, of_id, created_at, modified_at FROM found
             ORDER BY no {direction} LIMIT ${limit}"
        );
        (sql, values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_spelled_for_the_index() {
        let words =
            |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        assert_eq!(Ts::phrase(&words(&["a", "b"]), true), "('a' <-> 'b':*)");
        assert_eq!(Ts::both(&words(&["'a'"]), &words(&["'b'", "'c'"])), "('a' & !('b' | 'c'))");
    }
}
