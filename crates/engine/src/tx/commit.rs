//! The end of a transaction: what it has changed and relied on becomes one batch.

use worksmith_kernel::{Error, Result};
use worksmith_store::{Assert, Batch, Moment, StoredAnswer};
use worksmith_wire::Series;

use super::Tx;
use super::lanes::Lanes;

impl Tx {
    /// Leaves it to the batch to verify that the assumed rows are as they were assumed.
    fn assert_assumed(&mut self) {
        for (table, id) in std::mem::take(&mut self.assumed) {
            // A change asserts the revision anyway.
            if let Some(row) = self.read.get(&id).filter(|_| !self.changes(&id)) {
                self.asserts.push(Assert::Revision(table, id, row.meta.revision));
            }
        }
    }

    /// Takes over the numbers that an earlier attempt did not use.
    pub(crate) fn with_spare(mut self, spare: Vec<(Series, u64)>) -> Self {
        self.spare = spare;
        self
    }

    /// The moment at which all that an answer shows was read, if that is known.
    pub(crate) fn read_at(&self) -> Option<Moment> {
        self.shown_at.filter(|_| self.snapshot.is_none())
    }

    /// Where this call waits for its turn if it loses a race: with those that change the same
    /// object.
    pub(crate) fn lane(&self) -> usize {
        let updated = self.pending.iter().find(|(_, pending)| pending.before.is_some());
        updated.map_or(0, |(id, _)| Lanes::of(self.org(), id))
    }

    /// Hands over the batch and returns when it is on the disk, together with all that was read. On
    /// failure, returns the numbers.
    pub(crate) async fn commit(
        mut self,
        answer: Option<StoredAnswer>,
    ) -> Result<(), (Error, Vec<(Series, u64)>)> {
        let numbers = std::mem::take(&mut self.numbers);
        let batch = match self.batch(&numbers, answer) {
            Ok(batch) => batch,
            Err(error) => return Err((error, numbers)),
        };
        let read_at = self.read_at();
        // The snapshot must be closed before the writer needs the disk to itself.
        drop(self.snapshot.take());
        let store = &self.inner.store;
        let done = if batch.is_empty() {
            store.until_durable(read_at).await
        } else {
            store.apply(batch).await
        };
        done.map_err(|error| (error, numbers))
    }

    fn batch(&mut self, numbers: &[(Series, u64)], answer: Option<StoredAnswer>) -> Result<Batch> {
        self.assert_assumed();
        let pending = std::mem::take(&mut self.pending).into_values();
        let (registry, by) = (self.inner.store.registry(), (self.cx.now, &self.cx.actor.id));
        let changes = pending
            .filter_map(|pending| pending.into_change(registry, by).transpose())
            .collect::<Result<_>>()?;
        let mut counters: Vec<(Series, u64)> = Vec::new();
        let given = if self.inner.store.numbers_come_with_batches() { numbers } else { &[] };
        for (series, number) in given.iter().chain(&self.reserved) {
            match counters.iter_mut().find(|(known, _)| known == series) {
                Some((_, highest)) => *highest = (*highest).max(*number),
                None => counters.push((series.clone(), *number)),
            }
        }
        Ok(Batch {
            org: self.cx.org.org.to_string(),
            since: self.begun,
            at: self.cx.now,
            actor: self.cx.actor.id.clone(),
            request_id: self.cx.request_id.to_string(),
            asserts: std::mem::take(&mut self.asserts),
            changes,
            counters,
            answer,
        })
    }

    /// Ends a transaction without writing anything. Returns what it would have written.
    pub fn into_batch(mut self) -> Result<Batch> {
        let numbers = std::mem::take(&mut self.numbers);
        self.batch(&numbers, None)
    }

    /// Ends a transaction of the server itself, outside any operation; it is not retried.
    pub async fn finish(self) -> Result<()> {
        self.commit(None).await.map_err(|(error, _)| error)
    }
}
