//! Schedules: the hours of the week in which an organisation works, and deviations from them.
//!
//! Other families ask [`published`] whether a schedule may be used, and [`calendar`] for the
//! [`Calendar`] to calculate with.

pub mod calendar;
mod fragments;
mod rules;

use std::sync::Arc;

pub use calendar::Calendar;
pub use fragments::{Interval, OrgScheduleFragment};
use rules::{not_permitted, transition_error};
use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, One, Op, OpTable, PageOf, Tx};
use worksmith_kernel::{Column, Expander, Query, Reference, Resource, Result, Stored};
use worksmith_wire::org_schedules::{
    self as wire, CreateRequest, Definedness, EvaluateRequest, EvaluateResponse, FragmentOverview,
    GetRequest, InstantEvaluation, ListRequest, OrgScheduleStatus as Status, OrgScheduleSummary,
    SetFragment, SetFutureRequest, TransitionRequest, UpdateRequest, WeeklyOrgSchedule,
};
use worksmith_wire::{ApiError, Apply, Id, Kind, Timestamp};

/// The document of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgSchedule {
    /// The name.
    pub name: String,
    /// Whether it can be used.
    pub status: Status,
    /// The IANA name of the time zone.
    pub timezone: String,
    /// The hours of weeks that belong to no named period.
    pub default_weekly_org_schedule: Option<WeeklyOrgSchedule>,
    /// The hours of weeks in named periods.
    pub weekly_org_schedules: Vec<WeeklyOrgSchedule>,
    /// The fragments; each begins where the one before it ends.
    pub fragments: Vec<FragmentOf>,
    /// How many days ahead it must cover when it is published.
    pub min_valid_days: i32,
    /// When its coverage ends; absent without fragments, because it then never does.
    pub valid_until: Option<Timestamp>,
    /// Its version, counted from 1.
    pub version_number: i64,
}

/// A fragment of a schedule, with a copy of its days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FragmentOf {
    /// The fragment.
    pub id: Id,
    /// Its first day.
    pub from: Timestamp,
    /// The day after its last one.
    pub to: Timestamp,
}

const STATUS: Column<OrgSchedule> =
    Column::text("status", |schedule: &OrgSchedule| schedule.status.as_str().into()).filter();
const VALID_UNTIL: Column<OrgSchedule> =
    Column::integer("valid_until", |schedule: &OrgSchedule| schedule.valid_until.into()).sorted();

impl Resource for OrgSchedule {
    const TABLE_NAME: &'static str = "org_schedules";
    const KINDS: &'static [Kind] = &[Kind::OrgSchedule];
    const COLUMNS: &'static [Column<Self>] = &[STATUS, VALID_UNTIL];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("org_schedule_fragments", |schedule, visit| {
            schedule.fragments.iter().for_each(|fragment| visit(&fragment.id));
        })];
    const ONE: &'static str = "org_schedule";
    const MANY: &'static str = "org_schedules";
    type Object = wire::OrgSchedule;
    type Summary = OrgScheduleSummary;

    /// Others calculate with its hours, which depend on its fragments.
    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.refs(&mut |_, id| visit(id));
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> wire::OrgSchedule {
        let doc = stored.doc.clone();
        let overview = |fragment: &FragmentOf| FragmentOverview {
            id: x.don(&fragment.id),
            from: fragment.from.into(),
            to: fragment.to.into(),
        };
        wire::OrgSchedule {
            head: x.base(&stored.meta),
            default_weekly_org_schedule: doc.default_weekly_org_schedule,
            min_valid_days: doc.min_valid_days,
            name: doc.name,
            org_schedule_fragments: doc.fragments.iter().map(overview).collect(),
            status: doc.status,
            timezone: doc.timezone,
            valid_until: doc.valid_until.map(Into::into),
            version_number: doc.version_number,
            weekly_org_schedules: doc.weekly_org_schedules,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> OrgScheduleSummary {
        let Self { name, status, timezone, valid_until, version_number, .. } = stored.doc.clone();
        OrgScheduleSummary {
            head: x.atom(stored.id()),
            name,
            status,
            timezone,
            valid_until: valid_until.map(Into::into),
            version_number,
        }
    }
}

/// Registers both families.
pub fn ops(table: &mut OpTable) {
    table.family::<OrgSchedule>();
    let admins = |op: Op| op.audience(Audience::Admins);
    // The contract answers a change of a schedule like a creation.
    let update_op = Op::create("org-schedules.update", "org_schedule");
    table.add(admins(Op::create("org-schedules.create", "org_schedule")), create);
    table.add(Op::read("org-schedules.evaluate", "org_schedule"), evaluate);
    table.add(Op::read("org-schedules.get", "org_schedule"), get);
    table.add(Op::read("org-schedules.list", "org_schedule"), list);
    table.add(admins(Op::write("org-schedules.set-future", "org_schedule")), set_future);
    table.add(admins(Op::write("org-schedules.transition", "org_schedule")), transition);
    table.add(admins(update_op), update);
    fragments::ops(table);
    table.feed::<OrgSchedule>("org-schedules.get");
}

/// The calendar of a schedule; `None` if there is no such schedule.
pub async fn calendar(tx: &mut Tx, schedule: &Id) -> Result<Option<Arc<Calendar>>> {
    let key = format!("org_schedule.calendar:{schedule}");
    if let Some(calendar) = tx.recall(&key) {
        return Ok(Some(calendar));
    }
    let Some(Stored { doc, .. }) = tx.find::<OrgSchedule>(schedule).await? else {
        return Ok(None);
    };
    let mut fragments = Vec::with_capacity(doc.fragments.len());
    for FragmentOf { id, .. } in &doc.fragments {
        fragments.extend(tx.find::<OrgScheduleFragment>(id).await?.map(|stored| stored.doc));
    }
    let calendar = Calendar::new(&doc, &fragments).map(Arc::new);
    if let Some(calendar) = &calendar {
        let kinds = [Kind::OrgSchedule, Kind::OrgScheduleFragment];
        tx.remember(&key, Arc::clone(calendar), &kinds);
    }
    Ok(calendar)
}

/// The calendar of a schedule whose summary is available.
pub fn calendar_at_hand(schedule: &Id, x: &Expander) -> Option<Calendar> {
    let schedule = &x.doc::<OrgSchedule>(schedule)?.doc;
    let fragments = schedule.fragments.iter();
    let fragments = fragments.filter_map(|each| x.doc::<OrgScheduleFragment>(&each.id));
    Calendar::new(schedule, fragments.map(|stored| &stored.doc))
}

/// A schedule that may be used; otherwise the error that names the member of the request.
pub async fn published(tx: &mut Tx, id: &Id, field: &str) -> Result<Stored<OrgSchedule>> {
    let Some(stored) = tx.find::<OrgSchedule>(id).await? else {
        let message = format!("{field}: there is no such schedule");
        return Err(ApiError::invalid_id(field, message).into());
    };
    if stored.doc.status != Status::Published {
        let status = stored.doc.status.as_str();
        let reason = format!("the schedule is {status}; only a published one can be used");
        return Err(not_permitted(field, reason).into());
    }
    tx.rely_on(&stored);
    Ok(stored)
}

async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<OrgSchedule>> {
    let CreateRequest {
        default_weekly_org_schedule,
        min_valid_days,
        name,
        org_schedule_fragments,
        timezone,
        weekly_org_schedules,
    } = request;
    let default = default_weekly_org_schedule.map(rules::default_week).transpose()?;
    let mut schedule = OrgSchedule {
        name: name.into(),
        status: Status::Draft,
        timezone: rules::timezone(&timezone)?,
        default_weekly_org_schedule: default,
        weekly_org_schedules: rules::named_weeks(weekly_org_schedules.0)?,
        fragments: Vec::new(),
        min_valid_days: rules::days(min_valid_days.unwrap_or(0))?,
        valid_until: None,
        version_number: 1,
    };
    rules::fragments(tx, &mut schedule, ids(org_schedule_fragments.0)).await?;
    let stored = tx.insert(Kind::OrgSchedule, schedule).await?;
    tx.one(&stored).await
}

fn ids(fragments: Vec<SetFragment>) -> Vec<Id> {
    fragments.into_iter().map(|SetFragment { id }| id.into()).collect()
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<OrgSchedule>> {
    let GetRequest { id, version_number } = request;
    let stored = tx.target::<OrgSchedule>(&id).await?;
    let present = stored.doc.version_number;
    if let Some(wanted) = version_number.filter(|wanted| *wanted != present) {
        let name = id.display_id().unwrap_or_default();
        let message = format!("{name} is at version {present}; version {wanted} is not kept");
        return Err(ApiError::not_found(message).into());
    }
    tx.one(&stored).await
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<OrgSchedule>> {
    let ListRequest { created_by_id, status, valid_until, page } = request;
    let now = tx.cx().now;
    let mut query = Query::new();
    query
        .one_of_ids(Column::CREATED_BY, created_by_id)
        .one_of(STATUS, status.into_iter().map(Status::as_str))
        .within(VALID_UNTIL, valid_until.map(|date| date.span(now)));
    tx.list(query, &page).await
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<OrgSchedule>> {
    let UpdateRequest {
        default_weekly_org_schedule,
        id,
        min_valid_days,
        name,
        org_schedule_fragments,
        timezone,
        weekly_org_schedules,
    } = request;
    let old = tx.target::<OrgSchedule>(&id).await?;
    let mut schedule = old.doc.clone();
    if schedule.status != Status::Draft {
        let (name, status) = (id.display_id().unwrap_or_default(), schedule.status.as_str());
        let message = format!("{name} is {status}; only a draft can be edited");
        return Err(ApiError::bad_request(message).into());
    }
    if let Some(week) = default_weekly_org_schedule {
        schedule.default_weekly_org_schedule = Some(rules::default_week(week)?);
    }
    if let Some(days) = min_valid_days {
        schedule.min_valid_days = rules::days(days)?;
    }
    name.apply(&mut schedule.name);
    if let Some(timezone) = timezone {
        schedule.timezone = rules::timezone(&timezone)?;
    }
    if let Some(weeks) = weekly_org_schedules {
        schedule.weekly_org_schedules = rules::named_weeks(weeks.0)?;
    }
    let fragments = match org_schedule_fragments {
        Some(fragments) => ids(fragments.0),
        None => schedule.fragments.iter().map(|fragment| fragment.id.clone()).collect(),
    };
    rules::fragments(tx, &mut schedule, fragments).await?;
    save(tx, old, schedule).await
}

/// Stores a change. If anything differs, it becomes a new version.
async fn save(
    tx: &mut Tx,
    old: Stored<OrgSchedule>,
    mut schedule: OrgSchedule,
) -> Result<One<OrgSchedule>> {
    if schedule != old.doc {
        schedule.version_number += 1;
    }
    let stored = tx.update(old, schedule).await?;
    tx.one(&stored).await
}

async fn transition(tx: &mut Tx, request: TransitionRequest) -> Result<One<OrgSchedule>> {
    let TransitionRequest { id, status } = request;
    let old = tx.target::<OrgSchedule>(&id).await?;
    let allowed = match old.doc.status {
        Status::Draft => Some(Status::Published),
        Status::Published => Some(Status::Archived),
        Status::Archived => None,
    };
    if allowed != Some(status) {
        let allowed = allowed.map(Status::as_str);
        return Err(transition_error(&id, old.doc.status.as_str(), allowed).into());
    }
    let mut schedule = OrgSchedule { status, ..old.doc.clone() };
    if status == Status::Published {
        rules::publishable(tx, &mut schedule).await?;
    }
    save(tx, old, schedule).await
}

async fn set_future(tx: &mut Tx, request: SetFutureRequest) -> Result<One<OrgSchedule>> {
    let SetFutureRequest { id, org_schedule_fragment_id } = request;
    let old = tx.target::<OrgSchedule>(&id).await?;
    let mut schedule = old.doc.clone();
    rules::extend(tx, &mut schedule, &org_schedule_fragment_id).await?;
    save(tx, old, schedule).await
}

async fn evaluate(tx: &mut Tx, request: EvaluateRequest) -> Result<EvaluateResponse> {
    let EvaluateRequest { id, instants } = request;
    let stored = tx.target::<OrgSchedule>(&id).await?;
    let calendar = calendar(tx, &id).await?;
    let calendar = calendar.ok_or_else(|| rules::unknown_zone(&stored.doc.timezone))?;
    // A draft can still be edited, so its statements are not final.
    let frozen = stored.doc.status != Status::Draft;
    let now = tx.cx().now;
    let evaluation = |at: Timestamp| {
        let definedness = match calendar.is_defined(at) {
            false => Definedness::Undefined,
            true if frozen && at <= now => Definedness::Immutable,
            true => Definedness::Mutable,
        };
        let is_active = calendar.is_defined(at).then(|| calendar.is_active(at));
        let next_transition = is_active.and_then(|_| calendar.next_transition(at));
        InstantEvaluation {
            at: at.into(),
            definedness,
            is_active,
            next_transition: next_transition.map(Into::into),
        }
    };
    Ok(EvaluateResponse { instant_evaluations: instants.0.into_iter().map(evaluation).collect() })
}
