//! A digest of everything that a server stores, apart from the index of words: two are equal if no
//! row of any table has changed.

use std::hash::{DefaultHasher, Hash, Hasher};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use worksmith_test_postgres::Database;
use worksmith_tests::Server;

/// Each table with the number of its rows and a hash of their contents.
pub type Digest = Vec<(String, usize, u64)>;

/// The digest of all orgs, or of one. In the latter case, tables that belong to no org count as
/// empty.
pub fn digest(server: &Server, org: Option<&str>) -> Digest {
    match &server.database {
        None => of_sqlite(server, org),
        Some(database) => of_postgres(database, org),
    }
}

/// The order of rows does not matter.
fn of_rows(table: String, mut hashes: Vec<u64>) -> (String, usize, u64) {
    hashes.sort_unstable();
    let mut all = DefaultHasher::new();
    hashes.hash(&mut all);
    (table, hashes.len(), all.finish())
}

fn of_sqlite(server: &Server, org: Option<&str>) -> Digest {
    let database = server.dir.path().join("worksmith.db");
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .expect("a connection");
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
        .and_then(|mut tables| tables.query_map([], |row| row.get(0))?.collect())
        .expect("tables");
    tables.into_iter().map(|table| of_table(&connection, table, org)).collect()
}

fn of_table(connection: &Connection, table: String, org: Option<&str>) -> (String, usize, u64) {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\"")).expect("a table");
    let columns = statement.column_count();
    let of_org = statement.column_names().into_iter().position(|name| name == "org");
    if org.is_some() && of_org.is_none() {
        return (table, 0, 0);
    }
    let mut rows = statement.query([]).expect("rows");
    let mut hashes = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        if let (Some(wanted), Some(column)) = (org, of_org)
            && row.get_ref(column).expect("an org").as_str().ok() != Some(wanted)
        {
            continue;
        }
        let mut hasher = DefaultHasher::new();
        for column in 0..columns {
            match row.get_ref(column).expect("a value") {
                ValueRef::Null => 0_u8.hash(&mut hasher),
                ValueRef::Integer(number) => (1_u8, number).hash(&mut hasher),
                ValueRef::Real(number) => (2_u8, number.to_bits()).hash(&mut hasher),
                ValueRef::Text(bytes) => (3_u8, bytes).hash(&mut hasher),
                ValueRef::Blob(bytes) => (4_u8, bytes).hash(&mut hasher),
            }
        }
        hashes.push(hasher.finish());
    }
    of_rows(table, hashes)
}

/// PostgreSQL's numbers are given out before anything is written with them, so a refusal uses them
/// up. The index of words follows when somebody searches; SQLite has it in another file.
fn of_postgres(database: &Database, org: Option<&str>) -> Digest {
    let tables = database.ask(
        "SELECT t.table_name, bool_or(c.column_name = 'org') FROM information_schema.tables t \
         JOIN information_schema.columns c USING (table_schema, table_name) \
         WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' \
         AND t.table_name NOT IN ('counters', 'search', 'searched') \
         GROUP BY t.table_name ORDER BY t.table_name",
    );
    assert!(!tables.is_empty(), "no tables");
    let of_table = |row: Vec<Option<String>>| {
        let [Some(table), has_org] = <[_; 2]>::try_from(row).expect("two columns") else {
            panic!("a table without a name");
        };
        let filter = match org {
            None => String::new(),
            Some(_) if has_org.as_deref() != Some("t") => return (table, 0, 0),
            Some(org) => format!("WHERE r.org = '{}'", org.replace('\'', "''")),
        };
        let rows = database.ask(&format!("SELECT r::text FROM \"{table}\" r {filter}"));
        let hash = |row: Vec<Option<String>>| {
            let mut hasher = DefaultHasher::new();
            row.hash(&mut hasher);
            hasher.finish()
        };
        of_rows(table, rows.into_iter().map(hash).collect())
    };
    tables.into_iter().map(of_table).collect()
}
