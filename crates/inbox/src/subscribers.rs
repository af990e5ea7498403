//! Who follows a work: who made, reported or owns it, and whoever began to follow it; but nobody
//! who does not want to (BEHAVIOUR 24.1).
//!
//! Only what can't be seen from the work itself is stored, in one document for each work of which
//! there is any.

use serde::{Deserialize, Serialize};
use worksmith_engine::{Audience, Changed, Op, OpTable, Tx};
use worksmith_kernel::{Cursor, Expander, Keeps, Reference, Resource, Result, Stored, Value};
use worksmith_wire::common::{AtomSummary, Empty};
use worksmith_wire::subscribers::{
    GetRequest, GetResponse, ListRequest, ListResponse, SubscribersPatch, UpdateRequest,
};
use worksmith_wire::{ApiError, Id, Kind, PageRequest, distinct};
use worksmith_work::works::Work;

use crate::named::nowhere;
use crate::people::is_person;

/// How many people can follow a work who neither made, reported nor own it.
const USERS_MAX: usize = 1_000;

/// The document of those who follow a work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The work.
    object: Id,
    /// Who began to follow it, in this order.
    users: Vec<Id>,
    /// Who does not follow it, whatever they have to do with it.
    muted: Vec<Id>,
}

/// The work that is followed.
const OBJECT: Reference<Subscription> =
    Reference::new("object", |subscription, visit| visit(&subscription.object));

impl Resource for Subscription {
    /// Whoever merges people or works looks for the primary ones.
    const KEEPS: Keeps = Keeps::All;
    const TABLE_NAME: &'static str = "subscriptions";
    const KINDS: &'static [Kind] = &[Kind::Subscription];
    const REFS: &'static [Reference<Self>] = &[
        OBJECT,
        Reference::new("users", |subscription, visit| subscription.users.iter().for_each(visit)),
        Reference::new("muted", |subscription, visit| subscription.muted.iter().for_each(visit)),
    ];
    const GOES_WITH: &'static [&'static str] = &[OBJECT.field()];
    const ONE: &'static str = "subscription";
    const MANY: &'static str = "subscriptions";
    type Object = AtomSummary;
    type Summary = AtomSummary;

    fn object(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> AtomSummary {
        x.atom(stored.id())
    }
}

/// Registers the operations.
pub(crate) fn ops(table: &mut OpTable) {
    table.family::<Subscription>();
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::read("subscribers.get", "subscriber")), get);
    table.add(Op::read("subscribers.list", "subscriber"), list);
    table.add(everyone(Op::write("subscribers.update", "subscriber")), update);
    table.follow(deleted);
}

/// Deletes what is stored of a work that is deleted.
async fn deleted(tx: &mut Tx, changed: Changed<Work>) -> Result<()> {
    if let (Some(before), None) = (&changed.before, &changed.after)
        && let Some(stored) = stored(tx, before.id()).await?
    {
        tx.delete(stored).await?;
    }
    Ok(())
}

/// Who has to do with a work.
pub(crate) struct Followers {
    /// Who made, reported or owns it, or began to follow it, each once.
    users: Vec<Id>,
    /// Who does not want to be told.
    muted: Vec<Id>,
}

impl Followers {
    /// Who follows it.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Id> {
        self.users.iter().filter(|user| !self.muted.contains(user))
    }

    /// Whether somebody follows it.
    pub(crate) fn contains(&self, user: &Id) -> bool {
        self.all().any(|each| each == user)
    }

    /// Whether somebody does not want to be told of it.
    pub(crate) fn is_muted(&self, user: &Id) -> bool {
        self.muted.contains(user)
    }
}

/// The id of the document for a work, of which there is one at most.
pub(crate) fn id_of(work: &Id) -> Id {
    Id::new(Kind::Subscription, format!("{}{}", work.kind().noun(), work.local()))
}

/// What is stored of a work.
async fn stored(tx: &mut Tx, work: &Id) -> Result<Option<Stored<Subscription>>> {
    tx.find(&id_of(work)).await
}

/// Who follows a work.
pub(crate) async fn of(tx: &mut Tx, work: &Stored<Work>) -> Result<Followers> {
    let own = std::iter::once(&work.meta.created_by);
    let own = own.chain(&work.doc.reported_by).chain(&work.doc.owned_by).cloned();
    let stored = stored(tx, work.id()).await?.map(|stored| stored.doc);
    let (more, muted) = stored.map(|doc| (doc.users, doc.muted)).unwrap_or_default();
    let mut followers = Followers { users: Vec::new(), muted: Vec::new() };
    for id in own.chain(more).filter(is_person) {
        let id = tx.primary(&id).await?;
        if !followers.users.contains(&id) {
            followers.users.push(id);
        }
    }
    for id in muted {
        followers.muted.push(tx.primary(&id).await?);
    }
    Ok(followers)
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<GetResponse> {
    let work = tx.target::<Work>(&request.id).await?;
    let caller = tx.cx().actor.id.clone();
    Ok(GetResponse { is_subscribed: of(tx, &work).await?.contains(&caller) })
}

async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let ListRequest { id, cursor, limit } = request;
    let work = tx.target::<Work>(&id).await?;
    let users: Vec<Id> = of(tx, &work).await?.all().cloned().collect();
    let binding = tx.cx().binding.clone();
    let begin = match cursor {
        Some(cursor) => place(&users, &cursor, &binding)?,
        None => 0,
    };
    let limit = PageRequest { cursor: None, limit, mode: None }.limit();
    let shown: Vec<Id> = users.iter().skip(begin).take(limit).cloned().collect();
    let end = begin + shown.len();
    let last = shown.last().filter(|_| end < users.len());
    let next_cursor =
        last.map(|last| Cursor::new(&binding, vec![Value::from(end as u64), last.into()]).encode());
    let x = tx.expand(shown.clone()).await?;
    Ok(ListResponse { users: x.embed_all(&shown), next_cursor })
}

/// Where the page begins that a cursor leads to: after the last one of the page before or, if that
/// one follows no longer, where that was.
fn place(users: &[Id], cursor: &str, binding: &str) -> Result<usize> {
    let key = Cursor::decode(cursor, binding, 2)?.into_key();
    let [Value::Integer(end), Value::Text(last)] = key.as_slice() else {
        return Err(Cursor::foreign().into());
    };
    let known = users.iter().position(|user| user.to_string() == *last);
    let end = usize::try_from(*end).unwrap_or(0);
    Ok(known.map_or(end.saturating_sub(1), |known| known + 1))
}

async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<Empty> {
    let UpdateRequest { id, subscribers } = request;
    let work = tx.target::<Work>(&id).await?;
    let Some(SubscribersPatch { add, remove }) = subscribers else { return Ok(Empty {}) };
    let add = people(tx, "add", distinct(add.0)).await?;
    let remove = people(tx, "remove", distinct(remove.0)).await?;
    if let Some(both) = add.iter().find(|id| remove.contains(id)) {
        let message = format!("remove: {} is to be added, too", tx.cx().name(both));
        return Err(ApiError::not_permitted("remove", message).into());
    }
    change(tx, work.id(), |subscription| {
        subscription.users.retain(|user| !remove.contains(user));
        subscription.muted.retain(|user| !add.contains(user));
        extend(&mut subscription.users, &add);
        extend(&mut subscription.muted, &remove);
    })
    .await?;
    Ok(Empty {})
}

/// The people that a call names in a field.
async fn people(tx: &mut Tx, field: &str, named: Vec<Id>) -> Result<Vec<Id>> {
    let mut people = Vec::new();
    for id in named {
        let actor = &tx.cx().actor;
        if actor.is_customer() && id != actor.id {
            let message = format!("{field}: customers can name only themselves");
            return Err(ApiError::forbidden(message).at(field).into());
        }
        if !tx.is_there(&id).await? {
            return Err(nowhere(tx.cx(), field, &id));
        }
        people.push(tx.primary(&id).await?);
    }
    Ok(people)
}

fn extend(users: &mut Vec<Id>, more: &[Id]) {
    for id in more {
        if !users.contains(id) {
            users.push(id.clone());
        }
    }
}

/// Changes what is stored of a work.
async fn change(tx: &mut Tx, work: &Id, make: impl FnOnce(&mut Subscription)) -> Result<()> {
    let old = stored(tx, work).await?;
    let empty = || Subscription { object: work.clone(), users: Vec::new(), muted: Vec::new() };
    let mut doc = old.as_ref().map_or_else(empty, |old| old.doc.clone());
    make(&mut doc);
    if doc.users.len() > USERS_MAX || doc.muted.len() > USERS_MAX {
        let message = format!("at most {USERS_MAX} people can follow a work, or not want to");
        return Err(ApiError::not_permitted("subscribers", message)
            .with("reason", format!("max_items {USERS_MAX}"))
            .into());
    }
    match old {
        Some(old) => tx.update(old, doc).await.map(drop),
        None if doc == empty() => Ok(()),
        None => tx.insert_with_id(id_of(work), doc).await.map(drop),
    }
}

/// Has people follow a work who have taken part in it, unless they do not want to. Of those for
/// whom there is no room nobody is refused anything.
pub(crate) async fn join(tx: &mut Tx, work: &Stored<Work>, joining: &[Id]) -> Result<()> {
    let followers = of(tx, work).await?;
    let mut new = Vec::new();
    for id in joining.iter().filter(|id| is_person(id)) {
        let id = tx.primary(id).await?;
        if !followers.users.contains(&id) && !followers.is_muted(&id) {
            new.push(id);
        }
    }
    let room = USERS_MAX.saturating_sub(followers.users.len());
    new.truncate(room);
    if new.is_empty() {
        return Ok(());
    }
    change(tx, work.id(), |subscription| extend(&mut subscription.users, &new)).await
}

/// Has somebody no longer follow a work.
pub(crate) async fn mute(tx: &mut Tx, work: &Id, user: &Id) -> Result<()> {
    let user = tx.primary(user).await?;
    change(tx, work, |subscription| {
        subscription.users.retain(|each| *each != user);
        extend(&mut subscription.muted, std::slice::from_ref(&user));
    })
    .await
}
