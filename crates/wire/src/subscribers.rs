//! Subscribers: the people who follow a work, and so are told of its changes.

use schemars::JsonSchema;
use serde::Serialize;
use serde_with::skip_serializing_none;

use crate::common::{UserSummary, WorkId};
use crate::{AtMost, Embedded, PageCursor};

crate::id_types! {
    /// The id of a person, who can be told of something: a dev user or a rev user.
    PersonId [DevUser, RevUser];
}

crate::id_requests! {
    /// The work of which to say whether the caller follows it.
    GetRequest = "subscribers-get-request" { id: WorkId }
}

crate::request! {
    /// Whose subscribers to list.
    read struct ListRequest = "subscribers-list-request" {
        /// The work.
        id: WorkId,
        /// The cursor of an earlier page, from which to continue.
        cursor: Option<PageCursor>,
        /// How many subscribers a page holds: 1 to 100, 50 when absent.
        limit: Option<i64>,
    }
}

crate::request! {
    /// Who begins to follow a work, and who no longer does.
    update struct SubscribersPatch = "subscribers-update-request-subscribers" {
        /// People who follow the work from now on.
        add: AtMost<PersonId, 100>,
        /// People who no longer do, even if they made the work or own it.
        remove: AtMost<PersonId, 100>,
    }
}

crate::request! {
    /// Changes who follows a work.
    update struct UpdateRequest = "subscribers-update-request" {
        /// The work.
        id: WorkId,
        /// Who begins to follow it, and who no longer does.
        subscribers: Option<SubscribersPatch>,
    }
}

/// Whether the caller follows the work.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "subscribers-get-response")]
pub struct GetResponse {
    /// Whether the caller follows the work.
    pub is_subscribed: bool,
}

/// The subscribers of a work.
#[skip_serializing_none]
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "subscribers-list-response")]
pub struct ListResponse {
    /// The people: who made, reported and owns the work, then the others.
    pub users: Vec<Embedded<UserSummary>>,
    /// Where the next page begins, if there is one.
    pub next_cursor: Option<String>,
}
