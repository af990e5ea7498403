//! `notifications.update`, and waking what was put off.

use worksmith_engine::{Engine, Tx};
use worksmith_kernel::{Actor, Cond, Error, OpCtx, Query, Result};
use worksmith_org::dev_orgs::SLUG;
use worksmith_org::environment::Environment;
use worksmith_wire::notifications::{NotificationState, UpdateRequest, UpdateResponse};
use worksmith_wire::{ApiError, Direction, Id, Timestamp, distinct};

use super::doc::{Notification, REMIND_AT};
use super::shown;

/// How many notifications are woken in a transaction.
const AT_ONCE: usize = 50;

pub(super) async fn update(tx: &mut Tx, request: UpdateRequest) -> Result<UpdateResponse> {
    let UpdateRequest { ids, state, remind_at } = request;
    check_time(tx.cx().now, state, remind_at)?;
    let ids: Vec<Id> = distinct(ids.0);
    let mut updated = Vec::with_capacity(ids.len());
    for id in ids {
        let old = tx.target::<Notification>(&id).await?;
        let mut doc = old.doc.clone();
        (doc.state, doc.remind_at) = (state, remind_at);
        if state != NotificationState::Unread {
            doc.stop_mail();
        }
        updated.push(tx.update(old, doc).await?);
    }
    Ok(UpdateResponse { notifications: shown(tx, &updated).await? })
}

fn check_time(
    now: Timestamp,
    state: NotificationState,
    remind_at: Option<Timestamp>,
) -> Result<(), ApiError> {
    match (state, remind_at) {
        (NotificationState::Later, None) => Err(ApiError::missing("remind_at")),
        (NotificationState::Later, Some(at)) if at <= now => {
            Err(ApiError::not_permitted("remind_at", "remind_at must be in the future"))
        }
        (NotificationState::Later, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => {
            let message = "remind_at goes with the state later";
            Err(ApiError::not_permitted("remind_at", message))
        }
    }
}

/// Makes those unread again that were put off until now. Returns how many that were. Doing so twice
/// at the same time does no harm.
pub async fn wake(engine: &Engine, environment: &Environment) -> Result<u64> {
    let mut woken = 0;
    for org in engine.store().orgs(SLUG).await? {
        engine.store().catch_up(&org).await?;
        loop {
            let cx = environment.context(&org, Actor::system());
            match wake_some(engine, &cx).await {
                Ok(0) => break,
                Ok(some) => woken += some,
                // Somebody else has changed one of them meanwhile.
                Err(Error::Stale) => engine.store().rest().await,
                Err(other) => return Err(other),
            }
        }
    }
    Ok(woken)
}

async fn wake_some(engine: &Engine, cx: &OpCtx) -> Result<u64> {
    let mut query = Query::new();
    query.with(Cond::range(REMIND_AT, None, Some(cx.now.into())));
    query.order_by(REMIND_AT, Direction::Asc);
    let mut tx = engine.begin(cx);
    let due = tx.first::<Notification>(&query, AT_ONCE).await?;
    let woken = due.len() as u64;
    for old in due {
        let (state, remind_at) = (NotificationState::Unread, None);
        let doc = Notification { state, remind_at, ..old.doc.clone() };
        tx.update(old, doc).await?;
    }
    tx.finish().await?;
    Ok(woken)
}
