//! Items that were imported before, even if their repository has moved.

use serde_json::{Value, json};
use worksmith_kernel::Error;
use worksmith_tracker::import::github::Earlier;
use worksmith_wire::{Id, Kind};
use worksmith_work::works::Work;

use super::{World, counts, issue, milestone, names, person, url, whole, with};

/// An item after its repository was renamed.
fn moved(item: Value, repository: &str) -> Value {
    let page = format!("https://github.com/{repository}/issues/{}", item["number"]);
    with(item, json!({ "html_url": page }))
}

/// The products and boards here, by name.
async fn named(world: &World) -> (Vec<String>, Vec<String>) {
    let all = |list: &Value| names(list, "/name").into_iter().map(str::to_owned).collect();
    let parts = world.call("parts.list", json!({})).await;
    let boards = world.call("vistas.list", json!({})).await;
    (all(&parts["parts"]), all(&boards["vistas"]))
}

#[tokio::test]
async fn items_of_a_renamed_repository_are_found_again_with_its_product_and_board() {
    let world = World::begin().await;
    world.import(&[whole(7), issue(8)]).await;
    let before = world.work(7).await;
    // GitHub's items come newest first: the new one before those that reveal the move.
    let new = with(moved(issue(9), "octo/motor"), json!({ "milestone": milestone() }));
    let items = [new, moved(whole(7), "octo/motor")];
    let report = world.import(&items).await;
    assert_eq!(counts(&report), (2, 1, 1, 0));
    assert_eq!(report.beside["products renamed"], 1);
    assert_eq!(report.beside["sprint boards renamed"], 1);
    assert_eq!(named(&world).await, (vec!["octo/motor".to_owned()], vec!["octo/motor".to_owned()]));
    let page = "https://github.com/octo/motor/issues/7";
    let found = world.call("works.list", json!({ "external_ref": [page] })).await;
    let after = &found["works"][0];
    assert_eq!(after["id"], before["id"]);
    assert_eq!(after["sync_metadata"]["external_reference"], page);
    assert_eq!(after["sprint"]["id"], before["sprint"]["id"]);
    assert_eq!(after["applies_to_part"]["id"], before["applies_to_part"]["id"]);
    let page = "https://github.com/octo/motor/issues/9";
    let found = world.call("works.list", json!({ "external_ref": [page] })).await;
    assert_eq!(found["works"][0]["applies_to_part"]["id"], before["applies_to_part"]["id"]);
    assert_eq!(found["works"][0]["sprint"]["id"], before["sprint"]["id"]);
    let report = world.import(&items).await;
    assert_eq!(counts(&report), (2, 0, 0, 2));
    assert!(report.beside.is_empty(), "{report:?}");
    // Later items are still found.
    let report = world.import(&[moved(issue(8), "Octo/Motor")]).await;
    assert_eq!(counts(&report), (1, 0, 1, 0));
    assert_eq!(world.call("works.count", json!({})).await["count"], 3);
    assert!(world.server.engine.store().check(&mut |_, _| {}).await.is_empty());
}

#[tokio::test]
async fn what_earlier_versions_imported_is_found_by_its_page_once_and_then_by_its_id() {
    let mut world = World::begin().await;
    world.import(&[whole(7), issue(8)]).await;
    // Earlier versions stored only the page.
    let mut tx = world.server.engine.begin(&world.cx);
    for number in [1, 2] {
        let id = Id::numbered(Kind::Issue, number);
        let old = tx.find::<Work>(&id).await.expect("a read").expect("the work");
        let work = Work { imported_as: None, ..old.doc.clone() };
        tx.update(old, work).await.expect("a change");
    }
    tx.finish().await.expect("a commit");
    let mut tx = world.server.engine.begin(&world.cx);
    world.options.earlier = Earlier::read(&mut tx).await.expect("a read");
    drop(tx);
    let report = world.import(&[moved(whole(7), "Octo/Engine"), issue(8)]).await;
    assert_eq!(counts(&report), (2, 0, 2, 0));
    assert_eq!(report.beside["products renamed"], 1);
    world.options.earlier = Earlier::default();
    let report = world.import(&[moved(whole(7), "octo/motor"), moved(issue(8), "x/y")]).await;
    assert_eq!(counts(&report), (2, 0, 2, 0));
    assert_eq!(world.call("works.count", json!({})).await["count"], 2);
    assert!(world.server.engine.store().check(&mut |_, _| {}).await.is_empty());
}

#[tokio::test]
async fn a_page_that_is_another_items_by_now_is_no_reason_to_change_a_work() {
    let world = World::begin().await;
    world.import(&[issue(7)]).await;
    let before = world.work(7).await;
    // The repository has moved, and another one has its former name.
    let other = with(issue(7), json!({ "id": 5000, "title": "Another one" }));
    let Err(Error::Api(error)) = world.try_import(std::slice::from_ref(&other)).await else {
        panic!("the page is taken")
    };
    assert_eq!(error.message, format!("external_ref {:?} is taken by ISS-1", url(7)));
    assert_eq!(world.work(7).await, before);
    // Both are imported once it is known where the first one has moved.
    world.import(&[moved(issue(7), "octo/motor"), other]).await;
    assert_eq!(world.work(7).await["title"], "Another one");
    assert_eq!(world.call("works.count", json!({})).await["count"], 2);
}

#[tokio::test]
async fn who_is_deactivated_here_is_given_no_work_and_keeps_what_is_theirs() {
    let world = World::begin().await;
    let assigned = |number| {
        with(issue(number), json!({ "assignees": [person(12, "hubot"), person(13, "eve")] }))
    };
    world.import(&[assigned(1)]).await;
    let filter = json!({ "external_identity": [{ "issuer": "github.com", "id": "12" }] });
    let hubot = world.call("dev-users.list", filter).await["dev_users"][0]["id"].clone();
    world.call("dev-users.activate", json!({ "id": hubot })).await;
    world.call("dev-users.deactivate", json!({ "id": hubot })).await;
    let only = with(issue(3), json!({ "assignees": [person(12, "hubot")] }));
    let report = world.import(&[assigned(1), assigned(2), only]).await;
    assert_eq!(counts(&report), (3, 2, 0, 1));
    let why = "assignees who are deactivated here: they are given no work";
    assert_eq!(report.not_carried[why], 2);
    let owners = async |number| {
        let work = world.work(number).await;
        let owners = names(&work["owned_by"], "/display_name");
        owners.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(owners(1).await, ["hubot", "eve"]);
    assert_eq!(owners(2).await, ["eve"]);
    assert_eq!(owners(3).await, ["Worksmith Bot"]);
}
