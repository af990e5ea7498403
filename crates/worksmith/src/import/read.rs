//! The items of a file, one at a time.
//!
//! Reads whatever `gh` and `curl` leave behind: an array of items; several arrays after each other
//! or in an array (`gh api --paginate`, with and without `--slurp`); or items line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, stdin};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde_json::{Deserializer, Value};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;

use worksmith_tracker::import::github::Item;

use crate::failure::Failure;

/// So many items are read ahead: more than are imported together, so that reading goes on
/// meanwhile.
const AHEAD: usize = 4_000;

/// An item.
pub(super) struct Read {
    /// What it is called.
    pub(super) name: String,
    /// The item, unless it is none.
    pub(super) item: serde_json::Result<Item>,
}

/// A file that is open.
pub(super) struct Input {
    path: PathBuf,
    /// `None` for standard input.
    file: Option<File>,
    bytes: Option<u64>,
}

impl Input {
    /// Opens a file; `-` is standard input.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            return Ok(Self { path: "standard input".into(), file: None, bytes: None });
        }
        let failed = |cause| format!("{} can't be read: {cause}", path.display());
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(format!("{} is a folder; name a file", path.display()).into());
        }
        let bytes = about.is_file().then_some(about.len());
        Ok(Self { path: path.to_owned(), file: Some(file), bytes })
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// How long it is, where that is known.
    pub(super) const fn bytes(&self) -> Option<u64> {
        self.bytes
    }

    /// Reads it on a thread of its own, which ends when nobody takes the items any more.
    pub(super) fn read(
        self,
        bar: ProgressBar,
    ) -> (Receiver<Read>, JoinHandle<Result<(), Failure>>) {
        let (sender, items) = channel(AHEAD);
        let reading = tokio::task::spawn_blocking(move || {
            let name = self.name();
            match self.file {
                Some(file) => all(BufReader::new(bar.wrap_read(file)), sender, &name),
                None => all(BufReader::new(stdin()), sender, &name),
            }
        });
        (items, reading)
    }
}

fn all(input: impl BufRead, sender: Sender<Read>, name: &str) -> Result<(), Failure> {
    let mut json = Deserializer::from_reader(input);
    let mut out = Out { sender, read: 0 };
    let mut values = 0;
    while json.end().is_err() {
        let read = Items(&mut out).deserialize(&mut json);
        let is_unwanted = out.sender.is_closed();
        read.or_else(|cause| if is_unwanted { Ok(()) } else { Err(cause) }).map_err(|cause| {
            format!(
                "{name} is no JSON, or not to its end: {cause}; what came before that is imported. \
                 Fetch the file anew and import it again"
            )
        })?;
        if is_unwanted {
            return Ok(());
        }
        values += 1;
    }
    if values == 0 {
        return Err(format!("{name} is empty; it must hold an array of issues").into());
    }
    Ok(())
}

struct Out {
    sender: Sender<Read>,
    read: u64,
}

impl Out {
    fn send<E: de::Error>(&mut self, value: Value) -> Result<(), E> {
        self.read += 1;
        let name = name(self.read, &value);
        let read = Read { name, item: serde_json::from_value(value) };
        self.sender.blocking_send(read).map_err(|_| E::custom("nobody takes the items"))
    }
}

/// An item, or a list of such.
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

    // What is no item is sent all the same, so that it is told of like a broken one.
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

/// What an item is called: its place in the file, and its page if it has one.
fn name(place: u64, value: &Value) -> String {
    match (value["html_url"].as_str(), value["number"].as_u64()) {
        (Some(url), _) => format!("item {place} ({url})"),
        (None, Some(number)) => format!("item {place} (#{number})"),
        (None, None) => format!("item {place}"),
    }
}
