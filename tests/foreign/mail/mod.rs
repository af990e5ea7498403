//! Mail, as a real mail server takes it: threads, bursts, what is not sent, and the links by which
//! people get no more of it.

mod handed_over;
mod threads;
mod unsubscribed;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt;
use worksmith_inbox::follow::MailTimes;
use worksmith_inbox::letters;
use worksmith_kernel::Result;
use worksmith_mail::Mailer;
use worksmith_tests::smtp::{Mail, MailServer};
use worksmith_tests::{ADMIN, Server};

/// A minute after the last change, at most ten after the first.
const TIMES: MailTimes = MailTimes { quiet_ms: 60_000, longest_ms: 600_000 };

/// A server with ISS-1 of the admin, another member, and a mail server.
struct Office {
    server: Server,
    mail: MailServer,
    mailer: Mailer,
    /// The token of DEVU-2, Bob.
    bob: String,
}

impl Office {
    /// `None` if there is no mail server.
    async fn open(options: &[&str]) -> Option<Self> {
        let mail = MailServer::start(options)?;
        let server = Server::start().await;
        let product = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        server.call("parts.create", product).await.ok();
        let issue = json!({
            "type": "issue", "title": "Slow", "applies_to_part": "PROD-1", "owned_by": ["DEVU-1"],
        });
        server.call("works.create", issue).await.ok();
        let bob = json!({"email": "bob@example.org", "state": "shadow"});
        server.call("dev-users.create", bob).await.ok();
        server.call("dev-users.activate", json!({"id": "DEVU-2"})).await.ok();
        let token = json!({
            "act_as": "DEVU-2",
            "requested_token_type": "urn:devrev:params:oauth:token-type:pat:act-as",
        });
        let token = server.call("auth-tokens.create", token).await.ok();
        let bob = token["access_token"].as_str().expect("a token").to_owned();
        let mailer = Self::mailer(&mail.url);
        let office = Self { server, mail, mailer, bob };
        office.tell().await;
        Some(office)
    }

    fn mailer(url: &str) -> Mailer {
        Mailer::new(url, "Worksmith <tracker@example.org>").expect("settings")
    }

    /// Comments as somebody, and returns the id of the entry.
    async fn comment(&self, token: &str, object: &str, body: &str) -> Value {
        let request = json!({"type": "timeline_comment", "object": object, "body": body});
        let made = self.server.call_as(token, "timeline-entries.create", request).await.ok();
        made["timeline_entry"]["id"].clone()
    }

    async fn change(&self, token: &str, id: &str, members: Value) {
        let mut request = members;
        request["id"] = json!(id);
        self.server.call_as(token, "works.update", request).await.ok();
    }

    async fn tell(&self) {
        self.server.tell(Some(TIMES)).await;
    }

    /// Tells people, and lets time pass.
    async fn pass(&self, seconds: i64) {
        self.tell().await;
        self.server.clock.advance_ms(seconds * 1000);
    }

    /// Writes and sends what is due. Returns how many letters were handed over.
    async fn post(&self) -> Result<u64> {
        let Server { engine, environment, .. } = &self.server;
        letters::write(engine, environment, self.mailer.domain()).await?;
        letters::send(engine, environment, &self.mailer).await
    }

    /// What the mail server has taken, once everything is sent that is due in two minutes.
    async fn sent(&self) -> Vec<Mail> {
        self.pass(120).await;
        self.post().await.expect("the mail server takes mail");
        self.mail.mail()
    }

    /// Asks for a page.
    async fn page(&self, method: Method, path: &str, form: &str) -> (StatusCode, String) {
        let form_type = "application/x-www-form-urlencoded";
        let request = Request::builder()
            .method(method)
            .uri(format!("/{path}"))
            .header("content-type", form_type)
            .body(Body::from(form.to_owned()))
            .expect("a request");
        let answer = self.server.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
        (parts.status, String::from_utf8(body.to_vec()).expect("a text"))
    }

    /// The bodies of what the admin is told of in the inbox.
    async fn told(&self) -> Vec<String> {
        self.tell().await;
        let listed = self.server.call_as(ADMIN, "notifications.list", json!({})).await.ok();
        let events = listed["notifications"].as_array().expect("notifications").iter();
        let events = events.flat_map(|one| one["events"].as_array().expect("events"));
        events.filter_map(|event| event["body"].as_str().map(ToOwned::to_owned)).collect()
    }
}
