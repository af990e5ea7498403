//! Types of links.

use serde_json::{Value, json};
use worksmith_tests::Server;

/// Creates a type of links between issues, with the given differences.
fn blocks(with: &Value) -> Value {
    let mut request = json!({
        "name": "blocks",
        "forward_name": "blocks",
        "backward_name": "is blocked by",
        "source_types": [{"leaf_type": "issue"}],
        "target_types": [{"leaf_type": "issue"}, {"leaf_type": "ticket"}],
    });
    for (member, value) in with.as_object().into_iter().flatten() {
        request[member] = value.clone();
    }
    request
}

async fn make(server: &Server, with: Value) -> Value {
    let made = server.call("link-types.custom.create", blocks(&with)).await;
    assert_eq!(made.status, 201);
    made.ok()["custom_link_type"].clone()
}

/// Creates the subtype `bug` of issues, and the leaf type `deal`.
async fn make_types(server: &Server) {
    let bug = json!({"type": "custom_type_fragment", "leaf_type": "issue", "subtype": "bug",
        "description": "", "fields": []});
    server.call("schemas.custom.set", bug).await.ok();
    let deal = json!({"type": "tenant_fragment", "leaf_type": "deal", "is_custom_leaf_type": true,
        "id_prefix": "DEAL", "description": "", "fields": []});
    server.call("schemas.custom.set", deal).await.ok();
}

fn names(page: &Value) -> Vec<&str> {
    let types = page["result"].as_array().expect("a result");
    types.iter().map(|link_type| link_type["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_type_of_links_is_made_read_listed_and_changed() {
    let server = Server::start().await;
    make_types(&server).await;
    let made = make(&server, json!({"tooltip": "What waits for what", "max_hops": 3})).await;
    let (id, me, at) = (&made["id"], &made["created_by"], &made["created_date"]);
    assert!(id.as_str().expect("an id").ends_with(":custom_link_type/1"));
    let expected = json!({
        "id": id,
        "display_id": "LINKTYPE-1",
        "created_by": me,
        "created_date": at,
        "modified_by": me,
        "modified_date": at,
        "name": "blocks",
        "forward_name": "blocks",
        "backward_name": "is blocked by",
        "source_types": [{"leaf_type": "issue"}],
        "target_types": [{"leaf_type": "issue"}, {"leaf_type": "ticket"}],
        "tooltip": "What waits for what",
        "max_hops": 3,
        "is_deprecated": false,
    });
    assert_eq!(made, expected);
    let got = server.get("link-types.custom.get", "id=LINKTYPE-1").await.ok();
    assert_eq!(got, json!({"custom_link_type": made}));

    let change = json!({
        "id": id,
        "name": "holds up",
        "forward_name": "holds up",
        "backward_name": "is held up by",
        "source_types_v2": [{"leaf_type": "task"}, {"leaf_type": "task"}],
        "target_types_v2": {"leaf_type": "issue", "subtype": "bug"},
        "tooltip": "",
        "max_hops": null,
        "is_deprecated": true,
    });
    let changed = server.call("link-types.custom.update", change).await.ok();
    let changed = &changed["custom_link_type"];
    let mut expected = expected.clone();
    expected["modified_date"] = changed["modified_date"].clone();
    expected["name"] = json!("holds up");
    expected["forward_name"] = json!("holds up");
    expected["backward_name"] = json!("is held up by");
    expected["source_types"] = json!([{"leaf_type": "task"}]);
    expected["target_types"] = json!([{"leaf_type": "issue", "subtype": "bug"}]);
    expected["tooltip"] = json!("");
    expected.as_object_mut().expect("a type").remove("max_hops");
    expected["is_deprecated"] = json!(true);
    assert_eq!(*changed, expected);
    let listed = server.call("link-types.custom.list", json!({})).await.ok();
    assert_eq!(listed, json!({"result": [changed]}));
    let same = server.call("link-types.custom.update", json!({"id": id})).await.ok();
    assert_eq!(same["custom_link_type"], *changed);
}

#[tokio::test]
async fn the_name_of_a_type_of_links_is_unique() {
    let server = Server::start().await;
    make(&server, json!({})).await;
    let again = server.call("link-types.custom.create", blocks(&json!({}))).await;
    let clash = again.error(409, "conflict");
    assert_eq!(clash["message"], "name \"blocks\" is taken by LINKTYPE-1");
    make(&server, json!({"name": "precedes"})).await;
    let change = json!({"id": "LINKTYPE-2", "name": "blocks"});
    server.call("link-types.custom.update", change).await.error(409, "conflict");
    let change = json!({"id": "LINKTYPE-1", "name": "blocks"});
    server.call("link-types.custom.update", change).await.ok();
}

#[tokio::test]
async fn the_old_spelling_of_deprecation_counts_unless_both_are_given() {
    let server = Server::start().await;
    let old = make(&server, json!({"deprecated": true})).await;
    assert_eq!(old["is_deprecated"], true);
    let with = json!({"name": "b", "deprecated": true, "is_deprecated": false});
    assert_eq!(make(&server, with).await["is_deprecated"], false);
    for (filter, expected) in [
        (json!({}), vec!["b", "blocks"]),
        (json!({"deprecated": true}), vec!["blocks"]),
        (json!({"is_deprecated": false}), vec!["b"]),
        (json!({"is_deprecated": true, "deprecated": false}), vec!["blocks"]),
    ] {
        let listed = server.call("link-types.custom.list", filter.clone()).await.ok();
        assert_eq!(names(&listed), expected, "{filter}");
    }
    let change = json!({"id": "LINKTYPE-1", "deprecated": false});
    let changed = server.call("link-types.custom.update", change).await.ok();
    assert_eq!(changed["custom_link_type"]["is_deprecated"], false);
}

#[tokio::test]
async fn types_of_links_are_found_by_name_and_by_their_ends() {
    let server = Server::start().await;
    make_types(&server).await;
    make(&server, json!({"name": "a"})).await;
    let bugs = json!([{"leaf_type": "issue", "subtype": "bug"}, {"leaf_type": "account"}]);
    make(&server, json!({"name": "b", "source_types": bugs})).await;
    let plain = json!([{"leaf_type": "issue", "leaf_only": true},
        {"leaf_type": "deal", "is_custom_leaf_type": true}]);
    make(&server, json!({"name": "c", "target_types": plain})).await;
    let by = json!({"sort_by": ["name:asc"]});
    for (filter, expected) in [
        (json!({}), vec!["a", "b", "c"]),
        (json!({"name": ["c", "a"]}), vec!["a", "c"]),
        (json!({"source_types_v2": [{"leaf_type": "issue"}]}), vec!["a", "b", "c"]),
        (json!({"source_types_v2": [{"leaf_type": "issue", "subtype": "bug"}]}), vec!["b"]),
        (json!({"source_types_v2": [{"leaf_type": "account", "subtype": "bug"}]}), vec![]),
        (json!({"source_types_v2": [{"subtype": "bug"}, {"leaf_type": "task"}]}), vec!["b"]),
        (json!({"target_types_v2": [{"leaf_only": true}]}), vec!["c"]),
        (json!({"target_types_v2": [{"leaf_only": false}]}), vec!["a", "b", "c"]),
        (json!({"target_types_v2": [{"is_custom_leaf_type": true}]}), vec!["c"]),
        (json!({"source_types_v2": [{"is_custom_leaf_type": true}]}), vec![]),
        (
            json!({"source_types_v2": {"leaf_type": "account"},
                "target_types_v2": {"leaf_type": "ticket"}}),
            vec!["b"],
        ),
    ] {
        let mut request = filter.clone();
        request["sort_by"] = by["sort_by"].clone();
        let listed = server.call("link-types.custom.list", request).await.ok();
        assert_eq!(names(&listed), expected, "{filter}");
    }
    let query = "source_types_v2.leaf_type=issue&source_types_v2.subtype=bug";
    assert_eq!(names(&server.get("link-types.custom.list", query).await.ok()), ["b"]);

    let first = json!({"sort_by": ["name:desc"], "limit": 2});
    let first = server.call("link-types.custom.list", first).await.ok();
    assert_eq!(names(&first), ["c", "b"]);
    let rest = json!({"sort_by": ["name:desc"], "limit": 2, "cursor": first["next_cursor"]});
    let rest = server.call("link-types.custom.list", rest).await.ok();
    assert_eq!(names(&rest), ["a"]);
}

#[tokio::test]
async fn what_makes_no_type_of_links_is_refused() {
    let server = Server::start().await;
    make_types(&server).await;
    make(&server, json!({})).await;
    for (with, kind, field) in [
        (json!({"name": null}), "missing_required_field", "name"),
        (json!({"name": ""}), "value_not_permitted", "name"),
        (json!({"forward_name": null}), "missing_required_field", "forward_name"),
        (json!({"backward_name": null}), "missing_required_field", "backward_name"),
        (json!({"source_types": null}), "missing_required_field", "source_types"),
        (json!({"source_types": []}), "value_not_permitted", "source_types"),
        (json!({"target_types": []}), "value_not_permitted", "target_types"),
        (json!({"target_types": [{}]}), "missing_required_field", "leaf_type"),
        (json!({"target_types": [{"leaf_type": ""}]}), "missing_required_field", "leaf_type"),
        (json!({"target_types": [{"leaf_type": "tag"}]}), "value_not_permitted", "leaf_type"),
        (json!({"target_types": [{"leaf_type": "deal"}]}), "value_not_permitted", "leaf_type"),
        (
            json!({"target_types": [{"leaf_type": "meal", "is_custom_leaf_type": true}]}),
            "value_not_permitted",
            "leaf_type",
        ),
        (
            json!({"source_types": [{"leaf_type": "issue", "subtype": "bugg"}]}),
            "value_not_permitted",
            "subtype",
        ),
        (
            json!({"source_types": [{"leaf_type": "dev_user", "subtype": "bug"}]}),
            "value_not_permitted",
            "subtype",
        ),
        (json!({"target_types": [{"leaf": "issue"}]}), "invalid_field", "leaf"),
        (json!({"source_types": [{"leaf_type": "sys_user"}]}), "value_not_permitted", "leaf_type"),
        (json!({"max_hops": 0}), "value_not_permitted", "max_hops"),
        (json!({"max_hops": 101}), "value_not_permitted", "max_hops"),
        (json!({"max_hops": "2"}), "unexpected_json_type", "max_hops"),
    ] {
        let mut request = blocks(&json!({"name": "new"}));
        for (member, value) in with.as_object().into_iter().flatten() {
            request[member] = value.clone();
        }
        // Null stands for an absent member.
        request.as_object_mut().expect("a request").retain(|_, value| !value.is_null());
        let refused = server.call("link-types.custom.create", request).await.error(400, kind);
        assert_eq!(refused["field_name"], field, "{with}");
    }
}

#[tokio::test]
async fn what_makes_no_change_of_a_type_of_links_is_refused() {
    let server = Server::start().await;
    make_types(&server).await;
    make(&server, json!({})).await;
    let both = json!([{"leaf_type": "issue", "subtype": "bug", "leaf_only": true}]);
    let both = blocks(&json!({"name": "new", "source_types": both}));
    let refused = server.call("link-types.custom.create", both).await.error(400, "bad_request");
    assert_eq!(refused["detail"], "source_types.leaf_only");

    for (change, kind, field) in [
        (json!({"name": null}), "unexpected_json_type", "name"),
        (json!({"source_types": []}), "invalid_field", "source_types"),
        (json!({"source_types_v2": []}), "value_not_permitted", "source_types_v2"),
        (json!({"target_types_v2": [{"leaf_type": "x"}]}), "value_not_permitted", "leaf_type"),
        (json!({"id": "ISS-1"}), "unexpected_id_type", "id"),
        (json!({"id": "x"}), "invalid_id", "id"),
    ] {
        let mut request = json!({"id": "LINKTYPE-1"});
        for (member, value) in change.as_object().into_iter().flatten() {
            request[member] = value.clone();
        }
        let refused = server.call("link-types.custom.update", request).await.error(400, kind);
        assert_eq!(refused["field_name"], field, "{change}");
    }
    let nobody = json!({"id": "LINKTYPE-2"});
    server.call("link-types.custom.get", nobody.clone()).await.error(404, "not_found");
    server.call("link-types.custom.update", nobody).await.error(404, "not_found");
    let sorted = json!({"sort_by": ["tooltip:asc"]});
    server.call("link-types.custom.list", sorted).await.error(400, "invalid_field");
}
