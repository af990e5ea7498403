//! The server's own bots.

use serde_json::json;
use worksmith_tests::Server;

#[tokio::test]
async fn the_bot_of_the_org_is_listed_and_renamed() {
    let server = Server::start().await;
    let listed = server.call("sys-users.list", json!({"sort_by": ["created_date:asc"]})).await.ok();
    insta::assert_json_snapshot!(listed);
    assert_eq!(server.get("sys-users.list", "limit=1000").await.ok(), listed);

    let named = json!({"id": "SYSU-1", "full_name": "Robot", "display_picture": null});
    let named = server.call("sys-users.update", named).await.ok();
    assert_eq!(named["sys_user"]["full_name"], "Robot");
    assert_eq!(named["sys_user"]["display_name"], "Worksmith Bot");
    let listed = server.get("sys-users.list", "").await.ok();
    assert_eq!(listed["sys_users"], json!([named["sys_user"]]));

    let wrong = json!({"id": "SYSU-1", "full_name": null});
    server.call("sys-users.update", wrong).await.error(400, "unexpected_json_type");
    let absent = json!({"id": "SYSU-9", "full_name": "x"});
    server.call("sys-users.update", absent).await.error(404, "not_found");
}
