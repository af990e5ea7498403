//! Comments as answers show them to a caller: with what depends on who asks.

use rustc_hash::FxHashMap;
use worksmith_engine::Tx;
use worksmith_kernel::{Error, Query, Result, Stored};
use worksmith_wire::timeline_entries::{EntryResponse, Reaction, TimelineEntry, TimelineThread};
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
    let mentioned = mentioned(tx, comments).await?;
    let caller = tx.cx().actor.id.clone();
    let mut entries = tx.objects(comments).await?;
    for (entry, stored) in entries.iter_mut().zip(comments) {
        let TimelineEntry::TimelineComment(shown) = entry else { continue };
        let total = replies.get(stored.id());
        shown.base.thread = total.map(|total| TimelineThread { total_replies: *total });
        let reactions = stored.doc.reactions.iter().map(|reaction| Reaction {
            emoji: reaction.emoji.clone(),
            reacted: reaction.users.contains(&caller),
            total_users: reaction.users.len(),
        });
        shown.base.reactions = reactions.collect();
        if let Some(mentioned) = &mentioned {
            shown.references.retain(|atom| mentioned.contains(&atom.id));
        }
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

/// The mentioned objects that a customer sees; members see all.
async fn mentioned(tx: &mut Tx, comments: &[Stored<Comment>]) -> Result<Option<Vec<Id>>> {
    if !tx.cx().actor.is_customer() {
        return Ok(None);
    }
    let mut ids: Vec<Id> = Vec::new();
    for id in comments.iter().flat_map(|stored| &stored.doc.references) {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    reach::seen(tx, &ids).await.map(Some)
}
