//! A receiver of webhooks, so that the sample org has some that are told of things. It proves
//! itself, takes everything, and fails where the path says so.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

/// Where receivers of the demo are, and nothing else of this machine is meant to be. Only Linux
/// has this address without being told; elsewhere the demo has no webhooks.
pub(super) const NETWORK: &str = "127.0.0.77/32";
const ADDRESS: &str = "127.0.0.77";
/// The file that says at which port the webhooks of this org find it.
const PORT_FILE: &str = "demo-receiver-port";
const PATIENCE: Duration = Duration::from_secs(5);
const BODY_MAX: u64 = 1024 * 1024;
/// What a path contains that answers with a failure.
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
        std::thread::spawn(move || {
            for stream in self.listener.incoming().flatten() {
                // Whoever asks sees that the connection ends.
                drop(answer(&stream));
            }
        });
    }
}

fn answer(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut reader = BufReader::new(stream);
    let (mut path, mut line, mut length) = (String::new(), String::new(), 0);
    reader.read_line(&mut path)?;
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().unwrap_or(0);
        }
        line.clear();
    }
    let mut body = Vec::new();
    reader.take(length.min(BODY_MAX)).read_to_end(&mut body)?;
    let (status, said) = reply(&path, &serde_json::from_slice(&body).unwrap_or_default());
    let said = said.to_string();
    let length = said.len();
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\
         Connection: close\r\n\r\n{said}"
    )
}

fn reply(path: &str, event: &Value) -> (&'static str, Value) {
    if event["type"] == "verify" {
        return ("200 OK", json!({ "challenge": event["challenge"] }));
    }
    if path.contains(BROKEN) {
        let said = json!({ "error": "the billing system does not answer" });
        return ("500 Internal Server Error", said);
    }
    ("200 OK", json!({ "taken": event["id"] }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_proves_itself_and_fails_only_where_the_path_says_so() {
        let challenge = json!({ "type": "verify", "challenge": "abc" });
        let event = json!({ "type": "work_updated", "id": "e" });
        for (path, event, status, said) in [
            ("POST /a HTTP/1.1", &challenge, "200 OK", json!({ "challenge": "abc" })),
            ("POST /a HTTP/1.1", &event, "200 OK", json!({ "taken": "e" })),
            ("POST /a?answer=500 HTTP/1.1", &challenge, "200 OK", json!({ "challenge": "abc" })),
        ] {
            assert_eq!(reply(path, event), (status, said));
        }
        assert!(reply("POST /a?answer=500 HTTP/1.1", &event).0.starts_with("500"));
    }
}
