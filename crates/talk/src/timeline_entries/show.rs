//! Comments as answers show them to a caller: with what depends on who asks.

use rustc_hash::FxHashMap;
use worksmith_engine::Tx;
use worksmith_kernel::{Error, Query, Resource, Result, Stored};
use worksmith_wire::timeline_entries::{EntryResponse, TimelineEntry, TimelineThread};
use worksmith_wire::{Id, Kind};

use super::comment::{Comment, OBJECT};
use super::reach;

/// The answer that shows a comment.
pub(super) async fn response(tx: &mut Tx, stored: &Stored<Comment>) -> Result<EntryResponse> {
    tx.tell_revision(stored);
    let shown = entries(tx, std::slice::from_ref(stored)).await?;
    let entry = shown.into_iter().next();
    let timeline_entry = entry.ok_or_else(|| Error::internal("a comment that is not shown"))?;
    Ok(EntryResponse { timeline_entry })
}

/// Comments, all of which the caller sees.
pub(super) async fn entries(
    tx: &mut Tx,
    comments: &[Stored<Comment>],
) -> Result<Vec<TimelineEntry>> {
    let replies = replies(tx, comments).await?;
    let seen = mentioned(tx, comments).await?;
    let cx = tx.cx().clone();
    let mut entries = tx.objects(comments).await?;
    for (entry, stored) in entries.iter_mut().zip(comments) {
        Comment::adapt(entry, stored, &cx, &seen);
        let TimelineEntry::TimelineComment(shown) = entry else { continue };
        let total = replies.get(stored.id());
        shown.base.thread = total.map(|total| TimelineThread { total_replies: *total });
    }
    Ok(entries)
}

/// How many replies the caller sees, of comments that have any.
async fn replies(tx: &mut Tx, comments: &[Stored<Comment>]) -> Result<FxHashMap<Id, u64>> {
    let tops = comments.iter().filter(|stored| stored.doc.object.kind() != Kind::Comment);
    let ids: Vec<Id> = tops.map(|stored| stored.id().clone()).collect();
    if ids.is_empty() {
        return Ok(FxHashMap::default());
    }
    let query = tx.visible(Query::new());
    tx.count_referrers(&query, OBJECT, &ids).await
}

/// The mentioned objects that the caller sees, where that makes a difference.
async fn mentioned(tx: &mut Tx, comments: &[Stored<Comment>]) -> Result<Vec<Id>> {
    let mut ids: Vec<Id> = Vec::new();
    for stored in comments {
        for id in Comment::adapts_to(stored, tx.cx()).into_iter().flatten() {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    reach::seen(tx, &ids).await
}
