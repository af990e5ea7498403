//! Recognising whether anything was written to a database since it was last looked at.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use worksmith_kernel::{Result, Value};

use super::{COUNTERS, Part, feed, orgs};
use crate::snapshot::Snapshot;

/// A fingerprint of a database, which changes with everything that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    /// How many events each org has.
    events: BTreeMap<String, u64>,
    /// A hash of the last event, the counters and the kept answers of every org.
    pub(crate) hash: String,
}

impl State {
    pub(crate) async fn read(snapshot: &mut Snapshot, parts: &[Part]) -> Result<Self> {
        let (mut events, mut hash) = (BTreeMap::new(), Sha256::new());
        for org in orgs(snapshot, parts).await? {
            let sql = "SELECT count(*), max(seq) FROM events WHERE org = $1";
            let logged = snapshot.ask(sql, &[org.as_str().into()]).await?;
            let logged = logged.into_iter().next().unwrap_or_default();
            if let [Value::Integer(count), Value::Integer(last)] = logged.as_slice() {
                events.insert(org.clone(), count.unsigned_abs());
                let sql = "SELECT id, rev, at, request_id FROM events WHERE org = $1 AND seq = $2";
                let event = snapshot.ask(sql, &[org.as_str().into(), (*last).into()]).await?;
                logged.iter().chain(event.iter().flatten()).for_each(|each| feed(&mut hash, each));
            }
            let sql = "SELECT count(*), max(expires_at) FROM idempotency WHERE org = $1";
            let answers = snapshot.ask(sql, &[org.as_str().into()]).await?;
            answers.iter().flatten().for_each(|value| feed(&mut hash, value));
            for part in parts.iter().filter(|part| part.table == COUNTERS) {
                let mut pages = part.pages(&org, None);
                loop {
                    let rows = pages.next(snapshot).await?;
                    if rows.is_empty() {
                        break;
                    }
                    rows.iter().flatten().for_each(|value| feed(&mut hash, value));
                }
            }
        }
        Ok(Self { events, hash: hex::encode(hash.finalize()) })
    }

    /// How many events were added since `before`.
    pub(crate) fn events_since(&self, before: &Self) -> u64 {
        let new = self
            .events
            .iter()
            .map(|(org, now)| now.saturating_sub(before.events.get(org).copied().unwrap_or(0)));
        new.sum()
    }
}
