//! Preferences: what a person set for their own use of the tracker.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::common::AtomBase;
use crate::subscribers::PersonId;
use crate::{Patch, Text};

crate::wire_enum! {
    /// Whose preferences.
    pub enum PreferencesType = "preferences-type" {
        /// Those of a user.
        UserPreferences = "user_preferences",
    }
}

crate::wire_enum! {
    /// Where a person is told of something.
    pub enum Channel = "notification-channel" {
        /// In the inbox, and by email.
        Email = "email",
        /// In the inbox.
        Inbox = "inbox",
        /// Nowhere.
        None = "none",
    }
}

crate::request! {
    /// Whose preferences to get.
    read struct GetRequest = "preferences-get-request" {
        /// Whose preferences these are: always `user_preferences`, which is meant when absent.
        r#type: Option<PreferencesType>,
        /// A language. It changes nothing: preferences are the same in every language.
        language_code: Option<Text<0, 64>>,
        /// The user: the caller when absent. Admins may name others.
        object: Option<PersonId>,
    }
}

crate::request! {
    /// New values of the presence of a user.
    update struct AvailabilityUpdate = "update-availability-preferences-group" {
        /// Whether the user is shown as away.
        manual_away: Option<bool>,
    }
}

crate::request! {
    /// New values of general preferences.
    update struct GeneralUpdate = "update-general-preferences-group" {
        /// The presence of the user.
        availability: Option<AvailabilityUpdate>,
        /// The language in which the user wants to be addressed, such as `en-GB`.
        preferred_locale: Option<Text<0, 64>>,
    }
}

crate::request! {
    /// New values of the preferences for notifications.
    update struct NotificationUpdate = "update-notification-preferences-group" {
        /// Alerts.
        alert: Option<Channel>,
        /// The user became the owner of a work.
        assignment: Option<Channel>,
        /// Comments on a work that the user follows.
        comment: Option<Channel>,
        /// Whether the user gets any email at all.
        email: Option<bool>,
        /// The user, or a group of the user's, was mentioned.
        mention: Option<Channel>,
        /// Reminders.
        reminder: Option<Channel>,
        /// Other changes of a work that the user follows.
        update: Option<Channel>,
    }
}

crate::request! {
    /// Changes preferences.
    update struct UpdateRequest = "preferences-update-request" {
        /// Whose preferences these are: always `user_preferences`, which is meant when absent.
        r#type: Option<PreferencesType>,
        /// General preferences.
        general_preferences: Option<GeneralUpdate>,
        /// A language. It changes nothing: preferences are the same in every language.
        language_code: Option<Text<0, 64>>,
        /// What the user is told of, and where.
        notification_preferences: Option<NotificationUpdate>,
        /// The user: the caller when absent. Admins may name others.
        object: Option<PersonId>,
        /// What a user interface keeps, such as theme and columns: an object of at most 65,536
        /// bytes as JSON. It replaces the one before.
        ui_preferences: Patch<Map<String, Value>>,
    }
}

/// The preferences of a user.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "user-preferences")]
pub struct UserPreferences {
    /// Always `user_preferences`.
    #[serde(rename = "type")]
    pub kind: PreferencesType,
    /// The ids of the object, who created and last changed it, and when. The dates are absent as
    /// long as nothing was set.
    #[serde(flatten)]
    pub head: AtomBase,
    /// General preferences.
    pub general_preferences: General,
    /// What the user is told of, and where.
    pub notification_preferences: Notifications,
    /// What a user interface keeps.
    pub ui_preferences: Option<Map<String, Value>>,
}

/// General preferences.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "general-preferences-group")]
pub struct General {
    /// The presence of the user.
    pub availability: Option<Availability>,
    /// The language in which the user wants to be addressed.
    pub preferred_locale: Option<String>,
}

/// The presence of a user.
#[skip_serializing_none]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "availability-preferences-group")]
pub struct Availability {
    /// Whether the user is shown as away.
    pub manual_away: Option<bool>,
}

/// What a user is told of, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "notification-preferences-group")]
pub struct Notifications {
    /// Alerts.
    pub alert: Channel,
    /// The user became the owner of a work.
    pub assignment: Channel,
    /// Comments on a work that the user follows.
    pub comment: Channel,
    /// Whether the user gets any email at all.
    pub email: bool,
    /// The user, or a group of the user's, was mentioned.
    pub mention: Channel,
    /// Reminders.
    pub reminder: Channel,
    /// Other changes of a work that the user follows.
    pub update: Channel,
}

/// Without a word of the user, everything is told by email, too.
impl Default for Notifications {
    fn default() -> Self {
        let email = Channel::Email;
        Self {
            alert: email,
            assignment: email,
            comment: email,
            email: true,
            mention: email,
            reminder: email,
            update: email,
        }
    }
}

/// The preferences, under the names of both answers of the contract.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "preferences-response")]
pub struct PreferencesResponse {
    /// The preferences.
    pub preference: UserPreferences,
    /// The same.
    pub preferences: UserPreferences,
}
