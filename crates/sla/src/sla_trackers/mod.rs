//! SLA trackers: how the promises of SLAs stand for each object.
//!
//! `clock.rs` and `settle.rs` are the rules, and pure. `timers.rs` notes what falls due by itself.
//! What happens to works reaches their trackers by way of `tracking` in the crate `tracker`.

pub mod clock;
mod doc;
mod explain;
mod filter;
mod object;
pub mod settle;
mod timers;

pub use doc::{
    Clock, MINUTE_MS, ORG_SCHEDULE, PHASE, Removed, SlaOnWork, SlaTracker, Standing, Terms,
};
pub use filter::{Columns, standing_is};
pub use object::{holds_until, standing};
pub use timers::note_due;
use worksmith_engine::{One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{Column, Query, Result};
use worksmith_wire::sla_trackers::{GetRequest, ListRequest};

/// Registers the family.
pub fn ops(table: &mut OpTable) {
    table.family::<SlaTracker>();
    table.add(Op::read("sla-trackers.get", "sla_tracker"), get);
    table.add(Op::read("sla-trackers.list", "sla_tracker"), list);
    table.add(Op::read("sla-trackers.explain", "sla_tracker"), explain::explain);
    table.feed::<SlaTracker>("sla-trackers.get");
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<SlaTracker>> {
    tx.show::<SlaTracker>(&request.id).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<SlaTracker>> {
    let ListRequest { created_date, modified_date, stage, status, sort_by, page } = request;
    let now = tx.cx().now;
    let mut query = Query::new();
    query.within(Column::CREATED_AT, created_date).within(Column::MODIFIED_AT, modified_date);
    if !stage.is_empty() {
        query.with(filter::stage_is(&filter::OWN, &stage, now));
    }
    if !status.is_empty() {
        query.with(filter::status_is(&status, now));
    }
    query.sort_by(&sort_by, &[("target_time", doc::TARGET)])?;
    tx.list::<SlaTracker>(query, &page).await
}
