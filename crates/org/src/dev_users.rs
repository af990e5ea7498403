//! Members of the org.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, Op, OpTable, Tx};
use worksmith_kernel::search::Search;
use worksmith_kernel::{Column, Expander, Name, Reference, Resource, Result, Stored};
use worksmith_wire::common::{EnumValue, UserState, UserSummary};
use worksmith_wire::dev_users::{self, ExternalIdentity, JobTitle, Skill};
use worksmith_wire::{Id, Kind, Timestamp};

use crate::artifacts;

mod life;
mod profile;

/// The document of a dev user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DevUser {
    /// The email address, unique in the org.
    pub email: String,
    /// The name that others see.
    pub display_name: String,
    /// The profile picture.
    pub display_picture: Option<Id>,
    /// When the user began to work professionally.
    pub experience_start_date: Option<Timestamp>,
    /// The identities of the user in other systems, one for each.
    pub external_identities: Vec<ExternalIdentity>,
    /// The full name.
    pub full_name: Option<String>,
    /// Whether the user may change the org itself.
    pub is_admin: bool,
    /// The job history.
    pub job_history: Vec<Job>,
    /// What the user does in the org.
    pub job_title: Option<JobTitle>,
    /// The phone numbers.
    pub phone_numbers: Vec<String>,
    /// The user that this one was merged into.
    pub primary_identity: Option<Id>,
    /// The manager.
    pub reports_to: Option<Id>,
    /// The skills.
    pub skills: Vec<Skill>,
    /// Whether the user can act.
    pub state: UserState,
    /// The time zone by its IANA name.
    pub timezone: Option<String>,
}

/// An entry of a job history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// How the user was employed, as a number.
    pub employment_status: Option<i64>,
    /// The last day.
    pub end_date: Option<Timestamp>,
    /// Whether it is the current job.
    pub is_current: Option<bool>,
    /// The location.
    pub location: Option<String>,
    /// The first day.
    pub start_date: Option<Timestamp>,
    /// The title.
    pub title: Option<String>,
}

impl From<Job> for dev_users::Job {
    fn from(job: Job) -> Self {
        let Job { employment_status, end_date, is_current, location, start_date, title } = job;
        // The contract gives the values no names.
        let named = |id: i64| EnumValue { id, label: id.to_string(), ordinal: id };
        Self {
            employment_status: employment_status.map(named),
            end_date: end_date.map(Into::into),
            is_current,
            location,
            start_date: start_date.map(Into::into),
            title,
        }
    }
}

const EMAIL: Column<DevUser> =
    Column::text("email", |user: &DevUser| user.email.to_lowercase().into()).sorted();
const STATE: Column<DevUser> = Column::text("state", |user| user.state.as_str().into());
const IS_ADMIN: Column<DevUser> =
    Column::integer("is_admin", |user: &DevUser| user.is_admin.into()).filter();
const DISPLAY_NAME: Column<DevUser> =
    Column::text("display_name", |user| user.display_name.as_str().into());
const FULL_NAME: Column<DevUser> =
    Column::text("full_name", |user| user.full_name.as_deref().into());
const TIMEZONE: Column<DevUser> = Column::text("timezone", |user| user.timezone.as_deref().into());

/// Email addresses, in lower case.
pub const EMAILS: Name<DevUser> =
    Name::new("dev_user.email", "email", |user, claim| claim(&user.email.to_lowercase()));
/// What other systems know a dev user by.
const IDENTITY: Name<DevUser> = Name::new("dev_user.external_identity", "id", |user, claim| {
    for ExternalIdentity { issuer, id, .. } in &user.external_identities {
        claim(&identity_name(issuer, id));
    }
});

/// The name that an identity of another system has in that space.
fn identity_name(issuer: &str, id: &str) -> String {
    format!("{issuer}\n{id}")
}

/// The dev user whom another system knows by this identity.
pub async fn of_identity(tx: &mut Tx, identity: &ExternalIdentity) -> Result<Option<Id>> {
    tx.find_name(IDENTITY, &identity_name(&identity.issuer, &identity.id)).await
}

/// The dev user with an email address, or the one into whom that user was merged.
pub async fn of_email(tx: &mut Tx, email: &str) -> Result<Option<Id>> {
    tx.find_name(EMAILS, &email.to_lowercase()).await
}

/// Whether work can be assigned to a user, which is not so for deactivated ones.
pub async fn can_be_assigned(tx: &mut Tx, user: &Id) -> Result<bool> {
    if user.kind() != Kind::DevUser {
        return Ok(true);
    }
    let user = tx.find::<DevUser>(user).await?;
    let gone = [UserState::Deactivated, UserState::Deleted];
    Ok(user.is_some_and(|user| !gone.contains(&user.doc.state)))
}

impl DevUser {
    /// A dev user of whom only the email address is known, from which the name is derived.
    pub fn new(email: &str, state: UserState) -> Self {
        Self {
            email: email.to_owned(),
            display_name: email.split('@').next().unwrap_or(email).to_owned(),
            display_picture: None,
            experience_start_date: None,
            external_identities: Vec::new(),
            full_name: None,
            is_admin: false,
            job_history: Vec::new(),
            job_title: None,
            phone_numbers: Vec::new(),
            primary_identity: None,
            reports_to: None,
            skills: Vec::new(),
            state,
            timezone: None,
        }
    }
}

impl Resource for DevUser {
    const TABLE_NAME: &'static str = "dev_users";
    const KINDS: &'static [Kind] = &[Kind::DevUser];
    const COLUMNS: &'static [Column<Self>] =
        &[EMAIL, STATE, IS_ADMIN, DISPLAY_NAME, FULL_NAME, TIMEZONE];
    const REFS: &'static [Reference<Self>] = &[
        Reference::new("display_picture", |user, visit| {
            user.display_picture.iter().for_each(visit);
        }),
        Reference::new("primary_identity", |user, visit| {
            user.primary_identity.iter().for_each(visit);
        }),
        Reference::new("reports_to", |user, visit| user.reports_to.iter().for_each(visit)),
    ];
    const NAMES: &'static [Name<Self>] = &[EMAILS, IDENTITY];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("user", |user: &Self, say| {
            say(&user.display_name);
            user.full_name.iter().for_each(|name| say(name));
            say(&user.email);
        })
        .texts(|user, say| user.phone_numbers.iter().for_each(|number| say(number))),
    );
    const ONE: &'static str = "dev_user";
    const MANY: &'static str = "dev_users";
    const MERGED_INTO: Option<fn(&Self) -> Option<&Id>> =
        Some(|user| user.primary_identity.as_ref());
    type Object = dev_users::DevUser;
    type Summary = UserSummary;

    fn unassignable(&self) -> Option<&'static str> {
        match self.state {
            UserState::Deactivated => Some("is deactivated"),
            UserState::Deleted => Some("is deleted"),
            _ => None,
        }
    }

    fn summary_refs<'a>(stored: &'a Stored<Self>, visit: &mut dyn FnMut(&'a Id)) {
        stored.doc.display_picture.iter().for_each(visit);
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> dev_users::DevUser {
        let user = stored.doc.clone();
        dev_users::DevUser {
            head: x.base(&stored.meta),
            display_name: user.display_name,
            display_picture: x.embed_opt(user.display_picture.as_ref()),
            email: user.email,
            experience_start_date: user.experience_start_date.map(Into::into),
            external_identities: user.external_identities,
            full_name: user.full_name,
            job_history: user.job_history.into_iter().map(Into::into).collect(),
            job_title: user.job_title,
            phone_numbers: user.phone_numbers,
            primary_identity: x.embed_opt(user.primary_identity.as_ref()),
            reports_to: x.embed_opt(user.reports_to.as_ref()),
            skills: user.skills,
            state: user.state,
            timezone: user.timezone,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> UserSummary {
        let Self { email, display_name, display_picture, full_name, state, .. } = &stored.doc;
        UserSummary {
            display_name: Some(display_name.clone()),
            display_picture: x.embed_opt(display_picture.as_ref()),
            email: Some(email.clone()),
            full_name: full_name.clone(),
            ..crate::users::summary(stored, x, *state)
        }
    }
}

/// Registers the family. A shadow user can do nothing, so any member may create one; only admins
/// may activate and deactivate users.
pub fn ops(table: &mut OpTable) {
    table.family::<DevUser>();
    table.follow(artifacts::follow::<DevUser>);
    let admins = Audience::Admins;
    table.add(Op::create("dev-users.create", "dev_user"), profile::create);
    table.add(Op::read("dev-users.get", "dev_user"), profile::get);
    table.add(Op::read("dev-users.list", "dev_user"), profile::list);
    table.add(Op::read("dev-users.self", "dev_user"), profile::myself);
    table.add(Op::write("dev-users.self.update", "dev_user"), profile::self_update);
    table.add(Op::write("dev-users.update", "dev_user"), profile::update);
    table.add(Op::write("dev-users.activate", "dev_user").audience(admins), life::activate);
    table.add(Op::write("dev-users.deactivate", "dev_user").audience(admins), life::deactivate);
    table.add(Op::write("dev-users.merge", "dev_user").audience(admins), life::merge);
    table.add(Op::write("dev-users.identities.link", "dev_user"), life::link);
    table.add(Op::write("dev-users.identities.unlink", "dev_user"), life::unlink);
    table.feed::<DevUser>("dev-users.get");
}
