//! Pages of a timeline: comments and changes of the object, oldest first. Comments, and links that
//! were made or deleted, are in the order of their creation, changes in that of the object's
//! revisions.

use std::sync::Arc;

use worksmith_engine::{BY_CREATION, Change, Edge, Listed, Lists, MergedPage, Stretch, Tx};
use worksmith_kernel::{Column, ColumnType, Cond, Has, Meta, Query, Result, Stored, Value};
use worksmith_wire::timeline_entries::{
    Collection, ListRequest, ListResponse, Panel, TimelineEntry, Visibility,
};
use worksmith_wire::{Direction, Id, Kind, Span};

use super::comment::{COLLECTIONS, Comment, LABELS, OBJECT, PANELS, VISIBILITY};
use super::{changes, reach, show};

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let object = reach::object(tx, request.object.0.clone()).await?;
    let timeline = Timeline::of(tx, object, &request);
    let MergedPage { entries, next_cursor, prev_cursor } =
        tx.merged(&timeline, &request.page).await?;
    let timeline_entries = timeline.shown(tx, entries).await?;
    Ok(ListResponse { timeline_entries, next_cursor, prev_cursor })
}

/// The entries that a request asks for.
struct Timeline {
    object: Id,
    stored: Query<Comment>,
    /// Whether changes of the object are among them.
    has_changes: bool,
    span: Span,
}

/// An entry that was found, and not yet rendered.
enum Found {
    Stored(Box<Stored<Comment>>),
    /// A change, with what is known of the object.
    Change(Arc<Meta>, Box<Change>),
}

impl Timeline {
    fn of(tx: &Tx, object: Id, request: &ListRequest) -> Self {
        let ListRequest {
            object: _,
            collections,
            created_date,
            labels,
            panels,
            visibility,
            page: _,
        } = request;
        // A program that asks for neither events nor the beta contract gets comments alone: the
        // official TypeScript client counts on that.
        let wants_events = collections.contains(&Collection::Events)
            || (collections.is_empty() && tx.cx().wants_beta);
        let mut query = Query::new();
        query
            .with(Cond::refers_to(OBJECT, vec![object.clone()]))
            .one_of(VISIBILITY, visibility.iter().map(|visibility| visibility.as_str()))
            .has_line(COLLECTIONS, collections.iter().map(|c| c.as_str().to_owned()).collect())
            .has_line(PANELS, panels.iter().map(|panel| panel.as_str().to_owned()).collect())
            .within(Column::CREATED_AT, *created_date)
            .order_by(Column::CREATED_AT, Direction::Asc);
        if !wants_events {
            query.one_of(Column::KIND, [Kind::Comment.noun()]);
        }
        if !labels.is_empty() {
            let labels = labels.iter().map(|label| (**label).into()).collect();
            query.prop(LABELS, Has::OneOf(labels));
        }
        // Changes are as entries that are internal, without labels, and on the panel of events.
        let has_changes = wants_events
            && !tx.cx().actor.is_customer()
            && object.kind() != Kind::Comment
            && labels.is_empty()
            && (panels.is_empty() || panels.contains(&Panel::Events))
            && (visibility.is_empty() || visibility.contains(&Visibility::Internal));
        let span = created_date.map(Span::from).unwrap_or_default();
        Self { object, stored: tx.visible(query), has_changes, span }
    }

    /// The changes beyond a revision.
    async fn changes(
        &self,
        tx: &mut Tx,
        place: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Listed<Found>>, bool)> {
        if !self.has_changes {
            return Ok((Vec::new(), false));
        }
        let revisions = match place.map(|edge| (edge.key.first(), edge.through)) {
            Some((Some(Value::Integer(at)), through)) => {
                let at = at.unsigned_abs();
                match (backwards, through) {
                    (false, true) => (at, u64::MAX),
                    (false, false) => (at.saturating_add(1), u64::MAX),
                    (true, true) => (1, at),
                    (true, false) => (1, at.saturating_sub(1)),
                }
            }
            _ => (1, u64::MAX),
        };
        let stretch = Stretch { revisions, time: self.span };
        let history = tx.history(&self.object, stretch, backwards, limit).await?;
        let Some((meta, changes, more)) = history else { return Ok((Vec::new(), false)) };
        let meta = Arc::new(meta);
        let listed = |change: Change| Listed {
            key: vec![change.event.revision.into()],
            at: changes::at(&meta, &change),
            entry: Found::Change(Arc::clone(&meta), Box::new(change)),
        };
        Ok((changes.into_iter().map(listed).collect(), more))
    }

    /// The entries, rendered. Changes of nothing that answers show are left out.
    async fn shown(&self, tx: &mut Tx, found: Vec<Found>) -> Result<Vec<TimelineEntry>> {
        let (mut order, mut stored, mut happened) = (Vec::new(), Vec::new(), Vec::new());
        let mut object = None;
        for entry in found {
            order.push(matches!(entry, Found::Change(..)));
            match entry {
                Found::Stored(entry) => stored.push(*entry),
                Found::Change(meta, change) => {
                    object = Some(meta);
                    happened.push(*change);
                }
            }
        }
        let mut stored = show::entries(tx, &stored).await?.into_iter();
        let shown = match object {
            Some(meta) => changes::entries(tx, &meta, &happened, self.span).await?,
            None => Vec::new(),
        };
        let mut shown = shown.into_iter();
        let next = |is_change| if is_change { shown.next().flatten() } else { stored.next() };
        Ok(order.into_iter().filter_map(next).collect())
    }
}

/// The lists, in the order in which entries of the same instant are shown.
const CHANGES: usize = 0;

impl Lists for Timeline {
    type Entry = Found;

    const NEWEST_FIRST: bool = false;
    const KEYS: &'static [&'static [ColumnType]] = &[&[ColumnType::Integer], BY_CREATION];

    async fn beyond(
        &self,
        tx: &mut Tx,
        list: usize,
        place: Option<&Edge>,
        backwards: bool,
        limit: usize,
    ) -> Result<(Vec<Listed<Found>>, bool)> {
        if list == CHANGES {
            return self.changes(tx, place, backwards, limit).await;
        }
        let (found, more) = tx.beyond(&self.stored, place, backwards, limit).await?;
        let listed = |Listed { key, at, entry }: Listed<Stored<Comment>>| Listed {
            key,
            at,
            entry: Found::Stored(Box::new(entry)),
        };
        Ok((found.into_iter().map(listed).collect(), more))
    }
}
