//! The items of a file, one at a time.
//!
//! Reads all output of `gh` and `curl`: an array of items; several arrays one after another or in
//! an array (`gh api --paginate`, with and without `--slurp`); or items line by line.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Deserializer, Value};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use worksmith_tracker::import::github::Record;

use super::text::{Unwanted, text};
use crate::failure::Failure;

/// How many items are read ahead: more than are imported together, so that reading continues
/// meanwhile.
const AHEAD: usize = 4_000;

/// An item.
pub(super) struct Read {
    /// Its name in messages.
    pub(super) name: String,
    /// The item, or what is wrong with it.
    pub(super) item: Result<Record, String>,
}

/// The input of an import.
pub(super) struct Input {
    /// Its name in messages.
    pub(super) name: String,
    /// Its length in bytes, if known.
    pub(super) bytes: Option<u64>,
    /// Its bytes.
    pub(super) reader: Box<dyn io::Read + Send>,
}

/// How much of the input was read.
#[derive(Clone)]
pub(super) struct Share {
    read: Arc<AtomicU64>,
    all: Option<u64>,
}

impl Share {
    /// From 0 to 1, if the length is known.
    #[expect(clippy::cast_precision_loss, reason = "it is shown in percents")]
    pub(super) fn so_far(&self) -> Option<f64> {
        let read = self.read.load(Ordering::Relaxed) as f64;
        self.all.map(|all| read / all.max(1) as f64)
    }
}

struct Counting<R> {
    reader: R,
    read: Arc<AtomicU64>,
}

impl<R: io::Read> io::Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl Input {
    /// Opens a file; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            let name = "standard input".to_owned();
            return Ok(Self { name, bytes: None, reader: Box::new(io::stdin()) });
        }
        let failed = |cause| format!("{} can't be read: {cause}", path.display());
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(format!("{} is a folder; name a file", path.display()).into());
        }
        let bytes = about.is_file().then_some(about.len());
        Ok(Self { name: path.display().to_string(), bytes, reader: Box::new(file) })
    }

    /// Reads it on a thread of its own, which ends when the receiver is dropped.
    pub(super) fn read(self) -> (Receiver<Read>, JoinHandle<Result<(), Failure>>, Share) {
        let (sender, items) = channel(AHEAD);
        let share = Share { read: Arc::default(), all: self.bytes };
        let Self { name, reader, .. } = self;
        let reader = Counting { reader, read: Arc::clone(&share.read) };
        let reading = tokio::task::spawn_blocking(move || all(Box::new(reader), sender, &name));
        (items, reading, share)
    }
}

fn all(input: Box<dyn io::Read + Send>, sender: Sender<Read>, name: &str) -> Result<(), Failure> {
    let input = text(input).map_err(|unwanted| match unwanted {
        Unwanted::Unreadable(cause) => format!("{name} can't be read: {cause}"),
        Unwanted::Other(what) => format!("{name} {what}"),
    })?;
    let mut json = Deserializer::from_reader(BufReader::new(input));
    let mut out = Out { sender, read: 0, answered: None };
    let mut values = 0;
    while json.end().is_err() {
        let read = Items(&mut out).deserialize(&mut json);
        if let Some(message) = out.answered {
            return Err(answered(name, &message).into());
        }
        if out.sender.is_closed() {
            return Ok(());
        }
        read.map_err(|cause| format!("{name} {}", broken(&cause)))?;
        values += 1;
    }
    if values == 0 {
        return Err(format!("{name} is empty; it must hold an array of issues").into());
    }
    Ok(())
}

/// The message about a file that can't be read to its end.
fn broken(cause: &serde_json::Error) -> String {
    let (line, column) = (cause.line(), cause.column());
    let before = "what came before that is imported. Fetch the file anew and import it again";
    match cause.classify() {
        Category::Io => {
            let cause = io::Error::other(cause.to_string());
            format!("can't be read to its end: {cause}; {before}")
        }
        Category::Eof => format!("ends at line {line} in the middle of an issue; {before}"),
        Category::Syntax | Category::Data => format!(
            "is no JSON at line {line}, column {column}: an answer of GitHub's API is wanted, \
             in UTF-8 or UTF-16; {before}"
        ),
    }
}

/// The message about a file that contains an error of GitHub.
fn answered(name: &str, message: &str) -> String {
    let is = |text: &str| message.to_ascii_lowercase().contains(text);
    let then = if is("not found") {
        "check the owner and the name of the repository, and that `gh auth status` shows somebody \
         who may see it"
    } else if is("rate limit") {
        "sign in with `gh auth login`, or wait an hour, and fetch the issues again"
    } else if is("credentials") || is("authentication") {
        "sign in with `gh auth login`, and fetch the issues again"
    } else {
        "fetch the issues again"
    };
    format!("{name} holds no issues, but what GitHub answered: {message:?}; {then}")
}

struct Out {
    sender: Sender<Read>,
    read: u64,
    /// The message of an error that GitHub returned instead of issues.
    answered: Option<String>,
}

impl Out {
    fn send<E: de::Error>(&mut self, value: Value) -> Result<(), E> {
        if let Some(message) = error_of_github(&value) {
            self.answered = Some(message.to_owned());
            return Err(E::custom("an error of GitHub"));
        }
        self.read += 1;
        let name = name(self.read, &value);
        let read = Read { name, item: Record::read(value) };
        self.sender.blocking_send(read).map_err(|_| E::custom("nobody takes the items"))
    }
}

/// The message of an error of GitHub, if the value is one.
fn error_of_github(value: &Value) -> Option<&str> {
    let is_one = value.get("number").is_none() && value.get("html_url").is_none();
    value.get("message").filter(|_| is_one)?.as_str()
}

/// An item, or a list of them.
struct Items<'a>(&'a mut Out);

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("issues")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Items(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let value = Value::deserialize(MapAccessDeserializer::new(map))?;
        self.0.send(value)
    }

    // Values that are not items are sent, too, so that they are reported like broken ones.
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<(), E> {
        self.0.send(value.into())
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<(), E> {
        self.0.send(value.into())
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<(), E> {
        self.0.send(value.into())
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<(), E> {
        self.0.send(value.into())
    }
    fn visit_str<E: de::Error>(self, value: &str) -> Result<(), E> {
        self.0.send(value.into())
    }
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.0.send(Value::Null)
    }
}

/// The name of an item: its position in the file, and its page if it has one.
fn name(place: u64, value: &Value) -> String {
    match (value["html_url"].as_str(), value["number"].as_u64()) {
        (Some(url), _) => format!("item {place} ({url})"),
        (None, Some(number)) => format!("item {place} (#{number})"),
        (None, None) => format!("item {place}"),
    }
}
