//! Changes of an object as entries of its timeline.

use worksmith_engine::{Change, Stretch, Tx};
use worksmith_kernel::{Expander, Meta, Result};
use worksmith_wire::common::{AtomBase, UserSummary};
use worksmith_wire::timeline_entries::{
    ChangeCreated, ChangeEvent, ChangeUpdated, EntryBase, EntryResponse, Panel,
    TimelineChangeEvent, TimelineEntry, Visibility,
};
use worksmith_wire::{Id, Kind, Span, Timestamp};

use super::comment::{atom, display_id};
use super::{deltas, reach};

/// When a change happened. An import dates the creation of objects back.
pub(super) fn at(meta: &Meta, change: &Change) -> Timestamp {
    if change.event.revision == 1 { meta.created_at } else { change.event.at }
}

/// The answer that shows a change, named by the object and the revision that it led to.
pub(super) async fn get(tx: &mut Tx, id: &Id) -> Result<EntryResponse> {
    let object = id.object().filter(|object| object.kind() != Kind::Comment);
    let Some(object) = object.filter(|_| !tx.cx().actor.is_customer()) else {
        return Err(tx.not_found(id));
    };
    if reach::seen(tx, std::slice::from_ref(&object)).await?.is_empty() {
        return Err(tx.not_found(id));
    }
    let revision = id.seq().unsigned_abs();
    let stretch = Stretch { revisions: (revision, revision), time: Span::default() };
    if let Some((meta, changes, _)) = tx.history(&object, stretch, false, 1).await?
        && let Some(Some(timeline_entry)) =
            entries(tx, &meta, &changes, Span::default()).await?.into_iter().next()
    {
        return Ok(EntryResponse { timeline_entry });
    }
    Err(tx.not_found(id))
}

/// The entries of changes of an object; `None` for those of nothing that answers show, and for a
/// creation outside the span.
pub(super) async fn entries(
    tx: &mut Tx,
    meta: &Meta,
    changes: &[Change],
    span: Span,
) -> Result<Vec<Option<TimelineEntry>>> {
    let actors = changes.iter().map(|change| change.event.actor.clone());
    let ids = actors.chain([meta.id.clone(), meta.created_by.clone()]).collect();
    let x = tx.expand(ids).await?;
    Ok(changes.iter().map(|change| entry(meta, change, span, &x)).collect())
}

fn entry(meta: &Meta, change: &Change, span: Span, x: &Expander) -> Option<TimelineEntry> {
    let object = &meta.id;
    let at = at(meta, change);
    let is_within = span.from.is_none_or(|from| from <= at) && span.to.is_none_or(|to| at <= to);
    let (actor, event) = if change.event.revision == 1 {
        let created = ChangeCreated { object: atom(object, x) };
        (&meta.created_by, ChangeEvent::Created { kind: "created", created })
    } else {
        let field_deltas = match &change.objects {
            Some((before, after)) => deltas::between(before, after),
            None => Vec::new(),
        };
        // What is unreadable has happened all the same.
        if field_deltas.is_empty() && change.objects.is_some() {
            return None;
        }
        let updated = ChangeUpdated { object_type: object.kind().noun(), field_deltas };
        (&change.event.actor, ChangeEvent::Updated { kind: "updated", updated })
    };
    let id = Id::of_object(Kind::ChangeEvent, object, change.event.revision);
    let base = EntryBase {
        head: AtomBase {
            id: x.don(&id),
            display_id: None,
            created_by: x.embed::<UserSummary>(actor),
            created_date: Some(at.into()),
            modified_by: x.embed::<UserSummary>(actor),
            modified_date: Some(at.into()),
        },
        external_ref: None,
        labels: Vec::new(),
        object: x.don(object),
        object_display_id: display_id(object, x),
        object_type: object.kind().noun(),
        panels: vec![Panel::Events],
        reactions: Vec::new(),
        thread: None,
        visibility: Visibility::Internal,
    };
    let entry = TimelineChangeEvent { base, event };
    is_within.then(|| TimelineEntry::TimelineChangeEvent(Box::new(entry)))
}
