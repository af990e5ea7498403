//! Security tokens, and whom they authenticate.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use worksmith_tests::Server;

const TYPE: &str = "urn:devrev:params:oauth:token-type:";
const ISSUE: &str = "urn:devrev:params:oauth:grant-type:token-issue";
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn of_type(name: &str) -> String {
    format!("{TYPE}{name}")
}

/// Issues a token as the admin: its text, and its object.
async fn issue(server: &Server, members: Value) -> (String, Value) {
    let mut request = json!({"requested_token_type": of_type("pat"), "token_hint": "a hint"});
    let wishes = members.as_object().expect("members").clone();
    request.as_object_mut().expect("a request").extend(wishes);
    let made = server.call("auth-tokens.create", request.clone()).await;
    assert_eq!(made.status, 201);
    let text = made.ok()["access_token"].as_str().expect("a token").to_owned();
    let mut query = json!({"requested_token_type": request["requested_token_type"]});
    if let Some(subject) = request.get("act_as") {
        query["subject"] = subject.clone();
    }
    let listed = server.call("auth-tokens.list", query).await.ok();
    (text, listed["tokens"][0].clone())
}

#[tokio::test]
async fn a_token_is_issued_used_renamed_and_revoked() {
    let server = Server::start().await;
    let request = json!({"grant_type": ISSUE, "requested_token_type": of_type("pat"),
        "expires_in": 7, "token_hint": "laptop"});
    let made = server.call("auth-tokens.create", request).await.ok();
    let text = made["access_token"].as_str().expect("a token").to_owned();
    let expected = json!({"access_token": text, "expires_in": 7 * DAY_MS / 1000,
        "token_type": "bearer"});
    assert_eq!(made, expected);

    let listed = server.get("auth-tokens.list", &format!("requested_token_type={TYPE}pat")).await;
    let listed = listed.ok();
    insta::assert_json_snapshot!(listed);
    assert!(!listed.to_string().contains(&text), "the text is shown once");
    let token = &listed["tokens"][0];
    let id = token["id"].as_str().expect("an id");
    let shown = server.get("auth-tokens.get", &format!("token_id={id}")).await.ok();
    assert_eq!(shown["token"], *token);
    for bearer in [text.clone(), format!("Bearer {text}"), format!("bearer {text}")] {
        server.call_as(&bearer, "dev-users.self", json!({})).await.ok();
    }

    let renamed = json!({"token_id": id, "token_hint": "desktop"});
    let renamed = server.call("auth-tokens.update", renamed).await.ok();
    assert_eq!(renamed["token"]["token_hint"], "desktop");
    let nothing = server.call("auth-tokens.update", json!({"token_id": id})).await;
    assert_eq!(nothing.error(400, "missing_required_field")["field_name"], "token_hint");

    for _ in 0..2 {
        let gone = server.call("auth-tokens.delete", json!({"token_id": id})).await;
        assert_eq!(gone.ok(), json!({}));
    }
    server.call_as(&text, "ping", json!({})).await.error(401, "token_revoked");
    let left = server.call("auth-tokens.get", json!({"token_id": id})).await.ok();
    assert_eq!(left["token"]["status"], "revoked");
    let none = json!({"token_id": id.replace("token/", "token/0000")});
    server.call("auth-tokens.get", none).await.error(404, "not_found");
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over() {
    let server = Server::start().await;
    let (text, token) = issue(&server, json!({"expires_in_mins": 30})).await;
    server.call_as(&text, "ping", json!({})).await.ok();
    server.clock.advance_ms(30 * 60 * 1000);
    server.call_as(&text, "ping", json!({})).await.error(401, "token_expired");
    let left = server.call("auth-tokens.get", json!({"token_id": token["id"]})).await.ok();
    assert_eq!(left["token"]["status"], "expired");
    for (wrong, field) in [
        (json!({"expires_in": 1826}), "expires_in"),
        (json!({"expires_in_mins": -1}), "expires_in_mins"),
    ] {
        let error = server.call("auth-tokens.create", wrong).await;
        assert_eq!(error.error(400, "value_not_permitted")["field_name"], field);
    }
    let both = json!({"expires_in": 1, "expires_in_mins": 1});
    server.call("auth-tokens.create", both).await.error(400, "bad_request");
    let unknown = json!({"requested_token_type": "pat"});
    server.call("auth-tokens.create", unknown).await.error(400, "invalid_enum_value");
    let foreign = json!({"requested_token_type": of_type("super")});
    server.call("auth-tokens.create", foreign).await.error(400, "value_not_permitted");
}

#[tokio::test]
async fn info_tells_of_the_very_token() {
    let server = Server::start().await;
    let (text, _) = issue(&server, json!({"expires_in": 7})).await;
    let info = server.call_as(&text, "auth-tokens.info", json!({})).await.ok();
    insta::assert_json_snapshot!(info);
    let own = server.get("auth-tokens.info", "").await.ok();
    assert_eq!(own["token"]["expiry"], 253_402_300_799_i64, "the first token has no end");
}

#[tokio::test]
async fn a_token_revokes_itself_or_all_of_its_kind() {
    let server = Server::start().await;
    let (one, _) = issue(&server, json!({})).await;
    let (other, _) = issue(&server, json!({})).await;
    let (session, _) = issue(&server, json!({"requested_token_type": of_type("session")})).await;
    server.call_as(&one, "auth-tokens.delete", json!({})).await.ok();
    server.call_as(&one, "ping", json!({})).await.error(401, "token_revoked");
    server.call_as(&other, "ping", json!({})).await.ok();
    let sessions = json!({"requested_token_type": of_type("session")});
    server.call_as(&other, "auth-tokens.self.delete", sessions).await.ok();
    server.call_as(&session, "ping", json!({})).await.error(401, "token_revoked");
    server.call_as(&other, "ping", json!({})).await.ok();
    server.call_as(&other, "auth-tokens.self.delete", json!({})).await.ok();
    server.call_as(&other, "ping", json!({})).await.error(401, "token_revoked");
    server.call("ping", json!({})).await.error(401, "token_revoked");
}

#[tokio::test]
async fn an_application_token_acts_as_its_service_account() {
    let server = Server::start().await;
    server.call("service-accounts.create", json!({"display_name": "CI"})).await.ok();
    let request = json!({"requested_token_type": of_type("aat"), "act_as": "SVCACC-1"});
    let (text, token) = issue(&server, request).await;
    assert!(token["client_id"].as_str().is_some_and(|id| id.starts_with("app-")));
    let tag = server.call_as(&text, "tags.create", json!({"name": "x"})).await.ok();
    assert_eq!(tag["tag"]["created_by"]["type"], "service_account");
    assert_eq!(tag["tag"]["created_by"]["display_id"], "SVCACC-1");
    let listed = json!({"subject": "SVCACC-1", "client_id": token["client_id"]});
    let listed = server.call("auth-tokens.list", listed).await.ok();
    assert_eq!(listed, json!({"tokens": [token]}));
}

#[tokio::test]
async fn only_admins_make_and_see_tokens_of_others() {
    let server = Server::start().await;
    let shadow = json!({"email": "bob@example.org", "state": "shadow"});
    server.call("dev-users.create", shadow).await.ok();
    let act_as = json!({"requested_token_type": of_type("pat:act-as"), "act_as": "DEVU-2"});
    let inactive = server.call("auth-tokens.create", act_as.clone()).await;
    assert_eq!(inactive.error(400, "value_not_permitted")["field_name"], "act_as");
    server.call("dev-users.activate", json!({"id": "DEVU-2"})).await.ok();
    let (bob, token) = issue(&server, act_as).await;
    assert_eq!(token["requested_token_type"], of_type("pat:act-as"));

    let plain = json!({"requested_token_type": of_type("pat"), "act_as": "DEVU-2"});
    server.call("auth-tokens.create", plain).await.error(400, "missing_dependency");
    let nobody = json!({"requested_token_type": of_type("pat:act-as")});
    server.call("auth-tokens.create", nobody).await.error(400, "missing_dependency");
    for (id, kind) in [
        ("DEVU-9", "invalid_id"),
        ("SYSU-1", "unexpected_id_type"),
        ("TAG-1", "unexpected_id_type"),
    ] {
        let request = json!({"requested_token_type": of_type("pat:act-as"), "act_as": id});
        server.call("auth-tokens.create", request).await.error(400, kind);
    }

    let own = server.call("auth-tokens.list", json!({})).await.ok();
    let admins = json!({"token_id": own["tokens"][0]["id"]});
    server.call_as(&bob, "auth-tokens.get", admins.clone()).await.error(404, "not_found");
    server.call_as(&bob, "auth-tokens.delete", admins).await.error(404, "not_found");
    let listed = server.call_as(&bob, "auth-tokens.list", json!({"subject": "DEVU-1"})).await;
    assert_eq!(listed.ok(), json!({"tokens": []}));
    let rise = json!({"requested_token_type": of_type("pat:act-as"), "act_as": "DEVU-1"});
    server.call_as(&bob, "auth-tokens.create", rise).await.error(403, "forbidden");
    server.call_as(&bob, "auth-tokens.create", json!({})).await.ok();
}

#[tokio::test]
async fn scopes_are_kept_enforced_and_never_widened() {
    let server = Server::start().await;
    let (text, token) =
        issue(&server, json!({"scope": "tag:read  token:write tag:read dev_org:all"})).await;
    assert_eq!(token["scopes"], json!(["tag:read", "token:write", "dev_org:all"]));
    server.call_as(&text, "tags.list", json!({})).await.ok();
    server.call_as(&text, "dev-orgs.get", json!({})).await.ok();
    server.call_as(&text, "ping", json!({})).await.ok();
    server.call_as(&text, "auth-tokens.info", json!({})).await.ok();
    server.call_as(&text, "tags.create", json!({"name": "x"})).await.error(403, "forbidden");
    server.call_as(&text, "dev-users.self", json!({})).await.error(403, "forbidden");

    let narrower = server.call_as(&text, "auth-tokens.create", json!({"scope": "tag:read"})).await;
    assert_eq!(narrower.ok()["scope"], "tag:read");
    let same = server.call_as(&text, "auth-tokens.create", json!({})).await.ok();
    assert_eq!(same["scope"], "tag:read token:write dev_org:all");
    for wider in ["tag:write", "tag:all", "work:read"] {
        let request = json!({"scope": wider});
        server.call_as(&text, "auth-tokens.create", request).await.error(403, "forbidden");
    }
    for broken in ["tag", "tag:", ":read", "tag:delete"] {
        let error = server.call("auth-tokens.create", json!({"scope": broken})).await;
        assert_eq!(error.error(400, "value_not_permitted")["field_name"], "scope");
    }
}

#[tokio::test]
async fn a_token_is_exchanged_for_a_session_that_ends_no_later() {
    let server = Server::start().await;
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let (text, _) = issue(&server, json!({"expires_in_mins": 10, "scope": "tag:read"})).await;
    let request = json!({"grant_type": exchange, "subject_token": text,
        "requested_token_type": of_type("session")});
    let session = server.call("auth-tokens.create", request).await.ok();
    assert_eq!(session["scope"], "tag:read");
    assert!(session["expires_in"].as_i64().is_some_and(|left| (590..=600).contains(&left)));
    let nothing = json!({"grant_type": exchange});
    server.call("auth-tokens.create", nothing).await.error(400, "missing_dependency");
    let unknown = json!({"grant_type": exchange, "subject_token": "nobody"});
    server.call("auth-tokens.create", unknown).await.error(400, "value_not_permitted");
}

#[tokio::test]
async fn the_text_of_a_token_is_kept_for_no_idempotency_key() {
    let server = Server::start().await;
    let headers = [
        ("authorization", worksmith_tests::ADMIN),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let send = || server.send(axum::http::Method::POST, "auth-tokens.create", &headers, "{}");
    let (one, other) = (send().await.ok(), send().await.ok());
    assert_ne!(one["access_token"], other["access_token"]);
}

#[tokio::test]
async fn an_application_gives_its_visitor_a_session() {
    let server = Server::start().await;
    server.call("service-accounts.create", json!({"display_name": "Site"})).await.ok();
    let request = json!({"requested_token_type": of_type("aat"), "act_as": "SVCACC-1"});
    let (application, _) = issue(&server, request).await;
    let visitor = json!({"rev_info": {
        "user_ref": "u-9",
        "user_traits": {"email": " ana@example.org ", "display_name": "Ana",
            "phone_numbers": ["+351 210 000 000"]},
        "account_ref": "acme", "account_traits": {"display_name": "Acme", "domains": ["acme.io"]},
        "workspace_ref": "acme-eu", "workspace_traits": {"display_name": "Acme EU"},
    }});
    let session = server.call_as(&application, "auth-tokens.create", visitor.clone()).await.ok();
    assert_eq!(session["expires_in"], 3600);
    let token = session["access_token"].as_str().expect("a token");
    let info = server.call_as(token, "auth-tokens.info", json!({})).await.ok();
    assert_eq!(info["user"]["type"], "rev_user");
    assert_eq!(info["user"]["display_name"], "Ana");
    let contact = server.call("rev-users.get", json!({"id": info["user"]["id"]})).await.ok();
    let contact = &contact["rev_user"];
    assert_eq!(contact["external_ref"], "u-9");
    assert_eq!(contact["email"], "ana@example.org");
    assert_eq!(contact["rev_org"]["display_name"], "Acme EU");
    let workspace = server.call("rev-orgs.get", json!({"id": contact["rev_org"]["id"]})).await.ok();
    assert_eq!(workspace["rev_org"]["account"]["display_name"], "Acme");

    // The same visitor returns, with another name.
    let mut again = visitor;
    again["rev_info"]["user_traits"] = json!({"display_name": "Ana Silva"});
    server.call_as(&application, "auth-tokens.create", again).await.ok();
    let contacts = server.call("rev-users.list", json!({})).await.ok();
    assert_eq!(contacts["rev_users"].as_array().map(Vec::len), Some(1));
    assert_eq!(contacts["rev_users"][0]["display_name"], "Ana Silva");
    let accounts = server.call("accounts.list", json!({})).await.ok();
    assert_eq!(accounts["accounts"].as_array().map(Vec::len), Some(1));

    let clash = json!({"rev_info": {"user_ref": "u-10",
        "user_traits": {"email": "ana@example.org"}}});
    server.call_as(&application, "auth-tokens.create", clash).await.error(409, "conflict");
    let contacts = server.call("rev-users.list", json!({})).await.ok();
    assert_eq!(contacts["rev_users"].as_array().map(Vec::len), Some(1));

    let nobody = json!({"rev_info": {"account_ref": "acme"}});
    let nobody = server.call_as(&application, "auth-tokens.create", nobody).await;
    assert_eq!(nobody.error(400, "missing_required_field")["field_name"], "user_ref");
    let personal = json!({"rev_info": {"user_ref": "u-9"},
        "requested_token_type": of_type("pat")});
    server
        .call_as(&application, "auth-tokens.create", personal)
        .await
        .error(400, "value_not_permitted");
    let none = json!({"requested_token_type": of_type("session:rev")});
    server.call_as(&application, "auth-tokens.create", none).await.error(400, "missing_dependency");

    // A contact is not a member, and can't issue tokens.
    server.call_as(token, "tags.create", json!({"name": "x"})).await.error(403, "forbidden");
    server.call_as(token, "auth-tokens.create", json!({})).await.error(403, "forbidden");
    server.call_as(token, "ping", json!({})).await.ok();
    server.clock.advance_ms(3_600_000);
    server.call_as(token, "ping", json!({})).await.error(401, "token_expired");
}

/// The header and the claims of a token.
fn said(text: &str) -> (Value, Value) {
    let parts: Vec<_> = text.split('.').map(|part| URL_SAFE_NO_PAD.decode(part)).collect();
    let [Ok(header), Ok(claims), Ok(signature)] = parts.as_slice() else {
        panic!("{text} is no JSON Web Token")
    };
    assert_eq!(signature.len(), 32);
    let read = |part: &[u8]| serde_json::from_slice(part).expect("JSON");
    (read(header), read(claims))
}

#[tokio::test]
async fn a_token_tells_who_holds_it_and_where_to_go() {
    let server = Server::start().await;
    let (text, token) = issue(&server, json!({"expires_in": 7})).await;
    let info = server.call_as(&text, "auth-tokens.info", json!({})).await.ok();
    let (header, claims) = said(&text);
    assert_eq!(header, json!({"alg": "HS256", "typ": "JWT"}));
    let id = claims["jti"].as_str().expect("an id");
    assert_eq!(id.len(), 22);
    assert_eq!(
        claims,
        json!({
            "iss": "http://worksmith.test",
            "sub": info["user"]["id"],
            "azp": info["user"]["id"],
            "iat": info["token"]["issued_at"],
            "exp": info["token"]["expiry"],
            "jti": id,
            "http://devrev.ai/devo_don": info["organization"]["id"],
            "http://devrev.ai/devoid": info["organization"]["display_id"],
            "http://devrev.ai/devuid": "DEVU-1",
            "http://devrev.ai/tokentype": token["requested_token_type"],
        })
    );
    let (other, _) = issue(&server, json!({})).await;
    assert_ne!(said(&other).1["jti"], claims["jti"]);

    // The claims are for clients. The server only looks at the whole text.
    let (body, signature) = text.rsplit_once('.').expect("a signature");
    let forged = [
        format!("{body}."),
        format!("{body}.{}", signature.chars().rev().collect::<String>()),
        format!("{}{text}", "A".repeat(4096)),
    ];
    for forged in forged {
        server.call_as(&forged, "ping", json!({})).await.error(401, "unauthenticated");
    }
    server.call_as(&text, "auth-tokens.delete", json!({})).await.ok();
    server.call_as(&text, "ping", json!({})).await.error(401, "token_revoked");
}

#[tokio::test]
async fn a_token_of_an_application_names_its_service_account() {
    let server = Server::start().await;
    server.call("service-accounts.create", json!({"display_name": "Site"})).await.ok();
    let request = json!({"requested_token_type": of_type("aat"), "act_as": "SVCACC-1"});
    let (application, _) = issue(&server, request).await;
    let claims = said(&application).1;
    let account = claims["sub"].clone();
    assert!(account.as_str().is_some_and(|id| id.ends_with(":svcacc/1")), "{claims}");
    assert_eq!(claims["azp"], account);
    assert_eq!(claims["http://devrev.ai/svcacc"], account);
    assert!(claims.get("http://devrev.ai/devuid").is_none());
    let visitor = json!({"rev_info": {"user_ref": "u-9"}});
    let session = server.call_as(&application, "auth-tokens.create", visitor).await.ok();
    let claims = said(session["access_token"].as_str().expect("a token")).1;
    assert!(claims["sub"].as_str().is_some_and(|id| id.ends_with(":revu/1")), "{claims}");
    assert_eq!(claims["azp"], account);
    assert_eq!(claims["http://devrev.ai/svcacc"], account);
}

#[tokio::test]
async fn a_hint_is_the_end_of_the_text_unless_the_owner_says_otherwise() {
    let server = Server::start().await;
    let made = server.call("auth-tokens.create", json!({})).await.ok();
    let text = made["access_token"].as_str().expect("a token");
    let listed = server.call("auth-tokens.list", json!({})).await.ok();
    assert_eq!(listed["tokens"][0]["token_hint"], text[text.len() - 4..]);
}

#[tokio::test]
async fn to_act_as_somebody_expires_in_counts_seconds() {
    let server = Server::start().await;
    let act_as = json!({
        "requested_token_type": of_type("pat:act-as"), "act_as": "DEVU-1", "expires_in": 360,
    });
    let made = server.call("auth-tokens.create", act_as).await.ok();
    assert_eq!(made["expires_in"], 360);
    let text = made["access_token"].as_str().expect("a token").to_owned();
    server.clock.advance_ms(350_000);
    server.call_as(&text, "ping", json!({})).await.ok();
    server.clock.advance_ms(10_000);
    server.call_as(&text, "ping", json!({})).await.error(401, "token_expired");
}

#[tokio::test]
async fn a_contact_is_given_sessions_of_each_spelling() {
    let server = Server::start().await;
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let rev_info = json!({"user_ref": "u-9", "user_traits": {"email": "ana@example.org"}});
    for (members, of, lifetime) in [
        (json!({}), "session:rev", 3600),
        (json!({"requested_token_type": of_type("session:rev")}), "session:rev", 3600),
        (json!({"requested_token_type": of_type("session")}), "session", 3600),
        (
            json!({
                "grant_type": exchange, "requested_token_type": of_type("session:onetime"),
                "subject_token_type": of_type("revinfo"),
            }),
            "session:onetime",
            600,
        ),
        (json!({"requested_token_type": of_type("session"), "expires_in_mins": 5}), "session", 300),
    ] {
        let mut request = members;
        request["rev_info"] = rev_info.clone();
        let made = server.call("auth-tokens.create", request.clone()).await.ok();
        let text = made["access_token"].as_str().expect("a token").to_owned();
        let expected = json!({
            "access_token": text, "expires_in": lifetime, "token_type": "bearer",
        });
        assert_eq!(made, expected, "{request}");
        assert_eq!(said(&text).1["http://devrev.ai/tokentype"], of_type(of));
        let info = server.call_as(&text, "auth-tokens.info", json!({})).await.ok();
        assert_eq!(info["user"]["display_id"], "REVU-1");
    }
    for (members, needed) in [
        (json!({"requested_token_type": of_type("session:onetime")}), "rev_info"),
        (json!({"requested_token_type": of_type("session:rev")}), "rev_info"),
        (json!({"subject_token_type": of_type("revinfo")}), "rev_info"),
        (json!({"grant_type": exchange}), "subject_token"),
    ] {
        let error = server.call("auth-tokens.create", members).await;
        assert_eq!(error.error(400, "missing_dependency")["dependent_field_name"], needed);
    }
    let personal = json!({"rev_info": rev_info, "requested_token_type": of_type("pat")});
    let error = server.call("auth-tokens.create", personal).await;
    let allowed = ["session", "session:onetime", "session:rev"].map(of_type);
    assert_eq!(error.error(400, "value_not_permitted")["allowed_values"], json!(allowed));
}

#[tokio::test]
async fn a_onetime_session_is_exchanged_once() {
    let server = Server::start().await;
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    let request = json!({
        "requested_token_type": of_type("session:onetime"), "rev_info": {"user_ref": "u-9"},
    });
    let once = server.call("auth-tokens.create", request).await.ok();
    let once = once["access_token"].as_str().expect("a token").to_owned();
    let request = json!({
        "grant_type": exchange, "subject_token": once, "requested_token_type": of_type("session"),
        "subject_token_type": of_type("session"),
    });
    let wrong = json!({"subject_token": once, "requested_token_type": of_type("pat")});
    server.call("auth-tokens.create", wrong).await.error(400, "value_not_permitted");
    let made = server.call("auth-tokens.create", request.clone()).await.ok();
    assert_eq!(made["expires_in"], 3600, "its own time, not what was left of the other");
    let session = made["access_token"].as_str().expect("a token");
    let info = server.call_as(session, "auth-tokens.info", json!({})).await.ok();
    assert_eq!(info["user"]["display_id"], "REVU-1");
    server.call_as(&once, "ping", json!({})).await.error(401, "token_revoked");
    let again = server.call("auth-tokens.create", request).await;
    assert_eq!(again.error(400, "value_not_permitted")["field_name"], "subject_token");
}
