//! Receivers of webhooks as processes meet them: over sockets, and most of them misbehaving. They
//! note what they took, so that it can be seen whether each event has arrived, and in order.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use worksmith_kernel::{Clock, SystemClock};
use worksmith_wire::Timestamp;

/// How a receiver misbehaves; all answer challenges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It takes everything.
    Good,
    /// It takes everything, each after a while.
    Slow,
    /// It refuses every sixth request.
    Flapping,
    /// It asks to be left alone for a second, every forty requests.
    Busy,
    /// It breaks every seventh connection without an answer.
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
    /// Nobody listens any more once it is verified.
    Dead,
}

impl Manner {
    /// Every manner but the good one.
    pub const BAD: [Self; 10] = [
        Self::Slow,
        Self::Flapping,
        Self::Busy,
        Self::Resetting,
        Self::Failing,
        Self::Redirecting,
        Self::Hanging,
        Self::Trickling,
        Self::Gone,
        Self::Dead,
    ];

    /// Whether it takes every event in the end.
    pub const fn takes_all(self) -> bool {
        matches!(self, Self::Good | Self::Slow | Self::Flapping | Self::Busy | Self::Resetting)
    }
}

#[derive(Default)]
struct Notes {
    requests: u64,
    /// The titles that were taken of each object, in the order in which they were.
    taken: HashMap<String, Vec<u64>>,
    /// How long each event was under way when it was taken first, in milliseconds.
    delays: Vec<i64>,
    last: Option<Instant>,
    /// Requests that should not have been sent.
    faults: Vec<String>,
}

/// A receiver.
pub struct Receiver {
    /// How it misbehaves.
    pub manner: Manner,
    /// The secret that its webhook has to have: every request is checked by it.
    pub secret: String,
    address: SocketAddr,
    notes: Arc<Mutex<Notes>>,
}

impl Receiver {
    /// Starts one.
    pub fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let secret = STANDARD.encode(format!("the secret of {}", address.port()));
        let notes: Arc<Mutex<Notes>> = Arc::default();
        let (shared, known) = (Arc::clone(&notes), secret.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if manner == Manner::Dead {
                    // The port is closed after the first request, which is the challenge.
                    drop(serve(&stream, manner, &known, &shared));
                    return;
                }
                let (notes, secret) = (Arc::clone(&shared), known.clone());
                std::thread::spawn(move || drop(serve(&stream, manner, &secret, &notes)));
            }
        });
        Self { manner, secret, address, notes }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().expect("a lock")
    }

    /// How many requests there were.
    pub fn requests(&self) -> u64 {
        self.notes().requests
    }

    /// When the last event was taken.
    pub fn last(&self) -> Option<Instant> {
        self.notes().last
    }

    /// How long the events were under way that were taken since this was last asked, in
    /// milliseconds.
    pub fn take_delays(&self) -> Vec<i64> {
        std::mem::take(&mut self.notes().delays)
    }

    /// How many different events were taken. Panics unless every request was signed, and the events
    /// of each object came in order, of which each may come more than once.
    pub fn taken(&self) -> usize {
        let notes = self.notes();
        assert!(notes.faults.is_empty(), "{:?}: {:#?}", self.manner, notes.faults);
        let mut different = 0;
        for (object, numbers) in &notes.taken {
            let mut highest = 0;
            for number in numbers {
                let is_in_order = *number == highest + 1 || *number == highest;
                assert!(is_in_order, "{:?} {object}: {numbers:?}", self.manner);
                highest = *number;
            }
            different += usize::try_from(highest).expect("a count");
        }
        different
    }
}

fn serve(
    stream: &TcpStream,
    manner: Manner,
    secret: &str,
    notes: &Mutex<Notes>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    while let Some((headers, body)) = request(&mut reader)? {
        let count = {
            let mut notes = notes.lock().expect("a lock");
            notes.requests += 1;
            if !is_signed(secret, &headers, &body) {
                notes.faults.push(format!("not signed: {headers:?} {body}"));
            }
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
        if manner == Manner::Dead {
            return Ok(());
        }
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
            std::thread::sleep(Duration::from_millis(300));
            Answer::Take
        }
        Manner::Flapping if count.is_multiple_of(6) => Answer::Head("500 No".to_owned()),
        Manner::Busy if count.is_multiple_of(40) => {
            Answer::Head("429 No\r\nRetry-After: 1".to_owned())
        }
        Manner::Resetting if count.is_multiple_of(7) => Answer::Break,
        Manner::Failing => Answer::Head("500 No".to_owned()),
        Manner::Redirecting => Answer::Head("307 No\r\nLocation: http://127.0.0.1:1/".to_owned()),
        Manner::Hanging => Answer::Hang,
        Manner::Trickling => Answer::Trickle,
        Manner::Gone => Answer::Head("410 Gone".to_owned()),
        Manner::Dead => Answer::Break,
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
        let taken = notes.taken.entry(id.to_owned()).or_default();
        if !taken.contains(&number) {
            let written = work["modified_date"].as_str().and_then(Timestamp::parse);
            notes.delays.push(SystemClock.now().0 - written.expect("a date").0);
        }
        taken.push(number);
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

fn is_signed(secret: &str, headers: &HashMap<String, String>, body: &str) -> bool {
    let sign = |key: &[u8], content: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key");
        mac.update(content.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let header = |name: &str| headers.get(name).map_or("", String::as_str);
    let key = STANDARD.decode(secret).expect("base64");
    let content = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
    let in_standard = format!("v1,{}", STANDARD.encode(sign(&key, &content)));
    header("x-devrev-signature") == hex::encode(sign(secret.as_bytes(), body))
        && header("webhook-signature") == in_standard
}
