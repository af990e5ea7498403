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

/// How many changes are looked at in a transaction: few, since calls wait for a processor
/// meanwhile.
const CHUNK: usize = 100;
/// After this many notifications, the rest of the changes are for the next one.
const TOLD_MAX: u64 = 500;
/// After so many lost races, the rest is postponed.
const TRIES_MAX: usize = 50;

/// What a step has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// How many notifications were written.
    pub notifications: u64,
    /// Whether there may be more changes to tell of.
    pub is_behind: bool,
}

/// Tells people of whatever has changed since the last call; by mail as well, if it says when.
/// Returns how many notifications were written.
pub async fn follow(
    engine: &Engine,
    environment: &Environment,
    mail: Option<MailTimes>,
) -> Result<u64> {
    let mut all = 0;
    loop {
        let Told { notifications, is_behind } = follow_some(engine, environment, mail).await?;
        all += notifications;
        if !is_behind {
            return Ok(all);
        }
    }
}

/// Tells people of the next changes of each org.
pub async fn follow_some(
    engine: &Engine,
    environment: &Environment,
    mail: Option<MailTimes>,
) -> Result<Told> {
    let mut all = Told::default();
    for org in engine.store().orgs(SLUG).await? {
        engine.store().catch_up(&org).await?;
        let Told { notifications, is_behind } = step(engine, environment, &org, mail).await?;
        all.notifications += notifications;
        all.is_behind |= is_behind;
    }
    Ok(all)
}

/// Tells people of the next changes of an org, again if somebody else was faster.
async fn step(
    engine: &Engine,
    environment: &Environment,
    org: &str,
    mail: Option<MailTimes>,
) -> Result<Told> {
    for _ in 0..TRIES_MAX {
        let cx = environment.context(org, Actor::system());
        match try_step(engine, &cx, mail).await {
            Err(Error::Stale) => engine.store().rest().await,
            done => return done,
        }
    }
    Err(Error::unavailable(format!("telling of changes lost {TRIES_MAX} races")))
}

async fn try_step(engine: &Engine, cx: &OpCtx, mail: Option<MailTimes>) -> Result<Told> {
    let mut tx = engine.begin(cx);
    let Some(inbox) = state::find(&mut tx).await? else {
        state::begin(&mut tx).await?;
        tx.finish().await?;
        return Ok(Told { notifications: 0, is_behind: true });
    };
    let events = tx.log_after(inbox.doc.position.as_deref(), CHUNK).await?;
    let news: Vec<&Event> = events.iter().filter(|event| is_news(event)).collect();
    // What is written here is in the log as well, and is no reason to write more.
    let Some(mut last) = events.last().filter(|_| !news.is_empty() || events.len() == CHUNK) else {
        return Ok(Told::default());
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
    Ok(Told { notifications: told, is_behind: true })
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
