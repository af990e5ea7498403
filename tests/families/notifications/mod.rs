//! The inbox: who is told of what.

mod bursts;
mod refused;
mod sent;
mod states;
mod told;
mod unsubscribe;
mod visible;

use serde_json::{Value, json};

use crate::timeline_entries::Talk;

/// The notifications of a caller, after everything was told.
pub(super) async fn inbox(talk: &Talk, token: &str) -> Vec<Value> {
    talk.server.tell(None).await;
    list(talk, token, json!({})).await
}

pub(super) async fn list(talk: &Talk, token: &str, request: Value) -> Vec<Value> {
    let listed = talk.server.call_as(token, "notifications.list", request).await.ok();
    listed["notifications"].as_array().expect("notifications").clone()
}

/// Notifications in a line each: the object, the state, the weightiest reason, and what happened.
pub(super) fn lines(notifications: &[Value]) -> Vec<String> {
    notifications.iter().map(line).collect()
}

fn line(notification: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let events = notification["events"].as_array().expect("events").iter().map(|event| {
        let what = match event["body"].as_str() {
            Some(body) => body.to_owned(),
            None => {
                let fields = event["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
                fields.iter().map(text).collect::<Vec<_>>().join("+")
            }
        };
        let actor = text(&event["actor"]["display_name"]);
        format!("{} {actor} {what}", text(&event["event_type"]))
    });
    let parent = text(&notification["parent"]["display_id"]);
    let (state, reason) = (text(&notification["state"]), text(&notification["event_type"]));
    format!("{parent} {state} {reason}: {}", events.collect::<Vec<_>>().join(", "))
}

/// Changes a work as somebody.
pub(super) async fn change(talk: &Talk, token: &str, id: &str, members: Value) {
    let mut request = members;
    request["id"] = json!(id);
    talk.server.call_as(token, "works.update", request).await.ok();
}

/// What becomes of notifications of a caller.
pub(super) async fn become_(talk: &Talk, token: &str, ids: &[Value], state: &str) -> Value {
    let request = json!({"ids": ids, "state": state});
    talk.server.call_as(token, "notifications.update", request).await.ok()
}
