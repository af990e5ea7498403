//! The rules for schedules and their fragments.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_wire::org_schedule_fragments::OrgScheduleFragmentStatus;
use worksmith_wire::org_schedules::{
    OrgScheduleStatus, SetWeeklyInterval, SetWeeklyOrgSchedule, WeeklyInterval, WeeklyOrgSchedule,
};
use worksmith_wire::{ApiError, Id};

use super::calendar::{Calendar, WEEK_MINUTES};
use super::{FragmentOf, OrgSchedule, OrgScheduleFragment};

const FRAGMENTS: &str = "org_schedule_fragments";
const NAMED_WEEKS: &str = "weekly_org_schedules";
const DEFAULT_WEEK: &str = "default_weekly_org_schedule";

/// The error for a value that breaks a rule.
pub(super) fn not_permitted(field: &str, reason: impl Into<String>) -> ApiError {
    let reason = reason.into();
    ApiError::not_permitted(field, format!("{field}: {reason}")).with("reason", reason)
}

/// The error for a transition that is not allowed.
pub(super) fn transition_error(id: &Id, status: &str, allowed: Option<&str>) -> ApiError {
    let name = id.display_id().unwrap_or_default();
    let allowed = allowed.map_or_else(
        || "no transition is allowed".to_owned(),
        |allowed| format!("the transition that is allowed is to {allowed}"),
    );
    ApiError::bad_request(format!("{name} is {status}; {allowed}"))
}

/// The name of a time zone, as it is spelled in the database of time zones.
pub(super) fn timezone(name: &str) -> Result<String, ApiError> {
    let zone = TimeZone::get(name).map_err(|_| unknown_zone(name))?;
    zone.iana_name().map(ToOwned::to_owned).ok_or_else(|| unknown_zone(name))
}

pub(super) fn unknown_zone(name: &str) -> ApiError {
    not_permitted("timezone", format!("{name:?} is no IANA time zone such as America/New_York"))
}

/// A number of days.
pub(super) fn days(days: i64) -> Result<i32, ApiError> {
    let days = i32::try_from(days).ok().filter(|days| *days >= 0);
    days.ok_or_else(|| not_permitted("min_valid_days", format!("0 to {}", i32::MAX)))
}

/// The hours of weeks that belong to no named period.
pub(super) fn default_week(set: SetWeeklyOrgSchedule) -> Result<WeeklyOrgSchedule, ApiError> {
    week(set, DEFAULT_WEEK)
}

/// The hours of weeks in named periods, each of which has one week.
pub(super) fn named_weeks(
    sets: Vec<SetWeeklyOrgSchedule>,
) -> Result<Vec<WeeklyOrgSchedule>, ApiError> {
    let mut names = HashSet::new();
    for set in &sets {
        let field = format!("{NAMED_WEEKS}.period_name");
        if set.period_name.is_empty() {
            return Err(not_permitted(&field, "a named period has a name"));
        }
        if !names.insert(set.period_name.to_string()) {
            let reason = format!("{:?} has two weeks", &*set.period_name);
            return Err(not_permitted(&field, reason));
        }
    }
    sets.into_iter().map(|set| week(set, NAMED_WEEKS)).collect()
}

/// The hours of a week, in their order and without overlaps.
fn week(set: SetWeeklyOrgSchedule, field: &str) -> Result<WeeklyOrgSchedule, ApiError> {
    let SetWeeklyOrgSchedule { intervals, period_name } = set;
    let intervals = intervals.0.into_iter().map(|interval| minutes(&interval, field));
    let mut intervals: Vec<_> = intervals.collect::<Result<_, _>>()?;
    intervals.sort_unstable_by_key(|interval| interval.from);
    for pair in intervals.windows(2) {
        if let [one, next] = pair
            && next.from < one.to
        {
            let reason =
                format!("{} to {} and {} to {} overlap", one.from, one.to, next.from, next.to);
            return Err(not_permitted(&format!("{field}.intervals"), reason));
        }
    }
    Ok(WeeklyOrgSchedule { intervals, period_name: period_name.into() })
}

fn minutes(interval: &SetWeeklyInterval, field: &str) -> Result<WeeklyInterval, ApiError> {
    let SetWeeklyInterval { from, to } = *interval;
    let minute = |name: &str, minute: i64| {
        let minute = i32::try_from(minute).ok();
        let minute = minute.filter(|minute| (0..=WEEK_MINUTES).contains(&i64::from(*minute)));
        let field = format!("{field}.intervals.{name}");
        minute.ok_or_else(|| not_permitted(&field, format!("0 to {WEEK_MINUTES}")))
    };
    let read = WeeklyInterval { from: minute("from", from)?, to: minute("to", to)? };
    if read.to <= read.from {
        let reason = format!("{to} is not after {from}");
        return Err(not_permitted(&format!("{field}.intervals.to"), reason));
    }
    Ok(read)
}

/// Sets the fragments of a schedule. They must be published, each must begin where the previous one
/// ends, and each of their periods must have a week.
pub(super) async fn fragments(tx: &mut Tx, schedule: &mut OrgSchedule, ids: Vec<Id>) -> Result<()> {
    let had = std::mem::take(&mut schedule.fragments);
    for id in ids {
        let is_kept = had.iter().any(|fragment| fragment.id == id);
        let fragment = usable(tx, schedule, &id, is_kept, FRAGMENTS).await?;
        append(schedule, &fragment, FRAGMENTS)?;
    }
    set_valid_until(schedule)?;
    Ok(())
}

/// A fragment that a schedule may use. One that it has already may have been archived since.
async fn usable(
    tx: &mut Tx,
    schedule: &OrgSchedule,
    id: &Id,
    is_kept: bool,
    field: &str,
) -> Result<Stored<OrgScheduleFragment>> {
    let Some(stored) = tx.find::<OrgScheduleFragment>(id).await? else {
        let message = format!("{field}: there is no such fragment");
        return Err(ApiError::invalid_id(field, message).into());
    };
    let (name, status) = (id.display_id().unwrap_or_default(), stored.doc.status);
    if status != OrgScheduleFragmentStatus::Published && !is_kept {
        let status = status.as_str();
        let reason = format!("{name} is {status}; only a published fragment can be used");
        return Err(not_permitted(field, reason).into());
    }
    let mut periods = stored.doc.intervals.iter().filter(|interval| !interval.is_excluded);
    let has_week =
        |period: &str| schedule.weekly_org_schedules.iter().any(|week| week.period_name == period);
    if let Some(period) = periods.find(|interval| !has_week(&interval.name)) {
        let reason = format!("no weekly schedule has the period {:?} of {name}", period.name);
        return Err(not_permitted(field, reason).into());
    }
    tx.rely_on(&stored);
    Ok(stored)
}

/// Appends a fragment to a schedule.
fn append(
    schedule: &mut OrgSchedule,
    fragment: &Stored<OrgScheduleFragment>,
    field: &str,
) -> Result<(), ApiError> {
    let OrgScheduleFragment { from, to, .. } = fragment.doc;
    if let Some(last) = schedule.fragments.last()
        && last.to != from
    {
        let name = fragment.id().display_id().unwrap_or_default();
        let before = last.id.display_id().unwrap_or_default();
        let what = if from < last.to { "overlaps with" } else { "leaves a gap after" };
        let reason = format!("{name} {what} {before}, which ends at {}", last.to);
        return Err(not_permitted(field, reason));
    }
    schedule.fragments.push(FragmentOf { id: fragment.id().clone(), from, to });
    Ok(())
}

fn set_valid_until(schedule: &mut OrgSchedule) -> Result<(), ApiError> {
    let calendar = zone(schedule)?;
    schedule.valid_until = schedule.fragments.last().map(|last| calendar.start_of_day(last.to));
    Ok(())
}

/// A calendar without fragments.
fn zone(schedule: &OrgSchedule) -> Result<Calendar, ApiError> {
    Calendar::new(schedule, []).ok_or_else(|| unknown_zone(&schedule.timezone))
}

/// Refuses to publish a schedule that could not be used.
pub(super) async fn publishable(tx: &mut Tx, schedule: &mut OrgSchedule) -> Result<()> {
    // As if all of them were added now: none may have been archived.
    let ids = std::mem::take(&mut schedule.fragments).into_iter().map(|fragment| fragment.id);
    fragments(tx, schedule, ids.collect()).await?;
    if schedule.default_weekly_org_schedule.is_none() {
        let reason = "a published schedule has a default week";
        return Err(not_permitted(DEFAULT_WEEK, reason).into());
    }
    let day_ms = 24 * 60 * 60 * 1000;
    let wanted = tx.cx().now.plus_ms(i64::from(schedule.min_valid_days) * day_ms);
    if let Some(until) = schedule.valid_until.filter(|until| *until < wanted) {
        let days = schedule.min_valid_days;
        let reason = format!("the fragments end at {until}, before {days} days from now");
        return Err(not_permitted("min_valid_days", reason).into());
    }
    Ok(())
}

/// Appends a fragment to a published schedule.
pub(super) async fn extend(tx: &mut Tx, schedule: &mut OrgSchedule, id: &Id) -> Result<()> {
    const FIELD: &str = "org_schedule_fragment_id";
    if schedule.status != OrgScheduleStatus::Published {
        let status = schedule.status.as_str();
        let message = format!("the schedule is {status}; only a published one takes fragments so");
        return Err(ApiError::bad_request(message).into());
    }
    if schedule.fragments.is_empty() {
        let message = "the schedule has no fragments: its default week holds at all times, and a \
                       fragment would change what it said of the past";
        return Err(ApiError::bad_request(message).into());
    }
    let fragment = usable(tx, schedule, id, false, FIELD).await?;
    let begin = zone(schedule)?.start_of_day(fragment.doc.from);
    append(schedule, &fragment, FIELD)?;
    if begin <= tx.cx().now {
        let reason = format!("the fragment begins at {begin}, which is not in the future");
        return Err(not_permitted(FIELD, reason).into());
    }
    set_valid_until(schedule)?;
    Ok(())
}
