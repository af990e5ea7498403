//! The document of a comment, or of another entry that is stored.

use serde::{Deserialize, Serialize};
use worksmith_engine::Tx;
use worksmith_fields::custom_objects::CustomObject;
use worksmith_kernel::search::{Facet, Search};
use worksmith_kernel::{
    Column, Cond, Error, Expander, Meta, Name, OpCtx, Reference, Resource, Result, Stored, Value,
    lines,
};
use worksmith_wire::timeline_entries::{
    self, Atom, ChangeDeleted, ChangeEvent, ChangeLinked, Collection, CommentBodyType, EntryBase,
    Panel, SnapKitBody, TimelineChangeEvent, TimelineComment, TimelineEntry, TimelineEntrySummary,
    Visibility,
};
use worksmith_wire::{ApiError, Id, Kind, Timestamp};
use worksmith_work::links::Link;

use crate::snap_widgets::SnapWidget;

/// The document of a comment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comment {
    /// The object that it is about; of a reply, the comment that it answers.
    pub object: Id,
    /// The object to whose timeline it was added, within which external references are unique. It
    /// is a plain text, so that it stays when the object is merged into another one.
    pub timeline: String,
    /// The text, in Markdown; `None` if there is none, or the comment was deleted.
    pub body: Option<String>,
    /// What the body is.
    pub body_type: CommentBodyType,
    /// A snap kit.
    pub snap_kit_body: Option<SnapKitBody>,
    /// Widgets.
    #[serde(default)]
    pub snap_widget_body: Vec<Id>,
    /// Previews of the links in the text. Nothing makes sure that they exist.
    pub link_previews: Vec<Id>,
    /// Who sees it.
    pub visibility: Visibility,
    /// Who sees a private comment besides its author.
    pub private_to: Vec<Id>,
    /// Its labels.
    pub labels: Vec<String>,
    /// The collections that it is in.
    pub collections: Vec<Collection>,
    /// Its files.
    pub artifacts: Vec<Id>,
    /// Its id in another system, unique in the timeline.
    pub external_ref: Option<String>,
    /// When it disappears.
    pub expires_at: Option<Timestamp>,
    /// The objects that the text mentions.
    pub references: Vec<Id>,
    /// How people reacted to it.
    pub reactions: Vec<Reaction>,
    /// Whether it was deleted. What remains is its place in the timeline.
    pub is_deleted: bool,
    /// What became of a link of the object, if the entry tells of that. It says nothing else.
    pub link_change: Option<LinkChange>,
}

/// A link that was made or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkChange {
    /// The id of the link.
    pub id: Id,
    /// Whether it was made; otherwise, it was deleted.
    pub is_made: bool,
    /// The link as it was made, or as it was before.
    pub link: Link,
}

/// How people reacted to a comment with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// The code points of the emoji.
    pub emoji: String,
    /// The people, in the order in which they reacted.
    pub users: Vec<Id>,
}

/// The prefix of labels that name a panel: `display:customer-chat`.
const DISPLAY: &str = "display:";
/// The path of labels among the values by which comments are found.
pub(super) const LABELS: &str = "labels";

pub(super) const VISIBILITY: Column<Comment> =
    Column::text("visibility", |comment: &Comment| comment.visibility.as_str().into());
pub(super) const COLLECTIONS: Column<Comment> = Column::text("collections", |comment: &Comment| {
    let names = comment.collections.iter().map(|collection| collection.as_str().to_owned());
    lines(&names.collect::<Vec<_>>())
});
pub(super) const PANELS: Column<Comment> = Column::text("panels", |comment: &Comment| {
    let names = comment.panels().into_iter().map(|panel| panel.as_str().to_owned());
    lines(&names.collect::<Vec<_>>())
});
pub(super) const EXPIRES_AT: Column<Comment> =
    Column::integer("expires_at", |comment: &Comment| comment.expires_at.into()).filter();

/// The object that a comment is about.
pub(super) const OBJECT: Reference<Comment> =
    Reference::new("object", |comment, visit| visit(&comment.object));
const PRIVATE_TO: Reference<Comment> =
    Reference::new("private_to", |comment, visit| comment.private_to.iter().for_each(visit));

/// External references, each with its timeline.
const EXTERNAL_REFS: Name<Comment> =
    Name::new("timeline_entry.external_ref", "external_ref", |comment, claim| {
        comment.external_ref.iter().for_each(|text| claim(&ref_name(&comment.timeline, text)));
    });

/// The name of an external reference in the space of all timelines.
fn ref_name(timeline: &str, external_ref: &str) -> String {
    format!("{timeline} {external_ref}")
}

/// The comment with an external reference in a timeline, whether the caller may see it or not.
pub(super) async fn with_ref(
    tx: &mut Tx,
    timeline: &str,
    external_ref: &str,
) -> Result<Option<Id>> {
    tx.find_name(EXTERNAL_REFS, &ref_name(timeline, external_ref)).await
}

/// The refusal if no comment of a timeline has an external reference.
pub(super) fn no_ref(external_ref: &str) -> Error {
    let message = format!("no entry of this timeline has external_ref {external_ref:?}");
    ApiError::not_found(message).into()
}

impl Resource for Comment {
    const TABLE_NAME: &'static str = "timeline_entries";
    const KINDS: &'static [Kind] = &[Kind::Comment, Kind::LinkEvent];
    const COLUMNS: &'static [Column<Self>] = &[VISIBILITY, COLLECTIONS, PANELS, EXPIRES_AT];
    const REFS: &'static [Reference<Self>] = &[
        OBJECT,
        PRIVATE_TO,
        Reference::new("artifacts", |comment, visit| comment.artifacts.iter().for_each(visit)),
        Reference::new("references", |comment, visit| comment.references.iter().for_each(visit)),
        Reference::new("snap_widget_body", |comment, visit| {
            comment.snap_widget_body.iter().for_each(visit);
        }),
    ];
    const NAMES: &'static [Name<Self>] = &[EXTERNAL_REFS];
    const SEEN_WITH: &'static [&'static str] = &[OBJECT.field()];
    const SEARCH: Option<Search<Self>> = Some(
        Search::new("comment", |_: &Self, _| {})
            .texts(|comment, say| comment.body.iter().for_each(|text| say(text)))
            .of(|comment| &comment.object)
            .by(&[Facet::column(&[], VISIBILITY), Facet::refs(&[], PRIVATE_TO)]),
    );
    const ONE: &'static str = "timeline_entry";
    const MANY: &'static str = "timeline_entries";
    type Object = TimelineEntry;
    type Summary = TimelineEntrySummary;

    fn props(&self, visit: &mut dyn FnMut(&str, Value)) {
        self.labels.iter().for_each(|label| visit(LABELS, label.as_str().into()));
    }

    /// Who sees a comment among those who see its object (BEHAVIOUR 20.2).
    fn visibility(cx: &OpCtx) -> Option<Cond<Self>> {
        let open: &[_] = if cx.actor.is_customer() {
            &[Visibility::External, Visibility::Public]
        } else {
            &[Visibility::External, Visibility::Internal, Visibility::Public]
        };
        let is_own = Cond::any([
            Cond::one_of(VISIBILITY, open.iter().map(|visibility| visibility.as_str())),
            Cond::is(Column::CREATED_BY, &cx.actor.id),
            Cond::refers_to(PRIVATE_TO, vec![cx.actor.id.clone()]),
        ]);
        let lasts = Cond::any([
            Cond::is_null(EXPIRES_AT),
            Cond::range(EXPIRES_AT, Some(cx.now.plus_ms(1).into()), None),
        ]);
        Some(Cond::all([is_own, lasts]))
    }

    fn object_refs<'a>(&'a self, visit: &mut dyn FnMut(&'a Id)) {
        if let Some(LinkChange { link, .. }) = &self.link_change {
            visit(&link.source);
            visit(&link.target);
        }
    }

    /// The reactions, the replies and the mentions depend on the caller: [`super::show`].
    fn object(stored: &Stored<Self>, x: &Expander) -> TimelineEntry {
        let comment = &stored.doc;
        let base = EntryBase {
            head: x.base(&stored.meta),
            external_ref: comment.external_ref.clone(),
            labels: comment.labels.clone(),
            object: x.don(&comment.object),
            object_display_id: display_id(&comment.object, x),
            object_type: comment.object.kind().noun(),
            panels: comment.panels(),
            reactions: comment.shown_reactions(None),
            thread: None,
            visibility: comment.visibility,
        };
        if let Some(change) = &comment.link_change {
            let event = change.event(&stored.meta, x);
            let entry = TimelineChangeEvent { base, event };
            return TimelineEntry::TimelineChangeEvent(Box::new(entry));
        }
        let widgets = comment.snap_widget_body.iter().filter_map(|id| x.doc::<SnapWidget>(id));
        let entry = TimelineComment {
            base,
            artifacts: x.embed_all(&comment.artifacts),
            body: comment.body.clone(),
            body_type: comment.body_type,
            expires_at: comment.expires_at.map(Into::into),
            link_previews: comment.link_previews.iter().map(|id| x.don(id)).collect(),
            references: comment.references.iter().filter_map(|id| atom(id, x)).collect(),
            snap_kit_body: comment.snap_kit_body.clone(),
            snap_widget_body: widgets.map(|widget| SnapWidget::object(widget, x)).collect(),
        };
        TimelineEntry::TimelineComment(Box::new(entry))
    }

    fn summary(stored: &Stored<Self>, x: &Expander) -> TimelineEntrySummary {
        TimelineEntrySummary { head: x.atom(stored.id()) }
    }

    fn varies(&self) -> bool {
        !self.reactions.is_empty()
    }

    /// Whether the caller is among those who reacted depends on who that is, and customers are
    /// shown only those mentions that they see.
    fn adapts_to(stored: &Stored<Self>, cx: &OpCtx) -> Option<Vec<Id>> {
        let Self { references, reactions, .. } = &stored.doc;
        let asked = if cx.actor.is_customer() { references.clone() } else { Vec::new() };
        let has_reacted = reactions.iter().any(|reaction| reaction.users.contains(&cx.actor.id));
        (has_reacted || !asked.is_empty()).then_some(asked)
    }

    fn adapt(object: &mut TimelineEntry, stored: &Stored<Self>, cx: &OpCtx, seen: &[Id]) {
        let TimelineEntry::TimelineComment(shown) = object else { return };
        shown.base.reactions = stored.doc.shown_reactions(Some(&cx.actor.id));
        if cx.actor.is_customer() {
            shown.references.retain(|atom| seen.contains(&atom.id));
        }
    }
}

impl Comment {
    /// An empty comment for everybody who sees the object.
    pub(super) fn on(object: &Id) -> Self {
        Self {
            object: object.clone(),
            timeline: object.to_string(),
            body: None,
            body_type: CommentBodyType::Text,
            snap_kit_body: None,
            snap_widget_body: Vec::new(),
            link_previews: Vec::new(),
            visibility: Visibility::External,
            private_to: Vec::new(),
            labels: Vec::new(),
            collections: vec![Collection::Discussions],
            artifacts: Vec::new(),
            external_ref: None,
            expires_at: None,
            references: Vec::new(),
            reactions: Vec::new(),
            is_deleted: false,
            link_change: None,
        }
    }

    /// The panels that show it: those that its labels name, or that of its collections.
    fn panels(&self) -> Vec<Panel> {
        let named = self.labels.iter().filter_map(|label| {
            let name = label.strip_prefix(DISPLAY)?.replace('-', "_");
            Panel::ALL.iter().copied().find(|panel| panel.as_str() == name)
        });
        let mut panels: Vec<_> = named.collect();
        if panels.is_empty() {
            panels.extend(self.collections.iter().map(|collection| match collection {
                Collection::Discussions => Panel::Discussions,
                Collection::Events => Panel::Events,
            }));
        }
        panels.sort_unstable();
        panels.dedup();
        panels
    }

    /// How people reacted, to a caller.
    fn shown_reactions(&self, caller: Option<&Id>) -> Vec<timeline_entries::Reaction> {
        let shown = self.reactions.iter().map(|Reaction { emoji, users }| {
            let reacted = caller.is_some_and(|caller| users.contains(caller));
            let (emoji, total_users) = (emoji.clone(), users.len());
            timeline_entries::Reaction { emoji, reacted, total_users }
        });
        shown.collect()
    }

    /// Whether it has disappeared.
    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

impl LinkChange {
    /// What an entry shows of it.
    fn event(&self, entry: &Meta, x: &Expander) -> ChangeEvent {
        let meta = Meta { id: self.id.clone(), ..entry.clone() };
        let link = Box::new(Link::summary(&Stored { meta, doc: self.link.clone() }, x));
        if self.is_made {
            return ChangeEvent::Linked { kind: "linked", linked: ChangeLinked { link } };
        }
        let deleted = ChangeDeleted { object_id: x.don(&self.id), link };
        ChangeEvent::Deleted { kind: "deleted", deleted }
    }
}

/// The display id of an object with a timeline; its DON if it has none.
pub(super) fn display_id(id: &Id, x: &Expander) -> String {
    let of_record = || Some(x.doc::<CustomObject>(id)?.doc.display_id(id));
    id.display_id().or_else(of_record).unwrap_or_else(|| x.don(id))
}

/// The summary of an object, and what kind of object it is.
pub(super) fn atom(id: &Id, x: &Expander) -> Option<Atom> {
    x.embed(id).map(|summary| Atom { id: id.clone(), summary })
}
