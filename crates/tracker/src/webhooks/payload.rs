//! The words in which a webhook is told what happened.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};
use worksmith_engine::{Happened, Heard, Tx};
use worksmith_kernel::{Error, OpCtx, Result, Stored};
use worksmith_org::groups::GroupMember;
use worksmith_talk::timeline_entries::{Comment, Reaction};
use worksmith_wire::webhooks::EventType;
use worksmith_wire::{DateTime, Id, Kind, Timestamp};

use super::VERIFY;
use super::kinds::told;

/// The most reactions that an event tells of.
const REACTIONS_MAX: usize = 16;

/// An event: its type and its payload, a JSON object.
pub(super) type Worded = (EventType, String);

/// The events that tell what was heard.
pub(super) async fn worded(tx: &mut Tx, cx: &OpCtx, heard: &Heard) -> Result<Vec<Worded>> {
    if heard.id.kind() == Kind::GroupMember {
        return membership(tx, heard).await;
    }
    let Some(told) = told(heard.id.kind()) else { return Ok(Vec::new()) };
    let [old, new] = &heard.objects;
    let mut payload = Members::default();
    let what = if is_deleted_comment(heard) { Happened::Deleted } else { heard.what };
    if matches!(what, Happened::Deleted | Happened::Hidden) {
        payload.put("id", &json!(cx.don(&heard.id)).to_string());
    } else if let Some(new) = new {
        payload.put(told.member, new);
    }
    // The contract has no old webhook.
    if let Some(old) = old.as_ref().filter(|_| heard.id.kind() != Kind::Webhook) {
        payload.put(&format!("old_{}", told.member), old);
    }
    if let (Happened::Updated, Some(old), Some(new)) =
        (what, heard.before::<Comment>(), heard.after::<Comment>())
    {
        let reactions = reactions(tx, &old.doc.reactions, &new.doc.reactions).await?;
        if !reactions.is_empty() {
            payload.put("reactions", &Value::from(reactions).to_string());
        }
    }
    Ok(vec![(told.type_of(what), payload.finish())])
}

/// Whether a comment was deleted, of which its place in the timeline remains.
fn is_deleted_comment(heard: &Heard) -> bool {
    let is_deleted =
        |comment: Option<&Stored<Comment>>| comment.is_some_and(|one| one.doc.is_deleted);
    is_deleted(heard.after()) && !is_deleted(heard.before())
}

/// Who came into a group, and who left it.
async fn membership(tx: &mut Tx, heard: &Heard) -> Result<Vec<Worded>> {
    let ends = |member: &GroupMember| (member.group.clone(), member.member.clone());
    let old = heard.before::<GroupMember>().map(|old| ends(&old.doc));
    let new = heard.after::<GroupMember>().map(|new| ends(&new.doc));
    let mut events = Vec::new();
    if old == new {
        return Ok(events);
    }
    for (kind, ends) in [(EventType::GroupMemberRemoved, old), (EventType::GroupMemberAdded, new)] {
        let Some((group, member)) = ends else { continue };
        let x = tx.expand(vec![group.clone(), member.clone()]).await?;
        let shown = |id: &Id| -> Result<String> {
            let summary: Option<Box<RawValue>> = match x.embed::<Value>(id) {
                Some(summary) => Some(raw(&summary)?),
                None => None,
            };
            let bare = || raw(&x.atom(id));
            Ok(summary.map_or_else(bare, Ok)?.get().to_owned())
        };
        let mut payload = Members::default();
        payload.put("group", &shown(&group)?);
        payload.put("member", &shown(&member)?);
        events.push((kind, payload.finish()));
    }
    Ok(events)
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>> {
    to_raw_value(value).map_err(Error::internal)
}

/// Who reacted between two states of a comment, and who took a reaction back.
async fn reactions(tx: &mut Tx, old: &[Reaction], new: &[Reaction]) -> Result<Vec<Value>> {
    let has = |all: &[Reaction], emoji: &str, user: &Id| {
        let mut same = all.iter().filter(|one| one.emoji == emoji);
        same.any(|one| one.users.contains(user))
    };
    let mut changes = Vec::new();
    for (action, from, to) in [("removed", old, new), ("added", new, old)] {
        for Reaction { emoji, users } in from {
            let users = users.iter().filter(|user| !has(to, emoji, user));
            changes.extend(users.map(|user| (action, emoji.clone(), user.clone())));
        }
    }
    changes.truncate(REACTIONS_MAX);
    let x = tx.expand(changes.iter().map(|(.., user)| user.clone()).collect()).await?;
    let mut shown = Vec::with_capacity(changes.len());
    for (action, emoji, user) in changes {
        let mut reaction = json!({ "action": action, "emoji": emoji });
        if let Some(reactor) = x.embed::<Value>(&user) {
            reaction["reactor"] = serde_json::to_value(&reactor).map_err(Error::internal)?;
        }
        shown.push(reaction);
    }
    Ok(shown)
}

/// The payload by which an object is told that was asked for.
pub(super) fn fetched(id: &str, result: &str, object: Option<(&str, String)>) -> String {
    let mut payload = Members::default();
    payload.put("id", &json!(id).to_string());
    payload.put("result", &json!(result).to_string());
    if let Some((member, object)) = object {
        payload.put(member, &object);
    }
    payload.finish()
}

/// The payload of a challenge.
pub(super) fn challenge(text: &str) -> String {
    json!({ "challenge": text }).to_string()
}

/// The challenge of a payload.
pub(super) fn challenged(payload: &str) -> Option<String> {
    let members: Map<String, Value> = serde_json::from_str(payload).ok()?;
    members.get("challenge")?.as_str().map(str::to_owned)
}

/// The body of a request. Its time is that of the attempt, because receivers refuse old ones.
pub(super) fn body(
    (id, webhook): (&str, &str),
    at: Timestamp,
    kind: &str,
    payload: &str,
) -> Result<String> {
    let at = serde_json::to_string(&DateTime::from(at)).map_err(Error::internal)?;
    let mut body = Members::default();
    body.put("id", &json!(id).to_string());
    body.put("webhook_id", &json!(webhook).to_string());
    body.put("timestamp", &at);
    body.put("type", &json!(kind).to_string());
    body.put(kind, payload);
    if kind == VERIFY
        && let Some(challenge) = challenged(payload)
    {
        // Receivers look for it in either place.
        body.put("challenge", &json!(challenge).to_string());
    }
    Ok(body.finish())
}

/// A JSON object that is written of members that are JSON already.
#[derive(Default)]
struct Members(String);

impl Members {
    fn put(&mut self, name: &str, value: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        self.0.push_str(&json!(name).to_string());
        self.0.push(':');
        self.0.push_str(value);
    }

    fn finish(mut self) -> String {
        if self.0.is_empty() {
            self.0.push('{');
        }
        self.0.push('}');
        self.0
    }
}
