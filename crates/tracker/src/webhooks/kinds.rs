//! Which events there are of which objects, and how their payloads name these.

use worksmith_engine::Happened;
use worksmith_wire::Kind;
use worksmith_wire::webhooks::EventType;

/// How the events of a kind of object are called.
pub(super) struct Told {
    /// The types for an object that is created, updated and deleted.
    types: [EventType; 3],
    /// The member of the payload that has the object.
    pub(super) member: &'static str,
}

impl Told {
    /// The type that says what happened. What comes into sight is changed, and what goes out of
    /// sight is gone.
    pub(super) fn type_of(&self, what: Happened) -> EventType {
        let [created, updated, deleted] = self.types;
        match what {
            Happened::Created => created,
            Happened::Updated | Happened::Shown => updated,
            Happened::Deleted | Happened::Hidden => deleted,
        }
    }
}

/// How the events of a kind are called; `None` if there are none, or they are about something else.
pub(super) const fn told(kind: Kind) -> Option<Told> {
    use EventType as T;
    let (types, member) = match kind {
        Kind::Issue | Kind::Ticket | Kind::Task | Kind::Opportunity => {
            ([T::WorkCreated, T::WorkUpdated, T::WorkDeleted], "work")
        }
        Kind::Product
        | Kind::Capability
        | Kind::Feature
        | Kind::Enhancement
        | Kind::Runnable
        | Kind::Linkable => ([T::PartCreated, T::PartUpdated, T::PartDeleted], "part"),
        Kind::Account => ([T::AccountCreated, T::AccountUpdated, T::AccountDeleted], "account"),
        Kind::RevOrg => ([T::RevOrgCreated, T::RevOrgUpdated, T::RevOrgDeleted], "rev_org"),
        Kind::RevUser => ([T::RevUserCreated, T::RevUserUpdated, T::RevUserDeleted], "rev_user"),
        Kind::DevUser => ([T::DevUserCreated, T::DevUserUpdated, T::DevUserDeleted], "dev_user"),
        Kind::Tag => ([T::TagCreated, T::TagUpdated, T::TagDeleted], "tag"),
        Kind::Link => ([T::LinkCreated, T::LinkUpdated, T::LinkDeleted], "link"),
        Kind::Artifact => {
            ([T::ArtifactCreated, T::ArtifactUpdated, T::ArtifactDeleted], "artifact")
        }
        Kind::Group => ([T::GroupCreated, T::GroupUpdated, T::GroupDeleted], "group"),
        Kind::Comment => {
            let types = [T::TimelineEntryCreated, T::TimelineEntryUpdated, T::TimelineEntryDeleted];
            (types, "entry")
        }
        Kind::SlaTracker => {
            ([T::SlaTrackerCreated, T::SlaTrackerUpdated, T::SlaTrackerDeleted], "sla_tracker")
        }
        Kind::Webhook => ([T::WebhookCreated, T::WebhookUpdated, T::WebhookDeleted], "webhook"),
        _ => return None,
    };
    Some(Told { types, member })
}
