//! Accounts.

use serde_json::{Value, json};
use worksmith_tests::Server;

async fn account(server: &Server, request: Value) -> (Value, Value) {
    let made = server.call("accounts.create", request).await.ok();
    (made["account"].clone(), made["default_rev_org"].clone())
}

fn ids<'a>(page: &'a Value, member: &str) -> Vec<&'a Value> {
    page[member].as_array().expect("a list").iter().map(|object| &object["id"]).collect()
}

#[tokio::test]
async fn an_account_comes_with_its_default_workspace() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "key", "allowed_values": ["gold"]})).await.ok();
    let request = json!({
        "display_name": "Acme & Söhne",
        "description": "Buys anvils",
        "websites": ["https://www.acme.example/shop", "www.acme.example"],
        "domains": ["Anvils.example"],
        "external_refs": ["crm-1", "erp-1", "crm-1"],
        "owned_by": ["DEVU-1", "DEVU-1"],
        "tier": "gold",
        "tags": [{"id": "TAG-1", "value": "gold"}],
    });
    let made = server.call("accounts.create", request).await;
    assert_eq!(made.status, 201);
    assert_eq!(made.headers["x-worksmith-revision"], "1");
    let made = made.ok();
    insta::assert_json_snapshot!(made);

    let id = &made["account"]["id"];
    for id in [id, &made["account"]["display_id"]] {
        let read = server.call("accounts.get", json!({"id": id})).await.ok();
        assert_eq!(read, json!({"account": made["account"]}));
    }
    let by_account = server.call("rev-orgs.get", json!({"account": id})).await.ok();
    assert_eq!(by_account, json!({"rev_org": made["default_rev_org"]}));
}

#[tokio::test]
async fn an_account_with_nothing_but_a_name_is_its_own_only_reference() {
    let server = Server::start().await;
    let (made, workspace) = account(&server, json!({"display_name": "Bare"})).await;
    assert_eq!(made["external_refs"], json!([made["id"]]));
    assert_eq!(made["owned_by"], json!([]));
    for absent in ["domains", "websites", "tags", "artifacts", "tier", "primary_account"] {
        assert!(made.get(absent).is_none(), "{absent}");
    }
    assert_eq!(workspace["display_name"], "Bare");
    assert_eq!(workspace["external_ref"], made["id"]);
    assert_eq!(workspace["account"]["id"], made["id"]);
}

#[tokio::test]
async fn lists_of_an_update_replace_and_null_clears_the_tier() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "key"})).await.ok();
    let (made, _) = account(
        &server,
        json!({
            "display_name": "Acme", "tier": "gold", "owned_by": ["DEVU-1"], "description": "kept",
            "tags": [{"id": "TAG-1"}], "websites": ["www.old.example"], "domains": ["a.example"],
        }),
    )
    .await;
    assert_eq!(made["domains"], json!(["a.example", "old.example"]));
    let patch = json!({
        "id": made["display_id"], "tier": null, "owned_by": [], "tags": [],
        "domains": ["b.example", "B.example"], "external_refs": ["crm-1"],
        "websites": {"set": ["new.example"]},
    });
    let changed = server.call("accounts.update", patch.clone()).await.ok();
    let changed = &changed["account"];
    assert_eq!(changed["domains"], json!(["b.example", "new.example"]));
    assert_eq!(changed["websites"], json!(["new.example"]));
    assert_eq!(changed["external_refs"], json!(["crm-1"]));
    assert_eq!(changed["owned_by"], json!([]));
    assert_eq!(changed["description"], "kept");
    assert!(changed.get("tier").is_none() && changed.get("tags").is_none());
    assert!(changed["modified_date"].as_str() > made["modified_date"].as_str());

    let again = server.call("accounts.update", patch).await;
    assert_eq!(again.headers["x-worksmith-revision"], "2");
    assert_eq!(again.ok()["account"], *changed);
    // A domain that was given up is free again.
    account(&server, json!({"display_name": "Heir", "domains": ["old.example"]})).await;
}

#[tokio::test]
async fn a_reference_or_a_domain_belongs_to_one_account() {
    let server = Server::start().await;
    let taken = json!({
        "display_name": "First", "external_refs": ["crm-1"], "websites": ["www.acme.example"],
    });
    let (first, _) = account(&server, taken).await;
    let (late, _) = account(&server, json!({"display_name": "Late"})).await;
    for claim in [
        json!({"external_refs": ["crm-1"]}),
        json!({"external_refs": [first["id"], "crm-1"]}),
        json!({"domains": ["ACME.example"]}),
        json!({"websites": ["http://acme.example:80/x"]}),
    ] {
        let mut create = claim.clone();
        create["display_name"] = json!("Second");
        server.call("accounts.create", create).await.error(409, "conflict");
        let mut update = claim.clone();
        update["id"] = late["id"].clone();
        server.call("accounts.update", update).await.error(409, "conflict");
    }
    let listed = server.call("accounts.list", json!({})).await.ok();
    assert_eq!(listed["accounts"], json!([late, first]));
    let workspaces = server.call("rev-orgs.list", json!({})).await.ok();
    assert_eq!(workspaces["rev_orgs"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn refusals_name_the_field_and_change_nothing() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "bare"})).await.ok();
    server.call("tags.create", json!({"name": "sized", "allowed_values": ["s"]})).await.ok();
    let named = |extra: Value| {
        let mut request = json!({"display_name": "Acme"});
        request.as_object_mut().expect("members").extend(extra.as_object().cloned().expect("some"));
        request
    };
    for (request, kind, field) in [
        (json!({"tier": "gold"}), "missing_required_field", "display_name"),
        (json!({"display_name": ""}), "value_not_permitted", "display_name"),
        (named(json!({"owned_by": ["REVU-1"]})), "unexpected_id_type", "owned_by"),
        (named(json!({"owned_by": ["DEVU-9"]})), "invalid_id", "owned_by"),
        (named(json!({"artifacts": ["ARTIFACT-9"]})), "invalid_id", "artifacts"),
        (named(json!({"tags": [{"id": "TAG-9"}]})), "invalid_id", "tags"),
        (named(json!({"tags": [{"id": "TAG-1", "value": "s"}]})), "value_not_permitted", "value"),
        (named(json!({"tags": [{"id": "TAG-2", "value": "m"}]})), "value_not_permitted", "value"),
        (named(json!({"tags": [{"value": "s"}]})), "missing_required_field", "id"),
        (named(json!({"websites": ["https://"]})), "value_not_permitted", "websites"),
        (named(json!({"nick_name": "x"})), "invalid_field", "nick_name"),
        (
            named(json!({"custom_fields": {"tnt__x": 1}})),
            "customization_validation_error",
            "tnt__x",
        ),
    ] {
        let answer = server.call("accounts.create", request).await;
        assert_eq!(answer.error(400, kind)["field_name"], field);
    }
    assert_eq!(server.call("accounts.list", json!({})).await.ok(), json!({"accounts": []}));
    assert_eq!(server.call("rev-orgs.list", json!({})).await.ok(), json!({"rev_orgs": []}));
    server.call("accounts.get", json!({"id": "ACC-nobody"})).await.error(404, "not_found");
}

#[tokio::test]
async fn every_filter_of_list_and_export_is_honoured() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "key"})).await.ok();
    let (first, _) =
        account(&server, json!({"display_name": "A", "tier": "x", "owned_by": ["DEVU-1"]})).await;
    let (second, _) = account(
        &server,
        json!({
            "display_name": "B", "tier": "x", "tags": [{"id": "TAG-1"}], "external_refs": ["crm"],
        }),
    )
    .await;
    let (third, _) = account(
        &server,
        json!({"display_name": "C", "websites": ["https://www.c_c.example", "https://d.example"]}),
    )
    .await;
    let (first_id, second_id, third_id) = (&first["id"], &second["id"], &third["id"]);
    let made = &second["created_date"];
    for (filter, found) in [
        (json!({}), vec![third_id, second_id, first_id]),
        (json!({"tier": "x"}), vec![second_id, first_id]),
        (json!({"tier": ["x"], "display_name": ["A", "C"]}), vec![first_id]),
        (json!({"external_refs": ["crm", third_id]}), vec![third_id, second_id]),
        (json!({"external_refs": ["none"]}), vec![]),
        (json!({"websites": ["https://WWW.C_C.example"]}), vec![third_id]),
        (json!({"websites": ["https://www.cxc.example", "%"]}), vec![]),
        (json!({"domains": ["D.example"]}), vec![third_id]),
        (json!({"owned_by": ["DEVU-1"]}), vec![first_id]),
        (json!({"owned_by": ["DEVU-9"]}), vec![]),
        (json!({"tags": ["TAG-1"]}), vec![second_id]),
        (json!({"created_by": ["DEVU-1"]}), vec![third_id, second_id, first_id]),
        (json!({"created_date": {"after": made, "before": made}}), vec![second_id]),
        (json!({"modified_date": {"after": "2999-01-01T00:00:00Z"}}), vec![]),
        (json!({"subtype": ["vip"]}), vec![]),
        (json!({"stage_name": ["trial"]}), vec![]),
        (
            json!({"sort_by": ["tier:asc", "display_name:desc"]}),
            vec![second_id, first_id, third_id],
        ),
    ] {
        for op in ["accounts.list", "accounts.export"] {
            let page = server.call(op, filter.clone()).await.ok();
            assert_eq!(ids(&page, "accounts"), found, "{op} {filter}");
        }
    }
    let by_get = server.get("accounts.list", "tier=%22x%22&display_name=A,B&limit=1").await.ok();
    assert_eq!(by_get["accounts"], json!([second]));
    assert!(by_get.get("next_cursor").is_some());
}

#[tokio::test]
async fn an_export_stops_at_first_and_has_no_pages() {
    let server = Server::start().await;
    for name in ["A", "B", "C"] {
        account(&server, json!({"display_name": name})).await;
    }
    let export = json!({"first": 2, "sort_by": ["display_name:asc"]});
    let page = server.call("accounts.export", export).await.ok();
    let names: Vec<_> =
        page["accounts"].as_array().expect("a list").iter().map(|a| &a["display_name"]).collect();
    assert_eq!(names, ["A", "B"]);
    assert_eq!(page.as_object().expect("members").len(), 1);
    for first in [0, 501, -1] {
        let refused = server.call("accounts.export", json!({"first": first})).await;
        assert_eq!(refused.error(400, "value_not_permitted")["field_name"], "first");
    }
}

#[tokio::test]
async fn whoever_names_a_merged_account_means_the_primary() {
    let server = Server::start().await;
    let (primary, _) = account(&server, json!({"display_name": "Primary"})).await;
    let old = json!({"display_name": "Old", "domains": ["old.example"], "external_refs": ["o-1"]});
    let (secondary, inherited) = account(&server, old).await;
    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    let ticket = |members: Value| {
        let mut ticket = json!({
            "type": "ticket", "title": "New", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
        });
        ticket.as_object_mut().expect("members").extend(members.as_object().cloned().expect("m"));
        server.call("works.create", ticket)
    };
    ticket(json!({"rev_org": inherited["id"]})).await.ok();
    let merge = json!({
        "primary_account": primary["id"], "secondary_account": secondary["id"],
    });
    server.call("accounts.merge", merge).await.ok();

    for worked_off in [false, true] {
        if worked_off {
            server.work().await;
        }
        for filter in [json!({"domains": ["old.example"]}), json!({"external_refs": ["o-1"]})] {
            let found = server.call("accounts.list", filter.clone()).await.ok();
            assert_eq!(ids(&found, "accounts"), [&primary["id"]], "{filter}");
        }
        let kept = server.call("works.get", json!({"id": "TKT-1"})).await.ok()["work"].clone();
        assert_eq!(kept["account"]["id"], primary["id"], "{worked_off}");
        let made = ticket(json!({"account": secondary["id"]})).await.ok()["work"].clone();
        assert_eq!(made["account"]["id"], primary["id"]);
        let both = json!({"account": secondary["id"], "rev_org": inherited["id"]});
        let made = ticket(both).await.ok()["work"].clone();
        assert_eq!(made["account"]["id"], primary["id"]);
        for asked in [&primary, &secondary] {
            let filter = json!({"type": ["ticket"], "ticket": {"rev_org": [inherited["id"]]}});
            let of_org = server.call("works.count", filter).await.ok();
            let filter = json!({"account": [asked["id"]]});
            let found = server.call("rev-orgs.list", filter).await.ok();
            assert_eq!(
                found["rev_orgs"].as_array().map(Vec::len),
                Some(2 + usize::from(worked_off))
            );
            assert_eq!(of_org["count"], if worked_off { 3 } else { 2 });
        }
        let branch = json!({"account": secondary["id"], "display_name": "Branch"});
        let branch = server.call("rev-orgs.create", branch).await.ok()["rev_org"].clone();
        assert_eq!(branch["account"]["id"], primary["id"]);
    }
}

#[tokio::test]
async fn a_merge_moves_workspaces_and_contacts_and_keeps_the_secondary_readable() {
    let server = Server::start().await;
    let (primary, own) = account(&server, json!({"display_name": "Primary"})).await;
    let (secondary, inherited) = account(&server, json!({"display_name": "Secondary"})).await;
    let branch = json!({"account": secondary["id"], "display_name": "Branch"});
    let branch = server.call("rev-orgs.create", branch).await.ok()["rev_org"].clone();
    let person = json!({"rev_org": branch["id"], "display_name": "Ana"});
    server.call("rev-users.create", person).await.ok();
    let guest = json!({"account": primary["id"], "display_name": "Guest"});
    server.call("rev-users.create", guest).await.ok();
    let both = json!({
        "rev_user_id": "REVU-2", "associations": [{"associated_to": secondary["id"]}],
    });
    server.call("rev-users.associations.add", both).await.ok();

    let part = json!({"type": "product", "name": "Anvils", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    let works = [
        json!({"type": "ticket", "rev_org": inherited["id"]}),
        json!({"type": "opportunity", "account": secondary["id"]}),
    ];
    for mut work in works {
        work["title"] = json!("Moves along");
        work["applies_to_part"] = json!("PROD-1");
        work["owned_by"] = json!(["DEVU-1"]);
        server.call("works.create", work).await.ok();
    }

    let merge = json!({
        "primary_account": primary["id"], "secondary_account": secondary["display_id"],
    });
    let merged = server.call("accounts.merge", merge.clone()).await.ok();
    assert_eq!(merged, json!({"account": primary}));

    let left = server.call("accounts.get", json!({"id": secondary["id"]})).await.ok();
    assert_eq!(left["account"]["primary_account"]["id"], primary["id"]);
    let moved = server.call("rev-orgs.list", json!({"account": [primary["id"]]})).await.ok();
    assert_eq!(ids(&moved, "rev_orgs"), [&branch["id"], &inherited["id"], &own["id"]]);
    let of_primary = json!({"associations": [primary["id"]]});
    let contacts = server.call("rev-users.list", of_primary).await.ok();
    assert_eq!(contacts["rev_users"].as_array().map(Vec::len), Some(2));
    let of_secondary = json!({"associations": [secondary["id"]]});
    let same = server.call("rev-users.list", of_secondary).await.ok();
    assert_eq!(same, contacts, "who asks for the secondary asks for the primary");
    let block = json!({"account": [primary["id"]]});
    let moved = json!({"ticket": block, "opportunity": block});
    let moved = server.call("works.list", moved).await.ok();
    assert_eq!(moved["works"].as_array().map(Vec::len), Some(2));
    assert_eq!(moved["works"][1]["account"]["id"], primary["id"]);
    // The workspace that was created with the primary account remains its default one.
    let default = server.call("rev-orgs.get", json!({"account": primary["id"]})).await.ok();
    assert_eq!(default["rev_org"], own);
    server.call("rev-orgs.delete", json!({"id": inherited["id"]})).await.ok();

    server.call("accounts.merge", merge).await.error(400, "bad_request");
    let reverse = json!({
        "primary_account": secondary["id"], "secondary_account": primary["id"],
    });
    server.call("accounts.merge", reverse).await.error(400, "bad_request");
    let itself = json!({"primary_account": primary["id"], "secondary_account": primary["id"]});
    server.call("accounts.merge", itself).await.error(400, "bad_request");
}

#[tokio::test]
async fn a_deleted_account_leaves_its_summary_with_its_workspaces() {
    let server = Server::start().await;
    let (made, workspace) =
        account(&server, json!({"display_name": "Acme", "external_refs": ["crm"]})).await;
    let branch = json!({"account": made["id"], "display_name": "Branch"});
    let branch = server.call("rev-orgs.create", branch).await.ok()["rev_org"].clone();
    assert_eq!(server.call("accounts.delete", json!({"id": made["id"]})).await.ok(), json!({}));
    let id = json!({"id": made["display_id"]});
    server.call("accounts.get", id.clone()).await.error(404, "not_found");
    server.call("accounts.delete", id.clone()).await.error(404, "not_found");
    server.call("accounts.update", id).await.error(404, "not_found");
    server.call("rev-orgs.get", json!({"id": workspace["id"]})).await.error(404, "not_found");
    let left = server.call("rev-orgs.get", json!({"id": branch["id"]})).await.ok();
    assert_eq!(left["rev_org"]["account"], branch["account"]);
    let person = json!({"rev_org": branch["id"], "display_name": "Late"});
    server.call("rev-users.create", person).await.ok();
    account(&server, json!({"display_name": "Heir", "external_refs": ["crm"]})).await;
}

#[tokio::test]
async fn a_deleted_tag_leaves_accounts_workspaces_and_contacts() {
    let server = Server::start().await;
    server.call("tags.create", json!({"name": "gone", "allowed_values": ["a"]})).await.ok();
    server.call("tags.create", json!({"name": "kept"})).await.ok();
    let tags = json!([{"id": "TAG-1", "value": "a"}, {"id": "TAG-2"}]);
    let (made, _) = account(&server, json!({"display_name": "Acme", "tags": tags})).await;
    let branch = json!({"account": made["id"], "display_name": "Branch", "tags": tags});
    let branch = server.call("rev-orgs.create", branch).await.ok();
    server.call("rev-users.create", json!({"display_name": "Ana", "tags": tags})).await.ok();

    // A value that the tag no longer allows stays where it is, but can't be added anywhere.
    let shrink = json!({"id": "TAG-1", "allowed_values": {"set": ["b"]}});
    server.call("tags.update", shrink).await.ok();
    let same = json!({"id": made["id"], "tags": tags});
    assert_eq!(server.call("accounts.update", same).await.ok()["account"]["tags"], made["tags"]);
    let other = json!({"display_name": "Late", "tags": tags});
    server.call("accounts.create", other).await.error(400, "value_not_permitted");

    server.call("tags.delete", json!({"id": "TAG-1"})).await.ok();
    let kept = json!([made["tags"][1]]);
    for (op, member, id) in [
        ("accounts.get", "account", &made["id"]),
        ("rev-orgs.get", "rev_org", &branch["rev_org"]["id"]),
        ("rev-users.get", "rev_user", &json!("REVU-1")),
    ] {
        assert_eq!(server.call(op, json!({"id": id})).await.ok()[member]["tags"], kept, "{op}");
    }
}
