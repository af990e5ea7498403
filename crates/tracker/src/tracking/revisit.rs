//! Updating trackers after changes elsewhere: a reader of the log. An SLA that is published begins
//! to apply to open objects without a promise. If a workspace gets another SLA, so do its open
//! tickets. A schedule that is extended moves targets. Tracked objects keep a superseded SLA
//! (BEHAVIOUR 16.2).

use worksmith_engine::Engine;
use worksmith_kernel::{
    Actor, Column, Cond, Error, OpCtx, Query, Reader, Resource, Result, Stored,
};
use worksmith_org::environment::Environment;
use worksmith_sla::sla_trackers::clock::Phase;
use worksmith_sla::sla_trackers::{ORG_SCHEDULE, PHASE, SlaTracker};
use worksmith_sla::slas::Sla;
use worksmith_store::Event;
use worksmith_wire::metric_definitions::AppliesTo;
use worksmith_wire::slas::SlaStatus;
use worksmith_wire::{Id, Kind};
use worksmith_work::works::{self, Work};

use super::follow;

/// Reads changes of everything that promises depend on.
pub(super) const READER: Reader =
    Reader { name: "sla", kinds: &[Kind::Sla, Kind::OrgSchedule, Kind::RevOrg] };
/// How many events are claimed at a time, and how many works are read at a time.
const AT_ONCE: usize = 100;
/// How long a claim lasts, in milliseconds. If the server dies or takes longer, the others take
/// over after that: recalculating clocks twice does no harm.
const CLAIM_MS: i64 = 10 * 60_000;
/// After this many lost races, the event is postponed.
const TRIES_MAX: usize = 50;

/// Does what follows from the changes since the last call. Returns how many works it looked at.
pub async fn revisit(engine: &Engine, environment: &Environment) -> Result<u64> {
    let mut looked_at = 0;
    loop {
        let now = environment.clock.now();
        let events = engine.store().claim(READER.name, AT_ONCE, now, now.plus_ms(CLAIM_MS)).await?;
        if events.is_empty() {
            return Ok(looked_at);
        }
        for event in events {
            let cx = environment.context(&event.org, Actor::system());
            looked_at += follow_up(engine, &cx, &event).await?;
            engine.store().have_read(READER.name, &event).await?;
        }
    }
}

async fn follow_up(engine: &Engine, cx: &OpCtx, event: &Event) -> Result<u64> {
    let id = &event.id;
    match id.kind() {
        Kind::OrgSchedule => {
            let mut query = Query::new();
            query.one_of(PHASE, [Phase::Running, Phase::Paused]);
            query.with(Cond::refers_to(ORG_SCHEDULE, vec![id.clone()]));
            let object = |tracker: Stored<SlaTracker>| tracker.doc.applies_to;
            each(engine, cx, &query, object, false).await
        }
        Kind::Sla => {
            let Some(sla) = engine.peek::<Sla>(&event.org, id).await? else { return Ok(0) };
            // If an archived SLA was preferred, another one applies now.
            if sla.doc.status == SlaStatus::Draft {
                return Ok(0);
            }
            let kinds = sla.doc.applies_to.iter().filter_map(|each| match each {
                AppliesTo::Issue => Some(Kind::Issue.noun()),
                AppliesTo::Ticket => Some(Kind::Ticket.noun()),
                AppliesTo::Conversation | AppliesTo::Incident => None,
            });
            let mut query = Query::new();
            query.with(Cond::one_of(Column::KIND, kinds));
            query.with(Cond::is_null(works::SLA_PHASE)).with(Cond::is_null(works::ACTUAL_CLOSE));
            each(engine, cx, &query, work, true).await
        }
        _ if changes(event, "sla") => {
            let mut query = Query::new();
            query.with(Cond::is(works::REV_ORG, id)).with(Cond::is_null(works::ACTUAL_CLOSE));
            each(engine, cx, &query, work, true).await
        }
        _ => Ok(0),
    }
}

fn work(work: Stored<Work>) -> Id {
    work.meta.id
}

/// Whether an event changed a member of an existing document.
fn changes(event: &Event, member: &str) -> bool {
    let old = event.old.as_deref().unwrap_or("null");
    let old: serde_json::Value = serde_json::from_str(old).unwrap_or_default();
    old.get(member).is_some()
}

/// Recalculates the clocks of all works that a query finds, each in a transaction of its own.
async fn each<R: Resource>(
    engine: &Engine,
    cx: &OpCtx,
    query: &Query<R>,
    work: fn(Stored<R>) -> Id,
    may_change_sla: bool,
) -> Result<u64> {
    let (mut place, mut looked_at) = (None, 0);
    loop {
        let mut tx = engine.begin(cx);
        let (found, next) = tx.first_after::<R>(query, place, AT_ONCE).await?;
        for stored in found {
            one(engine, cx, &work(stored), may_change_sla).await?;
            looked_at += 1;
        }
        place = match next {
            Some(next) => Some(next),
            None => return Ok(looked_at),
        };
    }
}

async fn one(engine: &Engine, cx: &OpCtx, id: &Id, may_change_sla: bool) -> Result<()> {
    for _ in 0..TRIES_MAX {
        let mut tx = engine.begin(cx);
        follow::revisit(&mut tx, id, may_change_sla).await?;
        match tx.finish().await {
            Err(Error::Stale) => {}
            done => return done,
        }
    }
    Err(Error::unavailable(format!("reading the clocks of {id} lost {TRIES_MAX} races")))
}
