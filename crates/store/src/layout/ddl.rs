//! The tables, made from what the families declare.

use worksmith_kernel::{Registry, Table, TableColumn};

use super::Dialect;

/// The columns that every table of documents has, in the order in which every statement names them.
pub(crate) const META_COLUMNS: [&str; 11] = [
    "org",
    "id",
    "kind",
    "seq",
    "rev",
    "created_at",
    "created_by",
    "modified_at",
    "modified_by",
    "doc_version",
    "doc",
];

/// The time that every change of an object sets.
const MODIFIED: &str = "modified_at";
/// The times in every table by which lists are walked.
const TIMES: [&str; 2] = ["created_at", MODIFIED];

const REFS: &str = "CREATE TABLE IF NOT EXISTS refs (
        org TEXT NOT NULL, to_id TEXT NOT NULL, field TEXT NOT NULL, made_at INTEGER NOT NULL,
        number INTEGER NOT NULL, from_id TEXT NOT NULL, carried TEXT NOT NULL,
        PRIMARY KEY (org, to_id, field, made_at, number, from_id, carried)) WITHOUT ROWID";

/// Creates a table of references under another name.
pub(crate) fn create_refs_as(dialect: Dialect, name: &str) -> String {
    dialect.ddl(&REFS.replacen("refs", name, 1))
}

/// The tables that are the same for all families.
pub(crate) const INFRASTRUCTURE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS shapes (name TEXT NOT NULL PRIMARY KEY, shape TEXT NOT NULL)",
    // The key has the objects that refer to one in the order of their creation, and what their
    // tables have the references carry.
    REFS,
    "CREATE TABLE IF NOT EXISTS names (
        space TEXT NOT NULL, name TEXT NOT NULL, org TEXT NOT NULL, id TEXT NOT NULL,
        PRIMARY KEY (space, name, org)) WITHOUT ROWID",
    // The key serves lists ordered by a custom field, the index serves a single object.
    "CREATE TABLE IF NOT EXISTS props (
        org TEXT NOT NULL, kept_in TEXT NOT NULL, path TEXT NOT NULL, found_by TEXT NOT NULL,
        made_at INTEGER NOT NULL, number INTEGER NOT NULL, of_id TEXT NOT NULL,
        is_least INTEGER NOT NULL,
        PRIMARY KEY (org, kept_in, path, found_by, made_at, number, of_id, is_least))
        WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS props_of_object ON props (org, of_id, path, found_by)",
    // Rows are long, so the table has row numbers on SQLite: without them, rows would be keys, few
    // of which fit in a page.
    "CREATE TABLE IF NOT EXISTS texts (
        org TEXT NOT NULL, id TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (org, id))",
    // How many objects of each kind have each value. A row whose number has become zero stays. The
    // kind comes first, so that the changes of a transaction are in few pages.
    "CREATE TABLE IF NOT EXISTS tallies (
        org TEXT NOT NULL, kept_in TEXT NOT NULL, field TEXT NOT NULL, kind TEXT NOT NULL,
        value TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (org, kept_in, field, kind, value)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS counters (
        org TEXT NOT NULL, kind TEXT NOT NULL, value INTEGER NOT NULL,
        PRIMARY KEY (org, kind)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS tombstones (
        org TEXT NOT NULL, id TEXT NOT NULL, deleted_at INTEGER NOT NULL, summary TEXT NOT NULL,
        PRIMARY KEY (org, id))",
    "CREATE TABLE IF NOT EXISTS idempotency (
        org TEXT NOT NULL, actor TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL,
        status INTEGER NOT NULL, body TEXT NOT NULL, revision INTEGER,
        expires_at INTEGER NOT NULL, PRIMARY KEY (org, actor, key))",
    "CREATE INDEX IF NOT EXISTS idempotency_end ON idempotency (expires_at)",
    "CREATE TABLE IF NOT EXISTS leases (
        name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS unread (
        reader TEXT NOT NULL, org TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL,
        claimed_until INTEGER NOT NULL, PRIMARY KEY (reader, org, id, seq))",
    // Those that are not finished are due at an instant. Of each object the first one is due, so
    // there is an index by object, and one by that instant.
    "CREATE TABLE IF NOT EXISTS deliveries (
        org TEXT NOT NULL, webhook TEXT NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL,
        object TEXT NOT NULL, type TEXT NOT NULL, made_at INTEGER NOT NULL, due_at INTEGER,
        status TEXT NOT NULL, tries INTEGER NOT NULL, touched_at INTEGER NOT NULL,
        attempts TEXT NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (org, webhook, id))",
    "CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (org, webhook, due_at)
        WHERE due_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS deliveries_of_object ON deliveries (org, webhook, object, number)
        WHERE due_at IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS deliveries_by_number ON deliveries (org, webhook, number, id)",
    "CREATE INDEX IF NOT EXISTS deliveries_touched ON deliveries (org, touched_at, id)",
    "CREATE INDEX IF NOT EXISTS deliveries_made ON deliveries (made_at)",
    "CREATE TABLE IF NOT EXISTS delivery_places (
        org TEXT NOT NULL, reader TEXT NOT NULL, place TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (org, reader))",
    "CREATE TABLE IF NOT EXISTS delivery_holds (
        org TEXT NOT NULL, webhook TEXT NOT NULL, until INTEGER NOT NULL,
        PRIMARY KEY (org, webhook))",
];

/// The log of events, numbered across all orgs.
pub(crate) const SQLITE: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT, org TEXT NOT NULL, at INTEGER NOT NULL,
        actor TEXT NOT NULL, request_id TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
        verb TEXT NOT NULL, rev INTEGER NOT NULL, old TEXT)",
    EVENTS_OF_OBJECT,
];

/// The log of events, numbered in each org. The number of an org's last event is in a row that a
/// writer of the org locks until it commits.
const POSTGRES: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS events (
        org TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL,
        actor TEXT NOT NULL, request_id TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL,
        verb TEXT NOT NULL, rev INTEGER NOT NULL, old TEXT, PRIMARY KEY (org, seq))",
    EVENTS_OF_OBJECT,
    "CREATE TABLE IF NOT EXISTS logs (org TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL)",
    // The search index, which SQLite has in a file of its own. What waits to be sorted into an
    // index is read by every search, so it is little.
    "CREATE TABLE IF NOT EXISTS searched (
        org TEXT NOT NULL PRIMARY KEY, no INTEGER NOT NULL UNIQUE, seq INTEGER NOT NULL,
        mark TEXT NOT NULL, place TEXT, shape TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS search (
        no INTEGER NOT NULL PRIMARY KEY, org TEXT NOT NULL, id TEXT NOT NULL, of_id TEXT,
        created_at INTEGER NOT NULL, modified_at INTEGER NOT NULL, hash INTEGER NOT NULL,
        titles TSVECTOR NOT NULL, words TSVECTOR NOT NULL)",
    "CREATE UNIQUE INDEX IF NOT EXISTS search_of ON search (org, id)",
    "CREATE INDEX IF NOT EXISTS search_titles ON search USING gin (titles)
        WITH (gin_pending_list_limit = 256)",
    "CREATE INDEX IF NOT EXISTS search_words ON search USING gin (words)
        WITH (gin_pending_list_limit = 256)",
];

const EVENTS_OF_OBJECT: &str =
    "CREATE INDEX IF NOT EXISTS events_of_object ON events (org, id, rev)";

/// The condition that a column has ids of this noun: the noun, a slash, and more. The zero sorts
/// right after the slash.
pub(crate) fn of_noun(column: &str, noun: &str) -> String {
    format!("({column} >= '{noun}/' AND {column} < '{noun}0')")
}

/// Every statement that creates the tables and indexes.
pub(crate) fn statements(dialect: Dialect, registry: &Registry) -> Vec<String> {
    let tables: Vec<_> = registry.families().iter().map(|family| family.table).collect();
    statements_of(dialect, &tables)
}

pub(crate) fn statements_of(dialect: Dialect, tables: &[&Table]) -> Vec<String> {
    let own = match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    let infrastructure = INFRASTRUCTURE.iter().chain(own);
    let mut statements: Vec<String> = infrastructure.map(|sql| dialect.ddl(sql)).collect();
    for table in tables {
        statements.push(dialect.ddl(&create_table(table)));
        statements.extend(create_indexes(table));
    }
    statements
}

/// The declaration of a column, in the dialect of SQLite.
pub(crate) fn declared(column: TableColumn) -> String {
    format!("{} {}", column.name, Dialect::Sqlite.type_name(column.kind))
}

/// The document comes last: it is long, and the database scans all of it to reach a column after
/// it.
pub(crate) fn create_table(table: &Table) -> String {
    create_table_as(table, table.name)
}

/// The same under another name.
pub(crate) fn create_table_as(table: &Table, name: &str) -> String {
    let columns: String =
        table.stored_columns().fold(String::new(), |list, column| list + ", " + &declared(column));
    format!(
        "CREATE TABLE IF NOT EXISTS {name} (
        org TEXT NOT NULL, id TEXT NOT NULL, kind TEXT NOT NULL, seq INTEGER NOT NULL,
        rev INTEGER NOT NULL, created_at INTEGER NOT NULL, created_by TEXT NOT NULL,
        modified_at INTEGER NOT NULL, modified_by TEXT NOT NULL,
        doc_version INTEGER NOT NULL{columns}, doc TEXT NOT NULL, PRIMARY KEY (org, id))"
    )
}

/// An index of a table: a column, then the tie-breakers of every order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Index {
    /// Its name in the database.
    pub(crate) name: String,
    pub(crate) column: &'static str,
    /// The column and the tie-breakers, which order the entries.
    pub(crate) keys: [&'static str; 3],
    /// Whether it includes rows without a value.
    pub(crate) of_all: bool,
    /// What its entries have besides, so that a walk need not read the rows that these rule out.
    pub(crate) covers: Vec<&'static str>,
}

impl Index {
    /// Whether its entries have the digests.
    pub(crate) fn has_digest(&self) -> bool {
        self.covers.contains(&DIGEST[0])
    }
}

/// The two halves of the digest.
pub(crate) const DIGEST: [&str; 2] = ["digest_1", "digest_2"];

/// The indexes of a table: one for each column that lists are walked by, with the digests and the
/// other such columns, and one without them for each column that serves look-ups.
pub(crate) fn indexes(table: &Table) -> impl Iterator<Item = Index> {
    let walked = || TIMES.into_iter().chain(table.sorts.iter().copied());
    let by = walked().map(move |column| Index {
        name: format!("{}_by_{column}", table.name),
        column,
        keys: [column, "seq", "id"],
        of_all: true,
        covers: if table.digest.is_empty() {
            Vec::new()
        } else {
            // What every change sets is in the index of its own order only.
            let others = walked().filter(|other| ![column, MODIFIED].contains(other));
            DIGEST.into_iter().chain(others).collect()
        },
    });
    let of = table.filters.iter().map(|&column| Index {
        name: format!("{}_of_{column}", table.name),
        column,
        keys: [column, "seq", "id"],
        of_all: table.whole.contains(&column),
        covers: Vec::new(),
    });
    by.chain(of)
}

pub(crate) fn create_indexes(table: &Table) -> impl Iterator<Item = String> {
    indexes(table).map(|Index { name, column, of_all, covers, .. }| {
        let columns = [&["org", column, "seq", "id"], covers.as_slice()].concat().join(", ");
        let which = if of_all { String::new() } else { format!(" WHERE {column} IS NOT NULL") };
        format!("CREATE INDEX IF NOT EXISTS {name} ON {} ({columns}){which}", table.name)
    })
}
