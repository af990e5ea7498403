//! Contacts.

use serde_json::{Value, json};
use worksmith_kernel::Actor;
use worksmith_org::tokens::Token;
use worksmith_tests::Server;
use worksmith_wire::{Id, Kind};

async fn account(server: &Server, name: &str) -> (Value, Value) {
    let made = server.call("accounts.create", json!({"display_name": name})).await.ok();
    (made["account"].clone(), made["default_rev_org"].clone())
}

async fn contact(server: &Server, request: Value) -> Value {
    server.call("rev-users.create", request).await.ok()["rev_user"].clone()
}

fn display_ids(page: &Value) -> Vec<&str> {
    let users = page["rev_users"].as_array().expect("a list");
    users.iter().map(|user| user["display_id"].as_str().expect("an id")).collect()
}

#[tokio::test]
async fn a_contact_is_made_with_every_field() {
    let server = Server::start().await;
    let (_, home) = account(&server, "Acme").await;
    server.call("tags.create", json!({"name": "key"})).await.ok();
    let request = json!({
        "display_name": "Ana", "email": "Ana@example.org", "description": "Decides",
        "external_ref": "u-1", "external_refs": ["u-1", "u-2"],
        "phone_numbers": ["+49 30 123-456", "+15550100"], "rev_org": home["display_id"],
        "tags": [{"id": "TAG-1"}],
    });
    let made = server.call("rev-users.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    let read = server.get("rev-users.get", "id=revu-1").await.ok();
    assert_eq!(read, made);
}

#[tokio::test]
async fn a_contact_without_anything_gets_a_name_and_a_reference() {
    let server = Server::start().await;
    let made = contact(&server, json!({})).await;
    let name = made["display_name"].as_str().expect("a name");
    assert!(name.starts_with("Unknown ") && name.len() > 12, "{name}");
    assert_eq!(made["external_ref"], "REVU-1");
    assert_eq!(made["is_verified"], true);
    assert_eq!(made["state"], "active");
    for absent in ["email", "rev_org", "phone_numbers", "tags", "display_picture"] {
        assert!(made.get(absent).is_none(), "{absent}");
    }
    // A contact whose reference is the next display id does not block that.
    contact(&server, json!({"external_ref": "REVU-3"})).await;
    let third = contact(&server, json!({})).await;
    assert_eq!(third["display_id"], "REVU-3");
    assert_ne!(third["external_ref"], "REVU-3");
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    let server = Server::start().await;
    let made = contact(&server, json!({"description": "kept", "email": "a@example.org"})).await;
    let patch = json!({
        "id": "REVU-1", "display_name": "Ana", "email": "b@example.org", "external_ref": "new",
        "phone_numbers": ["+15550100"], "display_picture": null,
    });
    let changed = server.call("rev-users.update", patch).await.ok()["rev_user"].clone();
    assert_eq!(changed["description"], "kept");
    assert_eq!(changed["email"], "b@example.org");
    assert_eq!(changed["external_refs"], json!(["new"]));
    assert_eq!(changed["created_date"], made["created_date"]);
    let refs = json!({"id": "REVU-1", "external_refs": ["x", "new"]});
    let changed = server.call("rev-users.update", refs).await.ok();
    assert_eq!(changed["rev_user"]["external_ref"], "new");
    assert_eq!(changed["rev_user"]["external_refs"], json!(["new", "x"]));
    let refs = json!({"id": "REVU-1", "external_refs": ["y"]});
    let changed = server.call("rev-users.update", refs).await.ok();
    assert_eq!(changed["rev_user"]["external_ref"], "y");
    assert_eq!(changed["rev_user"]["external_refs"], json!(["y"]));
}

#[tokio::test]
async fn refusals_name_the_field_and_change_nothing() {
    let server = Server::start().await;
    let (acme, home) = account(&server, "Acme").await;
    let (other, _) = account(&server, "Other").await;
    let taken = json!({"email": "ana@example.org", "external_refs": ["u-1", "u-2"]});
    contact(&server, taken).await;
    let free = contact(&server, json!({})).await;
    for claim in [
        json!({"email": "ANA@example.org"}),
        json!({"external_ref": "u-1"}),
        json!({"external_refs": ["u-3", "u-2"]}),
    ] {
        server.call("rev-users.create", claim.clone()).await.error(409, "conflict");
        let mut update = claim.clone();
        update["id"] = free["id"].clone();
        server.call("rev-users.update", update).await.error(409, "conflict");
    }
    let astray = json!({"rev_org": home["id"], "account": other["id"]});
    for (request, kind, field) in [
        (json!({"rev_org": "REV-nobody"}), "invalid_id", "rev_org"),
        (json!({"account": "ACC-nobody"}), "invalid_id", "account"),
        (json!({"rev_org": acme["id"]}), "unexpected_id_type", "rev_org"),
        (astray, "value_not_permitted", "account"),
        (json!({"phone_numbers": ["030 123"]}), "value_not_permitted", "phone_numbers"),
        (json!({"email": 7}), "unexpected_json_type", "email"),
        (json!({"nick": "A"}), "invalid_field", "nick"),
    ] {
        let refused = server.call("rev-users.create", request).await.error(400, kind);
        assert_eq!(refused["field_name"], field);
    }
    let all = server.call("rev-users.list", json!({})).await.ok();
    assert_eq!(display_ids(&all), ["REVU-2", "REVU-1"]);
}

#[tokio::test]
async fn every_filter_of_list_and_scan_is_honoured() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "key"})).await.ok();
    let (acme, home) = account(&server, "Acme").await;
    let (other, _) = account(&server, "Other").await;
    let east = json!({"account": acme["id"], "display_name": "East"});
    let east = server.call("rev-orgs.create", east).await.ok()["rev_org"].clone();
    let first = json!({"rev_org": home["id"], "phone_numbers": ["+15550100"], "email": "A@x.org"});
    contact(&server, first).await;
    let second = json!({"rev_org": east["id"], "external_ref": "x", "email": "b@x.org"});
    let second = contact(&server, second).await;
    contact(&server, json!({"rev_org": east["id"], "tags": [{"id": "TAG-1"}]})).await;
    contact(&server, json!({"account": other["id"], "external_refs": ["p", "q"]})).await;
    let made = &second["created_date"];
    for (filter, found) in [
        (json!({}), vec!["REVU-4", "REVU-3", "REVU-2", "REVU-1"]),
        (json!({"associations": [acme["id"]]}), vec!["REVU-3", "REVU-2", "REVU-1"]),
        (json!({"associations": [east["id"], other["id"]]}), vec!["REVU-4", "REVU-3", "REVU-2"]),
        (json!({"rev_org": home["id"]}), vec!["REVU-1"]),
        (json!({"email": ["a@X.org", "b@x.org"]}), vec!["REVU-2", "REVU-1"]),
        (json!({"external_ref": ["x"]}), vec!["REVU-2"]),
        (json!({"external_refs": ["q", "x"]}), vec!["REVU-4", "REVU-2"]),
        (json!({"phone_numbers": ["+1 555 0100"]}), vec!["REVU-1"]),
        (json!({"phone_numbers": ["+1555010"]}), vec![]),
        (json!({"tags": ["TAG-1"]}), vec!["REVU-3"]),
        (json!({"is_verified": false}), vec![]),
        (json!({"created_by": ["DEVU-1"], "rev_org": east["id"]}), vec!["REVU-3", "REVU-2"]),
        (json!({"created_date": {"after": made, "before": made}}), vec!["REVU-2"]),
    ] {
        for op in ["rev-users.list", "rev-users.scan"] {
            let page = server.call(op, filter.clone()).await.ok();
            assert_eq!(display_ids(&page), found, "{op} {filter}");
        }
    }
    let sorted = json!({"sort_by": ["email:desc"]});
    let sorted = server.call("rev-users.list", sorted).await.ok();
    assert_eq!(display_ids(&sorted), ["REVU-2", "REVU-1", "REVU-4", "REVU-3"]);
    for number in ["+15550100", "%2B15550100", "+1+555-0100", "%2B1%20555%200100", "15550100"] {
        let page = server.get("rev-users.list", &format!("phone_numbers={number}")).await.ok();
        assert_eq!(display_ids(&page), ["REVU-1"], "{number}");
    }
    server.call("rev-users.scan", json!({"limit": 1})).await.error(400, "invalid_field");
}

#[tokio::test]
async fn spaces_around_an_address_are_none_of_it() {
    let server = Server::start().await;
    let made = contact(&server, json!({"email": " ana+test@example.org\n"})).await;
    assert_eq!(made["email"], "ana+test@example.org");
    for email in ["ana+test@example.org", "\tANA+test@example.org "] {
        server.call("rev-users.create", json!({"email": email})).await.error(409, "conflict");
        let found = server.call("rev-users.list", json!({"email": [email]})).await.ok();
        assert_eq!(display_ids(&found), ["REVU-1"], "{email:?}");
    }
    let update = json!({"id": "REVU-1", "email": "  +1555@sms.example.org "});
    let updated = server.call("rev-users.update", update).await.ok();
    assert_eq!(updated["rev_user"]["email"], "+1555@sms.example.org");
    for op in ["rev-users.create", "rev-users.update"] {
        let blank = json!({"id": "REVU-1", "email": "   "});
        let blank = if op.ends_with("create") { json!({"email": "   "}) } else { blank };
        let refused = server.call(op, blank).await.error(400, "value_not_permitted");
        assert_eq!(refused["field_name"], "email", "{op}");
    }
}

#[tokio::test]
async fn a_plus_in_the_address_of_a_query_is_a_plus() {
    let server = Server::start().await;
    for email in ["ana+test@example.org", "+1555@sms.example.org", "ana@example.org"] {
        contact(&server, json!({"email": email})).await;
    }
    for (query, ids) in [
        ("email=ana+test@example.org", vec!["REVU-1"]),
        ("email=ana%2Btest%40example.org", vec!["REVU-1"]),
        ("email=%20ana+test@example.org%20", vec!["REVU-1"]),
        ("email=+1555@sms.example.org", vec!["REVU-2"]),
        ("email=ana+test@example.org,%22ana@example.org%22", vec!["REVU-3", "REVU-1"]),
        ("email[]=ana+test@example.org&email[]=+1555@sms.example.org", vec!["REVU-2", "REVU-1"]),
        ("email=ana%20test@example.org", vec![]),
    ] {
        let got = server.get("rev-users.list", query).await.ok();
        assert_eq!(display_ids(&got), ids, "{query}");
    }
}

#[tokio::test]
async fn a_scan_walks_to_the_end() {
    let server = Server::start().await;
    for _ in 0..103 {
        contact(&server, json!({})).await;
    }
    let first = server.call("rev-users.scan", json!({})).await.ok();
    assert_eq!(display_ids(&first).len(), 100);
    let rest = json!({"cursor": first["next_cursor"]});
    let rest = server.call("rev-users.scan", rest).await.ok();
    assert_eq!(display_ids(&rest), ["REVU-3", "REVU-2", "REVU-1"]);
    assert_eq!(rest.as_object().expect("members").len(), 1);
}

#[tokio::test]
async fn a_merged_contact_stays_readable_and_names_the_other() {
    let server = Server::start().await;
    for _ in 0..3 {
        contact(&server, json!({})).await;
    }
    let merge = |primary: &str, secondary: &str| {
        server
            .call("rev-users.merge", json!({"primary_user": primary, "secondary_user": secondary}))
    };
    assert_eq!(merge("REVU-2", "REVU-3").await.ok(), json!({}));
    assert_eq!(merge("REVU-1", "REVU-2").await.ok(), json!({}));
    for secondary in ["REVU-2", "REVU-3"] {
        let left = server.call("rev-users.get", json!({"id": secondary})).await.ok();
        assert_eq!(left["rev_user"]["primary_identity"]["display_id"], "REVU-1");
    }
    merge("REVU-1", "REVU-2").await.error(400, "bad_request");
    merge("REVU-1", "REVU-1").await.error(400, "bad_request");
    merge("REVU-1", "REVU-9").await.error(404, "not_found");
}

#[tokio::test]
async fn a_merge_moves_works_and_memberships_to_the_primary_contact() {
    let server = Server::start().await;
    for name in ["primary", "secondary"] {
        contact(&server, json!({"external_ref": name})).await;
    }
    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    let work = |mut members: Value, reporters: Value| {
        members["applies_to_part"] = json!("PROD-1");
        members["owned_by"] = json!(["DEVU-1"]);
        members["reported_by"] = reporters;
        // A text that happens to spell the id as documents do is not a reference.
        members["title"] = json!("rev_user/2");
        server.call("works.create", members)
    };
    work(json!({"type": "ticket"}), json!(["REVU-2"])).await.ok();
    work(json!({"type": "issue"}), json!(["REVU-2", "REVU-1"])).await.ok();
    for group in ["both", "one"] {
        let group = json!({"name": group, "member_type": "rev_user"});
        server.call("groups.create", group).await.ok();
    }
    for (group, member) in [("GROUP-1", "REVU-1"), ("GROUP-1", "REVU-2"), ("GROUP-2", "REVU-2")] {
        let member = json!({"group": group, "member": member});
        server.call("groups.members.add", member).await.ok();
    }
    let merge = json!({"primary_user": "REVU-1", "secondary_user": "REVU-2"});
    server.call("rev-users.merge", merge).await.ok();

    for id in ["TKT-1", "ISS-1"] {
        let moved = server.call("works.get", json!({"id": id})).await.ok()["work"].clone();
        assert_eq!(moved["title"], "rev_user/2");
        let reporters = moved["reported_by"].as_array().expect("reporters");
        let reporters: Vec<_> = reporters.iter().map(|user| &user["display_id"]).collect();
        assert_eq!(reporters, ["REVU-1"], "{id}");
    }
    let found = server.call("works.list", json!({"reported_by": ["REVU-1"]})).await.ok();
    assert_eq!(found["works"].as_array().map(Vec::len), Some(2));
    let same = server.call("works.list", json!({"reported_by": ["REVU-2"]})).await.ok();
    assert_eq!(same, found, "who asks for the secondary asks for the primary");
    for group in ["GROUP-1", "GROUP-2"] {
        let members = server.call("groups.members.list", json!({"group": group})).await.ok();
        assert_eq!(members["members"].as_array().map(Vec::len), Some(1));
        assert_eq!(members["members"][0]["member"]["display_id"], "REVU-1");
    }
}

#[tokio::test]
async fn whoever_names_a_merged_contact_means_the_primary() {
    let server = Server::start().await;
    let (_, home) = account(&server, "Acme").await;
    contact(&server, json!({"email": "ana@example.org", "external_ref": "ana"})).await;
    let old = json!({
        "email": "Ana@old.example", "external_ref": "old", "external_refs": ["older"],
        "rev_org": home["id"],
    });
    contact(&server, old).await;
    let merge = json!({"primary_user": "REVU-1", "secondary_user": "REVU-2"});
    server.call("rev-users.merge", merge).await.ok();
    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    let group = json!({"name": "callers", "member_type": "rev_user"});
    server.call("groups.create", group).await.ok();
    server.call("groups.members.add", json!({"group": "GROUP-1", "member": "REVU-1"})).await.ok();

    for worked_off in [false, true] {
        if worked_off {
            server.work().await;
        }
        for filter in [
            json!({"email": ["ana@OLD.example"]}),
            json!({"external_ref": ["old"]}),
            json!({"external_refs": ["older"]}),
        ] {
            let found = server.call("rev-users.list", filter.clone()).await.ok();
            assert_eq!(display_ids(&found), ["REVU-1"], "{filter}");
        }
        let ticket = json!({
            "type": "ticket", "title": "New", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
            "reported_by": ["REVU-2"],
        });
        let made = server.call("works.create", ticket).await.ok()["work"].clone();
        assert_eq!(made["reported_by"][0]["display_id"], "REVU-1");
        let change = json!({"id": made["id"], "reported_by": {"set": ["REVU-2", "REVU-1"]}});
        let changed = server.call("works.update", change).await.ok()["work"].clone();
        assert_eq!(changed["reported_by"], made["reported_by"]);
        let member = json!({"group": "GROUP-1", "member": "REVU-2"});
        server.call("groups.members.add", member).await.ok();
        let members = server.call("groups.members.count", json!({"group": "GROUP-1"})).await.ok();
        assert_eq!(members["count"], 1);
        let token = json!({
            "grant_type": "urn:devrev:params:oauth:grant-type:token-issue",
            "requested_token_type": "urn:devrev:params:oauth:token-type:session:rev",
            "rev_info": {"user_ref": "old"},
        });
        let token = server.call("auth-tokens.create", token).await.ok()["access_token"].clone();
        let token = token.as_str().expect("a token");
        let made = json!({"type": "ticket", "title": "Mine", "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"]});
        let made = server.call_as(token, "works.create", made).await.ok();
        assert_eq!(made["work"]["created_by"]["display_id"], "REVU-1", "{worked_off}");
    }
    // Requests for the merged contact itself still return that one.
    let left = server.call("rev-users.get", json!({"id": "REVU-2"})).await.ok();
    assert_eq!(left["rev_user"]["email"], "Ana@old.example");
    let taken = json!({"email": "ana@old.example"});
    server.call("rev-users.create", taken).await.error(409, "conflict");
}

#[tokio::test]
async fn a_deleted_contact_is_gone_and_its_summary_says_so() {
    let server = Server::start().await;
    contact(&server, json!({"email": "ana@example.org"})).await;
    contact(&server, json!({})).await;
    let merge = json!({"primary_user": "REVU-1", "secondary_user": "REVU-2"});
    server.call("rev-users.merge", merge).await.ok();
    let id = json!({"id": "REVU-1"});
    assert_eq!(server.call("rev-users.delete", id.clone()).await.ok(), json!({}));
    server.call("rev-users.get", id.clone()).await.error(404, "not_found");
    server.call("rev-users.delete", id).await.error(404, "not_found");
    let left = server.call("rev-users.get", json!({"id": "REVU-2"})).await.ok();
    assert_eq!(left["rev_user"]["primary_identity"]["state"], "deleted");
    contact(&server, json!({"email": "ana@example.org"})).await;
}

#[tokio::test]
async fn a_contact_is_linked_and_associated() {
    let server = Server::start().await;
    let (acme, home) = account(&server, "Acme").await;
    let (other, elsewhere) = account(&server, "Other").await;
    contact(&server, json!({})).await;
    let link = json!({"user_don": "REVU-1", "rev_org": home["id"]});
    let linked = server.call("rev-users.link", link.clone()).await.ok();
    assert_eq!(linked["rev_user"]["rev_org"]["id"], home["id"]);

    let associations = json!([
        {"associated_to": other["id"]}, {"associated_to": elsewhere["id"]},
        {"associated_to": home["id"]},
    ]);
    let add = json!({"rev_user_id": "REVU-1", "associations": associations});
    let added = server.call("rev-users.associations.add", add).await;
    assert_eq!(added.status, 201);
    assert_eq!(added.ok(), json!({}));
    let listed = json!({"rev_user_id": "REVU-1"});
    let listed = || server.call("rev-users.associations.list", listed.clone());
    let seen = |page: &Value| -> Vec<(Value, Value)> {
        let all = page["associations"].as_array().expect("a list");
        let end = |one: &Value| {
            (one["associated_to"]["type"].clone(), one["associated_to"]["id"].clone())
        };
        all.iter().map(end).collect()
    };
    let pair = |kind: &str, object: &Value| (json!(kind), object["id"].clone());
    assert_eq!(
        seen(&listed().await.ok()),
        [
            pair("account", &acme),
            pair("rev_org", &home),
            pair("account", &other),
            pair("rev_org", &elsewhere),
        ]
    );
    let remove = json!({"rev_user_id": "REVU-1", "associations": [other["id"]]});
    let removed = server.call("rev-users.associations.remove", remove).await;
    assert_eq!((removed.status.as_u16(), removed.body), (204, Value::Null));
    let kept = json!({"rev_user_id": "REVU-1", "associations": [acme["id"]]});
    server.call("rev-users.associations.remove", kept).await.error(400, "bad_request");
    let unlinked = server.call("rev-users.unlink", link.clone()).await.ok();
    assert!(unlinked["rev_user"].get("rev_org").is_none());
    server.call("rev-users.unlink", link).await.error(400, "bad_request");
    let left = [pair("account", &acme), pair("rev_org", &elsewhere)];
    assert_eq!(seen(&listed().await.ok()), left);
    let nobody = server.call("rev-users.link", json!({"rev_org": home["id"]})).await;
    assert_eq!(nobody.error(400, "missing_required_field")["field_name"], "id");
}

#[tokio::test]
async fn a_customer_sees_itself_its_workspace_and_its_account_only() {
    let server = Server::start().await;
    let (acme, home) = account(&server, "Acme").await;
    let (other, elsewhere) = account(&server, "Other").await;
    contact(&server, json!({"rev_org": home["id"]})).await;
    contact(&server, json!({"rev_org": home["id"]})).await;
    let org = acme["id"].as_str().and_then(|id| id.split(':').nth(3)).expect("an org");
    let cx = server.environment.context(org.trim_start_matches("devo/"), Actor::system());
    let mut tx = server.engine.begin(&cx);
    let token = Token::personal(&cx, Id::numbered(Kind::RevUser, 1), "ana", "test");
    tx.insert(Kind::Token, token).await.expect("a token");
    tx.finish().await.expect("a commit");

    let call = |op: &str, request: Value| {
        let (server, op) = (&server, op.to_owned());
        async move { server.call_as("ana", &op, request).await }
    };
    for (op, id) in [
        ("rev-users.get", json!("REVU-2")),
        ("rev-orgs.get", elsewhere["id"].clone()),
        ("accounts.get", other["id"].clone()),
    ] {
        call(op, json!({"id": id})).await.error(404, "not_found");
    }
    let myself = call("rev-users.list", json!({})).await.ok();
    assert_eq!(display_ids(&myself), ["REVU-1"]);
    assert_eq!(call("rev-orgs.list", json!({})).await.ok(), json!({"rev_orgs": [home]}));
    assert_eq!(call("accounts.list", json!({})).await.ok(), json!({"accounts": [acme]}));
    call("accounts.get", json!({"id": acme["id"]})).await.ok();
    for op in ["accounts.export", "rev-users.scan", "rev-users.create"] {
        call(op, json!({})).await.error(403, "forbidden");
    }
    server.call("rev-users.delete", json!({"id": "REVU-1"})).await.ok();
    call("rev-users.list", json!({})).await.error(401, "unauthenticated");
}
