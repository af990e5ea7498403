//! Tracking: how the SLA trackers of works follow what happens.
//!
//! `follow.rs` follows every change of a work, in the transaction of the change, so that every
//! later read sees both. `metrics.rs` are the actions on single metrics. `revisit.rs` recalculates
//! clocks when an SLA, an assignment or a schedule has changed. `verify.rs` compares trackers with
//! the log and with the promises.

mod follow;
mod history;
mod metrics;
mod revisit;
mod subject;
mod verify;

pub use revisit::revisit;
pub use verify::{Findings, check};
use worksmith_engine::OpTable;

/// Registers what follows works, and the operations.
pub fn ops(table: &mut OpTable) {
    table.follow(follow::follow);
    table.reader(revisit::READER);
    metrics::ops(table);
}
