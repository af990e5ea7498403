//! Members of the org.

use serde_json::{Value, json};
use worksmith_tests::Server;

async fn shadow(server: &Server, name: &str) -> Value {
    let request = json!({"email": format!("{name}@example.org"), "state": "shadow"});
    server.call("dev-users.create", request).await.ok()["dev_user"].clone()
}

/// Activates a shadow user and gives them a token.
async fn active(server: &Server, name: &str) -> (String, String) {
    let id = shadow(server, name).await["display_id"].as_str().expect("an id").to_owned();
    server.call("dev-users.activate", json!({"id": id})).await.ok();
    let request = json!({"act_as": id,
        "requested_token_type": "urn:devrev:params:oauth:token-type:pat:act-as"});
    let token = server.call("auth-tokens.create", request).await.ok();
    (id, token["access_token"].as_str().expect("a token").to_owned())
}

async fn user(server: &Server, id: &str) -> Value {
    server.call("dev-users.get", json!({"id": id})).await.ok()["dev_user"].clone()
}

#[tokio::test]
async fn a_dev_user_begins_as_a_shadow() {
    let server = Server::start().await;
    let request = json!({"email": "Bob@example.org", "state": "shadow", "full_name": "Bob Bo",
        "reports_to": "DEVU-1"});
    let made = server.call("dev-users.create", request.clone()).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("dev-users.get", "id=DEVU-2").await.ok(), made);
    server.call("dev-users.create", request).await.error(409, "conflict");

    let missing = server.call("dev-users.create", json!({"state": "shadow"})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "email");
    let active = json!({"email": "eve@example.org", "state": "active"});
    server.call("dev-users.create", active).await.error(400, "invalid_enum_value");
    let no_address = json!({"email": "nobody", "state": "shadow"});
    server.call("dev-users.create", no_address).await.error(400, "value_not_permitted");
    let nobody = json!({"email": "x@y.z", "state": "shadow", "reports_to": "DEVU-9"});
    server.call("dev-users.create", nobody).await.error(400, "invalid_id");
    server.call("dev-users.get", json!({"id": "DEVU-9"})).await.error(404, "not_found");
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let server = Server::start().await;
    shadow(&server, "bob").await;
    shadow(&server, "eve").await;
    let changed = server
        .call(
            "dev-users.update",
            json!({
                "id": "DEVU-2", "display_name": "Bob", "full_name": "Bob Bo",
                "experience_start_date": "2015-06-01T00:00:00Z", "job_title": "developer",
                "job_history": [{"title": "Engineer", "is_current": true, "employment_status": 2}],
                "reports_to": "DEVU-3", "timezone": "Europe/Lisbon",
                "skills": [{"name": "Rust"}], "phone_numbers": ["+351210000000"],
            }),
        )
        .await
        .ok();
    insta::assert_json_snapshot!(changed);
    let again = json!({"id": "DEVU-2", "full_name": "Bob B."});
    let again = server.call("dev-users.update", again).await.ok();
    assert_eq!(again["dev_user"]["display_name"], "Bob");
    assert_eq!(again["dev_user"]["job_history"], changed["dev_user"]["job_history"]);

    for (wrong, kind) in [
        (json!({"id": "DEVU-2", "full_name": "x", "reports_to": "DEVU-2"}), "value_not_permitted"),
        (json!({"id": "DEVU-3", "reports_to": "DEVU-2"}), "value_not_permitted"),
        (json!({"id": "DEVU-2", "full_name": "x", "reports_to": "DEVU-9"}), "invalid_id"),
        (json!({"id": "DEVU-2", "full_name": "x", "job_title": "king"}), "invalid_enum_value"),
        (json!({"id": "DEVU-2", "full_name": "x", "timezone": "a b"}), "value_not_permitted"),
        (json!({"id": "DEVU-2", "full_name": null}), "unexpected_json_type"),
        (json!({"id": "DEVU-2", "email": "x@y.z"}), "invalid_field"),
    ] {
        server.call("dev-users.update", wrong).await.error(400, kind);
    }
    assert_eq!(user(&server, "DEVU-2").await, again["dev_user"]);
}

#[tokio::test]
async fn dev_users_change_themselves_and_admins_everybody() {
    let server = Server::start().await;
    let (bob, token) = active(&server, "bob").await;
    let myself = server.call_as(&token, "dev-users.self", json!({})).await.ok();
    assert_eq!(myself["dev_user"]["display_id"], *bob);
    let request = json!({"display_name": "Bobby"});
    let changed = server.call_as(&token, "dev-users.self.update", request).await.ok();
    assert_eq!(changed["dev_user"]["display_name"], "Bobby");
    let other = json!({"id": "DEVU-1", "display_name": "x"});
    server.call_as(&token, "dev-users.update", other).await.error(403, "forbidden");
    let identity = json!({"dev_user": "DEVU-1", "id": "x", "issuer": "y"});
    server.call_as(&token, "dev-users.identities.link", identity).await.error(403, "forbidden");
    let merge = json!({"primary_user": bob, "secondary_user": "DEVU-1"});
    for (op, body) in [
        ("dev-users.activate", json!({"id": "DEVU-1"})),
        ("dev-users.deactivate", json!({"id": "DEVU-1"})),
        ("dev-users.merge", merge),
    ] {
        server.call_as(&token, op, body).await.error(403, "forbidden");
    }
    assert_eq!(user(&server, "DEVU-1").await["display_name"], "Ada");
}

#[tokio::test]
async fn an_activation_lets_in_and_puts_into_groups() {
    let server = Server::start().await;
    server.call("groups.create", json!({"name": "team"})).await.ok();
    shadow(&server, "bob").await;
    let absent = json!({"id": "DEVU-2", "groups": ["GROUP-9"]});
    server.call("dev-users.activate", absent).await.error(400, "invalid_id");
    assert_eq!(user(&server, "DEVU-2").await["state"], "shadow");
    let request = json!({"id": "DEVU-2", "groups": ["GROUP-1"]});
    let answer = server.call("dev-users.activate", request).await.ok();
    let now = user(&server, "DEVU-2").await;
    assert_eq!(now["state"], "active");
    assert_eq!(answer, json!({"invite_sent": false, "dev_user": now}));
    let members = server.call("groups.members.list", json!({"group": "GROUP-1"})).await.ok();
    assert_eq!(members["members"][0]["member"]["display_id"], "DEVU-2");
}

#[tokio::test]
async fn a_deactivated_user_can_do_nothing_until_activated_again() {
    let server = Server::start().await;
    let (bob, token) = active(&server, "bob").await;
    server.call_as(&token, "ping", json!({})).await.ok();
    assert_eq!(server.call("dev-users.deactivate", json!({"id": bob})).await.ok(), json!({}));
    assert_eq!(user(&server, &bob).await["state"], "deactivated");
    server.call_as(&token, "ping", json!({})).await.error(401, "unauthenticated");
    server.call("dev-users.activate", json!({"id": bob})).await.ok();
    server.call_as(&token, "ping", json!({})).await.ok();
}

#[tokio::test]
async fn a_deactivated_user_gets_nothing_new_and_keeps_what_there_is() {
    let server = Server::start().await;
    let (bob, _) = active(&server, "bob").await;
    let part = json!({"type": "product", "name": "Anvils", "owned_by": [bob]});
    server.call("parts.create", part).await.ok();
    let issue = json!({
        "type": "issue", "title": "Old", "applies_to_part": "PROD-1", "owned_by": [bob],
    });
    let made = server.call("works.create", issue.clone()).await.ok()["work"].clone();
    server.call("dev-users.deactivate", json!({"id": bob})).await.ok();

    let refused = server.call("works.create", issue).await.error(400, "value_not_permitted");
    assert_eq!(refused["field_name"], "owned_by");
    let message = "owned_by: DEVU-2 is deactivated; name somebody else";
    assert_eq!(refused["message"], message);
    let part = json!({"type": "product", "name": "Hammers", "owned_by": [bob]});
    let refused = server.call("parts.create", part).await.error(400, "value_not_permitted");
    assert_eq!(refused["field_name"], "owned_by");
    let group = json!({"name": "Smiths", "owner": bob});
    let refused = server.call("groups.create", group).await.error(400, "value_not_permitted");
    assert_eq!(refused["field_name"], "owner");

    // An object that has the owner keeps it, even if the owner is set again.
    let same = json!({"id": "ISS-1", "title": "New", "owned_by": {"set": [bob, "DEVU-1"]}});
    let kept = server.call("works.update", same).await.ok()["work"].clone();
    assert_eq!(kept["owned_by"][0], {
        let mut owner = made["owned_by"][0].clone();
        owner["state"] = json!("deactivated");
        owner
    });
    let reporter = json!({"id": "ISS-1", "reported_by": {"set": [bob]}});
    server.call("works.update", reporter).await.ok();
    server.call("dev-users.activate", json!({"id": bob})).await.ok();
    let part = json!({"type": "product", "name": "Hammers", "owned_by": [bob]});
    server.call("parts.create", part).await.ok();
}

#[tokio::test]
async fn whoever_names_a_merged_user_means_the_primary() {
    let server = Server::start().await;
    let (primary, _) = active(&server, "bob").await;
    let (secondary, _) = active(&server, "eve").await;
    let part = json!({"type": "product", "name": "Anvils", "owned_by": [secondary]});
    server.call("parts.create", part).await.ok();
    let mail = user(&server, &secondary).await["email"].clone();
    let merge = json!({"primary_user": primary, "secondary_user": secondary});
    server.call("dev-users.merge", merge).await.ok();
    for worked_off in [false, true] {
        if worked_off {
            server.work().await;
        }
        let part = server.call("parts.get", json!({"id": "PROD-1"})).await.ok();
        assert_eq!(part["part"]["owned_by"][0]["display_id"], *primary, "{worked_off}");
        let issue = json!({
            "type": "issue", "title": "New", "applies_to_part": "PROD-1", "owned_by": [secondary],
        });
        let made = server.call("works.create", issue).await.ok()["work"].clone();
        assert_eq!(made["owned_by"][0]["display_id"], *primary);
        for owner in [&primary, &secondary] {
            let found = server.call("works.count", json!({"owned_by": [owner]})).await.ok();
            assert_eq!(found["count"], 1 + i64::from(worked_off), "{owner}");
        }
        let found = server.call("dev-users.list", json!({"email": [mail]})).await.ok();
        assert_eq!(found["dev_users"].as_array().map(Vec::len), Some(1));
        assert_eq!(found["dev_users"][0]["display_id"], *primary);
    }
}

#[tokio::test]
async fn the_admin_shuts_nobody_out_for_good() {
    let server = Server::start().await;
    let own = json!({"id": "DEVU-1"});
    server.call("dev-users.deactivate", own).await.error(400, "bad_request");
    shadow(&server, "bob").await;
    let merge = json!({"primary_user": "DEVU-2", "secondary_user": "DEVU-1"});
    server.call("dev-users.merge", merge).await.error(400, "bad_request");
    assert_eq!(user(&server, "DEVU-1").await["state"], "active");
}

#[tokio::test]
async fn identities_are_linked_one_for_each_issuer_and_found() {
    let server = Server::start().await;
    shadow(&server, "bob").await;
    shadow(&server, "eve").await;
    let link = |user: &str, id: &str| {
        json!({
            "dev_user": user, "id": id, "issuer": "https://login", "display_name": "B",
        })
    };
    server.call("dev-users.identities.link", link("DEVU-2", "old")).await.ok();
    let linked = server.call("dev-users.identities.link", link("DEVU-2", "b")).await.ok();
    let shown = json!([
        {"id": "b", "issuer": "https://login", "display_name": "B", "is_verified": false}
    ]);
    assert_eq!(linked["dev_user"]["external_identities"], shown);
    let taken = server.call("dev-users.identities.link", link("DEVU-3", "b")).await;
    taken.error(409, "conflict");

    let found = json!({"dev_users": [linked["dev_user"]]});
    let none = json!({"dev_users": []});
    for (filter, expected) in [
        (json!([{"id": "b", "issuer": "https://login"}]), &found),
        (json!([{"id": "b"}, {"id": "c"}]), &found),
        (json!([{"issuer": "https://login"}]), &found),
        (json!([{"id": "old", "issuer": "https://login"}]), &none),
        (json!([{"id": "b", "issuer": "https://other"}]), &none),
    ] {
        let query = json!({"external_identity": filter});
        assert_eq!(server.call("dev-users.list", query).await.ok(), *expected);
    }
    let query = "external_identity.id=b&external_identity.issuer=%22https://login%22";
    assert_eq!(server.get("dev-users.list", query).await.ok(), found);

    // The Python SDK sends the id too.
    let unlink = json!({"dev_user": "DEVU-2", "issuer": "https://login", "id": "b"});
    let unlinked = server.call("dev-users.identities.unlink", unlink).await.ok();
    assert!(unlinked["dev_user"].get("external_identities").is_none());
    server.call("dev-users.identities.link", link("DEVU-3", "b")).await.ok();
}

#[tokio::test]
async fn dev_users_are_found_by_every_filter() {
    let server = Server::start().await;
    shadow(&server, "bob").await;
    server.clock.advance_ms(3 * 24 * 60 * 60 * 1000);
    shadow(&server, "eve").await;
    let request = json!({"id": "DEVU-3", "timezone": "UTC", "phone_numbers": ["+1", "+2"]});
    server.call("dev-users.update", request).await.ok();
    let before = json!({"type": "range", "before": "2026-01-02T00:00:00Z"});
    let last_day = json!({"type": "preset", "preset_type": "last_n_days", "days": 1});
    for (query, ids) in [
        (json!({}), vec!["DEVU-3", "DEVU-2", "DEVU-1"]),
        (json!({"sort_by": ["email:desc"]}), vec!["DEVU-3", "DEVU-2", "DEVU-1"]),
        (json!({"sort_by": ["display_name:asc"]}), vec!["DEVU-1", "DEVU-2", "DEVU-3"]),
        (json!({"email": ["BOB@example.org", "no@example.org"]}), vec!["DEVU-2"]),
        (json!({"state": ["shadow"]}), vec!["DEVU-3", "DEVU-2"]),
        (json!({"state": ["locked"]}), vec![]),
        (json!({"timezone": ["UTC"]}), vec!["DEVU-3"]),
        (json!({"phone_numbers": ["+2"]}), vec!["DEVU-3"]),
        (json!({"phone_numbers": ["+3"]}), vec![]),
        (json!({"created_date": before}), vec!["DEVU-2", "DEVU-1"]),
        (json!({"created_date": last_day}), vec!["DEVU-3"]),
        (json!({"modified_date": last_day}), vec!["DEVU-3"]),
    ] {
        let found = server.call("dev-users.list", query.clone()).await.ok();
        let users = found["dev_users"].as_array().expect("users").iter();
        let found: Vec<_> = users.map(|user| user["display_id"].as_str().expect("id")).collect();
        assert_eq!(found, ids, "{query}");
    }
    let tagged = json!({"email": " Kim+work@example.org ", "state": "shadow"});
    let made = server.call("dev-users.create", tagged).await.ok();
    assert_eq!(made["dev_user"]["email"], "Kim+work@example.org");
    for (query, id) in [
        ("email=kim+work@example.org", "DEVU-4"),
        ("email=%20kim%2Bwork@example.org%20", "DEVU-4"),
        ("phone_numbers=+2", "DEVU-3"),
        ("phone_numbers=%2B2", "DEVU-3"),
    ] {
        let found = server.get("dev-users.list", query).await.ok();
        let found: Vec<_> = found["dev_users"].as_array().expect("users").iter().collect();
        assert_eq!(found.len(), 1, "{query}");
        assert_eq!(found[0]["display_id"], id, "{query}");
    }
    let padded = json!({"email": ["  kim+work@example.org"]});
    let found = server.call("dev-users.list", padded).await.ok();
    assert_eq!(found["dev_users"][0]["display_id"], "DEVU-4");
}

#[tokio::test]
async fn a_merge_gives_everything_of_the_secondary_to_the_primary() {
    let server = Server::start().await;
    let (primary, _) = active(&server, "bob").await;
    let (secondary, token) = active(&server, "eve").await;
    for name in ["both", "one"] {
        server.call("groups.create", json!({"name": name, "owner": secondary})).await.ok();
    }
    for (group, member) in [("GROUP-1", &primary), ("GROUP-1", &secondary), ("GROUP-2", &secondary)]
    {
        let request = json!({"group": group, "member": member});
        server.call("groups.members.add", request).await.ok();
    }
    let identity = json!({"dev_user": secondary, "id": "e", "issuer": "i"});
    server.call("dev-users.identities.link", identity).await.ok();
    let superior = json!({"id": primary, "reports_to": secondary});
    server.call("dev-users.update", superior).await.ok();
    // A text that happens to spell the id as documents do is not a reference.
    let text = json!({"id": "GROUP-1", "description": "dev_user/3"});
    server.call("groups.update", text).await.ok();

    let merge = json!({"primary_user": primary, "secondary_user": secondary});
    assert_eq!(server.call("dev-users.merge", merge.clone()).await.ok(), json!({}));
    let gone = user(&server, &secondary).await;
    assert_eq!(gone["primary_identity"]["display_id"], *primary);
    assert_eq!(gone["state"], "deleted");
    let left = user(&server, &primary).await;
    assert_eq!(left["external_identities"][0]["id"], "e");
    assert!(left.get("reports_to").is_none());
    for group in ["GROUP-1", "GROUP-2"] {
        let shown = server.call("groups.get", json!({"id": group})).await.ok();
        assert_eq!(shown["group"]["owner"]["display_id"], *primary);
        let members = server.call("groups.members.list", json!({"group": group})).await.ok();
        assert_eq!(members["members"].as_array().map(Vec::len), Some(1));
        assert_eq!(members["members"][0]["member"]["display_id"], *primary);
    }
    let described = server.call("groups.get", json!({"id": "GROUP-1"})).await.ok();
    assert_eq!(described["group"]["description"], "dev_user/3");
    server.call_as(&token, "ping", json!({})).await.error(401, "token_revoked");

    server.call("dev-users.merge", merge).await.ok();
    let back = json!({"primary_user": secondary, "secondary_user": primary});
    server.call("dev-users.merge", back).await.error(400, "bad_request");
    let alive = json!({"id": secondary});
    server.call("dev-users.activate", alive).await.error(400, "bad_request");
    let same = json!({"primary_user": primary, "secondary_user": primary});
    server.call("dev-users.merge", same).await.error(400, "bad_request");
}
