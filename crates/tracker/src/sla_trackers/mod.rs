//! SLA trackers: how the promises of SLAs stand for each object.
//!
//! `clock.rs` and `settle.rs` are the rules, and pure. `follow.rs` follows every change of a work,
//! in the transaction of the change, so that every later read sees both. `timers.rs` notes what
//! falls due by itself, `revisit.rs` recalculates clocks when an SLA, an assignment or a schedule
//! has changed. `verify.rs` compares trackers with the log and with the promises.

pub mod clock;
mod doc;
mod explain;
mod filter;
mod follow;
mod history;
mod metrics;
mod object;
mod revisit;
pub mod settle;
mod subject;
mod timers;
mod verify;

use worksmith_kernel::{Column, Op, OpTable, Query, Result};
use worksmith_store::{One, PageOf, Tx};
use worksmith_wire::sla_trackers::{GetRequest, ListRequest};

pub use doc::{Clock, Removed, SlaTracker, Standing, Terms};
pub use follow::SlaOnWork;
pub use revisit::revisit;
pub use timers::note_due;
pub use verify::{Findings, check};

pub(crate) use filter::{Columns, standing_is};
pub(crate) use follow::follow;
pub(crate) use object::{holds_until, standing};

/// Registers the families.
pub fn ops(table: &mut OpTable<Tx>) {
    table.family::<SlaTracker>();
    table.reader(revisit::READER);
    table.add(Op::read("sla-trackers.get", "sla_tracker"), get);
    table.add(Op::read("sla-trackers.list", "sla_tracker"), list);
    table.add(Op::read("sla-trackers.explain", "sla_tracker"), explain::explain);
    table.add(Op::write("sla-trackers.remove-metric", "sla_tracker"), metrics::remove);
    metrics::ops(table);
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
