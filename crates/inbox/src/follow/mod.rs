//! Telling people of changes: a follower of the log. The inbox of an org keeps its position in the
//! log, which moves in the transaction that writes the notifications, so each change is told once,
//! however often servers die, and whichever of them does it.
//!
//! `ahead.rs` finds the changes that concern others, `news.rs` says what a change is about,
//! `audience.rs` who is told of it, and `tell.rs` writes that down.

mod ahead;
mod audience;
mod news;
mod tell;

use worksmith_engine::Engine;
use worksmith_kernel::{Actor, Error, OpCtx, Result};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_store::{Event, Verb};
use worksmith_wire::Kind;
use worksmith_wire::common::WorkId;

use self::ahead::Ahead;
pub use self::tell::MailTimes;
use self::tell::Teller;
use crate::state;

/// How many changes are looked at in a transaction.
const CHUNK: usize = 500;
/// After this many notifications, the rest of the changes are for the next one.
const TOLD_MAX: u64 = 500;
/// After so many lost races, the rest is postponed.
const TRIES_MAX: usize = 50;

/// Tells people of what has changed since the last call; by mail as well, if it says when. Returns
/// how many notifications were written.
pub async fn follow(
    engine: &Engine,
    environment: &Environment,
    mail: Option<MailTimes>,
) -> Result<u64> {
    let mut told = 0;
    for org in engine.store().orgs(SLUG).await? {
        engine.store().catch_up(&org).await?;
        let mut races = 0;
        loop {
            let cx = environment.context(&org, Actor::system());
            match follow_some(engine, &cx, mail).await {
                Ok(Some(some)) => told += some,
                Ok(None) => break,
                Err(Error::Stale) if races < TRIES_MAX => {
                    races += 1;
                    engine.store().rest().await;
                }
                Err(Error::Stale) => {
                    let message = format!("telling of changes lost {TRIES_MAX} races");
                    return Err(Error::unavailable(message));
                }
                Err(other) => return Err(other),
            }
        }
    }
    Ok(told)
}

/// Tells people of the next changes of an org; `None` if there are none.
async fn follow_some(engine: &Engine, cx: &OpCtx, mail: Option<MailTimes>) -> Result<Option<u64>> {
    let mut tx = engine.begin(cx);
    let Some(inbox) = state::find(&mut tx).await? else {
        state::begin(&mut tx).await?;
        tx.finish().await?;
        return Ok(Some(0));
    };
    let events = tx.log_after(inbox.doc.position.as_deref(), CHUNK).await?;
    let news: Vec<&Event> = events.iter().filter(|event| is_news(event)).collect();
    // What is written here is in the log as well, and is no reason to write more.
    let Some(mut last) = events.last().filter(|_| !news.is_empty() || events.len() == CHUNK) else {
        return Ok(None);
    };
    let ahead = Ahead::read(&mut tx, &news).await?;
    let mut teller = Teller::new(mail);
    let mut told = 0;
    for event in news {
        if event.id.kind() == Kind::Notification {
            teller.sent(&mut tx, &event.id).await?;
        } else if ahead.concerns_others(&mut tx, event).await?
            && let Some(happening) = news::of(&mut tx, event).await?
        {
            told += teller.tell(&mut tx, &happening).await?;
        }
        if told >= TOLD_MAX {
            last = event;
            break;
        }
    }
    let position = Some(tx.log_position(last));
    let doc = state::Inbox { position, ..inbox.doc.clone() };
    tx.update(inbox, doc).await?;
    tx.finish().await?;
    Ok(Some(told))
}

/// Whether a change may be one that somebody is told of.
fn is_news(event: &Event) -> bool {
    let is_told_of = match event.id.kind() {
        Kind::Comment => true,
        // What programs send, but not what is written here.
        Kind::Notification => event.actor != Actor::system().id,
        kind => WorkId::KINDS.contains(&kind),
    };
    is_told_of && event.verb != Verb::Deleted
}
