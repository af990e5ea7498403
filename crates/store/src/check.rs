//! Checking that everything kept beside the documents agrees with them.

use std::collections::{BTreeMap, HashMap};

use worksmith_kernel::{Derived, Error, Family, LongText, Prop, RawRow, Registry, Result, Value};
use worksmith_wire::{Id, Series};

use crate::batch::{RefEntry, Tally};
use crate::layout::ddl::META_COLUMNS;
use crate::layout::statements::{prop_columns, prop_row, ref_columns, ref_row};
use crate::layout::{Progress, as_kept, number, raw_row, text};
use crate::snapshot::Snapshot;
use crate::store::Store;
use crate::texts::{TEXTS, put_together, with_text};

/// How many rows are in memory at a time.
const PAGE: usize = 250;
/// How many findings are reported; a store with more is broken enough.
const FINDINGS_MAX: usize = 1000;

impl Store {
    /// Compares every derived row with what the documents say, the counters with the highest
    /// numbers in use, and the events with the objects, and lets the database check its own file.
    /// Returns a sentence for each finding; nothing if all is well. Reads one snapshot, row by row,
    /// and changes nothing; the store stays in use meanwhile.
    pub async fn check(&self, progress: Progress<'_>) -> Vec<String> {
        let mut findings = Findings::default();
        let outcome = match self.inner.snapshot() {
            Ok(snapshot) => {
                let registry = &self.inner.registry;
                let mut check = Check {
                    snapshot,
                    registry,
                    found: &mut findings,
                    texts: 0,
                    refs: 0,
                    names: 0,
                    props: 0,
                    tallies: BTreeMap::new(),
                    numbers: HashMap::new(),
                    progress,
                    done: 0,
                    all: 0,
                };
                check.everything().await
            }
            Err(error) => Err(error),
        };
        if let Err(error) = outcome {
            findings.add(format!("the check could not be finished: {error:?}"));
        }
        findings.0
    }
}

/// The condition that identifies a row by all of its columns.
fn is_whole(columns: Vec<&'static str>) -> String {
    let is = columns.into_iter().zip(1..).map(|(name, at)| format!("{name} = ${at}"));
    is.collect::<Vec<_>>().join(" AND ")
}

#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, finding: String) {
        match self.0.len() {
            0..FINDINGS_MAX => self.0.push(finding),
            FINDINGS_MAX => self.0.push("and more of the kind".to_owned()),
            _ => {}
        }
    }
}

struct Check<'a> {
    snapshot: Snapshot,
    registry: &'a Registry,
    found: &'a mut Findings,
    /// How many texts the documents have apart.
    texts: u64,
    /// How many references, names and values of custom fields the documents have.
    refs: u64,
    names: u64,
    props: u64,
    /// How many objects have what they are tallied by: by org, table, field, kind and value.
    tallies: BTreeMap<[String; 5], i64>,
    /// The highest number in use, by org and series.
    numbers: HashMap<(String, Series), u64>,
    /// Told how many documents and events were checked.
    progress: Progress<'a>,
    done: u64,
    all: u64,
}

/// How far the events of an object have been followed.
struct History {
    org: String,
    id: String,
    revision: u64,
    seq: u64,
    deleted: bool,
}

impl Check<'_> {
    async fn everything(&mut self) -> Result<()> {
        for line in self.snapshot.integrity()? {
            self.found.add(format!("the database says: {line}"));
        }
        self.all = self.count("events").await?;
        for family in self.registry.families() {
            self.all += self.count(family.table.name).await?;
        }
        for family in self.registry.families() {
            self.documents(family).await?;
        }
        if self.count(TEXTS).await? != self.texts {
            self.strange_texts().await?;
        }
        if self.count("refs").await? != self.refs {
            self.strange_refs().await?;
        }
        if self.count("names").await? != self.names {
            self.strange_names().await?;
        }
        if self.count("props").await? != self.props {
            self.strange_props().await?;
        }
        self.tallies().await?;
        self.tombstones().await?;
        self.counters().await?;
        self.events().await
    }

    async fn count(&mut self, table: &str) -> Result<u64> {
        let rows = self.snapshot.ask(&format!("SELECT count(*) FROM {table}"), &[]).await?;
        rows.first().map_or(Ok(0), |row| number(row, 0))
    }

    /// Counts rows that were checked.
    async fn looked_at(&mut self, rows: usize) {
        self.done += rows as u64;
        (self.progress)(self.done, self.all.max(self.done));
        // Gives others their turn; the task may also be cancelled here.
        tokio::task::yield_now().await;
    }

    /// Whether a statement returns any rows.
    async fn finds(&mut self, sql: &str, values: &[Value]) -> Result<bool> {
        Ok(!self.snapshot.ask(sql, values).await?.is_empty())
    }

    async fn documents(&mut self, family: &Family) -> Result<()> {
        let columns = family.table.stored_columns().map(|column| column.name);
        let columns: Vec<_> = META_COLUMNS.into_iter().chain(columns).collect();
        let name = family.table.name;
        let columns = with_text(columns.join(", "), family.table, name);
        let sql = format!(
            "SELECT {columns} FROM {name} WHERE (org, id) > ($1, $2) ORDER BY org, id LIMIT {PAGE}"
        );
        let mut after = [Value::from(""), Value::from("")];
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = [last[0].clone(), last[1].clone()];
            self.looked_at(rows.len()).await;
            for mut row in rows {
                let place = put_together(family.table, &mut row, META_COLUMNS.len() - 1);
                let outcome = match place {
                    (_, true) => self.lacks_text(&row),
                    (place, false) => {
                        self.texts += u64::from(place == LongText::Apart);
                        self.document(family, &row).await
                    }
                };
                if let Err(error) = outcome {
                    self.found.add(format!("{name} {:?}: {error:?}", row[1]));
                }
            }
        }
    }

    fn lacks_text(&mut self, row: &[Value]) -> Result<()> {
        let (org, id) = (text(row, 0)?, text(row, 1)?);
        self.used(org, &id.parse().map_err(|_| Error::internal("no stored id"))?);
        self.found.add(format!("{id} of org {org}: its long text is not kept"));
        Ok(())
    }

    async fn document(&mut self, family: &Family, row: &[Value]) -> Result<()> {
        let (org, id) = (text(row, 0)?, text(row, 1)?);
        let at = format!("{id} of org {org}");
        let raw = raw_row(row)?;
        let (kind, seq) = (raw.meta.id.kind(), raw.meta.id.seq());
        if text(row, 2)? != kind.noun() || row[3] != Value::Integer(seq) {
            self.found.add(format!("{at}: kind or seq are not those of the id"));
        }
        if !family.table.kinds.contains(&kind) {
            self.found.add(format!("{at}: is in the table {}", family.table.name));
        }
        self.used(org, &raw.meta.id);
        let derived = (family.derive)(&raw)?;
        let columns = family.table.stored_columns().zip(&row[META_COLUMNS.len()..]);
        for ((column, kept), value) in columns.zip(&derived.stored_values(family.table, &raw.meta))
        {
            if *kept != as_kept(value, column.kind) {
                let name = column.name;
                self.found.add(format!("{at}: column {name} is {kept:?}, should be {value:?}"));
            }
        }
        for entry in RefEntry::all_of(family.table, &derived) {
            self.refs += 1;
            let sql = format!("SELECT 1 FROM refs WHERE {}", is_whole(ref_columns()));
            if !self.finds(&sql, &ref_row(org, &raw.meta, &entry)).await? {
                let RefEntry { field, to, .. } = entry;
                self.found.add(format!("{at}: its reference {field} to {to} is not kept"));
            }
        }
        for (space, _, name) in &derived.names {
            self.names += 1;
            let sql = "SELECT 1 FROM names
                       WHERE space = $1 AND name = $2 AND org = $3 AND id = $4";
            let values = [(*space).into(), name.as_str().into(), org.into(), id.into()];
            if !self.finds(sql, &values).await? {
                self.found.add(format!("{at}: its name {space} {name:?} is not kept"));
            }
        }
        for prop in &derived.props {
            self.props += 1;
            let values = prop_row(org, family.table, &raw.meta, prop);
            let sql = format!("SELECT 1 FROM props WHERE {}", is_whole(prop_columns()));
            if !self.finds(&sql, &values).await? {
                let Prop { path, key, .. } = prop;
                self.found.add(format!("{at}: its value {key:?} of {path} is not kept"));
            }
        }
        for Tally { field, value } in Tally::all_of(family.table, &derived) {
            let key = [org, family.table.name, field, kind.noun(), &value].map(str::to_owned);
            *self.tallies.entry(key).or_default() += 1;
        }
        let sql = "SELECT 1 FROM events WHERE org = $1 AND id = $2 AND rev = $3";
        let values = [org.into(), id.into(), raw.meta.revision.into()];
        if !self.finds(sql, &values).await? {
            self.found.add(format!("{at}: no event tells of revision {}", raw.meta.revision));
        }
        Ok(())
    }

    fn used(&mut self, org: &str, id: &Id) {
        if let Some(series) = id.series() {
            let highest = self.numbers.entry((org.to_owned(), series)).or_default();
            *highest = (*highest).max(id.seq().unsigned_abs());
        }
    }

    /// Finds texts that no document has apart.
    async fn strange_texts(&mut self) -> Result<()> {
        let sql = format!(
            "SELECT org, id FROM {TEXTS} WHERE (org, id) > ($1, $2) ORDER BY org, id LIMIT {PAGE}"
        );
        let mut after: Vec<Value> = vec!["".into(); 2];
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for row in &rows {
                let (org, id) = (text(row, 0)?, text(row, 1)?);
                let kept = match id.parse::<Id>() {
                    Ok(id) => self.row(org, &id).await?,
                    Err(_) => None,
                };
                if kept.is_none_or(|row| row.long != LongText::Apart) {
                    let what = format!("{id} of org {org} has no long text apart");
                    self.found.add(format!("{what}, but one is kept"));
                }
            }
        }
    }

    /// Finds references that belong to no document.
    async fn strange_refs(&mut self) -> Result<()> {
        let columns = ref_columns().join(", ");
        let sql = format!(
            "SELECT {columns} FROM refs WHERE ({columns}) > ($1, $2, $3, $4, $5, $6, $7)
             ORDER BY {columns} LIMIT {PAGE}"
        );
        let (none, least) = (|| Value::from(""), || Value::from(i64::MIN));
        let mut after = vec![none(), none(), none(), least(), least(), none(), none()];
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for row in &rows {
                let (org, to, field, from) =
                    (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 5)?);
                let Some(derived) = self.derived(org, from).await? else { continue };
                if !derived.refs.iter().any(|(f, id)| *f == field && id.to_string() == to) {
                    let what = format!("{from} of org {org} has no reference {field} to {to}");
                    self.found.add(format!("{what}, but one is kept"));
                }
            }
        }
    }

    /// Finds names that belong to no document.
    async fn strange_names(&mut self) -> Result<()> {
        let sql = format!(
            "SELECT space, name, org, id FROM names WHERE (space, name, org) > ($1, $2, $3)
             ORDER BY space, name, org LIMIT {PAGE}"
        );
        let mut after: Vec<Value> = vec!["".into(); 3];
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last[..3].to_vec();
            for row in &rows {
                let (space, name, org, id) =
                    (text(row, 0)?, text(row, 1)?, text(row, 2)?, text(row, 3)?);
                let Some(derived) = self.derived(org, id).await? else { continue };
                if !derived.names.iter().any(|(s, _, n)| *s == space && n == name) {
                    let what = format!("{id} of org {org} does not claim {space} {name:?}");
                    self.found.add(format!("{what}, but that is kept"));
                }
            }
        }
    }

    /// Finds values of custom fields that belong to no document.
    async fn strange_props(&mut self) -> Result<()> {
        let columns = prop_columns();
        let (names, marks) = (columns.join(", "), "$1, $2, $3, $4, $5, $6, $7, $8");
        let sql = format!(
            "SELECT {names} FROM props WHERE ({names}) > ({marks}) ORDER BY {names} LIMIT {PAGE}"
        );
        let first = |name: &&str| match *name {
            "made_at" | "number" | "is_least" => i64::MIN.into(),
            _ => Value::from(""),
        };
        let mut after: Vec<Value> = columns.iter().map(first).collect();
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for row in &rows {
                let (org, path, key) = (text(row, 0)?, text(row, 2)?, text(row, 3)?);
                let id = text(row, 6)?;
                if !self.has_prop(row).await? {
                    let what = format!("{id} of org {org} has no value {key:?} of {path}");
                    self.found.add(format!("{what}, but one is kept"));
                }
            }
        }
    }

    /// Whether a row agrees with the document of its object.
    async fn has_prop(&mut self, row: &[Value]) -> Result<bool> {
        let (org, id) = (text(row, 0)?, text(row, 6)?);
        let Ok(id) = id.parse::<Id>() else { return Ok(false) };
        let Some(family) = self.registry.family(id.kind()) else { return Ok(false) };
        let Some(raw) = self.snapshot.get(family.table, org, &id).await? else { return Ok(false) };
        // A document that can't be read is a finding of its own.
        let Ok(derived) = (family.derive)(&raw) else { return Ok(true) };
        let mut rows = derived.props.iter().map(|p| prop_row(org, family.table, &raw.meta, p));
        Ok(rows.any(|own| own == row))
    }

    /// What is derived from the document of an object; nothing if there is no such document, and
    /// `None` if it can't be read, which is a finding of its own.
    async fn derived(&mut self, org: &str, id: &str) -> Result<Option<Derived>> {
        let nothing = Ok(Some(Derived::default()));
        let Ok(id) = id.parse::<Id>() else { return nothing };
        let Some(family) = self.registry.family(id.kind()) else { return nothing };
        match self.snapshot.get(family.table, org, &id).await? {
            Some(row) => Ok((family.derive)(&row).ok()),
            None => nothing,
        }
    }

    /// Compares the kept numbers of objects with those of the documents.
    async fn tallies(&mut self) -> Result<()> {
        let keys = "org, kept_in, field, kind, value";
        let sql = format!(
            "SELECT {keys}, number FROM tallies WHERE ({keys}) > ($1, $2, $3, $4, $5)
             ORDER BY {keys} LIMIT {PAGE}"
        );
        let mut after: Vec<Value> = vec!["".into(); 5];
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { break };
            after = last[..5].to_vec();
            for row in &rows {
                let mut key: [String; 5] = Default::default();
                for (at, part) in key.iter_mut().enumerate() {
                    text(row, at)?.clone_into(part);
                }
                let there = self.tallies.remove(&key).unwrap_or(0);
                if row[5] != Value::Integer(there) {
                    self.miscounted(&key, &row[5], there);
                }
            }
        }
        for (key, there) in std::mem::take(&mut self.tallies) {
            self.miscounted(&key, &Value::Integer(0), there);
        }
        Ok(())
    }

    fn miscounted(&mut self, key: &[String; 5], kept: &Value, there: i64) {
        let [org, table, field, kind, value] = key;
        let of = match (field.as_str(), value.strip_prefix('=')) {
            ("", _) => String::new(),
            (field, None) => format!(" without {field}"),
            (field, Some(value)) => format!(" with {field} {value}"),
        };
        let what = format!("{table} of org {org}: the kept number of {kind}{of}");
        self.found.add(format!("{what} is {kept:?}, should be {there}"));
    }

    async fn tombstones(&mut self) -> Result<()> {
        let sql = format!(
            "SELECT org, id FROM tombstones WHERE (org, id) > ($1, $2)
             ORDER BY org, id LIMIT {PAGE}"
        );
        let mut after: Vec<Value> = vec!["".into(); 2];
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for row in &rows {
                let (org, id) = (text(row, 0)?, text(row, 1)?);
                if let Ok(id) = id.parse::<Id>() {
                    self.used(org, &id);
                    if self.revision(org, &id).await?.is_some() {
                        self.found.add(format!("{id} of org {org} is deleted and there"));
                    }
                }
                let sql = "SELECT 1 FROM events WHERE org = $1 AND id = $2 AND verb = 'deleted'";
                if !self.finds(sql, &[org.into(), id.into()]).await? {
                    self.found.add(format!("{id} of org {org}: no event tells of its end"));
                }
            }
        }
    }

    /// The revision of an object, if it exists.
    async fn revision(&mut self, org: &str, id: &Id) -> Result<Option<u64>> {
        Ok(self.row(org, id).await?.map(|row| row.meta.revision))
    }

    async fn row(&mut self, org: &str, id: &Id) -> Result<Option<RawRow>> {
        let Some(family) = self.registry.family(id.kind()) else { return Ok(None) };
        self.snapshot.get(family.table, org, id).await
    }

    async fn counters(&mut self) -> Result<()> {
        for ((org, series), highest) in std::mem::take(&mut self.numbers) {
            let counter = self.snapshot.counter(&org, &series).await?;
            if counter < highest {
                self.found.add(format!(
                    "the counter of {series} in org {org} is {counter}, but {highest} was used"
                ));
            }
        }
        Ok(())
    }

    async fn events(&mut self) -> Result<()> {
        let sql = format!(
            "SELECT org, id, rev, seq, verb FROM events
             WHERE (org, id, rev, seq) > ($1, $2, $3, $4) ORDER BY org, id, rev, seq LIMIT {PAGE}"
        );
        let mut after: Vec<Value> = vec!["".into(), "".into(), 0_i64.into(), 0_i64.into()];
        let mut history: Option<History> = None;
        loop {
            let rows = self.snapshot.ask(&sql, &after).await?;
            let Some(last) = rows.last() else { break };
            after = last[..4].to_vec();
            self.looked_at(rows.len()).await;
            for row in &rows {
                let (org, id) = (text(row, 0)?, text(row, 1)?);
                let going_on = history.take_if(|history| history.org == org && history.id == id);
                if going_on.is_none() {
                    self.end_of(history.take()).await?;
                }
                history = Some(self.event(going_on.as_ref(), row)?);
            }
        }
        self.end_of(history).await
    }

    fn event(&mut self, before: Option<&History>, row: &[Value]) -> Result<History> {
        let (org, id, verb) = (text(row, 0)?, text(row, 1)?, text(row, 4)?);
        let (revision, seq) = (number(row, 2)?, number(row, 3)?);
        let fits = match before {
            None => verb == "created" && revision == 1,
            Some(before) => {
                let expected = match verb {
                    "updated" => Some(before.revision + 1),
                    "deleted" => Some(before.revision),
                    _ => None,
                };
                !before.deleted && before.seq < seq && expected == Some(revision)
            }
        };
        if !fits {
            let what = format!("{id} of org {org}: the event {verb} at revision {revision}");
            self.found.add(format!("{what} does not follow from what was before"));
        }
        let (org, id) = (org.to_owned(), id.to_owned());
        Ok(History { org, id, revision, seq, deleted: verb == "deleted" })
    }

    async fn end_of(&mut self, history: Option<History>) -> Result<()> {
        let Some(History { org, id: text, revision, deleted, .. }) = history else {
            return Ok(());
        };
        let Ok(id) = text.parse::<Id>() else {
            self.found.add(format!("there are events of {text:?}, which is no id"));
            return Ok(());
        };
        let there = self.revision(&org, &id).await?;
        let expected = (!deleted).then_some(revision);
        // Objects of kinds that this program does not know can't be looked up.
        if there != expected && self.registry.family(id.kind()).is_some() {
            self.found.add(format!(
                "{id} of org {org} is at revision {there:?}, its events end at {expected:?}"
            ));
        }
        if deleted && self.snapshot.tombstone(&org, &id).await?.is_none() {
            self.found.add(format!("{id} of org {org} was deleted without a trace"));
        }
        Ok(())
    }
}
