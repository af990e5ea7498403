//! Mail of processes that are killed again and again: no message is sent twice.

use std::collections::HashMap;
use std::time::Duration;

use serde_json::json;

use crate::program::Program;
use crate::smtp::{Mail, MailServer};

/// The sender of all mail.
pub const FROM: &str = "Worksmith <tracker@example.org>";
/// How long the mail server takes for each message, in milliseconds, so that kills hit some.
pub const SLOW_MS: u64 = 120;
/// How many comments there are before each kill.
const COMMENTS: usize = 3;

/// How often a server is killed.
#[derive(Clone, Copy, Debug)]
pub struct Mailing(pub usize);

impl Mailing {
    /// Has a member told by mail of comments while servers are killed. Panics if a message is sent
    /// twice, or if one is missing that was not on its way at a kill. Returns how many comments
    /// there were.
    pub fn run(self, program: &mut impl Program, mail: &MailServer) -> usize {
        let Self(kills) = self;
        let works = kills * COMMENTS;
        fill(program, works);
        for kill in 0..kills {
            for n in 0..COMMENTS {
                comment(program, &format!("ISS-{}", kill * COMMENTS + n + 1), "Since when?");
            }
            // Somewhere between the comments and the last message about them.
            let pause = 700 + u64::try_from(kill).expect("a number") * 61;
            std::thread::sleep(Duration::from_millis(pause));
            program.kill();
        }
        // What is left is sent, and the last one, of which nothing was interrupted.
        comment(program, "ISS-1", "The last word");
        let has = |one: &Mail, text: &str| one.text.contains(text);
        let told = |all: &[Mail]| all.iter().filter(|one| has(one, "Since when?")).count();
        mail.wait_for(|mail| {
            let all = mail.mail();
            let is_last_there = all.iter().any(|one| has(one, "The last word"));
            (is_last_there && told(&all) >= works - kills).then_some(())
        });
        std::thread::sleep(Duration::from_secs(1));
        let taken = mail.mail();
        let mut times: HashMap<&str, usize> = HashMap::new();
        for one in &taken {
            *times.entry(one.message_id.as_str()).or_default() += 1;
        }
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        let told = told(&taken);
        assert!((works - kills..=works).contains(&told), "{told} of {works}");
        works
    }
}

/// Works that DEVU-2, Bob, follows, to whom mail is sent.
fn fill(program: &mut impl Program, works: usize) {
    let bob = json!({"email": "bob@example.org", "state": "shadow"});
    program.call("dev-users.create", &bob);
    program.call("dev-users.activate", &json!({"id": "DEVU-2"}));
    let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
    program.call("parts.create", &product);
    for n in 1..=works {
        let issue = json!({
            "type": "issue", "title": format!("Number {n}"), "applies_to_part": "PROD-1",
            "owned_by": ["DEVU-1"],
        });
        program.call("works.create", &issue);
        let add = json!({"id": format!("ISS-{n}"), "subscribers": {"add": ["DEVU-2"]}});
        program.call("subscribers.update", &add);
    }
}

fn comment(program: &mut impl Program, id: &str, body: &str) {
    let request = json!({"type": "timeline_comment", "object": id, "body": body});
    program.call("timeline-entries.create", &request);
}
