//! The search index of a data dir: full text tables of SQLite in a file of their own, which is made
//! anew if it is missing or damaged. It has the words and not the texts, and no call that writes
//! waits for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, params};
use worksmith_kernel::search::{Clause, Within};
use worksmith_kernel::{Error, Result};
use worksmith_wire::{Id, Timestamp};

use super::{BUSY, Sqlite, read_error};
use crate::entries::{
    EntryHit, EntryRow, Found, Looking, NUMBER_BITS, Spelled, Spelling, Standing, Writing, clause,
    first_number,
};

/// The file name of the index in a data dir.
const FILE: &str = "search.db";
/// The layout of the file. One with another layout is made anew.
const VERSION: i64 = 1;
/// The writer keeps the pages that it changes again and again; readers find most in the memory of
/// the system.
const WRITER_CACHE_KIB: u32 = 16 << 10;
const READER_CACHE_KIB: u32 = 4 << 10;
/// How many connections are kept for readers.
const READERS: usize = 8;

/// Contentless tables keep the words alone. Facets have characters that split words elsewhere.
const LAYOUT: &str = "
    CREATE TABLE orgs (
        no INTEGER PRIMARY KEY, org TEXT NOT NULL UNIQUE, seq INTEGER NOT NULL,
        mark TEXT NOT NULL, place TEXT, shape TEXT NOT NULL);
    CREATE TABLE entries (
        no INTEGER PRIMARY KEY, org INTEGER NOT NULL, id TEXT NOT NULL, of_id TEXT,
        created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL, hash INTEGER NOT NULL);
    CREATE UNIQUE INDEX entries_of ON entries (org, id);
    CREATE VIRTUAL TABLE titles USING fts5(
        facets, title, content='', contentless_delete=1, tokenize=\"ascii tokenchars '=/_.~'\");
    CREATE VIRTUAL TABLE texts USING fts5(
        facets, title, text, content='', contentless_delete=1,
        tokenize=\"ascii tokenchars '=/_.~'\");
    PRAGMA user_version = 1";

/// A word that is nowhere else, between texts that are no phrase together.
const GAP: &str = " ~ ";

/// The index, once it was opened.
#[derive(Default)]
pub(crate) struct SearchFile(Mutex<Option<Arc<Opened>>>);

struct Opened {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
}

/// How full text tables of SQLite spell conditions.
struct Fts;

impl Spelling for Fts {
    fn phrase(words: &[String], is_prefix: bool) -> String {
        format!("\"{}\"{}", words.join(" "), if is_prefix { " *" } else { "" })
    }

    fn both(all: &[String], none: &[String]) -> String {
        let positive = all.join(" AND ");
        match none {
            [] => format!("({positive})"),
            none => format!("(({positive}) NOT ({}))", none.join(" OR ")),
        }
    }

    fn any(one: &[String]) -> String {
        format!("({})", one.join(" OR "))
    }
}

impl Sqlite {
    /// Does something with the index. A damaged one is deleted, and made anew from then on.
    fn search<T>(&self, run: impl Fn(&Opened) -> rusqlite::Result<T>) -> Result<T> {
        let opened = {
            let mut file = self.search.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(opened) = &*file {
                Arc::clone(opened)
            } else {
                let path = self.path.with_file_name(FILE);
                let opened = Opened::open(path).map_err(|cause| read_error(&cause))?;
                Arc::clone(file.insert(Arc::new(opened)))
            }
        };
        run(&opened).map_err(|cause| {
            if is_damaged(&cause) {
                tracing::warn!(%cause, "the search index is damaged; it is made anew");
                *self.search.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
                delete(&opened.path);
                return Error::unavailable(cause);
            }
            read_error(&cause)
        })
    }

    /// How far the index of an org is; `None` if there is none.
    pub(crate) fn search_standing(&self, org: &str) -> Result<Option<Standing>> {
        self.search(|opened| opened.reading(|connection| standing(connection, org)))
    }

    /// Deletes the index of an org.
    pub(crate) fn forget_search(&self, org: &str) -> Result<()> {
        self.search(|opened| opened.writing(|tx| forget(tx, org)))
    }

    /// Writes to the index of an org; `false` if it was not as far as expected.
    pub(crate) fn write_search(&self, org: &str, writing: &Writing) -> Result<bool> {
        self.search(|opened| opened.writing(|tx| write(tx, org, writing)))
    }

    /// The entries that are looked for.
    pub(crate) fn find(&self, looking: &Looking<'_>) -> Result<Vec<EntryHit>> {
        self.search(|opened| opened.reading(|connection| find(connection, looking)))
    }

    /// How many entries the index has, and how many bytes.
    pub(crate) fn search_size(&self) -> Result<(u64, u64)> {
        self.search(|opened| {
            let sql = "SELECT count(*) FROM entries";
            let entries =
                opened.reading(|connection| connection.query_row(sql, [], |row| row.get(0)))?;
            let log = fs::metadata(with_ending(&opened.path, "-wal")).map_or(0, |file| file.len());
            let bytes = fs::metadata(&opened.path).map_or(0, |file| file.len()) + log;
            Ok((entries, bytes))
        })
    }
}

/// Deletes the index of a data dir that nobody uses.
pub(super) fn discard(dir: &Path) {
    delete(&dir.join(FILE));
}

fn is_damaged(cause: &rusqlite::Error) -> bool {
    matches!(cause.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn delete(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let _ = fs::remove_file(with_ending(path, ending));
    }
}

fn connect(path: &Path, cache_kib: u32) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(BUSY)?;
    // A commit that a power cut takes back is made again from the events.
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -{cache_kib};
         PRAGMA temp_store = MEMORY;"
    ))?;
    Ok(connection)
}

impl Opened {
    fn open(path: PathBuf) -> rusqlite::Result<Self> {
        let connection = match Self::connected(&path) {
            Ok(Some(connection)) => connection,
            Err(cause) if !is_damaged(&cause) => return Err(cause),
            Ok(None) | Err(_) => {
                delete(&path);
                let connection = connect(&path, WRITER_CACHE_KIB)?;
                connection.execute_batch(&format!("BEGIN; {LAYOUT}; COMMIT"))?;
                connection
            }
        };
        Ok(Self { path, writer: Mutex::new(connection), readers: Mutex::default() })
    }

    /// The file, if it has the layout that this program knows.
    fn connected(path: &Path) -> rusqlite::Result<Option<Connection>> {
        if !path.exists() {
            return Ok(None);
        }
        let connection = connect(path, WRITER_CACHE_KIB)?;
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        Ok((version == VERSION).then_some(connection))
    }

    fn reading<T>(
        &self,
        run: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => connect(&self.path, READER_CACHE_KIB)?,
        };
        let read = run(&connection)?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(connection);
        }
        Ok(read)
    }

    fn writing<T>(
        &self,
        run: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = writer.transaction()?;
        let written = run(&tx)?;
        tx.commit()?;
        Ok(written)
    }
}

fn standing(connection: &Connection, org: &str) -> rusqlite::Result<Option<Standing>> {
    let sql = "SELECT seq, mark, place, shape FROM orgs WHERE org = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let read = statement.query_row([org], |row| {
        Ok(Standing { seq: row.get(0)?, mark: row.get(1)?, place: row.get(2)?, shape: row.get(3)? })
    });
    read.optional()
}

fn number_of(connection: &Connection, org: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT no FROM orgs WHERE org = ?1")?;
    statement.query_row([org], |row| row.get(0)).optional()
}

/// The last number that the entries of an org may have.
const fn last_number(org: i64, is_part: bool) -> i64 {
    first_number(org, is_part) + (1 << NUMBER_BITS) - 1
}

fn forget(tx: &Transaction<'_>, org: &str) -> rusqlite::Result<()> {
    let Some(no) = number_of(tx, org)? else { return Ok(()) };
    let sql = "SELECT EXISTS (SELECT * FROM orgs WHERE no <> ?1)";
    let is_shared: bool = tx.query_row(sql, [no], |row| row.get(0))?;
    if !is_shared {
        // Much faster than to delete each entry. The file stays: somebody may be reading it.
        return tx.execute_batch(
            "INSERT INTO titles (titles) VALUES ('delete-all');
             INSERT INTO texts (texts) VALUES ('delete-all');
             DELETE FROM entries; DELETE FROM orgs",
        );
    }
    let (first, last) = (first_number(no, false), last_number(no, true));
    for table in ["titles", "texts"] {
        let sql = format!(
            "DELETE FROM {table} WHERE rowid IN
             (SELECT no FROM entries WHERE no BETWEEN ?1 AND ?2)"
        );
        tx.execute(&sql, [first, last])?;
    }
    tx.execute("DELETE FROM entries WHERE no BETWEEN ?1 AND ?2", [first, last])?;
    tx.execute("DELETE FROM orgs WHERE org = ?1", [org])?;
    Ok(())
}

fn write(tx: &Transaction<'_>, org: &str, writing: &Writing) -> rusqlite::Result<bool> {
    let Writing { from, to, rows, gone } = writing;
    if standing(tx, org)? != *from {
        return Ok(false);
    }
    let Standing { seq, mark, place, shape } = to;
    tx.prepare_cached(
        "INSERT INTO orgs (org, seq, mark, place, shape) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (org) DO UPDATE SET seq = ?2, mark = ?3, place = ?4, shape = ?5",
    )?
    .execute(params![org, seq, mark, place, shape])?;
    let no = number_of(tx, org)?.unwrap_or(0);
    for id in gone {
        if let Some((entry, _)) = entry(tx, no, id)? {
            delete_entry(tx, entry)?;
        }
    }
    // Full text tables take rows in the order of their numbers.
    for is_part in [false, true] {
        let of_part = rows.iter().filter(|row| row.is_part() == is_part);
        let mut next = next_number(tx, no, is_part)?;
        for row in of_part {
            if put(tx, no, next, row)? {
                next += 1;
            }
        }
    }
    Ok(true)
}

/// The entry of an object: its number and hash.
fn entry(tx: &Transaction<'_>, org: i64, id: &Id) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut statement =
        tx.prepare_cached("SELECT no, hash FROM entries WHERE org = ?1 AND id = ?2")?;
    let found =
        statement.query_row(params![org, id.to_string()], |row| Ok((row.get(0)?, row.get(1)?)));
    found.optional()
}

fn next_number(tx: &Transaction<'_>, org: i64, is_part: bool) -> rusqlite::Result<i64> {
    let (first, last) = (first_number(org, is_part), last_number(org, is_part));
    let mut statement =
        tx.prepare_cached("SELECT max(no) FROM entries WHERE no BETWEEN ?1 AND ?2")?;
    let highest: Option<i64> = statement.query_row([first, last], |row| row.get(0))?;
    Ok(highest.unwrap_or(first) + 1)
}

fn delete_entry(tx: &Transaction<'_>, no: i64) -> rusqlite::Result<()> {
    for sql in [
        "DELETE FROM titles WHERE rowid = ?1",
        "DELETE FROM texts WHERE rowid = ?1",
        "DELETE FROM entries WHERE no = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([no])?;
    }
    Ok(())
}

/// Writes an entry under a number, unless its words and facets are what they were.
fn put(tx: &Transaction<'_>, org: i64, no: i64, row: &EntryRow) -> rusqlite::Result<bool> {
    let EntryRow { id, created_at, modified_at, hash, .. } = row;
    match entry(tx, org, id)? {
        Some((known, same)) if same == *hash => {
            tx.prepare_cached("UPDATE entries SET modified_at = ?1 WHERE no = ?2")?
                .execute([modified_at.0, known])?;
            return Ok(false);
        }
        Some((known, _)) => delete_entry(tx, known)?,
        None => {}
    }
    let of = row.of().map(ToString::to_string);
    tx.prepare_cached(
        "INSERT INTO entries (no, org, id, of_id, created_at, modified_at, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![no, org, id.to_string(), of, created_at.0, modified_at.0, hash])?;
    let (titles, texts) = row.words();
    let joined = |texts: &[Vec<String>]| {
        texts.iter().map(|words| words.join(" ")).collect::<Vec<_>>().join(GAP)
    };
    let (facets, titles, texts) = (row.facets().join(" "), joined(&titles), joined(&texts));
    if !titles.is_empty() {
        tx.prepare_cached("INSERT INTO titles (rowid, facets, title) VALUES (?1, ?2, ?3)")?
            .execute(params![no, facets, titles])?;
    }
    tx.prepare_cached("INSERT INTO texts (rowid, facets, title, text) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![no, facets, titles, texts])?;
    Ok(true)
}

fn find(connection: &Connection, looking: &Looking<'_>) -> rusqlite::Result<Vec<EntryHit>> {
    let Looking { org, is_part, in_titles, terms, needs, order, limit } = *looking;
    let spelled = Spelled::of::<Fts>(needs);
    let Some(no) = number_of(connection, org)?.filter(|_| !spelled.is_never) else {
        return Ok(Vec::new());
    };
    let within = |each: &Clause| {
        let column = match each.within {
            Within::Titles if !in_titles => "title : ",
            Within::Texts => "text : ",
            _ => "",
        };
        format!("({column}{})", clause::<Fts>(each))
    };
    let Spelled { mut all, mut none, .. } = spelled;
    all.extend(terms.all.iter().map(within));
    // What is excluded from the texts may be in them although the title has everything.
    none.extend(terms.none.iter().filter(|_| !in_titles).map(within));
    let direction = if order == Found::Newest { "DESC" } else { "ASC" };
    let table = if in_titles { "titles" } else { "texts" };
    let sql = if all.is_empty() {
        format!(
            "SELECT id, of_id, created_at, modified_at FROM entries
             WHERE ?1 = '' AND no BETWEEN ?2 AND ?3 ORDER BY no {direction} LIMIT ?4"
        )
    } else {
        format!(
            "SELECT e.id, e.of_id, e.created_at, e.modified_at
             FROM {table} CROSS JOIN entries AS e ON e.no = {table}.rowid
             WHERE {table} MATCH ?1 AND {table}.rowid BETWEEN ?2 AND ?3
             ORDER BY {table}.rowid {direction} LIMIT ?4"
        )
    };
    let wanted = if all.is_empty() { String::new() } else { Fts::both(&all, &none) };
    let mut statement = connection.prepare_cached(&sql)?;
    let (first, last) = (first_number(no, is_part), last_number(no, is_part));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let hits = statement.query_map(params![wanted, first, last, limit], |row| {
        let (id, of): (String, Option<String>) = (row.get(0)?, row.get(1)?);
        Ok((id, of, Timestamp(row.get(2)?), Timestamp(row.get(3)?)))
    })?;
    let mut found = Vec::new();
    for hit in hits {
        let (id, of, created_at, modified_at) = hit?;
        let of = of.map(|of| of.parse()).transpose();
        // An id of a kind that this program does not know is nothing to find.
        if let (Ok(id), Ok(of)) = (id.parse(), of) {
            found.push(EntryHit { id, of, created_at, modified_at });
        }
    }
    Ok(found)
}
