//! `notifications.send`: what programs tell people of (BEHAVIOUR 24.7).

use worksmith_engine::Tx;
use worksmith_fields::schemas::leaf;
use worksmith_kernel::Result;
use worksmith_wire::notifications::{
    ClickTarget, ClickableAction, Metadata, NotificationAction, NotificationPriority,
    SendNotification, SendRequest, SendResponse,
};
use worksmith_wire::preferences::Channel;
use worksmith_wire::{ApiError, Id, Kind};

use super::doc::{Item, News, Notification, PLACES, Sent, place};
use crate::named::nowhere;
use crate::{content_template, people, preferences};

pub(super) async fn send(tx: &mut Tx, request: SendRequest) -> Result<SendResponse> {
    for notification in request.notifications.0 {
        send_one(tx, notification).await?;
    }
    Ok(SendResponse { success: true })
}

async fn send_one(tx: &mut Tx, request: SendNotification) -> Result<()> {
    let SendNotification {
        r#type: _,
        event_id,
        event_type,
        metadata,
        parent,
        priority,
        receiver,
        timestamp,
    } = request;
    let receiver = tx.primary(&receiver).await?;
    let parent = match parent {
        Some(parent) => Some(seen(tx, "parent", parent.into()).await?),
        None => None,
    };
    let mut sent = Vec::new();
    for metadata in metadata.0 {
        sent.push(content(tx, metadata, priority).await?);
    }
    let person = people::find(tx, &receiver).await?;
    let Some(person) = person else {
        if tx.is_there(&receiver).await? {
            // Nobody reads it.
            return Ok(());
        }
        return Err(nowhere(tx.cx(), "receiver", &receiver));
    };
    for id in parent.iter().chain(sent.iter().filter_map(|sent| sent.object.as_ref())) {
        if !tx.is_visible_to(&person.actor, id).await? {
            let (who, what) = (tx.cx().name(&receiver), tx.cx().name(id));
            let message = format!("receiver: {who} may not see {what}");
            return Err(ApiError::not_permitted("receiver", message).into());
        }
    }
    let wants = preferences::of(tx, &receiver).await?;
    let channel = preferences::channel(wants, event_type, false);
    if channel == Channel::None {
        return Ok(());
    }
    let by_mail = channel == Channel::Email && wants.email && person.email.is_some();
    let event_id = event_id.map(String::from);
    let name = place(&receiver, parent.as_ref(), event_id.as_deref());
    let old = match tx.find_name(PLACES, &name).await? {
        Some(id) => tx.find::<Notification>(&id).await?,
        None => None,
    };
    let empty = || Notification::empty(receiver, parent, event_id);
    let mut doc = old.as_ref().map_or_else(empty, |old| old.doc.clone());
    let at = timestamp.unwrap_or(tx.cx().now);
    for sent in sent {
        let (actor, news) = (tx.cx().actor.id.clone(), News::Sent(Box::new(sent)));
        doc.tell(Item { event_type, at, actor, news, by_mail });
    }
    match old {
        Some(old) => drop(tx.update(old, doc).await?),
        None => drop(tx.insert(Kind::Notification, doc).await?),
    }
    Ok(())
}

/// An object that a call names in a field and that the caller sees.
async fn seen(tx: &mut Tx, field: &str, named: Id) -> Result<Id> {
    let named = leaf::resolve(tx, named).await?;
    if tx.is_visible(&named).await? {
        return Ok(named);
    }
    Err(nowhere(tx.cx(), field, &named))
}

async fn content(
    tx: &mut Tx,
    metadata: Metadata,
    priority: Option<NotificationPriority>,
) -> Result<Sent> {
    let Metadata { action, content_template, inputs } = metadata;
    let inputs = inputs.unwrap_or_default();
    let (title, body) = content_template::fill(tx, &content_template, &inputs).await?;
    let action =
        action.and_then(|NotificationAction { r#type: _, clickable_action }| clickable_action);
    let (object, url) = match action {
        None => (None, None),
        Some(ClickableAction { r#type, object, url }) => {
            check_action(r#type, object.is_some(), url.is_some())?;
            (object, url.map(String::from))
        }
    };
    if url.as_ref().is_some_and(|url| !is_web(url)) {
        let message = "url must begin with https:// or http://";
        return Err(ApiError::not_permitted("url", message).into());
    }
    let object = match object {
        Some(object) => Some(seen(tx, "object", object.into()).await?),
        None => None,
    };
    Ok(Sent { title, body, object, url, priority })
}

/// No other address is one that a click should lead to.
fn is_web(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn check_action(
    target: Option<ClickTarget>,
    has_object: bool,
    has_url: bool,
) -> Result<(), ApiError> {
    let missing = match target {
        Some(ClickTarget::Object) if !has_object => "object",
        Some(ClickTarget::Url) if !has_url => "url",
        _ => return Ok(()),
    };
    Err(ApiError::missing(missing))
}
