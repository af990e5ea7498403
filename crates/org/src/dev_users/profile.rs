//! The profile of a dev user: creating, reading, listing and changing it.

use worksmith_engine::{One, PageOf, Tx};
use worksmith_kernel::{Column, Cond, Query, Result, Stored, Value};
use worksmith_wire::common::UserState;
use worksmith_wire::dev_users::{
    CreateRequest, CreateState, GetRequest, IdentityFilter, ListRequest, Profile, SelfRequest,
    SelfUpdateRequest, SetJob, UpdateRequest,
};
use worksmith_wire::{ApiError, Apply, Id, Kind, each};

use super::{
    DISPLAY_NAME, DevUser, EMAIL, EMAILS, FULL_NAME, IDENTITY, Job, STATE, TIMEZONE, identity_name,
};
use crate::customers::one_of_names;

/// The most dev users that a filter without an index scans: more than any org has.
const PEOPLE_MAX: usize = 1_000_000;

pub(super) async fn create(tx: &mut Tx, request: CreateRequest) -> Result<One<DevUser>> {
    let CreateRequest { email, full_name, reports_to, state, customization } = request;
    customization.refuse()?;
    let CreateState::Shadow = state;
    let parts = email.split_once('@');
    if parts.is_none_or(|(name, host)| name.is_empty() || host.is_empty() || host.contains('@')) {
        let message = format!("email: {:?} is no address", &*email);
        return Err(ApiError::not_permitted("email", message).with("reason", "no address").into());
    }
    let user = DevUser {
        full_name: full_name.map(Into::into),
        reports_to: reports_to.map(Into::into),
        ..DevUser::new(&email, UserState::Shadow)
    };
    let stored = tx.insert(Kind::DevUser, user).await?;
    tx.one(&stored).await
}

pub(super) async fn get(tx: &mut Tx, request: GetRequest) -> Result<One<DevUser>> {
    tx.show::<DevUser>(&request.id).await
}

pub(super) async fn myself(tx: &mut Tx, SelfRequest {}: SelfRequest) -> Result<One<DevUser>> {
    let id = tx.cx().actor.id.clone();
    let stored = tx.target::<DevUser>(&id).await?;
    tx.one(&stored).await
}

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<PageOf<DevUser>> {
    let ListRequest {
        created_date,
        custom_fields: _,
        email,
        external_identity,
        modified_date,
        phone_numbers,
        sort_by,
        state,
        timezone,
        page,
    } = request;
    let now = tx.cx().now;
    let mut query = Query::new();
    query
        .within(Column::CREATED_AT, created_date.map(|filter| filter.span(now)))
        .within(Column::MODIFIED_AT, modified_date.map(|filter| filter.span(now)))
        .one_of(STATE, state.into_iter().map(UserState::as_str))
        .one_of(TIMEZONE, timezone)
        .sort_by(&sort_by, &SORTABLE)?;
    let emails = email.iter().map(|email| email.to_lowercase()).collect();
    one_of_names(tx, &mut query, EMAILS, emails).await?;
    if !external_identity.is_empty() {
        let ids = with_identity(tx, &external_identity).await?;
        query.with(Cond::one_of(Column::ID, ids));
    }
    if !phone_numbers.is_empty() {
        let is_wanted = |number: &String| phone_numbers.iter().any(|wanted| wanted.0 == *number);
        let has = |user: &DevUser| user.phone_numbers.iter().any(is_wanted);
        let ids = who(tx, has).await?;
        query.with(Cond::one_of(Column::ID, ids));
    }
    tx.list(query, &page).await
}

const SORTABLE: [(&str, Column<DevUser>); 5] = [
    ("display_id", Column::SEQ),
    ("display_name", DISPLAY_NAME),
    ("email", EMAIL),
    ("full_name", FULL_NAME),
    ("state", STATE),
];

/// The dev users with one of the identities. A complete identity is looked up by its name; for a
/// partial one, all users are scanned.
async fn with_identity(tx: &mut Tx, filters: &[IdentityFilter]) -> Result<Vec<Value>> {
    let mut ids = Vec::new();
    for IdentityFilter { id, issuer } in filters {
        if let (Some(id), Some(issuer)) = (id, issuer) {
            let found = tx.find_name(IDENTITY, &identity_name(issuer, id)).await?;
            ids.extend(found.as_ref().map(Value::from));
            continue;
        }
        let has = |user: &DevUser| {
            user.external_identities.iter().any(|identity| {
                id.as_ref().is_none_or(|id| *id == identity.id)
                    && issuer.as_ref().is_none_or(|issuer| *issuer == identity.issuer)
            })
        };
        ids.extend(who(tx, has).await?);
    }
    Ok(ids)
}

async fn who(tx: &mut Tx, has: impl Fn(&DevUser) -> bool) -> Result<Vec<Value>> {
    let people = tx.first::<DevUser>(&Query::new(), PEOPLE_MAX).await?;
    Ok(people.iter().filter(|user| has(&user.doc)).map(|user| user.id().into()).collect())
}

pub(super) async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<One<DevUser>> {
    let UpdateRequest { id, profile, customization } = request;
    customization.refuse()?;
    let old = tx.target::<DevUser>(&id).await?;
    may_change(tx, old.id())?;
    change(tx, old, profile).await
}

pub(super) async fn self_update(tx: &mut Tx, request: SelfUpdateRequest) -> Result<One<DevUser>> {
    let SelfUpdateRequest { profile, customization } = request;
    customization.refuse()?;
    let id = tx.cx().actor.id.clone();
    let old = tx.target::<DevUser>(&id).await?;
    change(tx, old, profile).await
}

/// Dev users change themselves, admins everybody.
pub(super) fn may_change(tx: &Tx, id: &Id) -> Result<()> {
    let actor = &tx.cx().actor;
    if actor.is_admin || actor.id == *id {
        return Ok(());
    }
    Err(ApiError::forbidden("only admins change other dev users").into())
}

async fn change(tx: &mut Tx, old: Stored<DevUser>, profile: Profile) -> Result<One<DevUser>> {
    let Profile {
        display_name,
        display_picture,
        experience_start_date,
        full_name,
        job_history,
        job_title,
        phone_numbers,
        reports_to,
        skills,
        timezone,
    } = profile;
    let mut user = old.doc.clone();
    display_name.apply(&mut user.display_name);
    display_picture.apply(&mut user.display_picture);
    experience_start_date.apply(&mut user.experience_start_date);
    full_name.apply(&mut user.full_name);
    job_history.map(each).apply(&mut user.job_history);
    job_title.apply(&mut user.job_title);
    phone_numbers.map(each).apply(&mut user.phone_numbers);
    if let Some(superior) = reports_to {
        check_superior(tx, old.id(), &superior).await?;
        user.reports_to = Some(superior.into());
    }
    skills.map(each).apply(&mut user.skills);
    if let Some(timezone) = timezone {
        let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '-' | '+');
        if !timezone.chars().all(known) {
            let message = "timezone must be an IANA name such as Europe/Lisbon";
            return Err(ApiError::not_permitted("timezone", message).into());
        }
        user.timezone = Some(timezone.into());
    }
    let stored = tx.update(old, user).await?;
    tx.one(&stored).await
}

impl From<SetJob> for Job {
    fn from(job: SetJob) -> Self {
        let SetJob { employment_status, end_date, is_current, location, start_date, title } = job;
        Self {
            employment_status,
            end_date,
            is_current,
            location: location.map(Into::into),
            start_date,
            title: title.map(Into::into),
        }
    }
}

/// Nobody may report to themselves, directly or indirectly.
async fn check_superior(tx: &mut Tx, id: &Id, superior: &Id) -> Result<()> {
    let mut chain = vec![superior.clone()];
    while let Some(last) = chain.last().cloned() {
        if last == *id {
            let message = "reports_to: nobody can report to themselves, directly or through others";
            return Err(ApiError::not_permitted("reports_to", message).into());
        }
        match tx.find::<DevUser>(&last).await?.and_then(|user| user.doc.reports_to) {
            Some(next) if !chain.contains(&next) => chain.push(next),
            _ => break,
        }
    }
    Ok(())
}
