//! What a change is about: the object, what has happened to it, and at whom that is directed.

use serde_json::Value as Json;
use worksmith_engine::{Change, Stretch, Tx};
use worksmith_kernel::{Actor, Resource, Result, Stored};
use worksmith_store::Event;
use worksmith_talk::timeline_entries::{self, Comment};
use worksmith_wire::notifications::NotificationEventType;
use worksmith_wire::timeline_entries::CommentBodyType;
use worksmith_wire::{Id, Kind, OrgName, Span, Timestamp};
use worksmith_work::works::Work;

use crate::notifications::News;

/// Fields that follow from others, or that programs keep. Nobody is told of them.
const QUIET: &[&str] = &[
    "actual_close_date",
    "actual_start_date",
    "custom_schema_fragments",
    "priority_v2",
    "sentiment_modified_date",
    "severity_v2",
    "sla_summary",
    "sla_tracker",
    "stage_v2",
    "staged_info",
    "state",
    "state_display_name",
    "stock_schema_fragment",
    "sync_metadata",
];

/// Something that people are told of.
pub(super) struct Happening {
    /// The object.
    pub(super) parent: Id,
    /// Who did it.
    pub(super) actor: Id,
    /// When.
    pub(super) at: Timestamp,
    /// What it was.
    pub(super) news: News,
    /// At whom it is directed, and why: people, and groups of people.
    pub(super) directed: Vec<(Id, NotificationEventType)>,
    /// Who is told besides those who follow the object.
    pub(super) also: Vec<Id>,
    /// Whether those who follow the object are told.
    pub(super) is_for_followers: bool,
}

impl Happening {
    /// Whether it is a comment.
    pub(super) const fn is_comment(&self) -> bool {
        matches!(self.news, News::Comment(_))
    }
}

/// What a change of a work or a comment is about, if anybody is to be told of it.
pub(super) async fn of(tx: &mut Tx, event: &Event) -> Result<Option<Happening>> {
    // What the server itself does follows from what people have done.
    if event.actor == Actor::system().id || is_dated_back(event) {
        return Ok(None);
    }
    match event.id.kind() {
        Kind::Comment => of_comment(tx, event).await,
        _ => of_work(tx, event).await,
    }
}

/// Whether a change has authors and dates of its own. Imports are dated back, and reactions do not
/// count as changes of a comment.
fn is_dated_back(event: &Event) -> bool {
    let old = event.old.as_deref().unwrap_or("null");
    let old: Json = serde_json::from_str(old).unwrap_or_default();
    old.get(Event::META).is_some()
}

async fn of_work(tx: &mut Tx, event: &Event) -> Result<Option<Happening>> {
    let stretch = Stretch { revisions: (event.revision, event.revision), time: Span::default() };
    let Some((_, changes, _)) = tx.history(&event.id, stretch, false, 1).await? else {
        return Ok(None);
    };
    let Some(Change { event: _, objects }) = changes.into_iter().next() else { return Ok(None) };
    let Some((fields, directed, also)) = (match objects {
        Some((before, after)) => changed(tx, &before, &after),
        None => created(tx, event).await?,
    }) else {
        return Ok(None);
    };
    Ok(Some(Happening {
        parent: event.id.clone(),
        actor: event.actor.clone(),
        at: event.at,
        news: News::Change { revisions: (event.revision, event.revision), fields },
        directed,
        also,
        is_for_followers: event.revision > 1,
    }))
}

/// The fields that have changed, at whom that is directed, and who is told as well.
type Told = (Vec<String>, Vec<(Id, NotificationEventType)>, Vec<Id>);

fn changed(tx: &Tx, before: &Json, after: &Json) -> Option<Told> {
    let fields: Vec<String> = timeline_entries::deltas(before, after)
        .into_iter()
        .map(|delta| delta.name)
        .filter(|name| !QUIET.contains(&name.as_str()))
        .collect();
    if fields.is_empty() {
        return None;
    }
    let org = &tx.cx().org;
    let (old, new) = (owners(before, org), owners(after, org));
    let assigned = new.iter().filter(|id| !old.contains(id)).cloned();
    let mut directed = assign(assigned);
    let known = mentioned(before, org);
    let mentions = mentioned(after, org).into_iter().filter(|id| !known.contains(id));
    directed.extend(mentions.map(|id| (id, NotificationEventType::Mention)));
    let also = old.into_iter().filter(|id| !new.contains(id)).collect();
    Some((fields, directed, also))
}

fn assign(owners: impl Iterator<Item = Id>) -> Vec<(Id, NotificationEventType)> {
    owners.map(|id| (id, NotificationEventType::Assignment)).collect()
}

/// The owners of a work as answers show it.
fn owners(work: &Json, org: &OrgName) -> Vec<Id> {
    let owners = work["owned_by"].as_array().into_iter().flatten();
    owners.filter_map(|owner| Id::parse(owner["id"].as_str()?, org).ok()).collect()
}

/// The people and groups that a work mentions as answers show it.
fn mentioned(work: &Json, org: &OrgName) -> Vec<Id> {
    addressed(work["body"].as_str().unwrap_or_default(), org)
}

/// The people and groups that a text mentions.
pub(super) fn addressed(text: &str, org: &OrgName) -> Vec<Id> {
    let mentioned = timeline_entries::mentioned_in(text, org);
    mentioned.into_iter().filter(can_be_addressed).collect()
}

fn can_be_addressed(id: &Id) -> bool {
    matches!(id.kind(), Kind::DevUser | Kind::RevUser | Kind::Group)
}

/// What is told of a new work: it is nobody's yet but of those at whom it is directed.
async fn created(tx: &mut Tx, event: &Event) -> Result<Option<Told>> {
    let Some((_, Some(work))) = states::<Work>(tx, event).await? else { return Ok(None) };
    let mut directed = assign(work.doc.owned_by.iter().cloned());
    let mentions = addressed(&work.doc.body, &tx.cx().org);
    directed.extend(mentions.into_iter().map(|id| (id, NotificationEventType::Mention)));
    Ok(Some((Vec::new(), directed, work.doc.reported_by)))
}

type Sides<R> = (Option<Stored<R>>, Option<Stored<R>>);

/// An object before and after a change; `None` if it can no longer be read.
async fn states<R: Resource>(tx: &mut Tx, event: &Event) -> Result<Option<Sides<R>>> {
    let from = event.revision.saturating_sub(1).max(1);
    let states = tx.states_since(&event.id, from).await?;
    let at = |revision: u64| {
        let past = states.iter().find(|past| past.event.revision == revision)?;
        past.row.as_deref()?.read::<R>().ok()
    };
    let before = (event.revision > 1).then(|| at(event.revision - 1)).flatten();
    let after = at(event.revision);
    Ok(after.is_some().then_some((before, after)))
}

async fn of_comment(tx: &mut Tx, event: &Event) -> Result<Option<Happening>> {
    let Some(now) = tx.find::<Comment>(&event.id).await? else { return Ok(None) };
    let is_text = now.doc.body_type != CommentBodyType::Data && now.doc.link_change.is_none();
    if now.doc.is_deleted || !is_text {
        return Ok(None);
    }
    let Some((before, Some(after))) = states::<Comment>(tx, event).await? else { return Ok(None) };
    let is_new = event.revision == 1;
    let known = before.map(|before| before.doc.references).unwrap_or_default();
    let mentions = after.doc.references.iter().filter(|id| !known.contains(id));
    let mentions = mentions.filter(|id| can_be_addressed(id)).cloned();
    let directed: Vec<_> = mentions.map(|id| (id, NotificationEventType::Mention)).collect();
    if !is_new && directed.is_empty() {
        return Ok(None);
    }
    let (mut parent, mut also) = (now.doc.object.clone(), Vec::new());
    while parent.kind() == Kind::Comment {
        let Some(above) = tx.find::<Comment>(&parent).await? else { return Ok(None) };
        also.push(above.meta.created_by.clone());
        parent = above.doc.object.clone();
    }
    Ok(Some(Happening {
        parent,
        actor: event.actor.clone(),
        at: event.at,
        news: News::Comment(event.id.clone()),
        directed,
        also: if is_new { also } else { Vec::new() },
        is_for_followers: is_new,
    }))
}
