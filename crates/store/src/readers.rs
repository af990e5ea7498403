//! Readers of the log: the server's own work that follows from what has happened.
//!
//! A family registers a [`Reader`] with the kinds that it wants to hear of. Each event of such a
//! kind is written together with a mark that the reader has not read it, so none can be missed,
//! whatever the order in which transactions commit. Servers claim events by these marks, for a
//! while; a server that dies meanwhile leaves them to the others. So each event is read at least
//! once, and those of one object in their order, one at a time.

use worksmith_kernel::{Error, Result, Value};
use worksmith_wire::Timestamp;

use crate::events::{COLUMNS, Event, event};
use crate::store::Store;

/// Claims some of the events that a reader has not read, until an instant. Of each object only the
/// oldest can be claimed.
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
    /// The next events for a reader, which are its own until an instant. Those that it has not
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

    /// Notes that a reader has done what follows from an event.
    pub async fn have_read(&self, reader: &str, event: &Event) -> Result<()> {
        let sql = "DELETE FROM unread WHERE reader = $1 AND org = $2 AND id = $3 AND seq = $4";
        let id = Value::from(&event.id);
        let values = [reader.into(), event.org.as_str().into(), id, event.seq.into()];
        self.inner.change(sql, &values).await.map(drop)
    }
}
