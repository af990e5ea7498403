//! Programs with an identity of their own.

use serde_json::json;
use worksmith_tests::Server;

#[tokio::test]
async fn a_service_account_is_made_read_and_renamed() {
    let server = Server::start().await;
    let request = json!({"display_name": "Build robot", "gen_keyring": true});
    let made = server.call("service-accounts.create", request).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    insta::assert_json_snapshot!(made);
    assert_eq!(server.get("service-accounts.get", "id=SVCACC-1").await.ok(), made);

    let renamed = json!({"id": "SVCACC-1", "display_name": "Robot"});
    let renamed = server.call("service-accounts.update", renamed).await.ok();
    assert_eq!(renamed["service_account"]["display_name"], "Robot");
    let none = json!({"id": "SVCACC-9", "display_name": "Robot"});
    server.call("service-accounts.update", none).await.error(404, "not_found");
}

#[tokio::test]
async fn the_name_of_a_service_account_is_unique() {
    let server = Server::start().await;
    let request = json!({"display_name": "Robot"});
    server.call("service-accounts.create", request.clone()).await.ok();
    server.call("service-accounts.create", request).await.error(409, "conflict");
    let missing = server.call("service-accounts.create", json!({})).await;
    assert_eq!(missing.error(400, "missing_required_field")["field_name"], "display_name");
}

#[tokio::test]
async fn a_service_account_makes_no_other() {
    let server = Server::start().await;
    server.call("service-accounts.create", json!({"display_name": "One"})).await.ok();
    let request = json!({"requested_token_type": "urn:devrev:params:oauth:token-type:aat",
        "act_as": "SVCACC-1"});
    let token = server.call("auth-tokens.create", request).await.ok();
    let token = token["access_token"].as_str().expect("a token");
    let refused = server.call_as(token, "service-accounts.create", json!({"display_name": "Two"}));
    refused.await.error(403, "forbidden");
    server.call_as(token, "dev-users.self", json!({})).await.error(404, "not_found");
}
