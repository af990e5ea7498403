//! Deleting comments whose time is over. From that instant on nobody sees them or their replies
//! ([`Comment::visibility`](worksmith_kernel::Resource::visibility)); this gives back their room.
//! All that is stored for it is the end of each comment, which has an index.

use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Cond, Error, OpCtx, Query, Result};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_wire::{Direction, Id};

use super::comment::{Comment, EXPIRES_AT, OBJECT};

/// How many comments are looked up at a time.
const LOOKED_UP: usize = 256;
/// How many replies are deleted in a transaction. Writers wait for at most one of these.
const AT_ONCE: usize = 32;
/// How many races may be lost before a comment is postponed.
const RACES_MAX: usize = 10;

/// Deletes every comment that has expired, with its replies. Returns how many entries these were.
/// Doing so twice at the same time does no harm.
pub async fn expire(engine: &Engine, environment: &Environment) -> Result<u64> {
    let mut deleted = 0;
    for org in engine.store().orgs(SLUG).await? {
        engine.store().catch_up(&org).await?;
        loop {
            let cx = environment.context(&org, Actor::system());
            let expired = expired(engine, &cx).await?;
            if expired.is_empty() {
                break;
            }
            for id in expired {
                deleted += delete(engine, &cx, &id).await?;
            }
        }
    }
    Ok(deleted)
}

/// The comments that expired first.
async fn expired(engine: &Engine, cx: &OpCtx) -> Result<Vec<Id>> {
    let mut query = Query::new();
    query.with(Cond::range(EXPIRES_AT, None, Some(cx.now.into())));
    query.order_by(EXPIRES_AT, Direction::Asc);
    let expired = engine.begin(cx).first::<Comment>(&query, LOOKED_UP).await?;
    Ok(expired.into_iter().map(|comment| comment.meta.id).collect())
}

async fn delete(engine: &Engine, cx: &OpCtx, id: &Id) -> Result<u64> {
    let (mut deleted, mut races) = (0, 0);
    loop {
        let mut tx = engine.begin(cx);
        let (entries, is_last) = delete_some(&mut tx, id).await?;
        match tx.finish().await {
            Ok(()) => {
                deleted += entries;
                if is_last {
                    return Ok(deleted);
                }
            }
            Err(Error::Stale) if races < RACES_MAX => races += 1,
            Err(Error::Stale) => {
                let message = format!("deleting what has expired of {id} lost {races} races");
                return Err(Error::unavailable(message));
            }
            Err(other) => return Err(other),
        }
    }
}

/// Deletes some replies of a comment, or all that are left together with the comment. Returns how
/// many entries that were, and whether they were the last.
async fn delete_some(tx: &mut Tx, id: &Id) -> Result<(u64, bool)> {
    let found = tx.find::<Comment>(id).await?;
    let now = tx.cx().now;
    let Some(comment) = found.filter(|comment| comment.doc.is_expired(now)) else {
        return Ok((0, true));
    };
    let all = tx.rely_on_referrers(OBJECT, id, AT_ONCE).await?;
    let is_last = all.is_some();
    let mut entries = if let Some(replies) = all {
        replies
    } else {
        let mut replies = Query::new();
        replies.refers_to(OBJECT, [id.clone()]);
        tx.first(&replies, AT_ONCE).await?
    };
    if is_last {
        entries.push(comment);
    }
    let deleted = entries.len() as u64;
    for entry in entries {
        tx.delete(entry).await?;
    }
    Ok((deleted, is_last))
}
