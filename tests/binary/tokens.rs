//! Tokens on the command line.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::process::{Ended, Running, command, run};

fn token(data: &Path, arguments: &[&str]) -> Ended {
    run(command(&["token"]).args(arguments).arg("--data-dir").arg(data))
}

/// The claims of a token.
fn claims(text: &str) -> Value {
    let parts: Vec<_> = text.split('.').collect();
    assert_eq!(parts.len(), 3, "{text}");
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).expect("Base64");
    serde_json::from_slice(&claims).expect("JSON")
}

#[test]
fn a_token_lives_from_creation_to_revocation() {
    let dir = TempDir::new().unwrap();
    drop(Running::serve(dir.path(), &[]));
    let made = token(dir.path(), &["create", "--name", "nightly", "--expires-in-days", "1"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let text = made.stdout.trim().to_owned();
    let claims = claims(&text);
    assert_eq!(claims["iss"], "http://127.0.0.1:8080");
    assert_eq!(claims["http://devrev.ai/devuid"], "DEVU-1");
    let iat = claims["iat"].as_i64().expect("a time");
    assert_eq!(claims["exp"].as_i64(), Some(iat + 24 * 60 * 60));
    let elsewhere = token(dir.path(), &["create", "--base-url", "https://work.example.org/"]);
    assert_eq!(self::claims(elsewhere.stdout.trim())["iss"], "https://work.example.org");

    let listed = token(dir.path(), &["list"]).stdout;
    let line = listed.lines().find(|line| line.contains("nightly")).expect("the token");
    assert!(line.contains("valid") && line.contains("admin@localhost"), "{line}");
    assert!(!listed.contains(&text), "{listed}");
    let id = line.split_whitespace().next().unwrap();

    let server = Running::serve(dir.path(), &[]);
    let as_it = |server: &Running| server.call_as(&text, "dev-users.self", &json!({})).2;
    assert_eq!(as_it(&server)["dev_user"]["email"], "admin@localhost");
    assert_eq!(token(dir.path(), &["revoke", id]).stdout, format!("Token {id} is revoked.\n"));
    assert_eq!(as_it(&server)["type"], "token_revoked");
    assert_eq!(server.call("dev-users.self", &json!({})).0, 200);
}

#[test]
fn what_is_not_there_is_named() {
    let dir = TempDir::new().unwrap();
    let wanted =
        format!("there is no data in {}; start `worksmith serve` there once", dir.path().display());
    assert_eq!(token(dir.path(), &["list"]).sentence(), wanted);
    drop(Running::serve(dir.path(), &[]));
    let unknown = token(dir.path(), &["create", "--user", "nobody@example.org"]);
    let wanted = "the org has no member with the address \"nobody@example.org\"";
    assert_eq!(unknown.sentence(), wanted);
    assert!(token(dir.path(), &["revoke", "4711"]).sentence().starts_with("there is no token"));
}
