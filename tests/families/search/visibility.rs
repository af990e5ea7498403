//! Nobody finds what they may not see, whether by its words or by its id.

use serde_json::{Value, json};
use worksmith_tests::{ADMIN, Server};

use super::{comment, found_as, results_as, started, work};

/// A token of a further dev user.
async fn member(server: &Server, name: &str) -> String {
    let user = json!({"email": format!("{name}@example.org"), "state": "shadow"});
    let user = server.call("dev-users.create", user).await.ok()["dev_user"]["id"].clone();
    server.call("dev-users.activate", json!({"id": user})).await.ok();
    let kind = "urn:devrev:params:oauth:token-type:pat:act-as";
    let request = json!({"requested_token_type": kind, "act_as": user});
    let token = server.call("auth-tokens.create", request).await.ok();
    token["access_token"].as_str().expect("a token").to_owned()
}

/// A token of the admin with scopes.
async fn scoped(server: &Server, scope: &str) -> String {
    let request = json!({"scope": scope});
    let token = server.call("auth-tokens.create", request).await.ok();
    token["access_token"].as_str().expect("a token").to_owned()
}

/// The snippets of the comments that somebody finds.
async fn comments_as(server: &Server, token: &str, query: &str) -> Vec<Value> {
    let results = results_as(server, token, query).await;
    let comments = results.iter().filter_map(|result| result["comments"].as_array()).flatten();
    comments.map(|comment| comment["snippet"].clone()).collect()
}

#[tokio::test]
async fn customers_find_what_they_reported_and_the_external_tickets_of_their_workspace() {
    let server = started().await;
    let anna = server.session("anna", "north").await;
    let bert = server.session("bert", "north").await;
    let carl = server.session("carl", "south").await;
    let user = server.call_as(&anna, "rev-users.self", json!({})).await;
    // Whoever made the session is the contact that the admin sees.
    drop(user);
    let users = server.call("rev-users.list", json!({})).await.ok();
    let of = |email: &str| -> (Value, Value) {
        let all = users["rev_users"].as_array().unwrap();
        let user = all.iter().find(|user| user["email"] == email).unwrap();
        (user["id"].clone(), user["rev_org"]["id"].clone())
    };
    let (anna_id, north) = of("anna@acme.example");
    let ticket = |title: &str, members: Value| {
        let mut all = json!({"title": title});
        all.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        all
    };
    work(&server, "ticket", ticket("Walrus of all", json!({"rev_org": north}))).await;
    let own = json!({"rev_org": north, "visibility": 1, "reported_by": [anna_id]});
    work(&server, "ticket", ticket("Walrus inside", own)).await;
    let private = json!({"rev_org": north, "visibility": 3, "reported_by": [anna_id]});
    work(&server, "ticket", ticket("Walrus of Anna", private)).await;
    work(&server, "issue", json!({"title": "Walrus issue"})).await;
    server.call("tags.create", json!({"name": "walrus"})).await.ok();
    assert_eq!(found_as(&server, ADMIN, "walrus").await.len(), 5);
    assert_eq!(found_as(&server, &anna, "walrus").await, ["TKT-3", "TKT-1"]);
    assert_eq!(found_as(&server, &bert, "walrus").await, ["TKT-1"]);
    assert!(found_as(&server, &carl, "walrus").await.is_empty());
    for id in ["TKT-2", "ISS-1", "TAG-1"] {
        assert!(found_as(&server, &anna, id).await.is_empty(), "{id}");
    }
    assert_eq!(found_as(&server, &anna, "TKT-3").await, ["TKT-3"]);
    assert!(found_as(&server, &bert, "TKT-3").await.is_empty());
    // What one may not see has no name, either.
    assert!(found_as(&server, &anna, "tag:walrus").await.is_empty());
}

#[tokio::test]
async fn comments_are_found_by_those_who_see_them() {
    let server = started().await;
    let anna = server.session("anna", "north").await;
    let ben = member(&server, "ben").await;
    let users = server.call("rev-users.list", json!({})).await.ok();
    let north = users["rev_users"][0]["rev_org"]["id"].clone();
    work(&server, "ticket", json!({"title": "Ours", "rev_org": north})).await;
    work(&server, "issue", json!({"title": "Inner"})).await;
    comment(&server, "TKT-1", "A walrus for all").await;
    comment(&server, "ISS-1", "A walrus inside").await;
    let entry = |body: &str, more: Value| {
        let mut entry = json!({"type": "timeline_comment", "object": "TKT-1", "body": body});
        entry.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        entry
    };
    let internal = entry("An internal walrus", json!({"visibility": "internal"}));
    server.call("timeline-entries.create", internal).await.ok();
    let private =
        entry("A private walrus", json!({"visibility": "private", "private_to": ["DEVU-1"]}));
    server.call("timeline-entries.create", private).await.ok();
    let mut all = comments_as(&server, ADMIN, "walrus").await;
    all.sort_by_key(Value::to_string);
    assert_eq!(
        all,
        [
            "A **walrus** for all",
            "A **walrus** inside",
            "A private **walrus**",
            "An internal **walrus**",
        ]
    );
    let mut bens = comments_as(&server, &ben, "walrus").await;
    bens.sort_by_key(Value::to_string);
    assert_eq!(bens, ["A **walrus** for all", "A **walrus** inside", "An internal **walrus**"]);
    assert_eq!(comments_as(&server, &anna, "walrus").await, ["A **walrus** for all"]);
    assert_eq!(found_as(&server, &anna, "walrus").await, ["TKT-1"]);
    // That the words are in a comment that one does not see must not show.
    assert!(found_as(&server, &anna, "internal walrus").await.is_empty());
    assert!(found_as(&server, &ben, "private walrus").await.is_empty());
}

#[tokio::test]
async fn a_token_finds_what_its_scopes_allow_to_read() {
    let server = started().await;
    work(&server, "issue", json!({"title": "Walrus"})).await;
    comment(&server, "ISS-1", "A seal").await;
    server.call("tags.create", json!({"name": "walrus"})).await.ok();
    let tags = scoped(&server, "search:read tag:read").await;
    assert_eq!(found_as(&server, &tags, "walrus").await, ["TAG-1"]);
    let works = scoped(&server, "search:read work:read").await;
    assert_eq!(found_as(&server, &works, "walrus").await, ["ISS-1"]);
    assert!(found_as(&server, &works, "seal").await.is_empty());
    let both = scoped(&server, "search:read work:read timeline_entry:read").await;
    assert_eq!(found_as(&server, &both, "seal").await, ["ISS-1"]);
    let none = scoped(&server, "tag:read").await;
    server.call_as(&none, "search.core", json!({"query": "x"})).await.error(403, "forbidden");
}
