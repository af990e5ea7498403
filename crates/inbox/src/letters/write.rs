//! Writing letters that are due.

use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Cond, Error, OpCtx, Query, Result, Stored};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_wire::{Direction, Id, Kind};

use super::doc::{Letter, LetterState};
use super::text;
use crate::notifications::{MAIL_DUE, Notification, Thread};
use crate::state;

/// How many letters are written in a transaction.
const AT_ONCE: usize = 20;
/// How many of the last messages of a thread a letter names besides the first one: enough to find
/// its place if some are lost.
const NAMED_MAX: usize = 10;

/// Writes the letters that are due; the ids of messages are those of a domain. Returns how many
/// letters these are. Doing so twice at the same time does no harm.
pub async fn write(engine: &Engine, environment: &Environment, domain: &str) -> Result<u64> {
    let mut written = 0;
    for org in engine.store().orgs(SLUG).await? {
        engine.store().catch_up(&org).await?;
        loop {
            let cx = environment.context(&org, Actor::system());
            match write_some(engine, &cx, domain).await {
                Ok(0) => break,
                Ok(some) => written += some,
                // Somebody reads one of them just now.
                Err(Error::Stale) => engine.store().rest().await,
                Err(other) => return Err(other),
            }
        }
    }
    Ok(written)
}

async fn write_some(engine: &Engine, cx: &OpCtx, domain: &str) -> Result<u64> {
    let mut query = Query::new();
    query.with(Cond::range(MAIL_DUE, None, Some(cx.now.into())));
    query.order_by(MAIL_DUE, Direction::Asc);
    let mut tx = engine.begin(cx);
    let due = tx.first::<Notification>(&query, AT_ONCE).await?;
    if due.is_empty() {
        return Ok(0);
    }
    state::make_key(&mut tx).await?;
    let written = due.len() as u64;
    for notification in due {
        write_one(&mut tx, notification, domain).await?;
    }
    tx.finish().await?;
    Ok(written)
}

async fn write_one(tx: &mut Tx, old: Stored<Notification>, domain: &str) -> Result<()> {
    let mut doc = old.doc.clone();
    let items: Vec<_> = doc.items.iter().filter(|item| item.by_mail).cloned().collect();
    doc.stop_mail();
    if !items.is_empty() && tx.is_there(&doc.receiver).await? {
        let subject = text::subject(tx, doc.parent.as_ref(), &items).await?;
        let empty = || Thread { subject, count: 0, message_ids: Vec::new() };
        let mut thread = doc.thread.take().unwrap_or_else(empty);
        let (subject, message_id, references) = next(&mut thread, old.id(), domain);
        let letter = Letter {
            receiver: doc.receiver.clone(),
            parent: doc.parent.clone(),
            items,
            subject,
            message_id,
            references,
            state: LetterState::Waiting,
            due_at: tx.cx().now,
            failures: 0,
            why: None,
        };
        tx.insert(Kind::Letter, letter).await?;
        doc.thread = Some(thread);
    }
    tx.update(old, doc).await.map(drop)
}

/// The next message of a thread, which takes its place in it: the subject, the id, and the ids of
/// those before it.
fn next(thread: &mut Thread, notification: &Id, domain: &str) -> (String, String, Vec<String>) {
    thread.count += 1;
    let message_id = format!("<{}.{}@{domain}>", notification.local(), thread.count);
    let references = thread.message_ids.clone();
    let is_first = references.is_empty();
    let subject = if is_first { thread.subject.clone() } else { format!("Re: {}", thread.subject) };
    thread.message_ids.push(message_id.clone());
    if thread.message_ids.len() > NAMED_MAX + 1 {
        thread.message_ids.remove(1);
    }
    (subject, message_id, references)
}
