//! Receivers of webhooks in this process: what they are sent, and what they answer. Every request
//! must be signed by a secret that its receiver knows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use worksmith_hooks::{Answer, Fault, Sender, Sending, Sent, Signed};
use worksmith_kernel::Clock;

use crate::TestClock;

/// A request that a receiver got.
#[derive(Clone, Debug)]
pub struct Received {
    /// When, in milliseconds.
    pub at: i64,
    /// The address.
    pub url: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Value,
    text: String,
}

/// Whether a body is what the contract says.
fn check_contract(body: &Value) {
    let mut body = body.clone();
    let kind = body["type"].as_str().expect("a type").to_owned();
    // The contract has no payload of these.
    if kind.starts_with("artifact_") {
        return;
    }
    if kind == "verify" {
        // It is in either place, as receivers look for it there.
        let challenge = body.as_object_mut().and_then(|body| body.remove("challenge"));
        assert_eq!(challenge.as_ref(), Some(&body["verify"]["challenge"]));
    }
    let found = worksmith_contract::check_object("webhook-event-request", &body);
    let list: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert!(list.is_empty(), "{kind}: against the contract: {list:#?}\n{body:#}");
}

/// What a receiver does with a request.
type Behaviour = Box<dyn FnMut(&Received) -> Result<Answer, Fault> + Send>;

#[derive(Default)]
struct State {
    received: Vec<Received>,
    behaviours: HashMap<String, Behaviour>,
}

/// All receivers.
pub struct Receivers {
    clock: Arc<TestClock>,
    state: Mutex<State>,
}

/// An answer of a status.
pub fn answer(status: u16) -> Result<Answer, Fault> {
    Ok(Answer { status, retry_after: None, location: None, body: String::new() })
}

/// An answer that asks to be left alone.
pub fn answer_later(status: u16, retry_after: &str) -> Result<Answer, Fault> {
    let retry_after = Some(retry_after.to_owned());
    Ok(Answer { status, retry_after, location: None, body: String::new() })
}

/// What a good receiver answers.
pub fn good(received: &Received) -> Result<Answer, Fault> {
    let body = match received.body["verify"]["challenge"].as_str() {
        Some(challenge) => json!({ "challenge": challenge }).to_string(),
        None => String::new(),
    };
    Ok(Answer { status: 200, retry_after: None, location: None, body })
}

fn hmac(key: &[u8], content: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
    mac.update(content.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let (_, value) = found.next().unwrap_or_else(|| panic!("no {name}: {self:?}"));
        assert!(found.next().is_none(), "{name} twice");
        value
    }

    /// The type of the event.
    pub fn kind(&self) -> &str {
        self.body["type"].as_str().expect("a type")
    }

    /// What is told of the event.
    pub fn payload(&self) -> &Value {
        &self.body[self.kind()]
    }

    /// Whether both signatures are those of a secret.
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let own = hex::encode(hmac(secret.as_bytes(), &self.text));
        self.header("X-DevRev-Signature") == own && self.is_signed_in_standard_by(secret)
    }

    /// Whether one of the signatures of Standard Webhooks is that of a secret.
    pub fn is_signed_in_standard_by(&self, secret: &str) -> bool {
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let key = STANDARD.decode(secret).expect("a secret in base64");
        let wanted = STANDARD.encode(hmac(&key, &format!("{id}.{at}.{}", self.text)));
        let mut all = self.header("webhook-signature").split(' ');
        all.any(|one| one.strip_prefix("v1,") == Some(&wanted))
    }
}

impl Receivers {
    /// Receivers that are all good.
    pub fn new(clock: &Arc<TestClock>) -> Arc<Self> {
        Arc::new(Self { clock: Arc::clone(clock), state: Mutex::default() })
    }

    /// Has the receiver at an address do something else from here on.
    pub fn at(
        &self,
        url: &str,
        behaviour: impl FnMut(&Received) -> Result<Answer, Fault> + Send + 'static,
    ) {
        let mut state = self.state.lock().expect("a lock");
        state.behaviours.insert(url.to_owned(), Box::new(behaviour));
    }

    /// What was received since this was last asked.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.state.lock().expect("a lock").received)
    }
}

impl Sender for Receivers {
    fn send<'a>(&'a self, request: &'a Signed) -> Sending<'a> {
        let (own, further) = request.headers();
        let received = Received {
            at: self.clock.now().0,
            url: request.target().to_string(),
            headers: own.iter().chain(further).cloned().collect(),
            body: serde_json::from_str(request.body()).expect("JSON"),
            text: request.body().to_owned(),
        };
        check_contract(&received.body);
        let mut state = self.state.lock().expect("a lock");
        let outcome = match state.behaviours.get_mut(&received.url) {
            Some(behaviour) => behaviour(&received),
            None => good(&received),
        };
        state.received.push(received);
        Box::pin(std::future::ready(Sent { outcome, ms: 7 }))
    }

    fn limit(&self) -> Duration {
        Duration::from_secs(3)
    }
}
