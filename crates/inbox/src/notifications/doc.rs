//! The document of a notification.

use serde::{Deserialize, Serialize};
use worksmith_kernel::{Column, Cond, Expander, Keeps, Name, OpCtx, Reference, Resource, Stored};
use worksmith_talk::timeline_entries::Comment;
use worksmith_wire::notifications::{
    self as wire, NotificationEvent, NotificationEventType, NotificationPriority,
    NotificationState, NotificationSummary,
};
use worksmith_wire::timeline_entries::Atom;
use worksmith_wire::{Id, Kind, Timestamp};

/// How many events a notification keeps: the last ones.
const ITEMS_MAX: usize = 20;
/// How much of a comment is shown, in characters.
const BODY_MAX: usize = 1_000;
/// Changes by the same person within so many milliseconds are told as one.
const SAME_MS: i64 = 10 * 60_000;

/// The document of what a person is told of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Who is told.
    pub(crate) receiver: Id,
    /// What it is about; `None` if a program that sent it did not say.
    pub(crate) parent: Option<Id>,
    /// What a program calls it that sent it.
    pub(crate) event_id: Option<String>,
    /// What has become of it.
    pub(crate) state: NotificationState,
    /// When it becomes unread again.
    pub(crate) remind_at: Option<Timestamp>,
    /// When something happened last.
    pub(crate) last_event_at: Timestamp,
    /// What has happened since it was read: the last of that, the oldest first.
    pub(crate) items: Vec<Item>,
    /// How much that is.
    pub(crate) total: u64,
    /// When the person is told by mail of the items for which that is due.
    pub(crate) mailing: Option<Mailing>,
    /// The messages that the person has got about the object.
    pub(crate) thread: Option<Thread>,
}

/// Something that has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// Why the person is told.
    pub(crate) event_type: NotificationEventType,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// Who did it.
    pub(crate) actor: Id,
    /// What it was.
    pub(crate) news: News,
    /// Whether the person is still to be told by mail.
    pub(crate) by_mail: bool,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum News {
    /// The object was changed or, with the first revision, created.
    Change {
        /// The revisions that it went through, the first one and the last one.
        revisions: (u64, u64),
        /// The fields that changed.
        fields: Vec<String>,
    },
    /// A comment.
    Comment(Id),
    /// What a program sent.
    Sent(Box<Sent>),
}

/// What a program sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sent {
    /// The title.
    pub(crate) title: String,
    /// The text.
    pub(crate) body: String,
    /// The object that is to be looked at.
    pub(crate) object: Option<Id>,
    /// The address that is to be looked at.
    pub(crate) url: Option<String>,
    /// How much it matters.
    pub(crate) priority: Option<NotificationPriority>,
}

/// When mail is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mailing {
    /// When the first of what it is about happened.
    pub(crate) since: Timestamp,
    /// When it is written.
    pub(crate) due_at: Timestamp,
}

/// The messages about an object that somebody got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Thread {
    /// The subject of all of them: some clients take messages apart whose subjects differ.
    pub(crate) subject: String,
    /// How many there are.
    pub(crate) count: u64,
    /// The ids of the first one and of the last ones.
    pub(crate) message_ids: Vec<String>,
}

/// Whose it is.
pub(super) const RECEIVER: Column<Notification> =
    Column::text("receiver", |one: &Notification| (&one.receiver).into()).filter();
pub(super) const STATE: Column<Notification> =
    Column::text("state", |one: &Notification| one.state.as_str().into());
pub(super) const EVENT_TYPE: Column<Notification> =
    Column::text("event_type", |one: &Notification| one.event_type().as_str().into());
pub(super) const LAST_EVENT: Column<Notification> =
    Column::integer("last_event_at", |one: &Notification| one.last_event_at.into());
pub(super) const REMIND_AT: Column<Notification> =
    Column::integer("remind_at", |one: &Notification| one.remind_at.into()).filter();
/// When mail is due.
pub(crate) const MAIL_DUE: Column<Notification> =
    Column::integer("mail_due_at", |one: &Notification| {
        one.mailing.map(|mailing| mailing.due_at).into()
    })
    .filter();
/// What it is about.
pub(crate) const PARENT: Reference<Notification> =
    Reference::new("parent", |one, visit| one.parent.iter().for_each(visit));
/// Finds the one of a person for an object.
pub(crate) const PLACES: Name<Notification> =
    Name::new("notification.place", "parent", |one, claim| {
        claim(&place(&one.receiver, one.parent.as_ref(), one.event_id.as_deref()));
    });

/// The name of the notification of a person for an object.
pub(crate) fn place(receiver: &Id, parent: Option<&Id>, event_id: Option<&str>) -> String {
    let parent = parent.map_or_else(|| "-".to_owned(), Id::to_string);
    format!("{receiver} {parent} {}", event_id.unwrap_or_default())
}

impl Resource for Notification {
    /// What somebody was told stays as it was told.
    const KEEPS: Keeps = Keeps::All;
    const TABLE_NAME: &'static str = "notifications";
    const KINDS: &'static [Kind] = &[Kind::Notification];
    const COLUMNS: &'static [Column<Self>] =
        &[RECEIVER, STATE, EVENT_TYPE, LAST_EVENT, REMIND_AT, MAIL_DUE];
    const REFS: &'static [Reference<Self>] =
        &[PARENT, Reference::new("receiver", |one, visit| visit(&one.receiver))];
    const NAMES: &'static [Name<Self>] = &[PLACES];
    const GOES_WITH: &'static [&'static str] = &[PARENT.field()];
    const SEEN_WITH: &'static [&'static str] = &[PARENT.field()];
    const ONE: &'static str = "notification";
    const MANY: &'static str = "notifications";
    type Object = wire::Notification;
    type Summary = NotificationSummary;

    fn object_refs<'a>(&'a self, visit: &mut dyn FnMut(&'a Id)) {
        for item in &self.items {
            visit(&item.actor);
            item.comment().into_iter().for_each(&mut *visit);
        }
    }

    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        Some(Cond::is(RECEIVER, &cx.actor.id))
    }

    fn object(stored: &Stored<Self>, x: &Expander) -> wire::Notification {
        let one = &stored.doc;
        let atom = |id: &Id| x.embed(id).map(|summary| Atom { id: id.clone(), summary });
        wire::Notification {
            head: x.base(&stored.meta),
            event_type: one.event_type(),
            events: one.items.iter().map(|item| item.shown(one.parent.as_ref(), x)).collect(),
            last_event_date: one.last_event_at.into(),
            parent: one.parent.as_ref().and_then(atom),
            receiver: x.embed(&one.receiver),
            remind_at: one.remind_at.map(Into::into),
            state: one.state,
            total_events: one.total,
        }
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> NotificationSummary {
        NotificationSummary { head: x.atom(stored.id()) }
    }

    fn varies(&self) -> bool {
        self.items.iter().any(|item| item.comment().is_some())
    }

    /// A comment may be hidden from the person later on.
    fn adapts_to(stored: &Stored<Self>, _: &OpCtx) -> Option<Vec<Id>> {
        let comments: Vec<Id> =
            stored.doc.items.iter().filter_map(|item| item.comment().cloned()).collect();
        (!comments.is_empty()).then_some(comments)
    }

    fn adapt(object: &mut wire::Notification, stored: &Stored<Self>, _: &OpCtx, seen: &[Id]) {
        let mut items = stored.doc.items.iter();
        object.events.retain(|_| {
            let comment = items.next().and_then(Item::comment);
            comment.is_none_or(|comment| seen.contains(comment))
        });
    }
}

impl Item {
    /// The comment that it tells of.
    pub(crate) fn comment(&self) -> Option<&Id> {
        match &self.news {
            News::Comment(id) => Some(id),
            News::Change { .. } | News::Sent(_) => None,
        }
    }

    fn shown(&self, parent: Option<&Id>, x: &Expander) -> NotificationEvent {
        let mut shown = NotificationEvent {
            event_type: self.event_type,
            date: self.at.into(),
            actor: x.embed(&self.actor),
            entry: None,
            body: None,
            fields: Vec::new(),
            object: None,
            priority: None,
            title: None,
            url: None,
        };
        match &self.news {
            News::Change { revisions: (_, last), fields } => {
                let entry = parent.map(|parent| Id::of_object(Kind::ChangeEvent, parent, *last));
                shown.entry = entry.map(|entry| x.atom(&entry));
                shown.fields.clone_from(fields);
            }
            News::Comment(id) => {
                let body = x.doc::<Comment>(id).and_then(|comment| comment.doc.body.as_deref());
                (shown.entry, shown.body) = (Some(x.atom(id)), body.map(beginning));
            }
            News::Sent(sent) => {
                let Sent { title, body, object, url, priority } = sent.as_ref();
                (shown.title, shown.body) = (Some(title.clone()), Some(body.clone()));
                shown.object = object.as_ref().map(|object| x.atom(object));
                (shown.url, shown.priority) = (url.clone(), *priority);
            }
        }
        shown
    }
}

/// The beginning of a text that may be long.
fn beginning(text: &str) -> String {
    match text.char_indices().nth(BODY_MAX) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

/// The weightier of two reasons.
fn weight(event_type: NotificationEventType) -> u8 {
    match event_type {
        NotificationEventType::Mention => 4,
        NotificationEventType::Assignment => 3,
        NotificationEventType::Alert => 2,
        NotificationEventType::Reminder => 1,
        NotificationEventType::Update => 0,
    }
}

impl Notification {
    /// One that tells of nothing yet.
    pub(crate) fn empty(receiver: Id, parent: Option<Id>, event_id: Option<String>) -> Self {
        Self {
            receiver,
            parent,
            event_id,
            state: NotificationState::Unread,
            remind_at: None,
            last_event_at: Timestamp(0),
            items: Vec::new(),
            total: 0,
            mailing: None,
            thread: None,
        }
    }

    /// The weightiest reason.
    pub(crate) fn event_type(&self) -> NotificationEventType {
        let types = self.items.iter().map(|item| item.event_type);
        types.max_by_key(|each| weight(*each)).unwrap_or(NotificationEventType::Update)
    }

    /// Tells of something more. What was read before is no longer told with it.
    pub(crate) fn tell(&mut self, item: Item) {
        if matches!(self.state, NotificationState::Read | NotificationState::Done) {
            self.items.clear();
            self.total = 0;
        }
        (self.state, self.remind_at) = (NotificationState::Unread, None);
        self.last_event_at = self.last_event_at.max(item.at);
        if let Some(last) = self.items.last_mut()
            && last.takes(&item)
        {
            return;
        }
        self.items.push(item);
        self.total += 1;
        let over = self.items.len().saturating_sub(ITEMS_MAX);
        self.items.drain(..over);
    }

    /// Has the person not told by mail any more of what there is.
    pub(crate) fn stop_mail(&mut self) {
        self.mailing = None;
        self.items.iter_mut().for_each(|item| item.by_mail = false);
    }
}

impl Item {
    /// Tells of a change as part of this one, if it follows it closely and is by the same person.
    fn takes(&mut self, next: &Self) -> bool {
        let is_same = self.actor == next.actor
            && self.event_type == next.event_type
            && self.by_mail == next.by_mail
            && next.at.0 - self.at.0 <= SAME_MS;
        let (
            true,
            News::Change { revisions, fields },
            News::Change { revisions: to, fields: more },
        ) = (is_same, &mut self.news, &next.news)
        else {
            return false;
        };
        revisions.1 = to.1;
        self.at = next.at;
        for field in more {
            if !fields.contains(field) {
                fields.push(field.clone());
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(minute: i64, actor: u64, revision: u64, field: &str) -> Item {
        Item {
            event_type: NotificationEventType::Update,
            at: Timestamp(minute * 60_000),
            actor: Id::numbered(Kind::DevUser, actor),
            news: News::Change { revisions: (revision, revision), fields: vec![field.to_owned()] },
            by_mail: true,
        }
    }

    fn empty() -> Notification {
        Notification::empty(Id::numbered(Kind::DevUser, 1), None, None)
    }

    #[test]
    fn changes_that_follow_closely_are_told_as_one() {
        let mut one = empty();
        for (minute, actor, field) in
            [(0, 2, "stage"), (1, 2, "title"), (2, 2, "stage"), (3, 3, "title"), (30, 3, "body")]
        {
            let revision = u64::try_from(minute).unwrap() + 2;
            one.tell(change(minute, actor, revision, field));
        }
        let told: Vec<_> = one.items.iter().map(|item| item.news.clone()).collect();
        let news = |revisions, fields: &[&str]| News::Change {
            revisions,
            fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        };
        let expected = [
            news((2, 4), &["stage", "title"]),
            news((5, 5), &["title"]),
            news((32, 32), &["body"]),
        ];
        assert_eq!((told.as_slice(), one.total), (&expected[..], 3));
    }

    #[test]
    fn the_last_events_are_kept_and_all_are_counted() {
        let mut one = empty();
        for minute in 0..50 {
            let actor = 2 + u64::try_from(minute).unwrap() % 2;
            one.tell(change(minute, actor, 2, "stage"));
        }
        assert_eq!((one.items.len(), one.total), (ITEMS_MAX, 50));
        one.state = NotificationState::Read;
        one.tell(change(60, 2, 9, "stage"));
        let state = (one.items.len(), one.total, one.state);
        assert_eq!(state, (1, 1, NotificationState::Unread));
    }

    #[test]
    fn a_long_comment_is_shown_by_its_beginning() {
        assert_eq!(beginning("é"), "é");
        let long = "é".repeat(BODY_MAX + 1);
        assert_eq!(beginning(&long).chars().count(), BODY_MAX + 1);
        assert!(beginning(&long).ends_with('…'));
    }
}
