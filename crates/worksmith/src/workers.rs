//! What a server does besides answering calls. Of several servers on one database, only one does
//! each thing at a time: the work that follows from events is claimed, and periodic work is leased,
//! so that any server may die.

use std::time::{Duration, Instant};

use worksmith_engine::{Engine, Pace};
use worksmith_inbox::follow::{MailTimes, Told};
use worksmith_inbox::{follow, letters, notifications};
use worksmith_kernel::Result;
use worksmith_mail::Mailer;
use worksmith_org::{Environment, artifacts};
use worksmith_sla::sla_trackers;
use worksmith_store::{Behind, Files, IndexSize, Turn};
use worksmith_talk::timeline_entries;
use worksmith_tracker::webhooks::Hooks;
use worksmith_tracker::{cascades, tracking};

/// How many processors the search index takes if there are none to spare, and the inbox as many.
const LEAST: f64 = 0.03;
/// How often to look for unread events, and for cascades.
const READ_EVERY: Duration = Duration::from_secs(1);
/// How often to look for events that the search index has to follow.
const INDEX_EVERY: Duration = Duration::from_millis(200);
/// How often to look for trackers that are due: a warning or a missed target is noted at most this
/// much later.
const NOTE_EVERY: Duration = Duration::from_millis(500);
/// How often files are swept if others may add some.
const SWEEP_REMOTE_EVERY: Duration = Duration::from_secs(10 * 60);
/// How often files are swept if only a failure leaves any.
const SWEEP_LOCAL_EVERY: Duration = Duration::from_secs(24 * 60 * 60);
/// How often comments are deleted that have expired. Nobody sees them meanwhile.
const EXPIRE_EVERY: Duration = Duration::from_secs(60);
/// How long to wait if the mail server can't be reached.
const MAIL_AGAIN: Duration = Duration::from_secs(30);
/// How long one server has a sweep to itself.
const SWEEP_LEASE: Duration = Duration::from_secs(5 * 60);
/// How long after the death of a server another one tells people of changes, and sends mail.
const TELL_LEASE: Duration = Duration::from_secs(10);

/// How mail is sent.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    /// Where it is handed over.
    pub(crate) mailer: Mailer,
    /// When it is written.
    pub(crate) times: MailTimes,
}

/// Starts all of it.
pub(crate) fn start(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    mail: Option<Mail>,
    hooks: Hooks,
) {
    tokio::spawn(read(engine.clone(), environment.clone(), files.clone()));
    tokio::spawn(note(engine.clone(), environment.clone()));
    tokio::spawn(index(engine.clone()));
    tokio::spawn(work_off(engine.clone(), environment.clone()));
    tokio::spawn(sweep(engine.clone(), environment.clone(), files.clone()));
    tokio::spawn(expire(engine.clone(), environment.clone()));
    tokio::spawn(tell(engine.clone(), environment.clone(), mail.as_ref().map(|mail| mail.times)));
    if let Some(mail) = mail {
        tokio::spawn(send(engine.clone(), environment.clone(), mail));
    }
    tokio::spawn(hooks.run());
}

/// Does what follows from events.
async fn read(engine: Engine, environment: Environment, files: Files) {
    loop {
        match artifacts::clear(&engine, &environment, &files).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "deleted the files of versions that are gone"),
            Err(cause) => tracing::warn!(?cause, "can't delete the files of versions"),
        }
        match tracking::revisit(&engine, &environment).await {
            Ok(0) => {}
            Ok(works) => tracing::info!(works, "read the clocks of works anew"),
            Err(cause) => tracing::warn!(?cause, "can't read the clocks of works anew"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Has the search index follow the events. With several servers, each tries, and the first one
/// writes.
async fn index(engine: Engine) {
    let (mut making, mut pace) = (None, Pace::of_writer(LEAST));
    loop {
        let begin = Instant::now();
        let behind = match engine.store().index_further().await {
            Ok(behind) => behind,
            Err(cause) => {
                tracing::warn!(?cause, "the search index can't follow");
                tokio::time::sleep(READ_EVERY).await;
                continue;
            }
        };
        let events = if let Behind::Events(count) = behind { count } else { 0 };
        #[expect(clippy::cast_precision_loss, reason = "a number for people")]
        metrics::gauge!("worksmith_search_behind_events").set(events as f64);
        match (behind, making) {
            (Behind::Making, None) => making = Some(begin),
            (Behind::UpToDate, Some(since)) => {
                making = None;
                let seconds = since.elapsed().as_secs();
                if let Ok(IndexSize { entries, bytes }) = engine.store().index_size().await {
                    tracing::info!(entries, bytes, seconds, "made the search index");
                }
            }
            _ => {}
        }
        pace.rest(engine.store(), begin.elapsed(), Duration::ZERO).await;
        if behind == Behind::UpToDate {
            tokio::time::sleep(INDEX_EVERY).await;
        }
    }
}

/// Rewrites what deletions, merges and moves have left to rewrite.
async fn work_off(engine: Engine, environment: Environment) {
    let holder = environment.opaque(20);
    loop {
        match cascades::work_off(&engine, &environment, &holder).await {
            Ok(0) => {}
            Ok(objects) => tracing::info!(objects, "rewrote what refers to changed objects"),
            Err(cause) => tracing::warn!(?cause, "can't rewrite what refers to changed objects"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Notes warnings and missed targets of SLAs when they fall due.
async fn note(engine: Engine, environment: Environment) {
    loop {
        match sla_trackers::note_due(&engine, &environment).await {
            Ok(0) => {}
            Ok(trackers) => tracing::debug!(trackers, "noted what fell due"),
            Err(cause) => tracing::warn!(?cause, "can't note what has fallen due"),
        }
        tokio::time::sleep(NOTE_EVERY).await;
    }
}

/// Makes versions of files that went directly to the bucket without the client confirming that, and
/// deletes incomplete ones. What can't be deleted does no harm, so nobody waits for it.
async fn sweep(engine: Engine, environment: Environment, files: Files) {
    let turn = Turn::new("sweep", environment.opaque(20), SWEEP_LEASE);
    let every = if files.is_remote() { SWEEP_REMOTE_EVERY } else { SWEEP_LOCAL_EVERY };
    loop {
        match sweep_once(&engine, &environment, &files, &turn).await {
            Ok(0) => {}
            Ok(deleted) => tracing::info!(deleted, "swept up files that nothing names"),
            Err(cause) => tracing::warn!(?cause, "can't sweep up files that nothing names"),
        }
        tokio::time::sleep(every).await;
    }
}

/// Sweeps, unless another server does.
async fn sweep_once(
    engine: &Engine,
    environment: &Environment,
    files: &Files,
    turn: &Turn,
) -> Result<u64> {
    // No other server sweeps files in a folder of this machine.
    if !files.is_remote() {
        return artifacts::sweep(engine, environment, files).await;
    }
    if !turn.take(engine.store(), environment.clock.now()).await?.is_ours() {
        return Ok(0);
    }
    let swept = artifacts::sweep(engine, environment, files).await;
    turn.give_back(engine.store()).await?;
    swept
}

/// Deletes comments that have expired.
async fn expire(engine: Engine, environment: Environment) {
    let turn = Turn::new("expire", environment.opaque(20), SWEEP_LEASE);
    loop {
        match expire_once(&engine, &environment, &turn).await {
            Ok(0) => {}
            Ok(entries) => tracing::debug!(entries, "deleted comments that have expired"),
            Err(cause) => tracing::warn!(?cause, "can't delete comments that have expired"),
        }
        tokio::time::sleep(EXPIRE_EVERY).await;
    }
}

/// Does that, unless another server does.
async fn expire_once(engine: &Engine, environment: &Environment, turn: &Turn) -> Result<u64> {
    if !turn.take(engine.store(), environment.clock.now()).await?.is_ours() {
        return Ok(0);
    }
    let deleted = timeline_entries::expire(engine, environment).await;
    turn.give_back(engine.store()).await?;
    deleted
}

/// Tells people of what others have changed, and reminds them of what they have put off.
async fn tell(engine: Engine, environment: Environment, mail: Option<MailTimes>) {
    let turn = Turn::new("inbox", environment.opaque(20), TELL_LEASE);
    let mut pace = Pace::of_writer(LEAST);
    loop {
        let begin = Instant::now();
        let told = tell_once(&engine, &environment, &turn, mail).await;
        pace.rest(engine.store(), begin.elapsed(), Duration::ZERO).await;
        match told {
            Ok(Told { is_behind: true, .. }) => continue,
            Ok(Told { notifications: 0, .. }) => {}
            Ok(Told { notifications, .. }) => tracing::debug!(notifications, "told of changes"),
            Err(cause) => tracing::warn!(?cause, "can't tell people of changes"),
        }
        tokio::time::sleep(READ_EVERY).await;
    }
}

/// Does that, unless another server does.
async fn tell_once(
    engine: &Engine,
    environment: &Environment,
    turn: &Turn,
    mail: Option<MailTimes>,
) -> Result<Told> {
    if !turn.take(engine.store(), environment.clock.now()).await?.is_ours() {
        return Ok(Told::default());
    }
    let mut told = follow::follow_some(engine, environment, mail).await?;
    told.notifications += notifications::wake(engine, environment).await?;
    Ok(told)
}

/// Writes letters, and hands them over to the mail server.
async fn send(engine: Engine, environment: Environment, mail: Mail) {
    let turn = Turn::new("mail", environment.opaque(20), TELL_LEASE);
    loop {
        let pause = match send_once(&engine, &environment, &turn, &mail).await {
            Ok(0) => READ_EVERY,
            Ok(sent) => {
                tracing::info!(sent, "sent mail");
                READ_EVERY
            }
            Err(cause) => {
                tracing::warn!(?cause, "can't send mail");
                MAIL_AGAIN
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// Does that, unless another server does.
async fn send_once(
    engine: &Engine,
    environment: &Environment,
    turn: &Turn,
    mail: &Mail,
) -> Result<u64> {
    if !turn.take(engine.store(), environment.clock.now()).await?.is_ours() {
        return Ok(0);
    }
    letters::write(engine, environment, mail.mailer.domain()).await?;
    letters::send(engine, environment, &mail.mailer).await
}
