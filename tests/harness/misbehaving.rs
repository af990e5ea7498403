//! Receivers of webhooks as processes meet them: over sockets, and most of them misbehaving. They
//! note what they took, so that it can be seen whether each event has arrived, and in order.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

/// How a receiver misbehaves; all answer challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It takes everything.
    Good,
    /// It takes everything, each after half a second.
    Slow,
    /// It refuses every third request.
    Flapping,
    /// It asks to be left alone for a second after every fifth request.
    Busy,
    /// It breaks every fourth connection without an answer.
    Resetting,
    /// It answers every event with an error.
    Failing,
    /// It redirects every event.
    Redirecting,
    /// It never answers an event.
    Hanging,
    /// It sends its answer to an event a byte at a time.
    Trickling,
    /// It is gone with the first event.
    Gone,
}

impl Manner {
    /// Every manner; the good ones first.
    pub const ALL: [Self; 10] = [
        Self::Good,
        Self::Slow,
        Self::Flapping,
        Self::Busy,
        Self::Resetting,
        Self::Failing,
        Self::Redirecting,
        Self::Hanging,
        Self::Trickling,
        Self::Gone,
    ];

    /// Whether it takes every event in the end.
    pub const fn takes_all(self) -> bool {
        matches!(self, Self::Good | Self::Slow | Self::Flapping | Self::Busy | Self::Resetting)
    }
}

#[derive(Default)]
struct Notes {
    /// The secret, once it is known: every request is checked by it.
    secret: Option<String>,
    requests: u64,
    /// The titles that were taken of each object, in the order in which they were.
    taken: HashMap<String, Vec<u64>>,
    last: Option<Instant>,
}

/// A receiver.
pub struct Receiver {
    /// How it misbehaves.
    pub manner: Manner,
    address: SocketAddr,
    notes: Arc<Mutex<Notes>>,
}

impl Receiver {
    /// Starts one.
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let notes: Arc<Mutex<Notes>> = Arc::default();
        let shared = Arc::clone(&notes);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let notes = Arc::clone(&shared);
                std::thread::spawn(move || drop(serve(&stream, manner, &notes)));
            }
        });
        Self { manner, address, notes }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// Has every request checked by a secret from here on.
    pub fn set_secret(&self, secret: &str) {
        self.notes.lock().expect("a lock").secret = Some(secret.to_owned());
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.notes.lock().expect("a lock").requests
    }

    /// When the last event was taken.
    pub fn last(&self) -> Option<Instant> {
        self.notes.lock().expect("a lock").last
    }

    /// How many different events were taken. Panics unless those of each object were taken in
    /// order, apart from those that were taken once more.
    pub fn taken(&self) -> usize {
        let notes = self.notes.lock().expect("a lock");
        let mut different = 0;
        for (object, numbers) in &notes.taken {
            let mut highest = 0;
            for number in numbers {
                let is_next = *number == highest + 1;
                assert!(is_next || *number <= highest, "{:?} {object}: {numbers:?}", self.manner);
                highest = highest.max(*number);
            }
            different += usize::try_from(highest).expect("a count");
        }
        different
    }
}

fn serve(stream: &TcpStream, manner: Manner, notes: &Mutex<Notes>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some((headers, body)) = request(&mut reader)? {
        let count = {
            let mut notes = notes.lock().expect("a lock");
            if let Some(secret) = &notes.secret {
                check_signatures(secret, &headers, &body);
            }
            assert!(headers.contains_key("x-devrev-signature"), "unsigned: {body}");
            notes.requests += 1;
            notes.requests
        };
        let event: Value = serde_json::from_str(&body).expect("JSON");
        let is_verify = event["type"] == "verify";
        let answer = if is_verify { Answer::Take } else { answer(manner, count) };
        let challenge = json!({ "challenge": event["verify"]["challenge"] }).to_string();
        let (head, content) = match answer {
            Answer::Take => {
                if !is_verify {
                    take(&mut notes.lock().expect("a lock"), &event);
                }
                ("200 OK".to_owned(), challenge)
            }
            Answer::Head(head) => (head, String::new()),
            Answer::Break => return Ok(()),
            Answer::Hang => {
                std::thread::sleep(Duration::from_secs(60));
                return Ok(());
            }
            Answer::Trickle => {
                for byte in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".bytes() {
                    std::thread::sleep(Duration::from_millis(200));
                    (&mut &*stream).write_all(&[byte])?;
                }
                return Ok(());
            }
        };
        let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{content}", content.len());
        (&mut &*stream).write_all(text.as_bytes())?;
    }
    Ok(())
}

/// What a receiver does with an event.
enum Answer {
    Take,
    Head(String),
    Break,
    Hang,
    Trickle,
}

fn answer(manner: Manner, count: u64) -> Answer {
    match manner {
        Manner::Slow => {
            std::thread::sleep(Duration::from_millis(500));
            Answer::Take
        }
        Manner::Flapping if count.is_multiple_of(3) => Answer::Head("500 No".to_owned()),
        Manner::Busy if count.is_multiple_of(5) => {
            Answer::Head("429 No\r\nRetry-After: 1".to_owned())
        }
        Manner::Resetting if count.is_multiple_of(4) => Answer::Break,
        Manner::Failing => Answer::Head("500 No".to_owned()),
        Manner::Redirecting => Answer::Head("307 No\r\nLocation: http://127.0.0.1:1/".to_owned()),
        Manner::Hanging => Answer::Hang,
        Manner::Trickling => Answer::Trickle,
        Manner::Gone => Answer::Head("410 Gone".to_owned()),
        Manner::Good | Manner::Flapping | Manner::Busy | Manner::Resetting => Answer::Take,
    }
}

/// Notes an event of a task, whose title is the number of its change.
fn take(notes: &mut Notes, event: &Value) {
    let kind = event["type"].as_str().expect("a type");
    let work = &event[kind]["work"];
    let (id, title) = (work["display_id"].as_str(), work["title"].as_str());
    let number = title.and_then(|title| title.parse().ok());
    if let (Some(id), Some(number)) = (id, number) {
        notes.taken.entry(id.to_owned()).or_default().push(number);
        notes.last = Some(Instant::now());
    }
}

type Request = (HashMap<String, String>, String);

fn request(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    assert!(line.starts_with("POST /hook HTTP/1.1"), "{line}");
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Some((headers, String::from_utf8(body).expect("a text"))))
}

fn check_signatures(secret: &str, headers: &HashMap<String, String>, body: &str) {
    let sign = |key: &[u8], content: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
        mac.update(content.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    assert_eq!(headers["x-devrev-signature"], hex::encode(sign(secret.as_bytes(), body)));
    let key = STANDARD.decode(secret).expect("base64");
    let content = format!("{}.{}.{body}", headers["webhook-id"], headers["webhook-timestamp"]);
    let wanted = format!("v1,{}", STANDARD.encode(sign(&key, &content)));
    assert_eq!(headers["webhook-signature"], wanted);
}
