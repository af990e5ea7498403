//! A receiver of webhooks, so that the sample org has some that are told of things. It proves
//! itself, takes everything, and fails where the path says so.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use axum::http::{StatusCode, Uri};
use axum::{Json, Router};
use serde_json::{Value, json};

/// Where receivers of the demo are, and nothing else of this machine is meant to be. Only Linux
/// has this address without being told; elsewhere the demo has no webhooks.
pub(super) const NETWORK: &str = "127.0.0.77/32";
const ADDRESS: &str = "127.0.0.77";
/// The file that says at which port the webhooks of this org find it.
const PORT_FILE: &str = "demo-receiver-port";
/// What an address contains that answers with a failure.
const BROKEN: &str = "answer=500";

pub(super) struct Receiver {
    listener: TcpListener,
    url: String,
}

impl Receiver {
    /// Listens where it did before, if that is possible.
    pub(super) fn open(dir: &Path) -> Option<Self> {
        let file = dir.join(PORT_FILE);
        let kept = fs::read_to_string(&file).ok().and_then(|port| port.trim().parse().ok());
        let listener = TcpListener::bind((ADDRESS, kept.unwrap_or(0))).ok()?;
        listener.set_nonblocking(true).ok()?;
        let address = listener.local_addr().ok()?;
        if kept.is_none() {
            fs::create_dir_all(dir)
                .and_then(|()| fs::write(&file, address.port().to_string()))
                .ok()?;
        }
        Some(Self { listener, url: format!("http://{address}") })
    }

    pub(super) fn url(&self) -> String {
        self.url.clone()
    }

    /// Answers for as long as the process runs.
    pub(super) fn answer(self) {
        tokio::spawn(async move {
            let listener = tokio::net::TcpListener::from_std(self.listener)?;
            axum::serve(listener, Router::new().fallback(reply)).await
        });
    }
}

async fn reply(address: Uri, Json(event): Json<Value>) -> (StatusCode, Json<Value>) {
    let (status, said) = if event["type"] == "verify" {
        (StatusCode::OK, json!({ "challenge": event["challenge"] }))
    } else if address.query().is_some_and(|query| query.contains(BROKEN)) {
        let said = json!({ "error": "the billing system does not answer" });
        (StatusCode::INTERNAL_SERVER_ERROR, said)
    } else {
        (StatusCode::OK, json!({ "taken": event["id"] }))
    };
    (status, Json(said))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_proves_itself_and_fails_only_where_the_address_says_so() {
        let challenge = json!({ "type": "verify", "challenge": "abc" });
        let event = json!({ "type": "work_updated", "id": "e" });
        let failure = json!({ "error": "the billing system does not answer" });
        for (address, event, status, said) in [
            ("/a", &challenge, 200, json!({ "challenge": "abc" })),
            ("/a", &event, 200, json!({ "taken": "e" })),
            ("/a?answer=500", &challenge, 200, json!({ "challenge": "abc" })),
            ("/a?answer=500", &event, 500, failure),
        ] {
            let (code, Json(answer)) = reply(Uri::from_static(address), Json(event.clone())).await;
            assert_eq!((code.as_u16(), answer), (status, said), "{address}");
        }
    }
}
