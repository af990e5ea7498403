//! Bringing the tables up to date: only those that changed, and of them only what changed. The same
//! code derives everything again from the documents, in one transaction. An upgrade is many, each
//! of which records how far it is (`layout/upgrade.rs`), with only a few rows in memory at a time.
//!
//! Columns are changed in place. Those that are added are unknown to other versions; before others
//! change, the tables are marked, so that any version that opens the database derives them again.

use std::collections::BTreeMap;

use tokio_postgres::Row;
use worksmith_kernel::{Error, Family, RawRow, Registry, Result, Value};
use worksmith_wire::Id;

use super::bulk::Bulk;
use super::reader::{get, number, raw_row};
use super::session::{Session, value, values};
use super::{failed, layout};
use crate::batch::RefEntry;
use crate::layout::shape::{self, Change, Derive, Found, REFS_NEXT};
use crate::layout::statements::{Write, insert_name, insert_prop, insert_ref, set_columns};
use crate::layout::upgrade::{self, DOCUMENTS, Note, Plan, Stepped, Task, Walk};
use crate::layout::{
    Dialect, UpgradePart, Upgrades, Upgrading, as_kept, ddl, row_columns, tallies,
};

/// How many rows are in memory at a time.
const ROWS: usize = 250;

/// Tells this attempt from others, which may believe that they still are under way.
const ATTEMPT: &str = "SELECT pg_backend_pid()::text || ' ' || clock_timestamp()::text";

/// Has running servers wait: every writer locks a row of `logs`, and every call reads of `events`.
const STILL: &str = "LOCK TABLE logs, events IN ACCESS EXCLUSIVE MODE";

/// The database that is brought up to date.
pub(super) struct Rebuild<'a> {
    /// What the work is done by.
    pub(super) session: &'a Session,
    /// Has the locks, in a transaction that lasts until the end; `None` if all of it is the one
    /// transaction that `session` has open. Then everything is derived again.
    pub(super) holder: Option<&'a Session>,
    pub(super) registry: &'a Registry,
}

impl Rebuild<'_> {
    /// Brings the tables up to date, or goes on where an earlier start was interrupted. The caller
    /// has the other starting servers wait.
    pub(super) async fn run(&self, progress: Upgrades<'_>) -> Result<()> {
        let attempt = self.ask_holder(ATTEMPT).await?;
        let attempt: String = get(attempt.first().ok_or_else(|| Error::internal("no row"))?, 0)?;
        let work = Work { on: self, attempt };
        let plan = work.prepared().await?;
        if !plan.is_empty() || work.is_under_way().await? {
            let locked = self.holder().client.batch_execute(STILL).await;
            locked.map_err(|cause| failed(&cause))?;
        }
        let resumed = if self.holder.is_some() { work.resumed().await? } else { None };
        let earlier = resumed.as_ref().map_or(0, |note| note.done);
        let begun = if resumed.is_some() {
            resumed
        } else {
            work.begin().await?;
            let begun = work.start(&plan).await;
            work.end(begun).await?
        };
        let is_noted = begun.is_some();
        if let Some(note) = begun {
            work.go_through(note, earlier, progress).await?;
        }
        work.index(is_noted, progress).await
    }

    fn holder(&self) -> &Session {
        self.holder.unwrap_or(self.session)
    }

    async fn ask_holder(&self, sql: &str) -> Result<Vec<Row>> {
        self.holder().ask(sql, &[]).await.map_err(|cause| failed(&cause))
    }
}

struct Work<'a> {
    on: &'a Rebuild<'a>,
    attempt: String,
}

impl Work<'_> {
    async fn execute(&self, sql: &str) -> Result<()> {
        self.on.session.client.batch_execute(sql).await.map_err(|cause| failed(&cause))
    }

    async fn ask(&self, sql: &str, asked: &[Value]) -> Result<Vec<Row>> {
        self.on.session.ask(sql, asked).await.map_err(|cause| failed(&cause))
    }

    /// Begins a step, which is a transaction unless everything is one.
    async fn begin(&self) -> Result<()> {
        if self.on.holder.is_none() {
            return Ok(());
        }
        // Nobody works on the database if the locks are gone.
        self.on.ask_holder("SELECT 1").await?;
        // What an earlier attempt has begun ends on its own, though maybe not at once.
        self.execute("BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0").await
    }

    /// Ends a step.
    async fn end<T>(&self, outcome: Result<T>) -> Result<T> {
        if self.on.holder.is_none() {
            return outcome;
        }
        if outcome.is_ok() {
            self.execute("COMMIT").await?;
        } else {
            let _ = self.on.session.client.batch_execute("ROLLBACK").await;
        }
        outcome
    }

    /// Creates the tables that do not depend on the families, and finds out what is to be done.
    async fn prepared(&self) -> Result<Plan> {
        let takes_refs = self.are_refs_of_before().await?;
        let others = ddl::statements_of(Dialect::Postgres, &[]).join(";\n");
        self.begin().await?;
        let created = self.execute(&others).await;
        self.end(created).await?;
        let changes = self.changes().await?;
        shape::have_readable_texts(&changes)?;
        Ok(Plan::of(Dialect::Postgres, &changes, takes_refs))
    }

    /// Whether the references are in the layout before, in which they carried nothing.
    async fn are_refs_of_before(&self) -> Result<bool> {
        let sql = "SELECT count(*) > 0 AND count(*) FILTER (WHERE column_name = 'carried') = 0
                   FROM information_schema.columns
                   WHERE table_schema = current_schema() AND table_name = 'refs'";
        self.ask(sql, &[]).await?.first().map_or(Ok(false), |row| get(row, 0))
    }

    async fn is_under_way(&self) -> Result<bool> {
        let sql = "SELECT to_regclass('upgrade') IS NOT NULL";
        self.ask(sql, &[]).await?.first().map_or(Ok(false), |row| get(row, 0))
    }

    /// The note of an earlier start, if its work can be continued.
    async fn resumed(&self) -> Result<Option<Note>> {
        if !self.is_under_way().await? {
            return Ok(None);
        }
        let taken = async {
            let rows = self.ask(upgrade::TAKE_OVER, &[self.attempt.as_str().into()]).await?;
            rows.first().map(|row| get::<String>(row, 0)).transpose()
        };
        self.begin().await?;
        let text = self.end(taken.await).await?;
        let wanted = upgrade::wanted(Dialect::Postgres, self.on.registry)?;
        let state = self.state().await?;
        Ok(text.and_then(|text| Note::read(&text, &wanted, &state)))
    }

    /// What nobody else may change during an upgrade, as a hash: the layout, the shapes, and the
    /// logs of events.
    async fn state(&self) -> Result<String> {
        let mut groups = Vec::new();
        for sql in ["SELECT version::text || ' ' || tables FROM layout", NOTED] {
            let rows = self.ask(sql, &[]).await?;
            groups.push(rows.iter().map(|row| get(row, 0)).collect::<Result<Vec<String>>>()?);
        }
        let logs = "SELECT org || ' ' || seq::text FROM logs ORDER BY org";
        let logs = self.on.ask_holder(logs).await?;
        groups.push(logs.iter().map(|row| get(row, 0)).collect::<Result<_>>()?);
        Ok(upgrade::hashed(&groups))
    }

    /// What turns the tables as they are into those of this version.
    async fn changes(&self) -> Result<Vec<Change<'_>>> {
        let (found, nothing) = (self.found().await?, Found::default());
        let mut changes = Vec::new();
        for family in self.on.registry.families() {
            let found = found.get(family.table.name).unwrap_or(&nothing);
            let change = Change::of(Dialect::Postgres, family, found);
            let mut change = if self.on.holder.is_none() { change.anew() } else { change };
            if change.reads_rows() {
                let sql = format!("SELECT NOT EXISTS (SELECT 1 FROM {})", family.table.name);
                let rows = self.ask(&sql, &[]).await?;
                change.is_empty = rows.first().map_or(Ok(false), |row| get(row, 0))?;
            }
            changes.push(change);
        }
        Ok(changes)
    }

    /// The tables as they are in the database.
    async fn found(&self) -> Result<BTreeMap<String, Found>> {
        let mut all: BTreeMap<String, Found> = BTreeMap::new();
        let columns = "SELECT table_name::text, column_name::text, data_type::text
                       FROM information_schema.columns WHERE table_schema = current_schema()
                       ORDER BY table_name, ordinal_position";
        for row in self.ask(columns, &[]).await? {
            let table = all.entry(get(&row, 0)?).or_default();
            table.columns.push((get(&row, 1)?, get(&row, 2)?));
        }
        let indexes = "SELECT tablename::text, indexname::text FROM pg_indexes
                       WHERE schemaname = current_schema()";
        for row in self.ask(indexes, &[]).await? {
            all.entry(get(&row, 0)?).or_default().indexes.push(get(&row, 1)?);
        }
        for row in self.ask(shape::NOTED, &[]).await? {
            if let Some(found) = all.get_mut(get::<&str>(&row, 0)?) {
                found.noted = Some(get(&row, 1)?);
            }
        }
        Ok(all)
    }

    /// Does what takes no time, and records what does. Returns the note if there is any such thing.
    async fn start(&self, plan: &Plan) -> Result<Option<Note>> {
        self.execute(&format!("{}; DROP TABLE IF EXISTS {REFS_NEXT}", upgrade::DROP)).await?;
        let changes = self.changes().await?;
        for change in &changes {
            let (table, name) = (change.family.table, change.family.table.name);
            if change.is_new {
                self.execute(&Dialect::Postgres.ddl(&ddl::create_table(table))).await?;
                for sql in ddl::create_indexes(table) {
                    self.execute(&sql).await?;
                }
            }
            let replaced: Vec<_> = change.replaced().collect();
            for column in change.gained.iter().filter(|column| !replaced.contains(*column)) {
                let sql = format!("ALTER TABLE {name} ADD COLUMN {}", ddl::declared(*column));
                self.execute(&Dialect::Postgres.ddl(&sql)).await?;
            }
        }
        if plan.is_empty() {
            self.settle(&changes).await?;
            return Ok(None);
        }
        if plan.takes_refs() {
            self.execute(&ddl::create_refs_as(Dialect::Postgres, REFS_NEXT)).await?;
        }
        let is_one = self.on.holder.is_none();
        let mut all = 0;
        for table in plan.tasks(self.on.registry, is_one).iter().filter_map(Task::table) {
            let rows = self.ask(&format!("SELECT count(*) FROM {table}"), &[]).await?;
            all += rows.first().map_or(Ok(0), |row| number(row, 0))?;
        }
        let wanted = upgrade::wanted(Dialect::Postgres, self.on.registry)?;
        let note = Note::begin(wanted, self.state().await?, plan.clone(), all);
        self.execute(&Dialect::Postgres.ddl(upgrade::CREATE)).await?;
        self.ask(upgrade::BEGIN, &[note.text()?, self.attempt.as_str().into()]).await?;
        Ok(Some(note))
    }

    /// Drops what is obsolete, tallies anew, and records the shapes of this version.
    async fn settle(&self, changes: &[Change<'_>]) -> Result<()> {
        for change in changes {
            for index in &change.obsolete {
                self.execute(&format!("DROP INDEX IF EXISTS {index}")).await?;
            }
            for column in &change.lost {
                let name = change.family.table.name;
                self.execute(&format!("ALTER TABLE {name} DROP COLUMN {column}")).await?;
            }
        }
        for change in changes.iter().filter(|change| change.is_tallied_anew) {
            for sql in tallies::refill(change.family.table) {
                self.execute(&sql).await?;
            }
        }
        for (sql, values) in shape::note(self.on.registry)? {
            self.ask(sql, &values).await?;
        }
        // The database is not up to date before its indexes are built.
        self.execute(&format!("UPDATE layout SET version = {}, tables = ''", layout::VERSION)).await
    }

    /// Goes through the tasks from where the note says.
    async fn go_through(&self, mut note: Note, earlier: u64, progress: Upgrades<'_>) -> Result<()> {
        let tasks = note.plan.tasks(self.on.registry, self.on.holder.is_none());
        if earlier > 0 {
            progress(note.told(note.table(&tasks), earlier));
        }
        while let Some(task) = tasks.get(note.task) {
            let before = note.done;
            self.begin().await?;
            let stepped = self.step_from(&note, *task).await;
            note = self.end(stepped).await?;
            if let Some(table) = task.table().filter(|_| note.done > before) {
                progress(note.told(table, earlier));
            }
        }
        Ok(())
    }

    /// Takes a step, and records it.
    async fn step_from(&self, note: &Note, task: Task<'_>) -> Result<Note> {
        // The row is locked first: so this attempt and a later one can't both be at work.
        self.advance(note).await?;
        let mut next = note.stepped(self.step(note, task).await?);
        if matches!(task, Task::Mark | Task::Swap) {
            next.state = self.state().await?;
        }
        self.advance(&next).await?;
        Ok(next)
    }

    async fn advance(&self, note: &Note) -> Result<()> {
        let values = [note.text()?, self.attempt.as_str().into()];
        if self.ask(upgrade::ADVANCE, &values).await?.is_empty() {
            return Err(Error::internal("another server works on the same upgrade"));
        }
        Ok(())
    }

    async fn step(&self, note: &Note, task: Task<'_>) -> Result<Stepped> {
        let (plan, after, registry) = (&note.plan, note.after.as_slice(), self.on.registry);
        match task {
            Task::Check(family) => self.documents(family, after, None).await,
            Task::Mark => self.mark(plan).await,
            Task::Forget(walk) => {
                self.walk(walk, after, |_| vec![plan.forget(walk, registry, after)]).await
            }
            Task::Derive(family) => self.documents(family, after, Some(plan)).await,
            Task::TakeOver(walk) => {
                self.walk(walk, after, |page| plan.take_over(walk, registry, after, page)).await
            }
            Task::Swap => self.swap(plan).await,
        }
    }

    /// Has other versions derive again what changes from now on.
    async fn mark(&self, plan: &Plan) -> Result<Stepped> {
        let emptied = plan.emptied();
        if !emptied.is_empty() {
            self.execute(&format!("TRUNCATE {}", emptied.join(", "))).await?;
        }
        let (changes, found) = (self.changes().await?, self.found().await?);
        for change in changes.iter().filter(|change| plan.is_seen(change.family.table)) {
            let (table, name) = (change.family.table, change.family.table.name);
            let noted = found.get(name).and_then(|found| found.noted.as_deref());
            let (sql, values) = shape::mark(table, noted)?;
            self.ask(sql, &values).await?;
            for column in change.replaced() {
                let (lost, gained) = (column.name, ddl::declared(column));
                let sql = format!("ALTER TABLE {name} DROP COLUMN {lost}, ADD COLUMN {gained}");
                self.execute(&Dialect::Postgres.ddl(&sql)).await?;
            }
            if plan.derive(table) == Derive::Everything {
                // Building them once is cheaper than maintaining them for every row.
                for index in ddl::indexes(table) {
                    self.execute(&format!("DROP INDEX IF EXISTS {}", index.name)).await?;
                }
            }
        }
        // Versions that know nothing of shapes must not open it any more.
        self.execute(&format!("UPDATE layout SET version = {}", layout::VERSION)).await?;
        Ok((0, None))
    }

    /// Runs statements on the rows between two keys of a derived table.
    async fn walk(
        &self,
        walk: &Walk,
        after: &[Value],
        statements: impl FnOnce(&[Vec<Value>]) -> Vec<String>,
    ) -> Result<Stepped> {
        let page = values(&self.ask(&walk.page(after), after).await?)?;
        let Some(last) = page.last().map(|row| walk.key_of(row)) else { return Ok((0, None)) };
        let between = [after, &last].concat();
        for sql in statements(&page) {
            self.ask(&sql, &between).await?;
        }
        Ok((page.len() as u64, Some(last)))
    }

    /// Derives from the next documents of a table, and writes what the plan says.
    async fn documents(
        &self,
        family: &Family,
        after: &[Value],
        plan: Option<&Plan>,
    ) -> Result<Stepped> {
        let mut last: Vec<Value> =
            if after.is_empty() { vec!["".into(), "".into()] } else { after.to_vec() };
        let mut count = 0;
        while count < DOCUMENTS {
            let rows = self.rows_after(family, &last, plan.is_some()).await?;
            let Some((org, row, _)) = rows.last() else { break };
            last = vec![org.as_str().into(), (&row.meta.id).into()];
            count += rows.len();
            match plan {
                Some(plan) => self.put(family, plan, &rows).await?,
                None => {
                    for (_, row, _) in &rows {
                        (family.derive)(row)?;
                    }
                }
            }
        }
        Ok((count as u64, (count > 0).then_some(last)))
    }

    /// The next documents of a table, with the columns beside them if they are asked for.
    async fn rows_after(
        &self,
        family: &Family,
        after: &[Value],
        has_columns: bool,
    ) -> Result<Vec<Document>> {
        let table = family.table;
        let kept = table.stored_columns().filter(|_| has_columns).map(|column| column.name);
        let columns: Vec<_> = ["org"].into_iter().chain(kept).collect();
        let sql = format!(
            "SELECT {}, {} FROM {} WHERE (org, id) > ($1, $2) ORDER BY org, id LIMIT {ROWS}",
            row_columns(table, table.name),
            columns.join(", "),
            table.name
        );
        let rows = self.ask(&sql, after).await?;
        let document = |row: &Row| {
            let org = row.len() - columns.len();
            let kept = (org + 1..row.len()).map(|at| value(row, at));
            Ok((get(row, org)?, raw_row(table, row)?, kept.collect::<Result<_>>()?))
        };
        rows.iter().map(document).collect()
    }

    /// Writes what is derived from some documents. If only columns are derived again, rows whose
    /// values are right already are not written.
    async fn put(&self, family: &Family, plan: &Plan, rows: &[Document]) -> Result<()> {
        let table = family.table;
        let is_whole = plan.derive(table) == Derive::Everything;
        let mut writes: Vec<Write> = Vec::new();
        for (org, raw, kept) in rows {
            let derived = (family.derive)(raw)?;
            let id: &Id = &raw.meta.id;
            let columns = derived.stored_values(table, &raw.meta);
            let right = table.stored_columns().zip(&columns);
            let right = right.map(|(column, value)| as_kept(value, column.kind));
            if is_whole || !right.eq(kept.iter().cloned()) {
                writes.push(set_columns(org, table, &raw.meta, columns));
            }
            if !is_whole {
                continue;
            }
            let refs = RefEntry::all_of(table, &derived);
            let entry = |entry| insert_ref(org, &raw.meta, entry).into_table(plan.refs());
            writes.extend(refs.iter().map(entry));
            let props = derived.props.iter();
            writes.extend(props.map(|prop| insert_prop(org, table, &raw.meta, prop)));
            for (space, _, name) in &derived.names {
                writes.push(insert_name(org, id, space, name));
            }
        }
        let rows = Bulk::of(writes);
        rows.write(self.on.session).await.map_err(|cause| match failed(&cause) {
            Error::Stale => Error::internal(format!("two objects claim one name: {cause:?}")),
            other => other,
        })
    }

    /// Puts the references that were put together in their place, drops what is obsolete, and
    /// records the shapes of this version.
    async fn swap(&self, plan: &Plan) -> Result<Stepped> {
        if plan.takes_refs() {
            self.execute(&format!(
                "DROP TABLE refs; ALTER TABLE {REFS_NEXT} RENAME TO refs;
                 ALTER INDEX {REFS_NEXT}_pkey RENAME TO refs_pkey"
            ))
            .await?;
        }
        self.settle(&self.changes().await?).await?;
        Ok((0, None))
    }

    /// Builds the indexes that are missing.
    async fn index(&self, is_noted: bool, progress: Upgrades<'_>) -> Result<()> {
        let (found, mut missing) = (self.found().await?, Vec::new());
        for table in self.on.registry.families().iter().map(|family| family.table) {
            let there = found.get(table.name).map(|found| found.indexes.as_slice());
            let there = there.unwrap_or_default();
            let indexes = ddl::indexes(table).zip(ddl::create_indexes(table));
            let lacking = indexes.filter(|(index, _)| !there.contains(&index.name));
            missing.extend(lacking.map(|(_, sql)| (table.name, sql)));
        }
        let all = missing.len() as u64;
        for ((table, sql), done) in missing.iter().zip(1..) {
            self.begin().await?;
            let built = self.build(is_noted, sql).await;
            self.end(built).await?;
            progress(Upgrading { part: UpgradePart::Indexes, table, done, all, earlier: 0 });
        }
        Ok(())
    }

    async fn build(&self, is_noted: bool, sql: &str) -> Result<()> {
        if is_noted {
            let held = "SELECT 1 FROM upgrade WHERE attempt = $1 FOR UPDATE";
            if self.ask(held, &[self.attempt.as_str().into()]).await?.is_empty() {
                return Err(Error::internal("another server works on the same upgrade"));
            }
        }
        self.execute(sql).await
    }
}

/// The shapes of all tables, each as one text.
const NOTED: &str = "SELECT name || ' ' || shape FROM shapes ORDER BY name";

/// A document with its org, and the values of the columns beside it.
type Document = (String, RawRow, Vec<Value>);

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;
    use tokio_postgres::SimpleQueryMessage;
    use worksmith_kernel::{ColumnType, Table, TableColumn};
    use worksmith_test_postgres::shared;
    use worksmith_wire::Kind;

    use super::*;
    use crate::postgres::address::Address;
    use crate::postgres::session::Purpose;
    use crate::postgres::{opened, pool};

    static TABLE: Table = Table {
        name: "works",
        kinds: &[Kind::Issue, Kind::Ticket],
        columns: &[TableColumn::new("stage", ColumnType::Text)],
        filters: &[],
        whole: &[],
        sorts: &[],
        digest: &[],
        carried: None,
        long: None,
        tallied: &["stage", "tags"],
    };

    const WORKS: f64 = 3000.0;

    /// How many rows the steps of a plan looked at, all together.
    fn seen(plan: &Json) -> f64 {
        let figure = |name: &str| plan[name].as_f64().unwrap_or_default();
        let rows = ["Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter"];
        let own = rows.iter().map(|name| figure(name)).sum::<f64>() * figure("Actual Loops");
        own + plan["Plans"].as_array().into_iter().flatten().map(seen).sum::<f64>()
    }

    #[tokio::test]
    async fn numbers_are_counted_anew_by_looking_at_each_row_and_reference_a_few_times() {
        let Some(server) = shared() else { return };
        let database = server.database();
        let address = Address::parse(&database.url()).unwrap();
        let pool = pool(&address, 1, Purpose::Durable).unwrap();
        let session = opened(&address, &pool).await.unwrap();
        let mut setup = ddl::statements_of(Dialect::Postgres, &[&TABLE]);
        setup.push(format!(
            "INSERT INTO works (org, id, kind, seq, rev, created_at, created_by, modified_at,
                                modified_by, doc_version, stage, doc)
             SELECT 'o', 'issue/' || n, 'issue', n, 1, n, 'u', n, 'u', 1, 'stage/' || n % 9, ''
             FROM generate_series(1, {WORKS}) AS n"
        ));
        // Every fourth refers to nothing.
        setup.push(format!(
            "INSERT INTO refs (org, to_id, field, made_at, number, from_id, carried)
             SELECT 'o', 'tag/' || tag, 'tags', n, n, 'issue/' || n, ''
             FROM generate_series(1, {WORKS}) AS n, generate_series(1, 3) AS tag WHERE n % 4 > 0"
        ));
        setup.push("ANALYZE".to_owned());
        session.client.batch_execute(&setup.join(";\n")).await.unwrap();
        let mut most = 0.0_f64;
        for sql in tallies::refill(&TABLE) {
            let sql = format!("EXPLAIN (ANALYZE, FORMAT JSON) {sql}");
            let rows = session.client.simple_query(&sql).await.unwrap();
            let text = rows.iter().find_map(|row| match row {
                SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            let plan: Json = serde_json::from_str(text.unwrap()).unwrap();
            most = most.max(seen(&plan[0]["Plan"]));
        }
        assert!((WORKS..WORKS * 40.0).contains(&most), "{most} rows for {WORKS} works");
        let sql = "SELECT number FROM tallies
                   WHERE field = 'tags' AND kind = 'issue' ORDER BY value";
        let numbers = values(&session.ask(sql, &[]).await.unwrap()).unwrap();
        assert_eq!(numbers.concat(), [750, 2250, 2250, 2250].map(Value::Integer));
    }
}
