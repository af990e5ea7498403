//! Pages of a timeline: comments and changes of the object, oldest first.
//!
//! Comments are in the order of their creation, changes in that of the object's revisions. A page
//! takes the next of both by their times. A cursor is a place in both orders at once, so no entry
//! is shown twice or left out, even if the clocks of two servers differ.

use std::collections::VecDeque;

use worksmith_engine::{Change, Stretch, Tx};
use worksmith_kernel::{Column, Cond, Cursor, Has, Meta, Query, Result, Stored, Value};
use worksmith_store::Edge;
use worksmith_wire::timeline_entries::{
    Collection, ListRequest, ListResponse, Panel, TimelineEntry, Visibility,
};
use worksmith_wire::{Direction, Id, Kind, ListMode, PageRequest, Span, Timestamp};

use super::comment::{COLLECTIONS, Comment, LABELS, OBJECT, PANELS, VISIBILITY};
use super::{changes, reach, show};

pub(super) async fn list(tx: &mut Tx, request: ListRequest) -> Result<ListResponse> {
    let object = reach::object(tx, request.object.0.clone()).await?;
    let timeline = Timeline::of(tx, object, &request);
    timeline.page(tx, &request.page).await
}

/// The entries that a request asks for.
struct Timeline {
    object: Id,
    comments: Query<Comment>,
    /// Whether changes of the object are among them.
    has_changes: bool,
    span: Span,
}

/// A place between two entries: after all changes up to a revision, and beside a comment.
#[derive(Clone, Debug, PartialEq)]
struct Place {
    revision: u64,
    /// The sort key of the comment: its time, its number, and its id.
    comment: (i64, i64, String),
    /// Whether the place is after the comment.
    is_after: bool,
}

/// An entry that was found, and not yet rendered.
enum Found {
    Comment(Vec<Value>, Box<Stored<Comment>>),
    Change(Box<Change>),
}

/// What lies on one side of a place.
struct Side {
    changes: VecDeque<Change>,
    comments: VecDeque<(Vec<Value>, Stored<Comment>)>,
    /// Whether more lies beyond.
    more: bool,
    /// The object, if changes were read.
    meta: Option<Meta>,
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
        let mut query = Query::new();
        query
            .with(Cond::refers_to(OBJECT, vec![object.clone()]))
            .one_of(VISIBILITY, visibility.iter().map(|visibility| visibility.as_str()))
            .has_line(COLLECTIONS, collections.iter().map(|c| c.as_str().to_owned()).collect())
            .has_line(PANELS, panels.iter().map(|panel| panel.as_str().to_owned()).collect())
            .within(Column::CREATED_AT, *created_date)
            .order_by(Column::CREATED_AT, Direction::Asc);
        if !labels.is_empty() {
            let labels = labels.iter().map(|label| (**label).into()).collect();
            query.prop(LABELS, Has::OneOf(labels));
        }
        // Changes are as entries that are internal, without labels, and on the panel of events. A
        // program that asks for neither events nor the beta contract gets comments alone: the
        // official TypeScript client counts on that.
        let has_changes = !tx.cx().actor.is_customer()
            && object.kind() != Kind::Comment
            && (collections.contains(&Collection::Events)
                || (collections.is_empty() && tx.cx().wants_beta))
            && labels.is_empty()
            && (panels.is_empty() || panels.contains(&Panel::Events))
            && (visibility.is_empty() || visibility.contains(&Visibility::Internal));
        let span = created_date.map(Span::from).unwrap_or_default();
        Self { object, comments: tx.visible(query), has_changes, span }
    }

    async fn page(&self, tx: &mut Tx, page: &PageRequest) -> Result<ListResponse> {
        let backwards = page.mode == Some(ListMode::Before);
        let binding = tx.cx().binding.clone();
        let here = match page.cursor.as_deref() {
            Some(text) => Place::decode(text, &binding)?,
            None if backwards => Place::end(),
            None => Place::beginning(),
        };
        let mut side = self.side(tx, &here, backwards, page.limit()).await?;
        let mut there = here.clone();
        let mut found = VecDeque::new();
        while found.len() < page.limit() {
            let Some(next) = side.next(backwards) else { break };
            there.pass(&next, backwards)?;
            if backwards {
                found.push_front(next);
            } else {
                found.push_back(next);
            }
        }
        let is_more = side.more || !side.changes.is_empty() || !side.comments.is_empty();
        let is_less = page.cursor.is_some() && self.is_any(tx, &here, !backwards).await?;
        let (begin, end) = if backwards { (&there, &here) } else { (&here, &there) };
        let (before, after) = if backwards { (is_more, is_less) } else { (is_less, is_more) };
        Ok(ListResponse {
            timeline_entries: self.shown(tx, found, side.meta).await?,
            next_cursor: after.then(|| end.encode(&binding)),
            prev_cursor: before.then(|| begin.encode(&binding)),
        })
    }

    /// The entries next to a place.
    async fn side(
        &self,
        tx: &mut Tx,
        place: &Place,
        backwards: bool,
        limit: usize,
    ) -> Result<Side> {
        let edge = place.edge(backwards);
        let (comments, mut more) = tx.beyond(&self.comments, Some(&edge), backwards, limit).await?;
        let comments = VecDeque::from(comments);
        let mut side = Side { changes: VecDeque::new(), comments, more, meta: None };
        if self.has_changes {
            let revisions =
                if backwards { (1, place.revision) } else { (place.revision + 1, u64::MAX) };
            let stretch = Stretch { revisions, time: self.span };
            let history = tx.history(&self.object, stretch, backwards, limit).await?;
            if let Some((meta, changes, more_changes)) = history {
                more |= more_changes;
                (side.changes, side.meta) = (changes.into(), Some(meta));
            }
        }
        side.more = more;
        Ok(side)
    }

    async fn is_any(&self, tx: &mut Tx, place: &Place, backwards: bool) -> Result<bool> {
        let Side { changes, comments, .. } = self.side(tx, place, backwards, 1).await?;
        Ok(!changes.is_empty() || !comments.is_empty())
    }

    /// The entries, rendered. Changes of nothing that answers show are left out.
    async fn shown(
        &self,
        tx: &mut Tx,
        found: VecDeque<Found>,
        meta: Option<Meta>,
    ) -> Result<Vec<TimelineEntry>> {
        let (mut order, mut comments, mut happened) = (Vec::new(), Vec::new(), Vec::new());
        for entry in found {
            order.push(matches!(entry, Found::Change(_)));
            match entry {
                Found::Comment(_, comment) => comments.push(*comment),
                Found::Change(change) => happened.push(*change),
            }
        }
        let mut comments = show::entries(tx, &comments).await?.into_iter();
        let shown = match meta {
            Some(meta) => changes::entries(tx, &meta, &happened, self.span).await?,
            None => Vec::new(),
        };
        let mut shown = shown.into_iter();
        let next = |is_change| if is_change { shown.next().flatten() } else { comments.next() };
        Ok(order.into_iter().filter_map(next).collect())
    }
}

impl Side {
    /// Takes the entry next to the place. At the same time, a change comes before a comment.
    fn next(&mut self, backwards: bool) -> Option<Found> {
        let (change, comment) = if backwards {
            (self.changes.back(), self.comments.back())
        } else {
            (self.changes.front(), self.comments.front())
        };
        let at = |comment: &(Vec<Value>, Stored<Comment>)| comment.1.meta.created_at;
        let is_change = match (change.map(|change| self.at(change)), comment.map(at)) {
            (Some(change), Some(comment)) => (change <= comment) != backwards,
            (change, _) => change.is_some(),
        };
        if is_change {
            let change = if backwards { self.changes.pop_back() } else { self.changes.pop_front() };
            change.map(|change| Found::Change(Box::new(change)))
        } else {
            let comment =
                if backwards { self.comments.pop_back() } else { self.comments.pop_front() };
            comment.map(|(key, comment)| Found::Comment(key, Box::new(comment)))
        }
    }

    fn at(&self, change: &Change) -> Timestamp {
        self.meta.as_ref().map_or(change.event.at, |meta| changes::at(meta, change))
    }
}

impl Place {
    fn beginning() -> Self {
        Self { revision: 0, comment: (i64::MIN, 0, String::new()), is_after: false }
    }

    fn end() -> Self {
        let revision = i64::MAX.unsigned_abs();
        Self { revision, comment: (i64::MAX, i64::MAX, String::new()), is_after: true }
    }

    /// Moves on to the other side of an entry.
    fn pass(&mut self, entry: &Found, backwards: bool) -> Result<()> {
        match entry {
            Found::Change(change) => {
                let revision = change.event.revision;
                self.revision = if backwards { revision.saturating_sub(1) } else { revision };
            }
            Found::Comment(key, _) => {
                self.comment = comment_key(key)
                    .ok_or_else(|| worksmith_kernel::Error::internal("a comment without a key"))?;
                self.is_after = !backwards;
            }
        }
        Ok(())
    }

    /// Where the comments on one side of the place begin.
    fn edge(&self, backwards: bool) -> Edge {
        let (at, number, id) = self.comment.clone();
        let key = vec![Value::Integer(at), Value::Integer(number), Value::Text(id)];
        Edge { key, through: self.is_after == backwards }
    }

    fn encode(&self, binding: &str) -> String {
        let mut key = vec![self.revision.into(), self.is_after.into()];
        key.extend(self.edge(false).key);
        Cursor::new(binding, key).encode()
    }

    fn decode(text: &str, binding: &str) -> Result<Self> {
        let key = Cursor::decode(text, binding, 5)?.into_key();
        let place = match key.as_slice() {
            [Value::Integer(revision), Value::Integer(is_after), comment @ ..] => {
                comment_key(comment).map(|comment| Self {
                    revision: revision.unsigned_abs(),
                    comment,
                    is_after: *is_after != 0,
                })
            }
            _ => None,
        };
        place.ok_or_else(|| Cursor::foreign().into())
    }
}

/// The sort key of a comment. Clients may send anything in a cursor.
fn comment_key(key: &[Value]) -> Option<(i64, i64, String)> {
    match key {
        [Value::Integer(at), Value::Integer(number), Value::Text(id)] if !id.contains('\0') => {
            Some((*at, *number, id.clone()))
        }
        _ => None,
    }
}
