//! Mail of the program itself: it is sent without being asked for, and no message twice, however
//! often the server is killed.

use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use worksmith_tests::process::{Running, TOKEN, command, run};
use worksmith_tests::smtp::MailServer;

const FROM: &str = "Worksmith <tracker@example.org>";

/// How often the server is killed.
const KILLS: usize = 12;
/// How long the mail server takes for each message, in milliseconds.
const SLOW_MS: u64 = 120;

fn serve(data: &Path, mail: &MailServer) -> Running {
    Running::serve(data, &["--smtp", &mail.url, "--mail-from", FROM, "--mail-quiet-s", "0"])
}

fn call(server: &Running, token: &str, op: &str, body: &Value) -> Value {
    let (status, _, answer) = server.call_as(token, op, body);
    assert!((200..300).contains(&status), "{op}: {answer}");
    answer
}

/// Fills a server with works of the admin, and returns the token of another member.
fn fill(server: &Running, works: usize) -> String {
    let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
    call(server, TOKEN, "parts.create", &product);
    for n in 1..=works {
        let issue = json!({
            "type": "issue", "title": format!("Number {n}"), "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"],
        });
        call(server, TOKEN, "works.create", &issue);
    }
    let bob = json!({"email": "bob@example.org", "state": "shadow"});
    call(server, TOKEN, "dev-users.create", &bob);
    call(server, TOKEN, "dev-users.activate", &json!({"id": "DEVU-2"}));
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
    let works = KILLS * 3;
    let mut server = serve(data.path(), &mail);
    let bob = fill(&server, works);
    for kill in 0..KILLS {
        for n in 0..3 {
            let id = format!("ISS-{}", kill * 3 + n + 1);
            comment(&server, &bob, &id, "Since when?");
        }
        // Somewhere between the comments and the last message about them.
        let pause = 700 + u64::try_from(kill).expect("a number") * 61;
        std::thread::sleep(Duration::from_millis(pause));
        server.signal("KILL");
        server.wait();
        server = serve(data.path(), &mail);
    }
    // What is left is sent until the last one, of which nothing was interrupted.
    comment(&server, &bob, "ISS-1", "The last word");
    server.wait_for(|_| {
        let last = mail.mail().into_iter().find(|one| one.text.contains("The last word"));
        last.map(drop)
    });
    let taken = mail.mail();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for one in &taken {
        *times.entry(one.message_id.as_str()).or_default() += 1;
    }
    let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
    assert!(twice.is_empty(), "{twice:?}");
    // Each comment was told of once at most, and all but those that were on their way.
    let told = taken.iter().filter(|one| one.text.contains("Since when?")).count();
    assert!((works - KILLS..=works).contains(&told), "{told} of {works}");
    // The inbox has all of them.
    let states = json!({"states": ["unread"], "event_types": ["update"]});
    let counted = call(&server, TOKEN, "notifications.count", &states);
    assert_eq!(counted, json!({"count": works}));
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
