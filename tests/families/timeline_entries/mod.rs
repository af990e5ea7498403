//! Timelines: comments, replies, and changes.

mod changes;
mod comments;
mod links;
mod lists;
mod objects;
mod refused;
mod visible;

use serde_json::{Value, json};
use worksmith_tests::{ADMIN, Server};

/// A server with ISS-1 and, for customers, TKT-1 of the workspace `eu` of Acme.
pub(super) struct Talk {
    pub(super) server: Server,
}

impl Talk {
    pub(super) async fn new() -> Self {
        let server = Server::start().await;
        let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        server.call("parts.create", product).await.ok();
        let issue = json!({
            "type": "issue", "title": "Slow", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
        });
        server.call("works.create", issue).await.ok();
        Self { server }
    }

    pub(super) async fn call(&self, op: &str, body: Value) -> Value {
        self.server.call(op, body).await.ok()
    }

    /// Comments as the admin, and returns the entry.
    pub(super) async fn comment(&self, object: &str, members: Value) -> Value {
        self.comment_as(ADMIN, object, members).await
    }

    pub(super) async fn comment_as(&self, token: &str, object: &str, members: Value) -> Value {
        let answer = self.server.call_as(token, "timeline-entries.create", on(object, members));
        let answer = answer.await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.ok()["timeline_entry"].clone()
    }

    pub(super) async fn get(&self, id: &Value) -> Value {
        let got = self.call("timeline-entries.get", json!({"id": id})).await;
        got["timeline_entry"].clone()
    }

    /// The entries of a list as the admin.
    pub(super) async fn list(&self, object: &Value, members: Value) -> Vec<Value> {
        let mut request = members;
        request["object"] = object.clone();
        let listed = self.call("timeline-entries.list", request).await;
        listed["timeline_entries"].as_array().expect("entries").clone()
    }

    /// A dev user of the org with a token: the display id, and the token.
    pub(super) async fn member(&self, name: &str) -> (String, String) {
        let request = json!({"email": format!("{name}@example.org"), "state": "shadow"});
        let made = self.call("dev-users.create", request).await;
        let id = made["dev_user"]["display_id"].as_str().expect("an id").to_owned();
        self.call("dev-users.activate", json!({"id": id})).await;
        let request = json!({
            "act_as": id, "requested_token_type": "urn:devrev:params:oauth:token-type:pat:act-as",
        });
        let token = self.call("auth-tokens.create", request).await;
        (id, token["access_token"].as_str().expect("a token").to_owned())
    }

    /// A contact in a workspace of Acme: the display id, and the token of a session.
    pub(super) async fn customer(&self, name: &str, workspace: &str) -> (String, String) {
        let token = self.server.session(name, workspace).await;
        let info = self.server.call_as(&token, "auth-tokens.info", json!({})).await.ok();
        let user = self.call("rev-users.get", json!({"id": info["user"]["id"]})).await;
        (user["rev_user"]["display_id"].as_str().expect("an id").to_owned(), token)
    }

    /// A ticket that a customer made.
    pub(super) async fn ticket_of(&self, token: &str) -> String {
        let ticket = json!({"type": "ticket", "title": "Help", "applies_to_part": "PROD-1"});
        let made = self.server.call_as(token, "works.create", ticket).await.ok();
        made["work"]["display_id"].as_str().expect("an id").to_owned()
    }
}

/// The request that comments on an object.
pub(super) fn on(object: &str, members: Value) -> Value {
    let mut request = json!({"type": "timeline_comment", "object": object});
    let members = members.as_object().expect("members").clone();
    request.as_object_mut().expect("a request").extend(members);
    request
}

/// The bodies of entries.
pub(super) fn bodies(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["body"].as_str().unwrap_or("-")).collect()
}
