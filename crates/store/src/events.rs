//! Reading the event log: one event for each change of each object, in the order of the commits.

use std::collections::HashMap;

use serde_json::json;
use worksmith_kernel::{Error, Result, Value};
use worksmith_wire::{Id, Kind, Span, Timestamp};

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
    /// The member [`Event::META`] is what the object's meta became, where that is not what the
    /// event says.
    pub old: Option<String>,
}

impl Event {
    /// The member of `old` with the authors and dates that the object has after the change, if they
    /// are not those of the change: imports and the server's own work set others or none. No
    /// document has a member of this name.
    pub const META: &'static str = "@";

    /// The event without the old values, which may be long.
    #[must_use]
    pub fn mark(&self) -> Self {
        let Self { seq, org, at, actor, request_id, id, verb, revision, old: _ } = self;
        Self {
            seq: *seq,
            org: org.clone(),
            at: *at,
            actor: actor.clone(),
            request_id: request_id.clone(),
            id: id.clone(),
            verb: *verb,
            revision: *revision,
            old: None,
        }
    }
}

pub(crate) const COLUMNS: &str = "seq, org, at, actor, request_id, id, verb, rev, old";

/// What [`COLUMNS`] are without the old values, which may be long.
const MARKS: &str = "seq, org, at, actor, request_id, id, verb, rev, NULL AS old";

/// Events of one object from a revision on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stretch {
    id: Id,
    /// The first revision, and the last one.
    from: u64,
    to: i64,
    /// The number of the oldest event that was read already.
    below: i64,
}

/// The events of some objects that are still to be read: of each object the newest first, so that
/// earlier states can be reconstructed from the present one.
#[derive(Clone, Debug, Default)]
pub struct Backwards {
    stretches: Vec<Stretch>,
}

impl Backwards {
    /// The events of these objects, of each from a revision on.
    pub fn new(objects: impl IntoIterator<Item = (Id, u64)>) -> Self {
        let stretch = |(id, from)| Stretch { id, from, to: i64::MAX, below: i64::MAX };
        let mut stretches: Vec<_> = objects.into_iter().map(stretch).collect();
        stretches.sort_unstable_by_key(|stretch| stretch.id.to_string());
        Self { stretches }
    }

    /// Has no more events of an object read.
    pub fn stop(&mut self, id: &Id) {
        self.stretches.retain(|stretch| stretch.id != *id);
    }

    /// Notes what was read: events in the order of the objects, and whether there may be more.
    fn note(&mut self, events: &[Event], more: bool) {
        let Some(last) = events.last().filter(|_| more) else {
            self.stretches.clear();
            return;
        };
        // Everything about the objects before it has been read.
        let at = self.stretches.iter().position(|stretch| stretch.id == last.id);
        self.stretches.drain(..at.unwrap_or(0));
        if let Some(stretch) = self.stretches.first_mut() {
            stretch.below = i64::try_from(last.seq).unwrap_or(i64::MAX);
            // A deletion has the revision of the change before it.
            stretch.to = i64::try_from(last.revision).unwrap_or(i64::MAX);
        }
    }
}

impl Snapshot {
    /// The events of an org after the one numbered `seq`, oldest first.
    pub async fn events_after(&mut self, org: &str, seq: u64, limit: usize) -> Result<Vec<Event>> {
        self.after(COLUMNS, org, seq, limit).await
    }

    /// The same without the old values.
    pub async fn marks_after(&mut self, org: &str, seq: u64, limit: usize) -> Result<Vec<Event>> {
        self.after(MARKS, org, seq, limit).await
    }

    async fn after(
        &mut self,
        columns: &str,
        org: &str,
        seq: u64,
        limit: usize,
    ) -> Result<Vec<Event>> {
        let in_order = self.dialect().by_number();
        let sql = format!(
            "SELECT {columns} FROM events{in_order} WHERE org = $1 AND seq > $2
             ORDER BY seq LIMIT $3"
        );
        let values = [org.into(), seq.into(), (limit as u64).into()];
        self.ask(&sql, &values).await?.into_iter().map(event).collect()
    }

    /// The events of an object after the one numbered `seq`, oldest first.
    pub async fn events_of_after(
        &mut self,
        org: &str,
        id: &Id,
        seq: u64,
        limit: usize,
    ) -> Result<Vec<Event>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events WHERE org = $1 AND id = $2 AND seq > $3
             ORDER BY rev, seq LIMIT $4"
        );
        let values = [org.into(), id.into(), seq.into(), (limit as u64).into()];
        self.ask(&sql, &values).await?.into_iter().map(event).collect()
    }

    /// The event of an org with a number, without the old values.
    pub async fn mark_at(&mut self, org: &str, seq: u64) -> Result<Option<Event>> {
        let sql = format!("SELECT {MARKS} FROM events WHERE org = $1 AND seq = $2");
        let rows = self.ask(&sql, &[org.into(), seq.into()]).await?;
        rows.into_iter().next().map(event).transpose()
    }

    /// The last event of an org, without the old values.
    pub async fn last_mark(&mut self, org: &str) -> Result<Option<Event>> {
        let in_order = self.dialect().by_number();
        let sql = format!(
            "SELECT {MARKS} FROM events{in_order} WHERE org = $1 ORDER BY seq DESC LIMIT 1"
        );
        let rows = self.ask(&sql, &[org.into()]).await?;
        rows.into_iter().next().map(event).transpose()
    }

    /// The events of an org before the one numbered `seq`, newest first, without the old values.
    pub async fn marks_before(&mut self, org: &str, seq: u64, limit: usize) -> Result<Vec<Event>> {
        let in_order = self.dialect().by_number();
        let sql = format!(
            "SELECT {MARKS} FROM events{in_order} WHERE org = $1 AND seq < $2
             ORDER BY seq DESC LIMIT $3"
        );
        let below = Value::Integer(i64::try_from(seq).unwrap_or(i64::MAX));
        let values = [org.into(), below, (limit as u64).into()];
        self.ask(&sql, &values).await?.into_iter().map(event).collect()
    }

    /// The events of objects of a kind, of each the oldest first, without the old values: for kinds
    /// with few objects.
    pub async fn marks_of_kind(&mut self, org: &str, kind: Kind) -> Result<Vec<Event>> {
        let noun = kind.noun();
        let sql = format!(
            "SELECT {MARKS} FROM events WHERE org = $1 AND id >= $2 AND id < $3
             ORDER BY id, rev, seq"
        );
        // The zero sorts right after the slash.
        let values = [org.into(), format!("{noun}/").into(), format!("{noun}0").into()];
        self.ask(&sql, &values).await?.into_iter().map(event).collect()
    }

    /// The next events of some objects, at most `limit`; none when all were read.
    pub async fn events_back(
        &mut self,
        org: &str,
        back: &mut Backwards,
        limit: usize,
    ) -> Result<Vec<Event>> {
        if back.stretches.is_empty() {
            return Ok(Vec::new());
        }
        let stretches = back.stretches.iter();
        let list = |Stretch { id, from, to, below }: &Stretch| json!([id, from, to, below]);
        let wanted: Vec<_> = stretches.map(list).collect();
        let wanted = serde_json::Value::from(wanted).to_string();
        let stretches = self.dialect().stretches();
        let columns = COLUMNS.split(", ").map(|column| format!("e.{column}"));
        let columns = columns.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {columns} FROM {stretches} AS w CROSS JOIN events AS e
             WHERE e.org = $2 AND e.id = w.id AND e.rev >= w.low AND e.rev <= w.high
             AND e.seq < w.below
             ORDER BY e.id, e.rev DESC, e.seq DESC LIMIT $3"
        );
        let values = [wanted.into(), org.into(), (limit as u64).into()];
        let rows = self.ask(&sql, &values).await?;
        let events: Vec<Event> = rows.into_iter().map(event).collect::<Result<_>>()?;
        back.note(&events, events.len() == limit);
        Ok(events)
    }

    /// The revision that each of these objects had after the event numbered `seq`; those that were
    /// not there yet are left out.
    pub async fn revisions_by(
        &mut self,
        org: &str,
        ids: &[Id],
        seq: u64,
    ) -> Result<HashMap<Id, u64>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let by = i64::try_from(seq).unwrap_or(i64::MAX);
        let wanted: Vec<_> = ids.iter().map(|id| json!([id, 0, by, 0])).collect();
        let wanted = serde_json::Value::from(wanted).to_string();
        let stretches = self.dialect().stretches();
        // Parameters come in the order of their numbers.
        let sql = format!(
            "WITH w AS (SELECT id, high FROM {stretches} AS s)
             SELECT w.id, (SELECT e.rev FROM events AS e
                           WHERE e.org = $2 AND e.id = w.id AND e.seq <= w.high
                           ORDER BY e.rev DESC LIMIT 1)
             FROM w"
        );
        let mut revisions = HashMap::with_capacity(ids.len());
        for row in self.ask(&sql, &[wanted.into(), org.into()]).await? {
            match <[Value; 2]>::try_from(row) {
                Ok([Value::Text(id), Value::Integer(revision)]) => {
                    let id = id.parse().map_err(|_| Error::internal("an event of no object"))?;
                    revisions.insert(id, revision.unsigned_abs());
                }
                Ok([Value::Text(_), Value::Null]) => {}
                _ => return Err(Error::internal("a revision can't be read")),
            }
        }
        Ok(revisions)
    }

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
        self.inner.snapshot()?.events_after(org, seq, limit).await
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
