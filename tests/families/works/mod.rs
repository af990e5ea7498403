//! Works.

mod change;
mod custom;
mod custom_fields;
mod customers;
mod echoed;
mod found;
mod groups;
mod kept;
mod lists;
mod make;
mod overrides;
mod times;
mod two_at_once;

use serde_json::{Value, json};
use worksmith_tests::Server;

/// A server with a product, which most works need.
pub(super) struct World {
    pub(super) server: Server,
}

impl World {
    pub(super) async fn new() -> Self {
        let server = Server::start().await;
        let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        server.call("parts.create", product).await.ok();
        Self { server }
    }

    pub(super) async fn call(&self, op: &str, body: Value) -> Value {
        self.server.call(op, body).await.ok()
    }

    pub(super) async fn refused(&self, op: &str, body: Value, status: u16, kind: &str) -> Value {
        self.server.call(op, body).await.error(status, kind)
    }

    /// Creates a work with the required members, and `members`.
    pub(super) async fn work(&self, kind: &str, members: Value) -> Value {
        let body = with(
            json!({
                "type": kind, "title": format!("A {kind}"), "applies_to_part": "PROD-1",
                "owned_by": ["DEVU-1"],
            }),
            members,
        );
        self.call("works.create", body).await["work"].clone()
    }

    pub(super) async fn update(&self, id: &str, members: Value) -> Value {
        let body = with(json!({"id": id}), members);
        self.call("works.update", body).await["work"].clone()
    }

    pub(super) async fn get(&self, id: &str) -> Value {
        self.call("works.get", json!({"id": id})).await["work"].clone()
    }

    /// A shadow dev user: the display id.
    pub(super) async fn user(&self, name: &str) -> String {
        let body = json!({
            "email": format!("{name}@example.org"), "state": "shadow", "full_name": name,
        });
        id(&self.call("dev-users.create", body).await["dev_user"])
    }

    /// An account with its workspace: both display ids.
    pub(super) async fn customer(&self, name: &str) -> (String, String) {
        let made = self.call("accounts.create", json!({"display_name": name})).await;
        (id(&made["account"]), id(&made["default_rev_org"]))
    }

    /// A sprint on a board of its own.
    pub(super) async fn sprint(&self, name: &str, state: &str) -> Value {
        let board = json!({
            "type": "grouped", "filter_type": "works", "flavor": "sprint_board", "name": name,
        });
        let board = self.call("vistas.create", board).await["vista"].clone();
        let sprint = json!({
            "parent_id": board["id"], "name": name, "state": state,
            "start_date": "2026-01-05T00:00:00Z", "end_date": "2026-01-16T00:00:00Z",
        });
        self.call("vistas.groups.create", sprint).await["vista_group"].clone()
    }

    pub(super) async fn tag(&self, name: &str, values: &[&str]) -> String {
        let body = json!({"name": name, "allowed_values": values});
        id(&self.call("tags.create", body).await["tag"])
    }

    pub(super) async fn artifact(&self) -> String {
        let body = json!({"file_name": "trace.log", "file_type": "text/plain"});
        let prepared = self.call("artifacts.prepare", body).await;
        let got = self.call("artifacts.get", json!({"id": prepared["id"]})).await;
        id(&got["artifact"])
    }
}

/// The display id of an object.
pub(super) fn id(object: &Value) -> String {
    object["display_id"].as_str().expect("a display id").to_owned()
}

/// An object with its members overridden by those of another.
pub(super) fn with(mut object: Value, members: Value) -> Value {
    let (Some(own), Value::Object(members)) = (object.as_object_mut(), members) else {
        panic!("two objects")
    };
    own.extend(members);
    object
}

/// The member `display_id` of each object of a list.
pub(super) fn ids(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(id).collect()
}
