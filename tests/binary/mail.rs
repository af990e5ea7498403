//! Mail of the program itself: it is sent without being asked for, and no message twice, however
//! often the server is killed.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::mailing::{FROM, Mailing, SLOW_MS};
use worksmith_tests::process::{Running, TOKEN, command, run};
use worksmith_tests::program::Alone;
use worksmith_tests::smtp::MailServer;

/// How often the server is killed.
const KILLS: usize = 12;

fn call(server: &Running, token: &str, op: &str, body: &Value) -> Value {
    let (status, _, answer) = server.call_as(token, op, body);
    assert!((200..300).contains(&status), "{op}: {answer}");
    answer
}

/// Fills a server with a work of the admin, and returns the token of another member.
fn fill(server: &Running) -> String {
    let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
    call(server, TOKEN, "parts.create", &product);
    let issue = json!({
        "type": "issue", "title": "Slow", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
    });
    call(server, TOKEN, "works.create", &issue);
    let bob = json!({"email": "bob@example.org", "state": "shadow"});
    call(server, TOKEN, "dev-users.create", &bob);
    call(server, TOKEN, "dev-users.activate", &json!({"id": "DEVU-2"}));
    bobs_token(server)
}

/// A token of DEVU-2.
fn bobs_token(server: &Running) -> String {
    let token = json!({
        "act_as": "DEVU-2", "requested_token_type": "urn:devrev:params:oauth:token-type:pat:act-as",
    });
    let token = call(server, TOKEN, "auth-tokens.create", &token);
    token["access_token"].as_str().expect("a token").to_owned()
}

fn comment(server: &Running, token: &str, id: &str, body: &str) {
    let request = json!({"type": "timeline_comment", "object": id, "body": body});
    call(server, token, "timeline-entries.create", &request);
}

#[test]
fn no_message_is_sent_twice_however_often_the_server_is_killed() {
    let Some(mail) = MailServer::start(&["--slow", &SLOW_MS.to_string()]) else { return };
    let data = TempDir::new().expect("a data dir");
    let options = ["--smtp", &mail.url, "--mail-from", FROM, "--mail-quiet-s", "0"];
    let mut alone = Alone::start(data.path(), &options);
    let works = Mailing(KILLS).run(&mut alone, &mail);
    // The inbox has all of them.
    let bob = bobs_token(alone.running());
    let states = json!({"states": ["unread"], "event_types": ["update"]});
    let counted = call(alone.running(), &bob, "notifications.count", &states);
    assert_eq!(counted, json!({"count": works}));
}

/// A server that trusts a file of certificates.
fn serve_trusting(data: &Path, smtp: &str, trusted: &Path) -> Running {
    let mut command = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(data).args(["--smtp", smtp, "--mail-from", FROM, "--mail-quiet-s", "0"]);
    command.env("SSL_CERT_FILE", trusted);
    Running::start(command)
}

#[test]
fn mail_is_encrypted_from_the_first_byte_on_or_by_starttls_and_only_for_whom_is_trusted() {
    let own = TempDir::new().expect("a data dir");
    // Another server's certificates, of localhost, serve for mail as well.
    drop(Running::serve(own.path(), &["--tls-self-signed"]));
    let (tls, data) = (own.path().join("tls"), TempDir::new().expect("a data dir"));
    let folder = tls.to_str().expect("a path");
    let Some(at_once) = MailServer::start(&["--tls", folder]) else { return };
    let Some(later) = MailServer::start(&["--starttls", folder]) else { return };
    let mut bob = String::new();
    for (mail, smtp) in [
        (&at_once, format!("smtps://localhost:{}", at_once.port)),
        (&later, format!("smtp://localhost:{}?tls=required", later.port)),
        (&later, format!("smtp://localhost:{}", later.port)),
    ] {
        let server = serve_trusting(data.path(), &smtp, &tls.join("ca.pem"));
        if bob.is_empty() {
            bob = fill(&server);
        }
        let before = mail.mail().len();
        comment(&server, &bob, "ISS-1", &smtp);
        mail.wait_for(|mail| (mail.mail().len() > before).then_some(()));
        assert!(mail.mail()[before].text.contains(&smtp));
    }
    // Who is not trusted gets nothing, not even in clear text where that is allowed.
    let other = TempDir::new().expect("a data dir");
    drop(Running::serve(other.path(), &["--tls-self-signed"]));
    for smtp in ["smtps://localhost:PORT", "smtp://localhost:PORT"] {
        let mail = if smtp.starts_with("smtps") { &at_once } else { &later };
        let smtp = smtp.replace("PORT", &mail.port.to_string());
        let trusted = other.path().join("tls/ca.pem");
        let mut server = serve_trusting(data.path(), &smtp, &trusted);
        comment(&server, &bob, "ISS-1", "Not for everybody");
        server.wait_for(|server| server.stderr().contains("can't send mail").then_some(()));
        assert!(server.stderr().contains("certificate"), "{}", server.stderr());
    }
    for (mail, count) in [(&at_once, 1), (&later, 2)] {
        let taken: Vec<_> =
            mail.events().into_iter().filter(|event| event["event"] == "taken").collect();
        assert_eq!(taken.len(), count, "{taken:?}");
        assert!(taken.iter().all(|event| event["encrypted"] == true), "{taken:?}");
    }
}

#[test]
fn bad_settings_of_mail_are_said_at_the_start() {
    let data = TempDir::new().expect("a data dir");
    for (smtp, from, sentence) in [
        ("ftp://user:secret@mail", FROM, "the address of the mail server begins with"),
        ("smtp://user:secret@mail?tls=x", FROM, "the address of the mail server takes"),
        ("smtp://mail", "nobody", "the sender \"nobody\" is no mail address"),
    ] {
        let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        serve.arg(data.path()).args(["--smtp", smtp, "--mail-from", from]);
        let ended = run(&mut serve);
        let said = ended.sentence();
        assert!(said.starts_with(sentence) && !said.contains("secret"), "{said}");
    }
    let mut serve = command(&["serve", "--smtp", "smtp://mail", "--data-dir"]);
    let ended = run(serve.arg(data.path()));
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("--mail-from"), "{ended:?}");
}
