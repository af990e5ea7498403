//! Reading the event log: one event for each change of each object, in the order of the commits.

use worksmith_kernel::{Error, Result, Value};
use worksmith_wire::{Id, Span, Timestamp};

use crate::batch::Verb;
use crate::snapshot::Snapshot;
use crate::store::Store;

/// One change of one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its number, which grows with every event of the org; later commits have higher ones.
    pub seq: u64,
    /// The org in which it happened.
    pub org: String,
    /// The instant of the change.
    pub at: Timestamp,
    /// The user who made the change.
    pub actor: Id,
    /// The id of the request that made the change.
    pub request_id: String,
    /// The object that changed.
    pub id: Id,
    /// What happened to it.
    pub verb: Verb,
    /// The object's revision after the change; for a deletion, the last one.
    pub revision: u64,
    /// The previous values of the document's members that changed, as a JSON object, with null for
    /// those that did not exist; the whole document if it was deleted; `None` if it was created.
    pub old: Option<String>,
}

pub(crate) const COLUMNS: &str = "seq, org, at, actor, request_id, id, verb, rev, old";

impl Snapshot {
    /// The events of an object, oldest first.
    pub async fn events_of(&mut self, org: &str, id: &Id) -> Result<Vec<Event>> {
        let sql =
            format!("SELECT {COLUMNS} FROM events WHERE org = $1 AND id = $2 ORDER BY rev, seq");
        let values = [org.into(), id.into()];
        self.ask(&sql, &values).await?.into_iter().map(event).collect()
    }

    /// The events of an object with revisions within `revisions`, both inclusive, and times within
    /// `span`, oldest first: at most `limit`, from the first one on or, `backwards`, up to the last
    /// one. Its creation is within any span, because an import dates objects back.
    pub async fn events_between(
        &mut self,
        (org, id): (&str, &Id),
        revisions: (u64, u64),
        span: Span,
        backwards: bool,
        limit: usize,
    ) -> Result<Vec<Event>> {
        let direction = if backwards { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE org = $1 AND id = $2 AND rev >= $3 AND rev <= $4
             AND (rev = 1 OR (at >= $5 AND at <= $6))
             ORDER BY rev {direction}, seq {direction} LIMIT $7"
        );
        let revision = |revision: u64| Value::Integer(i64::try_from(revision).unwrap_or(i64::MAX));
        let values = [
            org.into(),
            id.into(),
            revision(revisions.0),
            revision(revisions.1),
            span.from.unwrap_or(Timestamp::MIN).into(),
            span.to.unwrap_or(Timestamp::MAX).into(),
            (limit as u64).into(),
        ];
        let rows = self.ask(&sql, &values).await?;
        let mut events: Vec<Event> = rows.into_iter().map(event).collect::<Result<_>>()?;
        if backwards {
            events.reverse();
        }
        Ok(events)
    }
}

impl Store {
    /// The events of an org after the one numbered `seq`, oldest first, for the server's own
    /// workers.
    pub async fn events_after(&self, org: &str, seq: u64, limit: usize) -> Result<Vec<Event>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE org = $1 AND seq > $2 ORDER BY seq LIMIT $3"
        );
        let values = [org.into(), seq.into(), (limit as u64).into()];
        self.inner.snapshot()?.ask(&sql, &values).await?.into_iter().map(event).collect()
    }
}

pub(crate) fn event(row: Vec<Value>) -> Result<Event> {
    use Value::{Integer, Null, Text};
    let broken = || Error::internal("an event can't be read");
    let Ok([seq, org, at, actor, request_id, id, verb, revision, old]) =
        <[Value; 9]>::try_from(row)
    else {
        return Err(broken());
    };
    let read = |id: &str| id.parse::<Id>().map_err(|_| broken());
    let old = match old {
        Null => None,
        Text(old) => Some(old),
        _ => return Err(broken()),
    };
    match (seq, org, at, actor, request_id, id, verb, revision) {
        (
            Integer(seq),
            Text(org),
            Integer(at),
            Text(actor),
            Text(request_id),
            Text(id),
            Text(verb),
            Integer(revision),
        ) => Ok(Event {
            seq: seq.unsigned_abs(),
            org,
            at: Timestamp(at),
            actor: read(&actor)?,
            request_id,
            id: read(&id)?,
            verb: Verb::parse(&verb).ok_or_else(broken)?,
            revision: revision.unsigned_abs(),
            old,
        }),
        _ => Err(broken()),
    }
}
