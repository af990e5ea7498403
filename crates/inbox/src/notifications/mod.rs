//! Notifications: the inbox of each person, with one line for each object (BEHAVIOUR 24.3).
//!
//! `doc.rs` is the document, `list.rs` finds those of the caller, and `update.rs` says what becomes
//! of them. That there are any is up to [`crate::follow`], and to programs, by `send.rs`.

mod doc;
mod list;
mod send;
mod update;

pub use doc::Notification;
pub(crate) use doc::{Item, MAIL_DUE, Mailing, News, PARENT, PLACES, Sent, Thread, place};
use worksmith_engine::{Audience, Changed, Op, OpTable, Tx};
use worksmith_fields::custom_objects::CustomObject;
use worksmith_kernel::{Resource, Result, Rewrite, Stored, embedded_ids};
use worksmith_org::accounts::Account;
use worksmith_org::rev_orgs::RevOrg;
use worksmith_org::rev_users::RevUser;
use worksmith_wire::notifications::{self as wire, GetRequest, GetResponse};

use worksmith_work::parts::Part;
use worksmith_work::works::Work;

pub use self::update::wake;

/// Up to this many notifications are deleted together with what they are about. If there are more,
/// nobody sees them any more either, and they are deleted bit by bit.
const AT_ONCE: usize = 50;

/// Registers the operations.
pub(crate) fn ops(table: &mut OpTable) {
    table.family::<Notification>();
    let everyone = |op: Op| op.audience(Audience::Everyone);
    table.add(everyone(Op::read("notifications.count", "notification")), list::count);
    table.add(everyone(Op::read("notifications.get", "notification")), get);
    table.add(everyone(Op::read("notifications.list", "notification")), list::list);
    table.add(Op::write("notifications.send", "notification"), send::send);
    table.add(everyone(Op::write("notifications.update", "notification")), update::update);
    table.feed::<Notification>("notifications.get");
    table.follow(deleted::<Account>);
    table.follow(deleted::<CustomObject>);
    table.follow(deleted::<Part>);
    table.follow(deleted::<RevOrg>);
    table.follow(deleted::<RevUser>);
    table.follow(deleted::<Work>);
}

/// Deletes what people were told of an object that is deleted.
async fn deleted<R: Resource>(tx: &mut Tx, changed: Changed<R>) -> Result<()> {
    let (Some(before), None) = (&changed.before, &changed.after) else { return Ok(()) };
    let id = before.id().clone();
    match tx.rely_on_referrers::<Notification>(PARENT, &id, AT_ONCE).await? {
        Some(notifications) => {
            for notification in notifications {
                tx.delete(notification).await?;
            }
            Ok(())
        }
        None => tx.cascade(&id, Rewrite::Delete).await,
    }
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
