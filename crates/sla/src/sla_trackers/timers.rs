//! Timers: noting warnings and missed targets when they fall due. All that is stored for this is
//! the next instant at which a tracker is due, which has an index. So a start need not search for
//! anything, and while nothing is due there is nothing to do.

use futures_util::future::try_join_all;
use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Cond, Error, OpCtx, Query, Result};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_wire::{Direction, Id};

use super::doc::{DUE, SlaTracker};

/// How many are noted concurrently, and thus in about one commit.
const AT_ONCE: usize = 256;
/// After this many lost races, the tracker is postponed.
const TRIES_MAX: usize = 10;

/// Notes everything that has fallen due, and returns how much it was. Several servers may do so at
/// the same time: noting something twice changes nothing.
pub async fn note_due(engine: &Engine, environment: &Environment) -> Result<u64> {
    let mut noted = 0;
    for org in engine.store().orgs(SLUG).await? {
        loop {
            let cx = environment.context(&org, Actor::system());
            let due = due(engine, &cx).await?;
            if due.is_empty() {
                break;
            }
            try_join_all(due.iter().map(|id| note(engine, &cx, id))).await?;
            noted += due.len() as u64;
        }
    }
    Ok(noted)
}

/// The trackers that are due first.
async fn due(engine: &Engine, cx: &OpCtx) -> Result<Vec<Id>> {
    let mut tx = engine.begin(cx);
    let mut query = Query::new();
    query.with(Cond::range(DUE, None, Some(cx.now.into())));
    query.order_by(DUE, Direction::Asc);
    let due = tx.first::<SlaTracker>(&query, AT_ONCE).await?;
    Ok(due.into_iter().map(|tracker| tracker.meta.id).collect())
}

async fn note(engine: &Engine, cx: &OpCtx, id: &Id) -> Result<()> {
    for _ in 0..TRIES_MAX {
        let mut tx = engine.begin(cx);
        note_in(&mut tx, id).await?;
        match tx.finish().await {
            Err(Error::Stale) => {}
            done => return done,
        }
    }
    Err(Error::unavailable(format!("noting what is due of {id} lost {TRIES_MAX} races")))
}

async fn note_in(tx: &mut Tx, id: &Id) -> Result<()> {
    let Some(stored) = tx.find::<SlaTracker>(id).await? else { return Ok(()) };
    let mut doc = stored.doc.clone();
    doc.note(tx.cx().now);
    tx.update(stored, doc).await.map(drop)
}
