//! Works and artifacts that clients create while the power is cut.

use std::collections::BTreeSet;
use std::io;
use std::sync::Mutex;

use serde_json::{Value, json};
use worksmith_tests::client::{Chance, Client};
use worksmith_tests::updates::{Trial, Writer, issue, stamp_of_whole};

/// The most bytes of an artifact.
const BYTES_MAX: u64 = 300_000;
/// How many of those that survived earlier cuts are looked at after each.
const LOOKED_AT: u64 = 40;

/// A work whose creation was acknowledged.
struct Work {
    id: String,
    stamp: u64,
    artifact: Option<Artifact>,
}

/// An artifact whose upload was acknowledged. Its bytes follow from the seed.
struct Artifact {
    id: String,
    seed: u64,
    size: u64,
}

/// What was acknowledged.
#[derive(Default)]
pub(crate) struct Made {
    works: Mutex<Vec<Work>>,
    /// Those whose work was not acknowledged.
    alone: Mutex<Vec<Artifact>>,
    /// How many works were there at the last cut.
    looked_at: usize,
}

/// An answer, if it counts and is a success.
fn value(answer: (u16, &str), counts: &impl Fn() -> bool) -> io::Result<Value> {
    let (status, body) = answer;
    if !counts() {
        return Err(io::ErrorKind::NotConnected.into());
    }
    assert!((200..210).contains(&status), "{status} {body}");
    Ok(serde_json::from_str(body).unwrap_or_default())
}

impl Made {
    /// A client that creates works.
    pub(crate) fn creations<'a>(
        &'a self,
        trial: &'a Trial,
        counts: impl Fn() -> bool + Send + 'a,
    ) -> Writer<'a> {
        Box::new(move |client| {
            let stamp = trial.stamp();
            let answer = client.call("works.create", &issue(stamp))?;
            let made = value((answer.status, &answer.body), &counts)?;
            self.note(&made, stamp, None);
            Ok(())
        })
    }

    /// Tries to create a work. Returns whether that was acknowledged; otherwise it was refused with
    /// the status 503, and nothing is known of the work.
    pub(crate) fn attempt(&self, trial: &Trial, client: &mut Client) -> io::Result<bool> {
        let stamp = trial.stamp();
        let answer = client.call("works.create", &issue(stamp))?;
        if answer.status == 503 {
            return Ok(false);
        }
        let made = value((answer.status, &answer.body), &|| true)?;
        self.note(&made, stamp, None);
        Ok(true)
    }

    /// A client that uploads artifacts, and creates a work with each of them.
    pub(crate) fn uploads<'a>(
        &'a self,
        trial: &'a Trial,
        mut chance: Chance,
        counts: impl Fn() -> bool + Send + 'a,
    ) -> Writer<'a> {
        Box::new(move |client| {
            let stamp = trial.stamp();
            let request = json!({"file_name": "a.txt", "file_type": "text/plain"});
            let answer = client.call("artifacts.prepare", &request)?;
            let prepared = value((answer.status, &answer.body), &counts)?;
            let id = prepared["id"].as_str().expect("an id").to_owned();
            let halvings = chance.below(8);
            let size = chance.below(BYTES_MAX >> halvings);
            let artifact = Artifact { id, seed: chance.next(), size };
            let answer = client.upload(&prepared, &artifact.bytes())?;
            value((answer.status, &answer.body), &counts)?;
            let mut body = issue(stamp);
            body["artifacts"] = json!([artifact.id]);
            let made = client.call("works.create", &body).and_then(|answer| {
                let made = value((answer.status, &answer.body), &counts)?;
                assert_eq!(made["work"]["artifacts"][0]["id"], prepared["id"]);
                Ok(made)
            });
            match made {
                Ok(made) => self.note(&made, stamp, Some(artifact)),
                Err(cause) => {
                    self.alone.lock().unwrap().push(artifact);
                    return Err(cause);
                }
            }
            Ok(())
        })
    }

    fn note(&self, made: &Value, stamp: u64, artifact: Option<Artifact>) {
        let id = made["work"]["display_id"].as_str().expect("a display id").to_owned();
        self.works.lock().unwrap().push(Work { id, stamp, artifact });
    }

    /// How many artifacts were acknowledged together with their work.
    pub(crate) fn artifacts(&self) -> usize {
        self.works.lock().unwrap().iter().filter(|work| work.artifact.is_some()).count()
    }

    /// After a start: all that were made since the last time are there, and so are some of those
    /// made before.
    pub(crate) fn check(&mut self, client: &mut Client, chance: &mut Chance) {
        let works = self.works.get_mut().unwrap();
        let before = self.looked_at as u64;
        let older = (0..LOOKED_AT.min(before)).map(|_| chance.below(before));
        let older = older.map(|place| usize::try_from(place).unwrap());
        for place in older.chain(self.looked_at..works.len()) {
            works[place].is_there(client);
        }
        self.looked_at = works.len();
        for artifact in self.alone.get_mut().unwrap().drain(..) {
            artifact.is_there(client);
        }
    }

    /// All of them are there, under different ids, and no work is there by half. Returns how many
    /// works and artifacts they are.
    pub(crate) fn check_all(&mut self, client: &mut Client) -> (usize, usize) {
        let works = self.works.get_mut().unwrap();
        for work in works.iter() {
            work.is_there(client);
        }
        let mut stamps = BTreeSet::new();
        let mut cursor = Value::Null;
        loop {
            let mut request = json!({"limit": 100});
            if !cursor.is_null() {
                request["cursor"] = cursor;
            }
            let answer = client.call("works.list", &request).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            let mut page: Value = serde_json::from_str(&answer.body).unwrap();
            for work in page["works"].as_array().expect("works") {
                let stamp = stamp_of_whole(work);
                assert!(stamps.insert(stamp), "{stamp} is there twice");
            }
            cursor = page["next_cursor"].take();
            if cursor.is_null() {
                break;
            }
        }
        assert!(works.iter().all(|work| stamps.contains(&work.stamp)), "a work is not listed");
        let ids: BTreeSet<_> = works.iter().map(|work| &work.id).collect();
        assert_eq!(ids.len(), works.len(), "an id was given twice");
        (works.len(), self.artifacts())
    }
}

impl Work {
    fn is_there(&self, client: &mut Client) {
        let answer = client.call("works.get", &json!({"id": self.id})).unwrap();
        assert_eq!(answer.status, 200, "{}, created with {}, is lost", self.id, self.stamp);
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        let work = &body["work"];
        assert_eq!(stamp_of_whole(work), self.stamp, "{} is another", self.id);
        let artifacts = work["artifacts"].as_array().map_or(0, Vec::len);
        assert_eq!(artifacts, usize::from(self.artifact.is_some()), "{}", self.id);
        if let Some(artifact) = &self.artifact {
            artifact.is_there(client);
        }
    }
}

impl Artifact {
    fn bytes(&self) -> Vec<u8> {
        let mut chance = Chance(self.seed);
        (0..self.size).map(|_| chance.next().to_le_bytes()[0]).collect()
    }

    fn is_there(&self, client: &mut Client) {
        let answer = client.call("artifacts.locate", &json!({"id": self.id})).unwrap();
        assert_eq!(answer.status, 200, "{} is lost: {}", self.id, answer.body);
        let located: Value = serde_json::from_str(&answer.body).unwrap();
        let (status, bytes) = client.download(located["url"].as_str().unwrap()).unwrap();
        assert_eq!(status, 200, "the bytes of {} are lost", self.id);
        assert!(bytes == self.bytes(), "the bytes of {} are others", self.id);
    }
}
