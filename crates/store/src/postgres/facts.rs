//! What must hold for a batch to be written. It is decided in memory: the org is locked meanwhile,
//! so nothing that was read can change before it is relied upon. Batches that are written together
//! see the changes of those before them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio_postgres::{Error as Fault, Row, Statement};
use worksmith_kernel::Result;
use worksmith_wire::Id;

use super::reader::{get, number, stored_id};
use super::session::Session;
use crate::batch::{Assert, Batch, Change, ChangeOp, RefEntry};

/// A statement, how its rows are read, and the lists of texts that are its parameters.
type Asked = (Answers, String, Vec<Vec<String>>);

/// The questions to ask the database before batches are written.
#[derive(Debug)]
pub(super) struct Questions {
    statements: Vec<Asked>,
}

/// The subjects of the questions, collected from the batches.
#[derive(Debug, Default)]
struct Subjects {
    /// Objects whose revision is needed, by table.
    objects: BTreeMap<&'static str, BTreeSet<String>>,
    /// Fields by which references are to be counted, and the objects that they lead to.
    fields: BTreeSet<&'static str>,
    refs_by: BTreeSet<String>,
    /// Names whose holder is needed.
    spaces: BTreeSet<String>,
    names: BTreeSet<String>,
    /// Idempotency keys for which the expiry of a kept answer is needed.
    actors: BTreeSet<String>,
    keys: BTreeSet<String>,
}

impl Subjects {
    fn add(&mut self, batch: &Batch) {
        for assert in &batch.asserts {
            match assert {
                Assert::Exists(table, id) | Assert::Revision(table, id, _) => {
                    self.objects.entry(table.name).or_default().insert(id.to_string());
                }
                Assert::RefsBy(field, id, _) => {
                    self.fields.insert(*field);
                    self.refs_by.insert(id.to_string());
                }
            }
        }
        for Change { table, meta, names_added, .. } in &batch.changes {
            self.objects.entry(table.name).or_default().insert(meta.id.to_string());
            for (space, name) in names_added {
                self.spaces.insert((*space).to_owned());
                self.names.insert(name.clone());
            }
        }
        if let Some(answer) = &batch.answer {
            self.actors.insert(batch.actor.to_string());
            self.keys.insert(answer.key.clone());
        }
    }

    fn statements(&self) -> Vec<Asked> {
        let list = |set: &BTreeSet<String>| set.iter().cloned().collect::<Vec<_>>();
        let mut statements = Vec::new();
        for (table, ids) in &self.objects {
            let sql = format!("SELECT id, rev FROM {table} WHERE org = $1 AND id = ANY($2)");
            statements.push((Answers::Revisions, sql, vec![list(ids)]));
        }
        if !self.refs_by.is_empty() {
            let sql = "SELECT field, to_id, count(*) FROM refs
                       WHERE org = $1 AND to_id = ANY($2) AND field = ANY($3)
                       GROUP BY field, to_id";
            let fields = self.fields.iter().map(|field| (*field).to_owned()).collect();
            statements.push((Answers::RefsBy, sql.to_owned(), vec![list(&self.refs_by), fields]));
        }
        if !self.names.is_empty() {
            let sql = "SELECT space, name, id FROM names
                       WHERE org = $1 AND space = ANY($2) AND name = ANY($3)";
            let lists = vec![list(&self.spaces), list(&self.names)];
            statements.push((Answers::Names, sql.to_owned(), lists));
        }
        if !self.keys.is_empty() {
            let sql = "SELECT actor, key, expires_at FROM idempotency
                       WHERE org = $1 AND actor = ANY($2) AND key = ANY($3)";
            let lists = vec![list(&self.actors), list(&self.keys)];
            statements.push((Answers::Keys, sql.to_owned(), lists));
        }
        statements
    }
}

impl Questions {
    pub(super) fn of<'a>(batches: impl Iterator<Item = &'a Batch>) -> Self {
        let mut subjects = Subjects::default();
        batches.for_each(|batch| subjects.add(batch));
        Self { statements: subjects.statements() }
    }

    /// Prepares the statements that answer the questions.
    pub(super) async fn prepare(&self, session: &Session) -> Result<Vec<Statement>, Fault> {
        let mut prepared = Vec::with_capacity(self.statements.len());
        for (_, sql, _) in &self.statements {
            prepared.push(session.prepare(sql).await?);
        }
        Ok(prepared)
    }

    /// The requests to be sent.
    pub(super) fn requests<'a>(
        &'a self,
        session: &'a Session,
        org: &'a str,
        prepared: &'a [Statement],
    ) -> Vec<BoxFuture<'a, Result<Vec<Row>, Fault>>> {
        let client = &session.client;
        let request = |(statement, (.., lists)): (&'a Statement, &'a Asked)| {
            async move {
                match lists.as_slice() {
                    [one] => client.query(statement, &[&org, one]).await,
                    [one, two, ..] => client.query(statement, &[&org, one, two]).await,
                    [] => Ok(Vec::new()),
                }
            }
            .boxed()
        };
        prepared.iter().zip(&self.statements).map(request).collect()
    }

    /// Reads the answers.
    pub(super) fn facts(&self, answers: Vec<Vec<Row>>) -> Result<Facts> {
        let mut facts = Facts::default();
        for ((what, ..), rows) in self.statements.iter().zip(answers) {
            rows.iter().try_for_each(|row| facts.learn(*what, row))?;
        }
        Ok(facts)
    }
}

/// How the rows of a statement are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    Revisions,
    RefsBy,
    Names,
    Keys,
}

/// What is known of an org.
#[derive(Debug, Default)]
pub(super) struct Facts {
    revisions: HashMap<Id, u64>,
    /// For each object, the references by each field.
    refs_by: HashMap<Id, HashMap<String, u64>>,
    names: HashMap<(String, String), Id>,
    keys: HashMap<(String, String), i64>,
}

impl Facts {
    fn learn(&mut self, what: Answers, row: &Row) -> Result<()> {
        match what {
            Answers::Revisions => drop(self.revisions.insert(stored_id(row, 0)?, number(row, 1)?)),
            Answers::RefsBy => {
                let by_field = self.refs_by.entry(stored_id(row, 1)?).or_default();
                by_field.insert(get(row, 0)?, number(row, 2)?);
            }
            Answers::Names => {
                drop(self.names.insert((get(row, 0)?, get(row, 1)?), stored_id(row, 2)?));
            }
            Answers::Keys => drop(self.keys.insert((get(row, 0)?, get(row, 1)?), get(row, 2)?)),
        }
        Ok(())
    }

    /// Whether a batch may be written: nothing that it relies on has changed.
    pub(super) fn allow(&self, batch: &Batch) -> bool {
        batch.asserts.iter().all(|assert| self.holds(assert))
            && batch.changes.iter().all(|change| self.is_as_expected(change))
            && self.are_names_free(batch)
            && batch.answer.as_ref().is_none_or(|answer| {
                let key = (batch.actor.to_string(), answer.key.clone());
                self.keys.get(&key).is_none_or(|expires_at| *expires_at <= batch.at.0)
            })
    }

    fn holds(&self, assert: &Assert) -> bool {
        match assert {
            Assert::Exists(_, id) => self.revisions.contains_key(id),
            Assert::Revision(_, id, revision) => self.revisions.get(id) == Some(revision),
            Assert::RefsBy(field, id, count) => {
                let by_field = self.refs_by.get(id).and_then(|fields| fields.get(*field));
                by_field.copied().unwrap_or(0) == *count
            }
        }
    }

    fn is_as_expected(&self, change: &Change) -> bool {
        let expected = match &change.op {
            ChangeOp::Insert(_) => None,
            ChangeOp::Update { .. } => Some(change.meta.revision - 1),
            ChangeOp::Delete { revision, .. } => Some(*revision),
        };
        self.revisions.get(&change.meta.id).copied() == expected
    }

    /// Names that one object gives up may be claimed by another in the same batch, and each once.
    fn are_names_free(&self, batch: &Batch) -> bool {
        let given_up = |space: &str, name: &str| {
            let mut removed = batch.changes.iter().flat_map(|change| &change.names_removed);
            removed.any(|(s, n)| *s == space && n == name)
        };
        let mut claimed = BTreeSet::new();
        let mut added = batch.changes.iter().flat_map(|change| &change.names_added);
        added.all(|(space, name)| {
            let key = ((*space).to_owned(), name.clone());
            let is_free = !self.names.contains_key(&key) || given_up(space, name);
            is_free && claimed.insert(key)
        })
    }

    /// Applies a batch, for those that are written after it.
    pub(super) fn change(&mut self, batch: &Batch) {
        for Change { meta, op, names_removed, .. } in &batch.changes {
            match op {
                ChangeOp::Delete { .. } => drop(self.revisions.remove(&meta.id)),
                _ => drop(self.revisions.insert(meta.id.clone(), meta.revision)),
            }
            for (space, name) in names_removed {
                self.names.remove(&((*space).to_owned(), name.clone()));
            }
        }
        for Change { meta, refs_added, refs_removed, names_added, .. } in &batch.changes {
            for RefEntry { to, field, .. } in refs_added {
                let by_field = self.refs_by.entry(to.clone()).or_default();
                *by_field.entry((*field).to_owned()).or_default() += 1;
            }
            for RefEntry { to, field, .. } in refs_removed {
                let by_field = self.refs_by.get_mut(to).and_then(|fields| fields.get_mut(*field));
                if let Some(count) = by_field {
                    *count = count.saturating_sub(1);
                }
            }
            for (space, name) in names_added {
                self.names.insert(((*space).to_owned(), name.clone()), meta.id.clone());
            }
        }
        if let Some(answer) = &batch.answer {
            let key = (batch.actor.to_string(), answer.key.clone());
            self.keys.insert(key, answer.expires_at.0);
        }
    }
}
