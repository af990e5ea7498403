//! stub
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use worksmith_kernel::*;
use worksmith_store::Tx;
use worksmith_wire::{Id, Kind, Timestamp};
/// c
#[derive(Debug)]
pub struct Calendar {}
impl Calendar {
    /// a
    pub fn is_active(&self, _at: Timestamp) -> bool {
        true
    }
    /// a
    pub fn next_transition(&self, _at: Timestamp) -> Option<Timestamp> {
        None
    }
    /// a
    pub fn intervals(&self, _from: Timestamp, _to: Timestamp) -> Vec<(Timestamp, Timestamp)> {
        vec![]
    }
    /// a
    pub fn elapsed_ms(&self, from: Timestamp, to: Timestamp) -> i64 {
        to.0 - from.0
    }
    /// a
    pub fn add_ms(&self, from: Timestamp, ms: i64) -> Option<Timestamp> {
        Some(from.plus_ms(ms))
    }
}
/// a
pub async fn calendar(_tx: &mut Tx, _schedule: &Id) -> Result<Option<Arc<Calendar>>> {
    Ok(None)
}
/// a
pub fn calendar_at_hand(_s: &Id, _x: &Expander) -> Option<Calendar> {
    None
}
/// d
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrgSchedule {
    /// v
    pub version_number: i64,
}
static TABLE: Table = Table {
    name: "org_schedules",
    kinds: &[Kind::OrgSchedule],
    columns: &[],
    filters: &[],
    sorts: &[],
    digest: &[],
};
impl Resource for OrgSchedule {
    const TABLE: &'static Table = &TABLE;
    const ONE: &'static str = "org_schedule";
    const MANY: &'static str = "org_schedules";
    type Object = worksmith_wire::org_schedules::OrgScheduleSummary;
    type Summary = worksmith_wire::org_schedules::OrgScheduleSummary;
    fn columns(&self) -> Vec<Value> {
        vec![]
    }
    fn object(_: &Stored<Self>, _: &Expander) -> Self::Object {
        worksmith_wire::org_schedules::OrgScheduleSummary {}
    }
    fn summary(_: &Stored<Self>, _: &Expander) -> Self::Summary {
        worksmith_wire::org_schedules::OrgScheduleSummary {}
    }
}
