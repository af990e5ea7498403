//! Notifications: the inbox of each person, with one line for each object (BEHAVIOUR 24.3).
//!
//! `doc.rs` is the document, `list.rs` finds those of the caller, and `update.rs` says what becomes
//! of them. That there are any is up to [`crate::follow`].

mod doc;
mod list;
mod update;

pub use doc::Notification;
pub(crate) use doc::{Item, MAIL_DUE, Mailing, News, PARENT, PLACES, Thread, place};
use worksmith_engine::{Audience, Op, OpTable, Tx};
use worksmith_kernel::{Resource, Result, Stored, embedded_ids};
use worksmith_wire::notifications::{self as wire, GetRequest, GetResponse};

pub use self::update::wake;

/// Registers the operations.
pub(crate) fn ops(table: &mut OpTable) {
    table.family::<Notification>();
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::read("notifications.count", "notification")), list::count);
    table.add(everyone(Op::read("notifications.get", "notification")), get);
    table.add(everyone(Op::read("notifications.list", "notification")), list::list);
    table.add(everyone(Op::write("notifications.update", "notification")), update::update);
    table.feed::<Notification>("notifications.get");
}

async fn get(tx: &mut Tx, request: GetRequest) -> Result<GetResponse> {
    let stored = tx.target::<Notification>(&request.id).await?;
    tx.tell_revision(&stored);
    let mut shown = shown(tx, std::slice::from_ref(&stored)).await?;
    match shown.pop() {
        Some(notification) => Ok(GetResponse { notification }),
        None => Err(tx.not_found(&request.id)),
    }
}

/// Notifications of the caller as answers show them: without what the caller no longer sees.
async fn shown(tx: &mut Tx, all: &[Stored<Notification>]) -> Result<Vec<wire::Notification>> {
    let cx = tx.cx().clone();
    let mut seen = Vec::new();
    for stored in all {
        for id in Notification::adapts_to(stored, &cx).into_iter().flatten() {
            if !seen.contains(&id) && tx.is_visible(&id).await? {
                seen.push(id);
            }
        }
    }
    let x = tx.expand(all.iter().flat_map(embedded_ids).collect()).await?;
    let show = |stored| {
        let mut object = Notification::object(stored, &x);
        Notification::adapt(&mut object, stored, &cx, &seen);
        object
    };
    Ok(all.iter().map(show).collect())
}
