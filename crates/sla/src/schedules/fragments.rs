//! Fragments of schedules: spans of time that say which days deviate from the default week.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, Tx};
use worksmith_kernel::{Expander, Resource, Result, Stored};
use worksmith_wire::common::AtomSummary;
use worksmith_wire::org_schedule_fragments::{
    self as wire, CreateRequest, GetRequest, OrgScheduleFragmentStatus as Status,
    OrgScheduleInterval, SetInterval, TransitionRequest,
};
use worksmith_wire::{ApiError, Kind, Timestamp, distinct};

use super::{not_permitted, transition_error};

/// The document of a fragment. Days are stored as their midnight in UTC; the schedule determines
/// their time zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgScheduleFragment {
    /// The name.
    pub name: String,
    /// The first day.
    pub from: Timestamp,
    /// The day after the last one.
    pub to: Timestamp,
    /// The days that deviate from the default week.
    pub intervals: Vec<Interval>,
    /// The regions that it is meant for.
    pub region_codes: Vec<String>,
    /// Whether it can be used.
    pub status: Status,
}

/// Days that are off or belong to a named period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The first day.
    pub from: Timestamp,
    /// The day after the last one; one day when absent.
    pub to: Option<Timestamp>,
    /// The name of the period, which selects the week of that name.
    pub name: String,
    /// Whether the days are off as a whole.
    pub is_excluded: bool,
}

impl Resource for OrgScheduleFragment {
    const TABLE_NAME: &'static str = "org_schedule_fragments";
    const KINDS: &'static [Kind] = &[Kind::OrgScheduleFragment];
    const ONE: &'static str = "org_schedule_fragment";
    const MANY: &'static str = "org_schedule_fragments";
    type Object = wire::OrgScheduleFragment;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> wire::OrgScheduleFragment {
        let Self { name, from, to, intervals, region_codes, status } = stored.doc.clone();
        wire::OrgScheduleFragment {
            head: x.base(&stored.meta),
            from: from.into(),
            to: to.into(),
            name,
            intervals: intervals.into_iter().map(Into::into).collect(),
            region_codes,
            status,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

impl Interval {
    /// The day after the last one.
    pub fn end(&self) -> Timestamp {
        self.to.unwrap_or(self.from.plus_ms(24 * 60 * 60 * 1000))
    }
}

impl From<SetInterval> for Interval {
    fn from(set: SetInterval) -> Self {
        let SetInterval { from, name, is_excluded, to } = set;
        Self {
            from: from.0,
            to: to.map(|to| to.0),
            name: name.into(),
            is_excluded: is_excluded.unwrap_or(false),
        }
    }
}

impl From<Interval> for OrgScheduleInterval {
    fn from(interval: Interval) -> Self {
        let Interval { from, to, name, is_excluded } = interval;
        Self { from: from.into(), to: to.map(Into::into), name, is_excluded }
    }
}

/// Registers the family.
pub(super) fn ops(table: &mut OpTable) {
    table.family::<OrgScheduleFragment>();
    let admins = |op: Op| op.audience(Audience::Admins);
    let create_op = Op::create("org-schedule-fragments.create", "org_schedule_fragment");
    let transition_op = Op::write("org-schedule-fragments.transition", "org_schedule_fragment");
    table.add(admins(create_op), create);
    table.add(Op::read("org-schedule-fragments.get", "org_schedule_fragment"), get);
    table.add(admins(transition_op), transition);
    table.feed::<OrgScheduleFragment>("org-schedule-fragments.get");
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<OrgScheduleFragment>> {
    let CreateRequest { from, intervals, name, region_codes, to } = request;
    let fragment = OrgScheduleFragment {
        name: name.into(),
        from: from.0,
        to: to.0,
        intervals: intervals.0.into_iter().map(Into::into).collect(),
        region_codes: distinct(region_codes.0),
        status: Status::Draft,
    };
    check(&fragment)?;
    let stored = tx.insert(Kind::OrgScheduleFragment, fragment).await?;
    tx.one(&stored).await
}

/// A fragment has at least a day, its intervals lie within it, and each day is in at most one
/// period. Excluded days may be in a period.
fn check(fragment: &OrgScheduleFragment) -> Result<(), ApiError> {
    if fragment.to <= fragment.from {
        return Err(not_permitted("to", "a fragment ends after the day it begins on"));
    }
    let mut named = Vec::new();
    for interval in &fragment.intervals {
        let (from, to, name) = (interval.from, interval.end(), &interval.name);
        if to <= from {
            let reason = format!("{name:?} ends after the day it begins on");
            return Err(not_permitted("intervals.to", reason));
        }
        if from < fragment.from || fragment.to < to {
            let reason = format!("{name:?} does not lie within the fragment");
            return Err(not_permitted("intervals", reason));
        }
        if !interval.is_excluded {
            named.push((from, to, name));
        }
    }
    named.sort_unstable();
    for pair in named.windows(2) {
        if let [(_, end, one), (next, _, other)] = pair
            && next < end
        {
            let reason = format!("{one:?} and {other:?} overlap");
            return Err(not_permitted("intervals", reason));
        }
    }
    Ok(())
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<OrgScheduleFragment>> {
    tx.show::<OrgScheduleFragment>(&request.id).await
}

async fn transition(tx: &mut Tx, request: TransitionRequest) -> Result<One<OrgScheduleFragment>> {
    let TransitionRequest { id, status } = request;
    let old = tx.target::<OrgScheduleFragment>(&id).await?;
    let allowed = match old.doc.status {
        Status::Draft => Some(Status::Published),
        Status::Published => Some(Status::Archived),
        Status::Archived => None,
    };
    if allowed != Some(status) {
        let allowed = allowed.map(Status::as_str);
        return Err(transition_error(&id, old.doc.status.as_str(), allowed).into());
    }
    let fragment = OrgScheduleFragment { status, ..old.doc.clone() };
    let stored = tx.update(old, fragment).await?;
    tx.one(&stored).await
}
