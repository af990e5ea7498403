//! What results look like, their order and their pages.

use serde_json::{Value, json};

use super::{comment, found, started, work};

#[tokio::test]
async fn a_result_shows_the_object_what_was_hit_and_the_comments_that_were() {
    let server = started().await;
    let body = "Since the last update, the wave height drifts by two centimetres a day.";
    work(&server, "issue", json!({"title": "Wave height drifts", "body": body})).await;
    comment(&server, "ISS-1", "The wave sensor was calibrated in March.").await;
    comment(&server, "ISS-1", "Nothing to see here.").await;
    let found = server.call("search.core", json!({"query": "wave"})).await.ok();
    let work = server.call("works.get", json!({"id": "ISS-1"})).await.ok()["work"].clone();
    let entries = server.call("timeline-entries.list", json!({"object": "ISS-1"})).await.ok();
    let entry = &entries["timeline_entries"][0];
    let result = &found["results"][0];
    assert_eq!(result["work"]["id"], work["id"]);
    let author = &result["comments"][0]["created_by"];
    assert_eq!(author["display_id"], "DEVU-1");
    assert_eq!(
        found,
        json!({"results": [{
            "type": "work",
            "work": result["work"],
            "snippet": "**Wave** height drifts … Since the last update, the **wave** height \
                        drifts by two centimetres a day.",
            "modified_date": work["modified_date"],
            "comments": [{
                "comment": {"id": entry["id"]},
                "created_by": author,
                "created_date": entry["created_date"],
                "object": work["id"],
                "snippet": "The **wave** sensor was calibrated in March.",
            }],
        }]})
    );
}

#[tokio::test]
async fn a_hit_in_the_title_comes_before_one_in_the_text_and_that_before_one_in_a_comment() {
    let server = started().await;
    work(&server, "issue", json!({"title": "Drift of the wave height"})).await;
    work(&server, "issue", json!({"title": "The wave height jumps"})).await;
    work(&server, "issue", json!({"title": "Body", "body": "The wave height is off."})).await;
    work(&server, "issue", json!({"title": "Comment"})).await;
    comment(&server, "ISS-4", "See also the wave height.").await;
    work(&server, "issue", json!({"title": "Height of each wave"})).await;
    work(&server, "issue", json!({"title": "Temperature"})).await;
    // A phrase in the title first, then the newest.
    assert_eq!(found(&server, "wave height").await, ["ISS-2", "ISS-1", "ISS-5", "ISS-3", "ISS-4"]);
    assert_eq!(found(&server, "\"wave height\"").await, ["ISS-2", "ISS-1", "ISS-3", "ISS-4"]);
    // What was changed last is the newest.
    server.call("works.update", json!({"id": "ISS-1", "body": "Again"})).await.ok();
    assert_eq!(found(&server, "\"wave height\"").await, ["ISS-1", "ISS-2", "ISS-3", "ISS-4"]);
}

#[tokio::test]
async fn results_are_sorted_by_their_dates_if_that_is_asked_for() {
    let server = started().await;
    for title in ["Wave one", "Wave two", "Wave three"] {
        work(&server, "issue", json!({"title": title})).await;
    }
    server.call("works.update", json!({"id": "ISS-1", "body": "wave"})).await.ok();
    let sorted = async |sort_by: &str, sort_order: &str| -> Vec<Value> {
        let request = json!({"query": "wave", "sort_by": sort_by, "sort_order": sort_order});
        let found = server.call("search.core", request).await.ok();
        let results = found["results"].as_array().unwrap().iter();
        results.map(|result| result["work"]["display_id"].clone()).collect()
    };
    assert_eq!(sorted("created_date", "desc").await, ["ISS-3", "ISS-2", "ISS-1"]);
    assert_eq!(sorted("created_date", "asc").await, ["ISS-1", "ISS-2", "ISS-3"]);
    assert_eq!(sorted("modified_date", "desc").await, ["ISS-1", "ISS-3", "ISS-2"]);
    assert_eq!(sorted("modified_date", "asc").await, ["ISS-2", "ISS-3", "ISS-1"]);
    assert_eq!(sorted("relevance", "desc").await, ["ISS-1", "ISS-3", "ISS-2"]);
    assert_eq!(sorted("relevance", "asc").await, ["ISS-2", "ISS-3", "ISS-1"]);
}

#[tokio::test]
async fn pages_lead_forth_and_back() {
    let server = started().await;
    for number in 1..=5 {
        work(&server, "issue", json!({"title": format!("Wave {number}")})).await;
    }
    let page = async |members: Value| {
        let mut request = json!({"query": "wave", "limit": 2});
        request.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        let page = server.call("search.core", request).await.ok();
        let results = page["results"].as_array().unwrap().iter();
        let ids: Vec<Value> = results.map(|result| result["work"]["display_id"].clone()).collect();
        (ids, page["next_cursor"].clone(), page["prev_cursor"].clone())
    };
    let (first, next, prev) = page(json!({})).await;
    assert_eq!((first, prev), (vec![json!("ISS-5"), json!("ISS-4")], Value::Null));
    let (second, next, prev) = page(json!({"cursor": next})).await;
    assert_eq!(second, ["ISS-3", "ISS-2"]);
    let (last, none, _) = page(json!({"cursor": next})).await;
    assert_eq!((last, none), (vec![json!("ISS-1")], Value::Null));
    let (back, next, none) = page(json!({"cursor": prev, "mode": "before"})).await;
    assert_eq!((back, none), (vec![json!("ISS-5"), json!("ISS-4")], Value::Null));
    let (forth, ..) = page(json!({"cursor": next})).await;
    assert_eq!(forth, ["ISS-3", "ISS-2"]);
    let (end, none, prev) = page(json!({"mode": "before"})).await;
    assert_eq!((end, none), (vec![json!("ISS-2"), json!("ISS-1")], Value::Null));
    let (before, ..) = page(json!({"cursor": prev, "mode": "before"})).await;
    assert_eq!(before, ["ISS-4", "ISS-3"]);
    // A cursor is that of one query.
    let other = json!({"query": "other", "cursor": next});
    let error = server.call("search.core", other).await.error(400, "invalid_field");
    assert_eq!(error["field_name"], "cursor");
}

#[tokio::test]
async fn hybrid_searches_one_namespace_by_words_and_says_so() {
    let server = started().await;
    work(&server, "issue", json!({"title": "Wave"})).await;
    work(&server, "ticket", json!({"title": "Wave"})).await;
    let request = json!({"query": "wave", "namespace": "ticket", "semantic_weight": 0.5});
    let found = server.call("search.hybrid", request).await.ok();
    let result = &found["results"][0];
    assert_eq!(result["work"]["display_id"], "TKT-1");
    let members = json!({
        "type": "work", "work": result["work"], "snippet": "**Wave**",
        "modified_date": result["modified_date"],
    });
    assert_eq!(found, json!({"results": [members], "ranked_by": "words"}));
    let ids = async |request: Value| -> Vec<Value> {
        let found = server.call("search.hybrid", request).await.ok();
        let results = found["results"].as_array().unwrap().iter();
        let id = |result: &Value| result[result["type"].as_str().unwrap()]["display_id"].clone();
        results.map(id).collect()
    };
    assert_eq!(ids(json!({"query": "wave", "namespace": "work"})).await, ["TKT-1", "ISS-1"]);
    // As the Python client sends it.
    let request = json!({"query": "wave", "namespaces": ["issue"], "cursor": "x"});
    assert_eq!(ids(request).await, ["ISS-1"]);
    // Without words, what was changed last.
    assert_eq!(ids(json!({"namespace": "part"})).await, ["PROD-1"]);
    assert_eq!(ids(json!({"namespace": "article", "query": "wave"})).await, [""; 0]);
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_with_the_field() {
    let server = started().await;
    let refused = async |op: &str, request: Value, kind: &str, field: &str| {
        let error = server.call(op, request).await.error(400, kind);
        assert_eq!(error["field_name"], field, "{error}");
        error
    };
    let core = "search.core";
    refused(core, json!({}), "missing_required_field", "query").await;
    refused(core, json!({"query": ""}), "value_not_permitted", "query").await;
    refused(core, json!({"query": "a".repeat(401)}), "value_not_permitted", "query").await;
    refused(core, json!({"query": "a", "namespaces": ["x"]}), "invalid_enum_value", "namespaces")
        .await;
    refused(core, json!({"query": "a", "sort_by": "title"}), "invalid_enum_value", "sort_by").await;
    let error = refused(core, json!({"query": "type:book"}), "invalid_field", "query").await;
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with("query: type:book is not one of "), "{message}");
    let hybrid = "search.hybrid";
    refused(hybrid, json!({"query": "a"}), "missing_required_field", "namespace").await;
    let request = json!({"namespace": "issue", "query": "a", "semantic_weight": 1.5});
    refused(hybrid, request, "value_not_permitted", "semantic_weight").await;
}

#[tokio::test]
async fn every_family_is_found_as_what_it_is() {
    let server = started().await;
    server.call("tags.create", json!({"name": "walrus tag"})).await.ok();
    server.call("groups.create", json!({"name": "Walrus team", "description": "d"})).await.ok();
    let account = json!({"display_name": "Walrus Ltd", "domains": ["walrus.example"]});
    server.call("accounts.create", account).await.ok();
    let user = json!({"email": "w@walrus.example", "full_name": "Wal Rus", "state": "shadow"});
    server.call("dev-users.create", user).await.ok();
    let part = json!({"type": "product", "name": "Walrus", "owned_by": ["DEVU-1"]});
    server.call("parts.create", part).await.ok();
    work(&server, "task", json!({"title": "Walrus task"})).await;
    let found = server.call("search.core", json!({"query": "walrus", "limit": 50})).await.ok();
    let mut kinds: Vec<_> = found["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["type"].as_str().unwrap())
        .collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["account", "group", "org", "part", "tag", "user", "work"]);
    for (namespace, kind) in [
        ("account", "account"),
        ("group", "group"),
        ("rev_org", "org"),
        ("product", "part"),
        ("tag", "tag"),
        ("dev_user", "user"),
        ("task", "work"),
    ] {
        let request = json!({"query": "walrus", "namespaces": [namespace]});
        let found = server.call("search.core", request).await.ok();
        let found = found["results"].as_array().unwrap();
        assert_eq!((found.len(), &found[0]["type"]), (1, &json!(kind)), "{namespace}");
    }
}
