//! Promises about time: business hours (`schedules`), what is promised (`metric_definitions`), to
//! whom (`slas`), and the clocks that measure it (`sla_trackers`).

pub mod metric_definitions;
pub mod schedules;
pub mod sla_trackers;
pub mod slas;

use worksmith_engine::OpTable;

/// Registers the families.
pub fn ops(table: &mut OpTable) {
    metric_definitions::ops(table);
    schedules::ops(table);
    sla_trackers::ops(table);
    slas::ops(table);
}
