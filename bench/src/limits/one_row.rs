//! The product's database, of which one row is read by its key, and nothing else.

use std::cell::RefCell;
use std::path::PathBuf;

use axum::body::Bytes;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use worksmith_kernel::Resource;
use worksmith_store::row_by_id;
use worksmith_wire::Id;
use worksmith_work::works::Work;

use super::first_number;
use crate::world::TYPES;

thread_local! {
    /// The connection of a thread.
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

/// Reads rows of works.
pub(super) struct Rows {
    path: PathBuf,
    org: String,
    sql: String,
}

impl Rows {
    pub(super) fn new(path: PathBuf, org: String) -> Self {
        Self { path, org, sql: row_by_id(Work::TABLE) }
    }

    /// The texts of the row of a work that a request names by its display id.
    pub(super) fn read(&self, request: &[u8]) -> Result<Bytes, String> {
        let id = named(request).ok_or_else(|| "the request names no work".to_owned())?;
        READER.with_borrow_mut(|reader| {
            let connection = match reader {
                Some(connection) => connection,
                None => reader.insert(self.open().map_err(|cause| cause.to_string())?),
            };
            self.ask(connection, &id.to_string()).map_err(|cause| format!("{id}: {cause}"))
        })
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.execute_batch("PRAGMA cache_size = -65536;")?;
        Ok(connection)
    }

    /// In a snapshot of its own, as the product reads.
    fn ask(&self, connection: &Connection, id: &str) -> rusqlite::Result<Bytes> {
        let run = |sql| connection.prepare_cached(sql)?.execute([]);
        run("BEGIN DEFERRED")?;
        let read = connection.prepare_cached(&self.sql).and_then(|mut statement| {
            let columns = statement.column_count();
            statement.query_row([&self.org, id], |row| {
                let mut texts = Vec::new();
                for at in 0..columns {
                    if let ValueRef::Text(text) = row.get_ref(at)? {
                        texts.extend_from_slice(text);
                    }
                }
                Ok(Bytes::from(texts))
            })
        });
        run("COMMIT")?;
        read
    }
}

/// The work in a request such as `{"id":"ISS-42"}`.
fn named(request: &[u8]) -> Option<Id> {
    let end = request.iter().position(|byte| *byte == b'-')?;
    let kind =
        TYPES.iter().find(|kind| request[..end].ends_with(kind.facts().prefix.as_bytes()))?;
    Some(Id::numbered(*kind, first_number(request)))
}

#[cfg(test)]
mod tests {
    use worksmith_wire::Kind;

    use super::*;

    #[test]
    fn a_request_names_a_work() {
        assert_eq!(named(br#"{"id":"ISS-42"}"#), Some(Id::numbered(Kind::Issue, 42)));
        assert_eq!(named(br#"{"id":"TKT-7"}"#), Some(Id::numbered(Kind::Ticket, 7)));
        assert_eq!(named(b"{}"), None);
    }
}
