//! What people set for their own use of the tracker (BEHAVIOUR 24.2).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};
use worksmith_engine::{Audience, Op, OpTable, Tx};
use worksmith_kernel::{Expander, Keeps, Reference, Resource, Result, Stored};
use worksmith_wire::common::{AtomBase, AtomSummary};
use worksmith_wire::notifications::NotificationEventType;
use worksmith_wire::preferences::{
    Availability, AvailabilityUpdate, Channel, General, GeneralUpdate, GetRequest,
    NotificationUpdate, Notifications, PreferencesResponse, PreferencesType, UpdateRequest,
    UserPreferences,
};
use worksmith_wire::subscribers::PersonId;
use worksmith_wire::{ApiError, Apply, Id, Kind, Patch};

/// How long the preferences of a user interface are at most, in bytes of JSON.
const UI_BYTES_MAX: usize = 65_536;

/// The document of somebody's preferences.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Preferences {
    /// Whose they are.
    user: Id,
    /// General preferences.
    general: General,
    /// What the user is told of, and where.
    notifications: Notifications,
    /// What a user interface keeps.
    ui: Option<Map<String, Json>>,
}

impl Resource for Preferences {
    /// Preferences remain those of the user who set them.
    const KEEPS: Keeps = Keeps::All;
    const TABLE_NAME: &'static str = "preferences";
    const KINDS: &'static [Kind] = &[Kind::UserPreferences];
    const REFS: &'static [Reference<Self>] =
        &[Reference::new("user", |preferences, visit| visit(&preferences.user))];
    const ONE: &'static str = "preference";
    const MANY: &'static str = "preferences";
    type Object = UserPreferences;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> UserPreferences {
        shown(x.base(&stored.meta), stored.doc.clone())
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

fn shown(head: AtomBase, preferences: Preferences) -> UserPreferences {
    let Preferences { user: _, general, notifications, ui } = preferences;
    UserPreferences {
        kind: PreferencesType::UserPreferences,
        head,
        general_preferences: general,
        notification_preferences: notifications,
        ui_preferences: ui,
    }
}

/// Registers the operations.
pub(crate) fn ops(table: &mut OpTable) {
    table.family::<Preferences>();
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::read("preferences.get", "preference")), get);
    table.add(everyone(Op::write("preferences.update", "preference")), update);
}

/// The id of the preferences of a user, of which there is one document at most.
fn id_of(user: &Id) -> Id {
    Id::new(Kind::UserPreferences, format!("{}{}", user.kind().facts().don, user.local()))
}

fn unset(user: &Id) -> Preferences {
    let (general, notifications) = (General::default(), Notifications::default());
    Preferences { user: user.clone(), general, notifications, ui: None }
}

/// What somebody wants to be told of, and where.
pub(crate) async fn of(tx: &mut Tx, user: &Id) -> Result<Notifications> {
    let stored = tx.find::<Preferences>(&id_of(user)).await?;
    Ok(stored.map(|stored| stored.doc.notifications).unwrap_or_default())
}

/// Where somebody is told of something, which may be a comment.
pub(crate) const fn channel(
    wants: Notifications,
    event_type: NotificationEventType,
    is_comment: bool,
) -> Channel {
    match event_type {
        NotificationEventType::Mention => wants.mention,
        NotificationEventType::Assignment => wants.assignment,
        NotificationEventType::Alert => wants.alert,
        NotificationEventType::Reminder => wants.reminder,
        NotificationEventType::Update if is_comment => wants.comment,
        NotificationEventType::Update => wants.update,
    }
}

/// Has somebody get no more mail.
pub(crate) async fn stop_mail(tx: &mut Tx, user: &Id) -> Result<()> {
    write(tx, user, |preferences| preferences.notifications.email = false).await.map(drop)
}

/// The user of the call: the caller, or whom an admin names.
async fn user(tx: &mut Tx, named: Option<PersonId>) -> Result<Id> {
    let caller = tx.cx().actor.clone();
    let Some(PersonId(named)) = named else {
        if PersonId::KINDS.contains(&caller.id.kind()) {
            return Ok(caller.id);
        }
        return Err(ApiError::missing("object").into());
    };
    if named == caller.id {
        return Ok(named);
    }
    if !tx.is_visible(&named).await? {
        return Err(tx.not_found(&named));
    }
    if caller.is_admin {
        return Ok(named);
    }
    let message = "object: only admins see and change the preferences of others";
    Err(ApiError::forbidden(message).at("object").into())
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<PreferencesResponse> {
    let GetRequest { r#type: _, language_code: _, object } = request;
    let user = user(tx, object).await?;
    let id = id_of(&user);
    if let Some(stored) = tx.find::<Preferences>(&id).await? {
        return response(tx, &stored).await;
    }
    let head = AtomBase {
        id: tx.cx().don(&id),
        display_id: None,
        created_by: None,
        created_date: None,
        modified_by: None,
        modified_date: None,
    };
    let preference = shown(head, unset(&user));
    Ok(PreferencesResponse { preferences: preference.clone(), preference })
}

async fn response(tx: &mut Tx, stored: &Stored<Preferences>) -> Result<PreferencesResponse> {
    tx.tell_revision(stored);
    let preference = tx.object(stored).await?;
    Ok(PreferencesResponse { preferences: preference.clone(), preference })
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<PreferencesResponse> {
    let UpdateRequest {
        r#type: _,
        general_preferences,
        language_code: _,
        notification_preferences,
        object,
        ui_preferences,
    } = request;
    let user = user(tx, object).await?;
    if let Patch::Value(ui) = &ui_preferences {
        let bytes = serde_json::to_string(ui).map_or(usize::MAX, |text| text.len());
        if bytes > UI_BYTES_MAX {
            let message =
                format!("ui_preferences is {bytes} bytes as JSON, at most {UI_BYTES_MAX}");
            let reason = format!("max_length {UI_BYTES_MAX}");
            let error = ApiError::not_permitted("ui_preferences", message);
            return Err(error.with("reason", reason).into());
        }
    }
    let stored = write(tx, &user, |preferences| {
        if let Some(general) = general_preferences {
            change_general(&mut preferences.general, general);
        }
        if let Some(wanted) = notification_preferences {
            change_notifications(&mut preferences.notifications, &wanted);
        }
        ui_preferences.apply(&mut preferences.ui);
    })
    .await?;
    response(tx, &stored).await
}

/// Writes somebody's preferences.
async fn write(
    tx: &mut Tx,
    user: &Id,
    make: impl FnOnce(&mut Preferences),
) -> Result<Stored<Preferences>> {
    let id = id_of(user);
    let old = tx.find::<Preferences>(&id).await?;
    let mut doc = old.as_ref().map_or_else(|| unset(user), |old| old.doc.clone());
    make(&mut doc);
    match old {
        Some(old) => tx.update(old, doc).await,
        None => tx.insert_with_id(id, doc).await,
    }
}

fn change_general(general: &mut General, request: GeneralUpdate) {
    let GeneralUpdate { availability, preferred_locale } = request;
    if let Some(AvailabilityUpdate { manual_away: Some(away) }) = availability {
        general.availability = Some(Availability { manual_away: Some(away) });
    }
    if let Some(locale) = preferred_locale {
        general.preferred_locale = Some(String::from(locale)).filter(|locale| !locale.is_empty());
    }
}

fn change_notifications(wanted: &mut Notifications, request: &NotificationUpdate) {
    let NotificationUpdate { alert, assignment, comment, email, mention, reminder, update } =
        request;
    let channels: [(&Option<Channel>, &mut Channel); 6] = [
        (alert, &mut wanted.alert),
        (assignment, &mut wanted.assignment),
        (comment, &mut wanted.comment),
        (mention, &mut wanted.mention),
        (reminder, &mut wanted.reminder),
        (update, &mut wanted.update),
    ];
    for (new, channel) in channels {
        new.apply(channel);
    }
    email.apply(&mut wanted.email);
}
