//! The document of a webhook.

use serde::{Deserialize, Serialize};
use worksmith_engine::Happened;
use worksmith_kernel::{Column, Cond, Expander, OpCtx, Resource, Stored};
use worksmith_wire::webhooks::{self, EventType, Header, Status, WebhookSummary};
use worksmith_wire::{Id, Kind, Timestamp};

use super::kinds::told;

/// The document of a webhook. It is told what its creator would be told with the scopes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Webhook {
    /// The address of the receiver.
    pub url: String,
    /// The secret by which requests are signed, in base64.
    pub secret: String,
    /// The secret before it, as long as it is valid, too.
    pub old_secret: Option<OldSecret>,
    /// Whether it is told of anything.
    pub status: Status,
    /// Whether what happens is kept for it until it is active: it was, and is being verified anew.
    pub is_waiting: bool,
    /// What it is told of.
    pub event_types: Vec<EventType>,
    /// Further headers of every request.
    pub headers: Vec<Header>,
    /// The scopes of the token by which it was last changed; if empty, all.
    pub scopes: Vec<String>,
    /// What the receiver has to answer to become active.
    pub challenge: Option<Challenge>,
}

/// A secret that was replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldSecret {
    /// The secret, in base64.
    pub secret: String,
    /// Until when it is valid.
    pub until: Timestamp,
}

/// A challenge to a receiver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Challenge {
    /// Random bytes in base64.
    pub text: String,
    /// Until when the answer counts.
    pub until: Timestamp,
}

pub(super) const STATUS: Column<Webhook> =
    Column::text("status", |webhook: &Webhook| webhook.status.as_str().into());

impl Resource for Webhook {
    const TABLE_NAME: &'static str = "webhooks";
    const KINDS: &'static [Kind] = &[Kind::Webhook];
    const COLUMNS: &'static [Column<Self>] = &[STATUS];
    const ONE: &'static str = "webhook";
    const MANY: &'static str = "webhooks";
    type Object = webhooks::Webhook;
    type Summary = WebhookSummary;

    /// Its creator sees it, and admins do.
    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        let is_own = || Cond::is(Column::CREATED_BY, &cx.actor.id);
        (!cx.actor.is_admin).then(is_own)
    }

    fn varies(&self) -> bool {
        true
    }

    fn adapts_to(stored: &Stored<Self>, cx: &OpCtx) -> Option<Vec<Id>> {
        (!stored.is_own(cx)).then(Vec::new)
    }

    fn adapt(object: &mut webhooks::Webhook, stored: &Stored<Self>, cx: &OpCtx, _: &[Id]) {
        if !stored.is_own(cx) {
            object.secret.clear();
            object.headers.iter_mut().for_each(|header| header.value.clear());
        }
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> webhooks::Webhook {
        let Self { url, secret, old_secret, status, event_types, headers, .. } = stored.doc.clone();
        let old = old_secret.map(|old| old.until).filter(|until| *until > x.now());
        webhooks::Webhook {
            head: x.base(&stored.meta),
            event_types,
            headers,
            old_secret_expires_date: old.map(Into::into),
            secret,
            status,
            url,
        }
    }

    fn holds_until(stored: &Stored<Self>, _: &Expander) -> Option<Timestamp> {
        stored.doc.old_secret.as_ref().map(|old| old.until)
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> WebhookSummary {
        WebhookSummary { head: x.atom(stored.id()) }
    }
}

/// Whom a webhook belongs to.
pub(super) trait Owned {
    /// Whether it belongs to the caller.
    fn is_own(&self, cx: &OpCtx) -> bool;
}

impl Owned for Stored<Webhook> {
    fn is_own(&self, cx: &OpCtx) -> bool {
        self.meta.created_by == cx.actor.id
    }
}

impl Webhook {
    /// Whether it may be to be told what happened to an object: the types of the events that tell
    /// it are known later.
    pub(super) fn wants(&self, cx: &OpCtx, id: &Id, what: Happened) -> bool {
        let has = |kind: EventType| self.event_types.contains(&kind);
        if self.status != Status::Active && !self.is_waiting {
            return false;
        }
        if id.kind() == Kind::GroupMember {
            let (added, removed) =
                (has(EventType::GroupMemberAdded), has(EventType::GroupMemberRemoved));
            return cx.actor.has_scope("group_membership", "read")
                && match what {
                    Happened::Created => added,
                    Happened::Deleted => removed,
                    _ => added || removed,
                };
        }
        // Of a comment that is deleted, something remains.
        let is_doubtful = id.kind() == Kind::Comment && what == Happened::Updated;
        let others = is_doubtful.then_some(Happened::Deleted);
        told(id.kind()).is_some_and(|told| {
            [Some(what), others].iter().flatten().any(|what| has(told.type_of(*what)))
        })
    }

    /// The secret before the present one, if it is valid at an instant.
    pub(super) fn old_secret(&self, now: Timestamp) -> Option<&str> {
        let old = self.old_secret.as_ref().filter(|old| old.until > now);
        old.map(|old| old.secret.as_str())
    }
}
