//! Readers of the log: the server's own work that follows from events.
//!
//! A family registers a [`Reader`] with the kinds that it subscribes to. Each event of such a kind
//! is written together with a mark that the reader has not read it, so none can be missed, whatever
//! the order in which transactions commit. Servers claim events by these marks for a limited time;
//! if a server dies meanwhile, others take them over. So each event is read at least once, and
//! those of one object in order, one at a time.

use worksmith_kernel::{Error, Result, Value};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::events::{COLUMNS, Event, event};
use crate::store::Store;

/// Claims some of the events that a reader has not read, until an instant. Only the oldest of each
/// object can be claimed.
fn claim(skipping_locked: &str) -> String {
    format!(
        "UPDATE unread SET claimed_until = $1 WHERE reader = $2 AND (org, id, seq) IN (
         SELECT u.org, u.id, u.seq FROM unread AS u WHERE u.reader = $2 AND u.claimed_until <= $3
         AND NOT EXISTS (SELECT 1 FROM unread AS earlier WHERE earlier.reader = $2
         AND earlier.org = u.org AND earlier.id = u.id AND earlier.seq < u.seq)
         ORDER BY u.seq LIMIT $4{skipping_locked}) RETURNING org, seq"
    )
}

impl Store {
    /// The next events for a reader, which it alone has until an instant. Those that it has not
    /// read by then are given out again.
    pub async fn claim(
        &self,
        reader: &str,
        limit: usize,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<Event>> {
        let sql = claim(self.inner.dialect().skipping_locked());
        let values: [Value; 4] = [until.into(), reader.into(), now.into(), (limit as u64).into()];
        let claimed = self.inner.change(&sql, &values).await?;
        let sql = format!("SELECT {COLUMNS} FROM events WHERE org = $1 AND seq = $2");
        let mut snapshot = self.inner.snapshot()?;
        let mut events = Vec::with_capacity(claimed.len());
        for place in claimed {
            let rows = snapshot.ask(&sql, &place).await?;
            let row = rows.into_iter().next();
            events.push(event(row.ok_or_else(|| Error::internal("a mark without an event"))?)?);
        }
        events.sort_by(|a, b| (&a.org, a.seq).cmp(&(&b.org, b.seq)));
        Ok(events)
    }

    /// How many events of an org a reader has not read.
    pub async fn unread(&self, reader: &str, org: &str) -> Result<u64> {
        // Every id sorts between these texts.
        self.unread_between(reader, org, String::new(), "\u{7f}".to_owned()).await
    }

    /// How many events of an object it has not read.
    pub async fn unread_of(&self, reader: &str, org: &str, id: &Id) -> Result<u64> {
        // No character of an id sorts before the exclamation mark.
        let id = id.to_string();
        self.unread_between(reader, org, id.clone(), id + "!").await
    }

    /// How many events of objects of a kind it has not read.
    pub async fn unread_of_kind(&self, reader: &str, org: &str, kind: Kind) -> Result<u64> {
        // An id is the noun of its kind, a slash, and more; the zero sorts right after the slash.
        let noun = kind.noun();
        self.unread_between(reader, org, format!("{noun}/"), format!("{noun}0")).await
    }

    async fn unread_between(
        &self,
        reader: &str,
        org: &str,
        from: String,
        to: String,
    ) -> Result<u64> {
        let sql = "SELECT count(*) FROM unread
                   WHERE reader = $1 AND org = $2 AND id >= $3 AND id < $4";
        let values: [Value; 4] = [reader.into(), org.into(), from.into(), to.into()];
        let rows = self.inner.snapshot()?.ask(sql, &values).await?;
        match rows.first().map(Vec::as_slice) {
            Some([Value::Integer(count)]) => Ok(count.unsigned_abs()),
            _ => Err(Error::internal("no count")),
        }
    }

    /// Records that a reader has done what follows from an event.
    pub async fn have_read(&self, reader: &str, event: &Event) -> Result<()> {
        let sql = "DELETE FROM unread WHERE reader = $1 AND org = $2 AND id = $3 AND seq = $4";
        let id = Value::from(&event.id);
        let values = [reader.into(), event.org.as_str().into(), id, event.seq.into()];
        self.inner.change(sql, &values).await.map(drop)
    }
}
