//! A database of a version that kept something else: what changed is derived again, and nothing
//! besides. On SQLite, and on PostgreSQL where there is one.

use std::collections::BTreeMap;
use std::sync::Arc;

use rusqlite::Connection;
use tempfile::TempDir;
use worksmith_kernel::{
    ColumnType, Cond, Derived, Family, Has, Query, RawRow, Registry, Result, Table, TableColumn,
    Value,
};
use worksmith_store::{CONNECTIONS, Store, UpgradePart, Upgrading};
use worksmith_test_postgres::{Database, shared};
use worksmith_wire::Kind;

use crate::bed::{Backend, Bed, CODE, LABEL, NAMES, Opening, Owner, Thing, registry, thing};

/// A database that is opened by one version after another.
#[derive(Clone)]
pub(crate) enum Place {
    Sqlite(Arc<TempDir>),
    Postgres(Arc<Database>),
}

/// Each database that there is.
pub(crate) fn places() -> Vec<Place> {
    let postgres = shared().map(|server| Place::Postgres(Arc::new(server.database())));
    let sqlite = Place::Sqlite(Arc::new(TempDir::new().unwrap()));
    [sqlite].into_iter().chain(postgres).collect()
}

impl Backend for Place {
    fn open(&self, registry: Registry) -> Opening<'_> {
        Box::pin(async move { self.opened(registry).await.unwrap().0 })
    }
}

impl Place {
    /// Opens it, and returns how many rows were done, of how many, after each step.
    pub(crate) async fn opened(
        &self,
        registry: Registry,
    ) -> Result<(Store, Vec<(u64, u64)>), String> {
        let mut told = Vec::new();
        let mut progress = |at: Upgrading<'_>| {
            if at.part == UpgradePart::Rows {
                told.push((at.done, at.all));
            }
        };
        let store = match self {
            Self::Sqlite(dir) => Store::open_sqlite(dir.path(), registry, &mut progress)
                .map_err(|error| error.to_string())?,
            Self::Postgres(database) => {
                let url = database.url();
                let opened = Store::open_postgres(&url, CONNECTIONS, registry, &mut progress);
                opened.await.map_err(|error| error.to_string())?
            }
        };
        Ok((store, told))
    }

    /// Opens it and closes it again.
    pub(crate) async fn pass(&self, registry: Registry) -> Vec<(u64, u64)> {
        self.opened(registry).await.unwrap().1
    }

    /// The rows of a query, each as one text.
    pub(crate) fn ask(&self, sql: &str) -> Vec<String> {
        let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        match self {
            Self::Sqlite(dir) => {
                let database = Connection::open(dir.path().join("worksmith.db")).unwrap();
                let mut statement = database.prepare(sql).unwrap();
                let columns = statement.column_count();
                let mut rows = statement.query([]).unwrap();
                let mut all = Vec::new();
                while let Some(row) = rows.next().unwrap() {
                    let values = (0..columns).map(|at| match row.get_unwrap(at) {
                        rusqlite::types::Value::Null => text(None),
                        rusqlite::types::Value::Integer(value) => value.to_string(),
                        rusqlite::types::Value::Real(value) => value.to_string(),
                        rusqlite::types::Value::Text(value) => value,
                        rusqlite::types::Value::Blob(_) => "blob".to_owned(),
                    });
                    all.push(values.collect::<Vec<_>>().join("|"));
                }
                all
            }
            Self::Postgres(database) => {
                let rows = database.ask(sql).into_iter();
                rows.map(|row| row.into_iter().map(text).collect::<Vec<_>>().join("|")).collect()
            }
        }
    }

    /// The names of the columns of a table, and of its indexes.
    fn layout(&self, table: &str) -> (Vec<String>, Vec<String>) {
        let [columns, indexes] = match self {
            Self::Sqlite(_) => [
                format!("SELECT name FROM pragma_table_info('{table}')"),
                format!(
                    "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = '{table}'
                     AND sql IS NOT NULL ORDER BY name"
                ),
            ],
            Self::Postgres(_) => [
                format!(
                    "SELECT column_name FROM information_schema.columns
                     WHERE table_name = '{table}' ORDER BY ordinal_position"
                ),
                format!(
                    "SELECT indexname FROM pg_indexes WHERE tablename = '{table}'
                     AND indexname NOT LIKE '%_pkey' ORDER BY indexname"
                ),
            ],
        };
        (self.ask(&columns), self.ask(&indexes))
    }

    /// What changes if a row of a table is written: on PostgreSQL, the position of the row and the
    /// transaction that wrote it; on SQLite, the root page of the table, and from now on any write
    /// to its rows is refused.
    pub(crate) fn traces(&self, table: &str, rows: &str) -> Vec<String> {
        if let Self::Postgres(_) = self {
            let rows = if rows.is_empty() { String::new() } else { format!("WHERE {rows}") };
            return self.ask(&format!("SELECT ctid, xmin FROM {table} {rows} ORDER BY ctid"));
        }
        for (verb, row) in [("INSERT", "new"), ("UPDATE", "old"), ("DELETE", "old")] {
            let when = match rows {
                "" => String::new(),
                rows => format!("WHEN {row}.{rows}"),
            };
            self.ask(&format!(
                "CREATE TRIGGER IF NOT EXISTS {table}_{verb} BEFORE {verb} ON {table} {when}
                 BEGIN SELECT raise(ABORT, 'a row of {table} is written'); END"
            ));
        }
        let place = "SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name =";
        self.ask(&format!("{place} '{table}'"))
    }
}

const RANK: TableColumn = TableColumn::new("rank", ColumnType::Integer);
const WEIGHT: TableColumn = TableColumn::new("weight", ColumnType::Real);
const DONE: TableColumn = TableColumn::new("done", ColumnType::Integer);

/// The table of things of a version that had no weights.
static WITHOUT_WEIGHT: Table = Table {
    name: "things",
    kinds: &[Kind::Issue, Kind::Ticket],
    columns: &[RANK, TableColumn::new("label", ColumnType::Text), DONE],
    filters: &["label"],
    whole: &[],
    sorts: &["rank"],
    digest: &["kind", "label", "done", "owners", "parent"],
    carried: Some("label"),
    long: Some("body"),
    tallied: &["label", "done", "owners"],
};
/// The table of things of a version whose labels were numbers, without an index.
static LABELLED_BY_NUMBER: Table = Table {
    name: "things",
    kinds: &[Kind::Issue, Kind::Ticket],
    columns: &[RANK, WEIGHT, TableColumn::new("label", ColumnType::Integer), DONE],
    filters: &["rank"],
    whole: &[],
    sorts: &[],
    digest: &["kind", "done", "owners", "parent"],
    carried: Some("label"),
    long: Some("body"),
    tallied: &["label", "done", "owners"],
};
/// The table of things with one index less and another one more.
static OTHER_INDEXES: Table = Table {
    name: "things",
    kinds: &[Kind::Issue, Kind::Ticket],
    columns: &[RANK, WEIGHT, TableColumn::new("label", ColumnType::Text), DONE],
    filters: &["done"],
    whole: &[],
    sorts: &["rank"],
    digest: &["kind", "label", "done", "owners", "parent"],
    carried: Some("label"),
    long: Some("body"),
    tallied: &["label", "done", "owners"],
};
/// The table of things with fewer terms in its digest.
static OTHER_DIGEST: Table = Table {
    name: "things",
    kinds: &[Kind::Issue, Kind::Ticket],
    columns: &[RANK, WEIGHT, TableColumn::new("label", ColumnType::Text), DONE],
    filters: &["label"],
    whole: &[],
    sorts: &["rank"],
    digest: &["kind"],
    carried: Some("label"),
    long: Some("body"),
    tallied: &["label", "done", "owners"],
};

/// The table of things that are tallied by something else.
static OTHER_TALLIES: Table = Table {
    name: "things",
    kinds: &[Kind::Issue, Kind::Ticket],
    columns: &[RANK, WEIGHT, TableColumn::new("label", ColumnType::Text), DONE],
    filters: &["label"],
    whole: &[],
    sorts: &["rank"],
    digest: &["kind", "label", "done", "owners", "parent"],
    carried: Some("label"),
    long: Some("body"),
    tallied: &["rank", "parent"],
};

fn of_thing(row: &RawRow) -> Result<Derived> {
    (Family::of::<Thing>().derive)(row)
}

/// A version that kept things differently.
pub(crate) fn version(things: Family) -> Registry {
    let mut registry = Registry::default();
    registry.add(things);
    registry.add(Family::of::<Owner>());
    registry
}

pub(crate) fn without_weight() -> Registry {
    version(Family {
        table: &WITHOUT_WEIGHT,
        derive: |row| {
            let mut derived = of_thing(row)?;
            derived.columns.remove(1);
            Ok(derived)
        },
        ..Family::of::<Thing>()
    })
}

/// A version in which things had no parents, and other codes.
pub(crate) fn without_parents() -> Registry {
    version(Family {
        derived_version: 0,
        derive: |row| {
            let mut derived = of_thing(row)?;
            derived.refs.retain(|(field, _)| *field != "parent");
            derived.names.iter_mut().for_each(|(_, _, name)| name.push_str(" as it was"));
            derived.props.clear();
            Ok(derived)
        },
        ..Family::of::<Thing>()
    })
}

/// Creates things and owners: some of the things have a label, and all have a parent and an owner.
async fn fill(place: &Place) {
    fill_with(place, 300).await;
}

pub(crate) async fn fill_with(place: &Place, things: i64) {
    let bed = Bed::new(place.clone()).await;
    let mut tx = bed.tx();
    let owner = Owner { name: "somebody".to_owned() };
    let owner = tx.insert(Kind::Account, owner).await.unwrap().id().clone();
    let parent = tx.insert(Kind::Issue, thing("parent")).await.unwrap().id().clone();
    for n in 0..things {
        let custom: BTreeMap<_, Vec<Value>> = [("tnt__cost".to_owned(), vec![n.into()])].into();
        let thing = Thing {
            label: (n % 3 == 0).then(|| format!("label {}", n % 2)),
            weight: (n % 3 == 0).then_some(0.5),
            code: Some(format!("code {n}")),
            parent: Some(parent.clone()),
            owners: vec![owner.clone()],
            rank: Some(n),
            body: "long ".repeat(if n % 4 == 0 { 150 } else { 1 }),
            custom,
            ..thing(&format!("thing {n}"))
        };
        tx.insert(Kind::Issue, thing).await.unwrap();
    }
    tx.finish().await.unwrap();
    bed.is_consistent().await;
}

/// Everything is there, and is found the way this version finds it.
pub(crate) async fn all_is_there(place: &Place) {
    let bed = Bed::new(place.clone()).await;
    bed.is_consistent().await;
    let mut tx = bed.tx();
    let mut query = Query::new();
    query.with(Cond::is(LABEL, "label 1"));
    assert_eq!(tx.count::<Thing>(&query).await.unwrap(), 50);
    let first = tx.first::<Thing>(&query, 1).await.unwrap();
    let parent = first[0].doc.parent.clone().unwrap();
    assert_eq!(tx.refs_to(&parent).await.unwrap().len(), 300);
    let mut costing = Query::new();
    costing.prop("tnt__cost", Has::OneOf(vec![7_i64.into()]));
    assert_eq!(tx.count::<Thing>(&costing).await.unwrap(), 1);
    assert!(tx.find_name(CODE, "code 299").await.unwrap().is_some());
    assert!(tx.find_name(NAMES, "somebody").await.unwrap().is_some());
    let long = tx.find_name(CODE, "code 296").await.unwrap().unwrap();
    let long = tx.find::<Thing>(&long).await.unwrap().unwrap();
    assert_eq!(long.doc.body, "long ".repeat(150));
    drop(tx);
    bed.insert(thing("one more")).await;
    bed.is_consistent().await;
}

const DERIVED: [&str; 3] = ["refs", "names", "props"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_that_comes_is_derived_and_no_row_of_another_family_is_written() {
    for place in places() {
        fill(&place).await;
        let (columns, indexes) = place.layout("things");
        // A column that goes is dropped; SQLite copies the table without it.
        let told = place.pass(without_weight()).await;
        match place {
            Place::Sqlite(_) => assert_eq!(told.last(), Some(&(301, 301))),
            Place::Postgres(_) => assert_eq!(told, []),
        }
        let (fewer, _) = place.layout("things");
        assert!(!fewer.contains(&"weight".to_owned()), "{fewer:?}");
        let unweighted = |place: &Place| match place {
            Place::Postgres(_) => place.ask(
                "SELECT id, ctid, xmin FROM things
                 WHERE doc NOT LIKE '%\"weight\":0.5%' ORDER BY id",
            ),
            Place::Sqlite(_) => Vec::new(),
        };
        let traces = |place: &Place| {
            let tables = ["owners", "texts", "refs", "names", "props", "events", "counters"];
            tables.map(|table| place.traces(table, ""))
        };
        let (others, unweighted_before) = (traces(&place), unweighted(&place));
        assert_eq!(place.pass(registry()).await.last(), Some(&(301, 301)));
        assert_eq!(traces(&place), others);
        assert_eq!(unweighted(&place), unweighted_before);
        let (mut again, indexes_again) = place.layout("things");
        assert_eq!(indexes_again, indexes);
        if let Place::Postgres(_) = place {
            again.sort();
            let mut columns = columns;
            columns.sort();
            assert_eq!(again, columns);
        } else {
            assert_eq!(again, columns, "the document is the last column");
        }
        drop_triggers(&place);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_with_nothing_new_derives_and_writes_nothing() {
    for place in places() {
        fill(&place).await;
        let tables = ["things", "owners", "refs", "names", "props", "shapes"];
        let traces = tables.map(|table| place.traces(table, ""));
        assert_eq!(place.pass(registry()).await, []);
        assert_eq!(tables.map(|table| place.traces(table, "")), traces);
        drop_triggers(&place);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_alone_is_made_without_deriving_anything() {
    for place in places() {
        fill(&place).await;
        let (_, indexes) = place.layout("things");
        let tables = ["things", "owners", "refs", "names", "props"];
        let traces = tables.map(|table| place.traces(table, ""));
        let other = || version(Family { table: &OTHER_INDEXES, ..Family::of::<Thing>() });
        assert_eq!(place.pass(other()).await, []);
        let (_, others) = place.layout("things");
        assert!(others.contains(&"things_of_done".to_owned()), "{others:?}");
        assert!(!others.contains(&"things_of_label".to_owned()), "{others:?}");
        assert_eq!(place.pass(registry()).await, []);
        assert_eq!(place.layout("things").1, indexes);
        assert_eq!(tables.map(|table| place.traces(table, "")), traces);
        drop_triggers(&place);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_column_of_another_type_and_a_changed_digest_are_derived_anew() {
    for place in places() {
        fill(&place).await;
        let digest = "SELECT digest_1, digest_2 FROM things WHERE id = 'issue/2'";
        let terms = place.ask(digest);
        let numbered = version(Family {
            table: &LABELLED_BY_NUMBER,
            derive: |row| {
                let mut derived = of_thing(row)?;
                derived.columns[2] = Value::Integer(7);
                Ok(derived)
            },
            ..Family::of::<Thing>()
        });
        place.pass(numbered).await;
        assert_eq!(place.ask("SELECT count(*) FROM things WHERE label = 7"), ["301"]);
        let (_, indexes) = place.layout("things");
        assert!(!indexes.contains(&"things_by_rank".to_owned()), "{indexes:?}");
        let digests = version(Family { table: &OTHER_DIGEST, ..Family::of::<Thing>() });
        // References carry the label, so they are derived again, too.
        assert!(goes_to_the_end(&place.pass(digests).await) > 301);
        assert_ne!(place.ask(digest), terms);
        let traces = DERIVED.map(|table| place.traces(table, ""));
        // Where rows are changed in place, they are read once before that.
        let rows = if let Place::Sqlite(_) = place { 301 } else { 602 };
        assert_eq!(goes_to_the_end(&place.pass(registry()).await), rows);
        assert_eq!(DERIVED.map(|table| place.traces(table, "")), traces);
        assert_eq!(place.ask(digest), terms);
        drop_triggers(&place);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_family_that_says_so_is_derived_anew_with_its_references_and_names_and_no_other_one() {
    for place in places() {
        fill(&place).await;
        // 301 things are read twice; in between, 600 references, 301 names and 300 values of custom
        // fields are looked at.
        assert_eq!(goes_to_the_end(&place.pass(without_parents()).await), 1803);
        assert_eq!(place.ask("SELECT count(*) FROM refs WHERE field = 'parent'"), ["0"]);
        assert_eq!(place.ask("SELECT count(*) FROM props"), ["0"]);
        assert_eq!(place.ask("SELECT count(*) FROM names WHERE name LIKE '% as it was'"), ["300"]);
        let traces = |place: &Place| {
            [place.traces("owners", ""), place.traces("names", "id LIKE 'account/%'")]
        };
        let others = traces(&place);
        // There are no references to parents, and no values of custom fields.
        assert_eq!(goes_to_the_end(&place.pass(registry()).await), 1203);
        assert_eq!(traces(&place), others);
        drop_triggers(&place);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_is_new_is_made_and_the_others_stay() {
    for place in places() {
        let mut owners = Registry::default();
        owners.add(Family::of::<Owner>());
        let (store, _) = place.opened(owners).await.unwrap();
        drop(store);
        assert_eq!(place.layout("things"), (Vec::new(), Vec::new()));
        assert_eq!(place.pass(registry()).await, []);
        fill(&place).await;
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_noted_nothing_is_derived_anew_as_a_whole() {
    for place in places() {
        fill(&place).await;
        place.ask("DELETE FROM refs WHERE field = 'parent'");
        place.ask("UPDATE names SET name = 'nothing' WHERE name = 'code 299'");
        place.ask("DROP TABLE shapes");
        match place {
            Place::Sqlite(_) => place.ask("PRAGMA user_version = 3"),
            Place::Postgres(_) => place.ask("UPDATE layout SET version = 2"),
        };
        assert_eq!(goes_to_the_end(&place.pass(registry()).await), 604);
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upgrade_that_fails_changes_nothing_for_the_version_before() {
    for place in places() {
        fill(&place).await;
        place.pass(without_weight()).await;
        let shapes = place.ask("SELECT * FROM shapes");
        let rows = "SELECT id, rev, rank, label, digest_1 FROM things ORDER BY id";
        let before = place.ask(rows);
        let doc = place.ask("SELECT doc FROM things WHERE id = 'issue/200'");
        place.ask("UPDATE things SET doc = '{' WHERE id = 'issue/200'");
        let failed = place.opened(registry()).await.err().unwrap();
        assert!(failed.contains("issue/200 can't be read"), "{failed}");
        assert_eq!(place.ask("SELECT * FROM shapes"), shapes);
        assert_eq!(place.ask(rows), before);
        let whole = place.opened(without_parents()).await.err().unwrap();
        assert!(whole.contains("issue/200 can't be read"), "{whole}");
        assert_eq!(place.ask("SELECT * FROM shapes"), shapes);
        assert_eq!(place.ask(rows), before);
        assert_eq!(place.ask("SELECT count(*) FROM names"), ["301"]);
        assert_eq!(place.pass(without_weight()).await, []);
        let doc = doc[0].replace('\'', "''");
        place.ask(&format!("UPDATE things SET doc = '{doc}' WHERE id = 'issue/200'"));
        place.pass(registry()).await;
        all_is_there(&place).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_tallied_by_something_else_is_tallied_anew_and_nothing_is_derived() {
    for place in places() {
        fill(&place).await;
        let counted = "SELECT field, sum(number) FROM tallies WHERE kept_in = 'things'
                       GROUP BY field ORDER BY field";
        let before = place.ask(counted);
        let other = || version(Family { table: &OTHER_TALLIES, ..Family::of::<Thing>() });
        assert_eq!(place.pass(other()).await, []);
        assert_eq!(place.ask(counted), ["|301", "parent|301", "rank|300"]);
        assert_eq!(place.pass(registry()).await, []);
        assert_eq!(place.ask(counted), before);
        all_is_there(&place).await;
    }
}

/// The number of rows, all of which were done in the end.
#[track_caller]
fn goes_to_the_end(told: &[(u64, u64)]) -> u64 {
    let (done, all) = told.last().copied().unwrap_or_default();
    assert_eq!(done, all, "{told:?}");
    all
}

pub(crate) fn drop_triggers(place: &Place) {
    let Place::Sqlite(_) = place else { return };
    for trigger in place.ask("SELECT name FROM sqlite_schema WHERE type = 'trigger'") {
        place.ask(&format!("DROP TRIGGER {trigger}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn references_that_carried_nothing_are_taken_over_and_no_document_is_read() {
    for place in places() {
        fill(&place).await;
        let all = "SELECT org, to_id, field, made_at, number, from_id, carried FROM refs
                   ORDER BY org, to_id, field, from_id";
        let before = place.ask(all);
        place.ask("ALTER TABLE refs RENAME TO carried");
        let refs = "CREATE TABLE refs (org TEXT NOT NULL, to_id TEXT NOT NULL,
                    field TEXT NOT NULL, from_id TEXT NOT NULL,
                    CONSTRAINT refs_key PRIMARY KEY (org, to_id, field, from_id))";
        place.ask(&match place {
            Place::Sqlite(_) => refs.to_owned(),
            Place::Postgres(_) => refs.replace("TEXT", "TEXT COLLATE \"C\""),
        });
        place.ask("INSERT INTO refs SELECT org, to_id, field, from_id FROM carried");
        place.ask("DROP TABLE carried");
        if let Place::Postgres(_) = place {
            place.ask("ALTER INDEX refs_key RENAME TO refs_pkey");
        }
        for carried in ["label", ""] {
            let noted = format!(",\"carried\":\"{carried}\"");
            place.ask(&format!("UPDATE shapes SET shape = replace(shape, '{noted}', '')"));
        }
        match place {
            Place::Sqlite(_) => place.ask("PRAGMA user_version = 4"),
            Place::Postgres(_) => place.ask("UPDATE layout SET version = 3"),
        };
        let count = before.len() as u64;
        assert_eq!(place.pass(registry()).await.last(), Some(&(count, count)));
        assert_eq!(place.ask(all), before);
        assert_eq!(place.pass(registry()).await, []);
        all_is_there(&place).await;
    }
}
