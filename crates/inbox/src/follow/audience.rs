//! Who is told of something, and why (BEHAVIOUR 24.4).

use indexmap::IndexMap;
use worksmith_engine::Tx;
use worksmith_kernel::{Result, Stored};
use worksmith_org::groups;
use worksmith_wire::notifications::NotificationEventType;
use worksmith_wire::{Id, Kind};
use worksmith_work::works::Work;

use super::news::Happening;
use crate::people::is_person;
use crate::subscribers::{self, Followers};

/// How many members of a mentioned group are told.
const MEMBERS_MAX: usize = 1_000;

/// Why somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reason {
    /// What kind of reason.
    pub(super) event_type: NotificationEventType,
    /// Whether the person does not want to be told of the object, except for what is directed at
    /// them.
    pub(super) is_muted: bool,
}

/// Everybody who is told of something, each once: not who did it.
pub(super) async fn of(tx: &mut Tx, happening: &Happening) -> Result<IndexMap<Id, Reason>> {
    let work = tx.find::<Work>(&happening.parent).await?;
    let followers = match &work {
        Some(work) => Some(subscribers::of(tx, work).await?),
        None => None,
    };
    let mut audience = IndexMap::new();
    let directed = directed(tx, happening).await?;
    for (id, event_type) in &directed {
        add(&mut audience, happening, followers.as_ref(), id, *event_type);
    }
    let follow = followers.as_ref().filter(|_| happening.is_for_followers);
    let others = follow.into_iter().flat_map(Followers::all).chain(&happening.also);
    for id in others.cloned().collect::<Vec<_>>() {
        let id = tx.primary(&id).await?;
        if !followers.as_ref().is_some_and(|followers| followers.is_muted(&id)) {
            let event_type = NotificationEventType::Update;
            add(&mut audience, happening, followers.as_ref(), &id, event_type);
        }
    }
    if let Some(work) = &work {
        join(tx, work, happening).await?;
    }
    Ok(audience)
}

/// Who takes part in the talk about a work follows it from then on, but not all members of a group
/// that was mentioned.
async fn join(tx: &mut Tx, work: &Stored<Work>, happening: &Happening) -> Result<()> {
    let mentions = happening.directed.iter();
    let mentions = mentions.filter(|(_, why)| *why == NotificationEventType::Mention);
    let mut joining: Vec<Id> = mentions.map(|(id, _)| id.clone()).collect();
    if happening.is_comment() {
        joining.push(happening.actor.clone());
    }
    subscribers::join(tx, work, &joining).await
}

/// The people at whom it is directed; of groups, their members.
async fn directed(tx: &mut Tx, happening: &Happening) -> Result<Vec<(Id, NotificationEventType)>> {
    let mut people = Vec::new();
    for (id, event_type) in &happening.directed {
        if id.kind() == Kind::Group {
            for member in groups::users_in(tx, id, MEMBERS_MAX).await? {
                people.push((tx.primary(&member).await?, *event_type));
            }
        } else {
            people.push((tx.primary(id).await?, *event_type));
        }
    }
    Ok(people)
}

/// Adds somebody, unless the reason is lighter than one that is known.
fn add(
    audience: &mut IndexMap<Id, Reason>,
    happening: &Happening,
    followers: Option<&Followers>,
    id: &Id,
    event_type: NotificationEventType,
) {
    if *id == happening.actor || !is_person(id) {
        return;
    }
    let is_muted = followers.is_some_and(|followers| followers.is_muted(id));
    let new = Reason { event_type, is_muted };
    let known = audience.entry(id.clone()).or_insert(new);
    if event_type == NotificationEventType::Mention {
        *known = new;
    }
}
