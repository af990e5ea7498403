//! Searches follow every write, and show nothing that is gone.

use serde_json::json;

use super::{comment, found, started, work};

#[tokio::test]
async fn what_was_written_is_found_by_the_next_search() {
    let server = started().await;
    assert!(found(&server, "walrus").await.is_empty());
    work(&server, "issue", json!({"title": "A walrus"})).await;
    assert_eq!(found(&server, "walrus").await, ["ISS-1"]);
    server.call("works.update", json!({"id": "ISS-1", "title": "A seal"})).await.ok();
    assert!(found(&server, "walrus").await.is_empty());
    assert_eq!(found(&server, "seal").await, ["ISS-1"]);
    comment(&server, "ISS-1", "It was a walrus").await;
    assert_eq!(found(&server, "walrus").await, ["ISS-1"]);
}

#[tokio::test]
async fn what_was_deleted_is_found_no_more_nor_are_its_comments() {
    let server = started().await;
    for title in ["Walrus one", "Other"] {
        work(&server, "issue", json!({"title": title})).await;
    }
    comment(&server, "ISS-1", "seal").await;
    comment(&server, "ISS-2", "A walrus, and a seal").await;
    assert_eq!(found(&server, "walrus").await, ["ISS-1", "ISS-2"]);
    let entries = server.call("timeline-entries.list", json!({"object": "ISS-2"})).await.ok();
    let entry = entries["timeline_entries"][0]["id"].clone();
    server.call("timeline-entries.delete", json!({"id": entry})).await.ok();
    assert_eq!(found(&server, "walrus").await, ["ISS-1"]);
    server.call("works.delete", json!({"id": "ISS-1"})).await.ok();
    assert!(found(&server, "walrus").await.is_empty());
    assert!(found(&server, "seal").await.is_empty());
    server.work().await;
    assert!(found(&server, "seal").await.is_empty());
    assert!(found(&server, "ISS-1").await.is_empty());
}

#[tokio::test]
async fn an_index_that_is_behind_shows_nothing_that_is_gone() {
    let server = started().await;
    for title in ["Walrus one", "Walrus two", "Walrus three"] {
        work(&server, "issue", json!({"title": title})).await;
    }
    assert_eq!(found(&server, "walrus").await.len(), 3);
    // More is written than a search waits for.
    for number in 0..1_010 {
        let tag = json!({"name": format!("tag {number}")});
        server.call("tags.create", tag).await.ok();
    }
    server.call("works.delete", json!({"id": "ISS-1"})).await.ok();
    server.call("works.update", json!({"id": "ISS-2", "title": "A seal"})).await.ok();
    assert_eq!(found(&server, "walrus").await, ["ISS-3"]);
    while server.engine.store().index_further().await.unwrap() != worksmith_store::Behind::UpToDate
    {
    }
    assert_eq!(found(&server, "walrus").await, ["ISS-3"]);
    assert_eq!(found(&server, "seal").await, ["ISS-2"]);
}

#[tokio::test]
async fn data_that_were_moved_are_found_where_they_are_now() {
    let server = started().await;
    work(&server, "issue", json!({"title": "A walrus"})).await;
    assert_eq!(found(&server, "walrus").await, ["ISS-1"]);
    let server = server.moved(None).await;
    assert_eq!(found(&server, "walrus").await, ["ISS-1"]);
}

#[tokio::test]
async fn an_index_is_made_anew_and_finds_the_same() {
    let server = started().await;
    work(&server, "issue", json!({"title": "A walrus"})).await;
    comment(&server, "ISS-1", "A seal").await;
    server.engine.store().index_anew(&mut |_| {}).await.unwrap();
    assert_eq!(found(&server, "walrus").await, ["ISS-1"]);
    assert_eq!(found(&server, "seal").await, ["ISS-1"]);
    let size = server.engine.store().index_size().await.unwrap();
    assert!(size.entries >= 4 && size.bytes > 0, "{size:?}");
}

#[tokio::test]
async fn a_damaged_index_is_made_anew_on_sqlite() {
    let server = worksmith_tests::Server::start_on_sqlite().await;
    server.call("tags.create", json!({"name": "walrus"})).await.ok();
    assert_eq!(found(&server, "walrus").await, ["TAG-1"]);
    let file = server.dir.path().join("search.db");
    let worksmith_tests::Server { router, engine, dir, .. } = server;
    drop((router, engine));
    std::fs::write(&file, "no database").unwrap();
    let registry = worksmith_tracker::table().registry().clone();
    let open =
        || worksmith_store::Store::open_sqlite(dir.path(), registry.clone(), &mut |_| {}).unwrap();
    let store = open();
    store.index_anew(&mut |_| {}).await.unwrap();
    let entries = store.index_size().await.unwrap().entries;
    assert!(entries >= 2, "{entries}");
    drop(store);
    // One that was deleted is missed by nobody.
    std::fs::remove_file(&file).unwrap();
    let store = open();
    while store.index_further().await.unwrap() != worksmith_store::Behind::UpToDate {}
    assert_eq!(store.index_size().await.unwrap().entries, entries);
}
