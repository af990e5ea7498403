//! What webhooks are told: a row for each event and each webhook, with every attempt to deliver it,
//! and how far the log of an org was read for them. No event records what happens to these rows.
//!
//! One server at a time reads the log of an org and delivers to its webhooks. Every statement may
//! be run twice.

use std::fmt::Write as _;

use serde_json::json;
use worksmith_kernel::{ColumnType, Error, Result, Value};
use worksmith_wire::{Id, Timestamp};

use crate::layout::{number, text};
use crate::snapshot::Snapshot;
use crate::store::Store;

/// How many rows are deleted at a time.
const DELETED: u64 = 1_000;
/// How long the rows that are written at a time are together, in bytes.
const WRITTEN: usize = 4 << 20;

/// How far a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryStatus {
    /// It will be tried, or tried again.
    Pending,
    /// The receiver has it.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryStatus {
    /// The spelling in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let all = [Self::Pending, Self::Delivered, Self::Failed];
        all.into_iter().find(|status| status.as_str() == text)
    }
}

/// The delivery of an event to a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The webhook.
    pub webhook: Id,
    /// The event; the same one always has the same id.
    pub id: Id,
    /// Its place among the deliveries of the org.
    pub number: u64,
    /// The object whose deliveries to a webhook are made one after the other.
    pub object: String,
    /// The type of the event.
    pub kind: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// When it is tried next, unless it is finished.
    pub due_at: Option<Timestamp>,
    /// How far it is.
    pub status: DeliveryStatus,
    /// How often it was tried since it was made, or since somebody asked for it once more.
    pub tries: u64,
    /// When anything last changed.
    pub touched_at: Timestamp,
    /// Every attempt, as a JSON list.
    pub attempts: String,
    /// What is told, as JSON.
    pub payload: String,
}

/// How far the log of an org was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryPlace {
    /// A cursor of the feed.
    pub place: String,
    /// A number that no delivery exceeds.
    pub number: u64,
}

/// Which deliveries of a webhook are wanted.
#[derive(Clone, Debug, Default)]
pub struct DeliveryQuery {
    /// Those with one of these statuses; if there are none, all.
    pub statuses: Vec<DeliveryStatus>,
    /// Those of one of these types; if there are none, all.
    pub kinds: Vec<String>,
    /// Those that were made from this instant on.
    pub from: Option<Timestamp>,
    /// Those that were made up to this instant.
    pub to: Option<Timestamp>,
}

/// Which deliveries are made once more.
#[derive(Clone, Debug)]
pub enum Redelivery {
    /// That of an event.
    One(Id),
    /// All that match.
    All(DeliveryQuery),
}

use ColumnType::{Integer, Text};

const COLUMNS: [(&str, ColumnType); 13] = [
    ("org", Text),
    ("webhook", Text),
    ("id", Text),
    ("number", Integer),
    ("object", Text),
    ("type", Text),
    ("made_at", Integer),
    ("due_at", Integer),
    ("status", Text),
    ("tries", Integer),
    ("touched_at", Integer),
    ("attempts", Text),
    ("payload", Text),
];

fn columns() -> String {
    COLUMNS.map(|(name, _)| name).join(", ")
}

impl DeliveryQuery {
    /// The conditions, with their values from parameter `at` on.
    fn conditions(&self, at: usize) -> (String, Vec<Value>) {
        let (mut sql, mut values) = (String::new(), Vec::<Value>::new());
        let statuses = self.statuses.iter().map(|status| status.as_str().into());
        let kinds = self.kinds.iter().map(|kind| kind.as_str().into());
        for (column, wanted) in [("status", statuses.collect()), ("type", kinds.collect())] {
            let wanted: Vec<Value> = wanted;
            if !wanted.is_empty() {
                let from = at + values.len();
                let marks: Vec<_> = (from..from + wanted.len()).map(|n| format!("${n}")).collect();
                let _ = write!(sql, " AND {column} IN ({})", marks.join(", "));
                values.extend(wanted);
            }
        }
        let at = at + values.len();
        let _ = write!(sql, " AND made_at BETWEEN ${at} AND ${}", at + 1);
        values.push(self.from.unwrap_or(Timestamp::MIN).into());
        values.push(self.to.unwrap_or(Timestamp::MAX).into());
        (sql, values)
    }
}

impl Snapshot {
    /// Deliveries of a webhook, newest first, from before a place on.
    pub async fn deliveries(
        &mut self,
        (org, webhook): (&str, &Id),
        query: &DeliveryQuery,
        before: Option<(u64, &Id)>,
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let (conditions, wanted) = query.conditions(5);
        let sql = format!(
            "SELECT {} FROM deliveries WHERE org = $1 AND webhook = $2 AND (number, id) < ($3, $4)
             {conditions} ORDER BY number DESC, id DESC LIMIT ${}",
            columns(),
            5 + wanted.len()
        );
        let place = match before {
            Some((number, id)) => [number.into(), id.into()],
            None => [Value::Integer(i64::MAX), "".into()],
        };
        let mut values = vec![org.into(), webhook.into()];
        values.extend(place);
        values.extend(wanted);
        values.push((limit as u64).into());
        self.ask(&sql, &values).await?.iter().map(|row| delivery(row)).collect()
    }

    /// The delivery of an event to a webhook.
    pub async fn delivery(&mut self, org: &str, webhook: &Id, id: &Id) -> Result<Option<Delivery>> {
        let sql = format!(
            "SELECT {} FROM deliveries WHERE org = $1 AND webhook = $2 AND id = $3",
            columns()
        );
        let rows = self.ask(&sql, &[org.into(), webhook.into(), id.into()]).await?;
        rows.first().map(|row| delivery(row)).transpose()
    }

    /// Deliveries of all webhooks of an org that were touched after a place, in the order of that.
    pub async fn deliveries_touched(
        &mut self,
        org: &str,
        (at, id): (Timestamp, &str),
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let sql = format!(
            "SELECT {} FROM deliveries WHERE org = $1 AND (touched_at, id) > ($2, $3)
             ORDER BY touched_at, id LIMIT $4",
            columns()
        );
        let values = [org.into(), at.into(), id.into(), (limit as u64).into()];
        self.ask(&sql, &values).await?.iter().map(|row| delivery(row)).collect()
    }
}

impl Store {
    /// Adds deliveries, except those that are there already.
    pub async fn add_deliveries(&self, org: &str, deliveries: &[Delivery]) -> Result<()> {
        let (mut rows, mut bytes) = (Vec::new(), 0);
        for (at, delivery) in deliveries.iter().enumerate() {
            bytes += delivery.payload.len() + 200;
            rows.push(row(org, delivery));
            if bytes > WRITTEN || at + 1 == deliveries.len() {
                let columns = columns();
                let selected = self.inner.dialect().rows(&COLUMNS);
                let sql = format!(
                    "INSERT INTO deliveries ({columns}) SELECT {columns} FROM ({selected}) AS made
                     WHERE true ON CONFLICT (org, webhook, id) DO NOTHING"
                );
                let all = serde_json::Value::from(std::mem::take(&mut rows)).to_string();
                self.inner.change(&sql, &[all.into()]).await?;
                bytes = 0;
            }
        }
        Ok(())
    }

    /// How far the log of an org was read by a reader.
    pub async fn delivery_place(&self, org: &str, reader: &str) -> Result<Option<DeliveryPlace>> {
        // Deliveries may have been added without that being noted here any more.
        let sql = "SELECT place, number, (SELECT max(number) FROM deliveries WHERE org = $1)
                   FROM delivery_places WHERE org = $1 AND reader = $2";
        let rows = self.inner.snapshot()?.ask(sql, &[org.into(), reader.into()]).await?;
        let place = |row: &Vec<Value>| {
            let (noted, last) = (number(row, 1)?, number(row, 2).unwrap_or(0));
            Ok(DeliveryPlace { place: text(row, 0)?.to_owned(), number: noted.max(last) })
        };
        rows.first().map(place).transpose()
    }

    /// Notes how far that is.
    pub async fn set_delivery_place(
        &self,
        org: &str,
        reader: &str,
        place: &DeliveryPlace,
    ) -> Result<()> {
        let sql = "INSERT INTO delivery_places (org, reader, place, number)
                   VALUES ($1, $2, $3, $4) ON CONFLICT (org, reader)
                   DO UPDATE SET place = excluded.place, number = excluded.number";
        let DeliveryPlace { place, number } = place;
        let values = [org.into(), reader.into(), place.as_str().into(), (*number).into()];
        self.inner.change(sql, &values).await.map(drop)
    }

    /// The webhooks of an org that are to be told of something by now.
    pub async fn due_webhooks(&self, org: &str, now: Timestamp) -> Result<Vec<Id>> {
        let sql = "SELECT DISTINCT webhook FROM deliveries
                   WHERE org = $1 AND due_at IS NOT NULL AND due_at <= $2";
        let rows = self.inner.snapshot()?.ask(sql, &[org.into(), now.into()]).await?;
        rows.iter().map(|row| id(row, 0)).collect()
    }

    /// The deliveries to a webhook that are due, in their order: of each object the first one.
    /// `kind` is the only type that is wanted, if there is one.
    pub async fn due_deliveries(
        &self,
        (org, webhook): (&str, &Id),
        kind: Option<&str>,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Delivery>> {
        let columns = COLUMNS.map(|(name, _)| format!("d.{name}")).join(", ");
        // The parameters come in the order of their numbers.
        let (of_kind, limit_at) = if kind.is_some() { (" AND d.type = $4", 5) } else { ("", 4) };
        let sql = format!(
            "SELECT {columns} FROM deliveries AS d
             WHERE d.org = $1 AND d.webhook = $2 AND d.due_at IS NOT NULL AND d.due_at <= $3
             AND NOT EXISTS (SELECT 1 FROM deliveries AS e
                             WHERE e.org = d.org AND e.webhook = d.webhook AND e.object = d.object
                             AND e.number < d.number AND e.due_at IS NOT NULL){of_kind}
             ORDER BY d.number, d.id LIMIT ${limit_at}"
        );
        let mut values = vec![org.into(), webhook.into(), now.into()];
        values.extend(kind.map(Value::from));
        values.push((limit as u64).into());
        let rows = self.inner.snapshot()?.ask(&sql, &values).await?;
        rows.iter().map(|row| delivery(row)).collect()
    }

    /// Notes an attempt: how far the delivery is, and when it is tried next.
    pub async fn note_attempt(&self, org: &str, delivery: &Delivery) -> Result<()> {
        let sql = "UPDATE deliveries SET due_at = $1, status = $2, tries = $3, touched_at = $4,
                   attempts = $5 WHERE org = $6 AND webhook = $7 AND id = $8";
        let Delivery { webhook, id, due_at, status, tries, touched_at, attempts, .. } = delivery;
        let values = [
            (*due_at).into(),
            status.as_str().into(),
            (*tries).into(),
            (*touched_at).into(),
            attempts.as_str().into(),
            org.into(),
            webhook.into(),
            id.into(),
        ];
        self.inner.change(sql, &values).await.map(drop)
    }

    /// Has nothing delivered to a webhook before an instant.
    pub async fn hold_deliveries(&self, org: &str, webhook: &Id, until: Timestamp) -> Result<()> {
        let sql = "INSERT INTO delivery_holds (org, webhook, until) VALUES ($1, $2, $3)
                   ON CONFLICT (org, webhook) DO UPDATE SET until = excluded.until";
        self.inner.change(sql, &[org.into(), webhook.into(), until.into()]).await.map(drop)
    }

    /// The webhooks of an org to which nothing is delivered before an instant, with that.
    pub async fn held_deliveries(&self, org: &str, now: Timestamp) -> Result<Vec<(Id, Timestamp)>> {
        let sql = "SELECT webhook, until FROM delivery_holds WHERE org = $1 AND until > $2";
        let rows = self.inner.snapshot()?.ask(sql, &[org.into(), now.into()]).await?;
        rows.iter().map(|row| Ok((id(row, 0)?, time(row, 1)?.unwrap_or(now)))).collect()
    }

    /// Has everything that was tried in vain tried again now: the receiver is there again.
    pub async fn hasten_deliveries(&self, org: &str, webhook: &Id, now: Timestamp) -> Result<()> {
        let sql = "UPDATE deliveries SET due_at = $1 WHERE org = $2 AND webhook = $3
                   AND due_at IS NOT NULL AND due_at > $1 AND tries > 0";
        self.inner.change(sql, &[now.into(), org.into(), webhook.into()]).await.map(drop)
    }

    /// Has finished deliveries made once more, and returns how many they are.
    pub async fn redeliver(
        &self,
        (org, webhook): (&str, &Id),
        which: &Redelivery,
        now: Timestamp,
    ) -> Result<u64> {
        let (conditions, wanted) = match which {
            Redelivery::One(id) => (" AND id = $4".to_owned(), vec![id.into()]),
            Redelivery::All(query) => query.conditions(4),
        };
        let sql = format!(
            "UPDATE deliveries SET due_at = $1, touched_at = $1, tries = 0, status = 'pending'
             WHERE org = $2 AND webhook = $3 AND due_at IS NULL AND type <> 'verify'{conditions}
             RETURNING id"
        );
        let mut values = vec![now.into(), org.into(), webhook.into()];
        values.extend(wanted);
        Ok(self.inner.change(&sql, &values).await?.len() as u64)
    }

    /// Deletes everything of a webhook that is no more.
    pub async fn forget_webhook(&self, org: &str, webhook: &Id) -> Result<()> {
        for table in ["deliveries", "delivery_holds"] {
            let sql = format!("DELETE FROM {table} WHERE org = $1 AND webhook = $2");
            self.inner.change(&sql, &[org.into(), webhook.into()]).await?;
        }
        Ok(())
    }

    /// Deletes the deliveries of all orgs that were made before an instant. Returns how many there
    /// were.
    pub async fn delete_deliveries(&self, before: Timestamp) -> Result<u64> {
        let sql = "DELETE FROM deliveries WHERE (org, webhook, id) IN (
                   SELECT org, webhook, id FROM deliveries WHERE made_at < $1
                   ORDER BY made_at LIMIT $2) RETURNING id";
        let mut deleted = 0;
        loop {
            let rows = self.inner.change(sql, &[before.into(), DELETED.into()]).await?;
            deleted += rows.len() as u64;
            if (rows.len() as u64) < DELETED {
                return Ok(deleted);
            }
        }
    }
}

fn row(org: &str, delivery: &Delivery) -> serde_json::Value {
    let Delivery {
        webhook,
        id,
        number,
        object,
        kind,
        made_at,
        due_at,
        status,
        tries,
        touched_at,
        attempts,
        payload,
    } = delivery;
    json!([
        org,
        webhook,
        id,
        number,
        object,
        kind,
        made_at,
        due_at,
        status.as_str(),
        tries,
        touched_at,
        attempts,
        payload,
    ])
}

fn id(row: &[Value], at: usize) -> Result<Id> {
    text(row, at)?.parse().map_err(|_| Error::internal("a delivery to nothing"))
}

fn time(row: &[Value], at: usize) -> Result<Option<Timestamp>> {
    match row.get(at) {
        Some(Value::Integer(ms)) => Ok(Some(Timestamp(*ms))),
        Some(Value::Null) => Ok(None),
        other => Err(Error::internal(format!("{other:?} is no time"))),
    }
}

fn delivery(row: &[Value]) -> Result<Delivery> {
    let always = |at| time(row, at)?.ok_or_else(|| Error::internal("a delivery without a time"));
    let status = DeliveryStatus::parse(text(row, 8)?);
    Ok(Delivery {
        webhook: id(row, 1)?,
        id: id(row, 2)?,
        number: number(row, 3)?,
        object: text(row, 4)?.to_owned(),
        kind: text(row, 5)?.to_owned(),
        made_at: always(6)?,
        due_at: time(row, 7)?,
        status: status.ok_or_else(|| Error::internal("a delivery without a status"))?,
        tries: number(row, 9)?,
        touched_at: always(10)?,
        attempts: text(row, 11)?.to_owned(),
        payload: text(row, 12)?.to_owned(),
    })
}
