//! Positions in the log of an org, as clients carry them.
//!
//! A database numbers its events in its own way, and a move numbers them anew. So a position names
//! the event that it lies after by a fingerprint of what every database keeps of it, besides the
//! number that finds it at once where nothing was moved. The fingerprint tells nothing of the
//! event, which the caller may not be allowed to know of.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use worksmith_kernel::Result;
use worksmith_store::Event;
use worksmith_wire::ApiError;

use super::super::Tx;

/// The version of the format.
const VERSION: u8 = 1;
/// How many bytes tell the org, and how many the event.
const ORG: usize = 3;
const EVENT: usize = 12;
/// How many events are compared at a time when one has to be looked for.
const CHUNK: usize = 2_000;

/// A position right after an event; number 0 is the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Position {
    org: [u8; ORG],
    seq: u64,
    event: [u8; EVENT],
}

fn first<const N: usize>(hash: Sha256) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&hash.finalize()[..N]);
    bytes
}

fn of_org(org: &str) -> [u8; ORG] {
    let mut hash = Sha256::new();
    hash.update(org);
    first(hash)
}

/// What identifies an event in any database.
fn fingerprint(event: &Event) -> [u8; EVENT] {
    let Event { seq: _, org, at, actor, request_id, id, verb, revision, old: _ } = event;
    let mut hash = Sha256::new();
    let (at, verb) = (at.0, verb.as_str());
    hash.update(format!("{org}\n{id}\n{revision}\n{verb}\n{at}\n{actor}\n{request_id}"));
    first(hash)
}

impl Position {
    fn after(org: &str, event: Option<&Event>) -> Self {
        let (seq, fingerprint) =
            event.map_or((0, [0; EVENT]), |event| (event.seq, fingerprint(event)));
        Self { org: of_org(org), seq, event: fingerprint }
    }

    fn encode(self) -> String {
        let seq = self.seq.to_be_bytes();
        URL_SAFE_NO_PAD.encode([&[VERSION][..], &self.org, &seq, &self.event].concat())
    }

    fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (version, rest) = bytes.split_first()?;
        let (org, rest) = rest.split_first_chunk()?;
        let (seq, rest) = rest.split_first_chunk()?;
        let event = rest.try_into().ok()?;
        let seq = u64::from_be_bytes(*seq);
        let is_known = *version == VERSION && i64::try_from(seq).is_ok();
        is_known.then_some(Self { org: *org, seq, event })
    }
}

/// The cursor right after an event; that of the beginning if there is none.
pub(super) fn cursor(org: &str, event: Option<&Event>) -> String {
    Position::after(org, event).encode()
}

fn refused(why: &str) -> ApiError {
    ApiError::invalid_field("cursor", format!("cursor {why}; leave it out to start anew"))
}

impl Tx {
    /// The number of the event that a cursor lies after.
    pub(super) async fn position(&mut self, cursor: &str) -> Result<u64> {
        let Some(position) = Position::decode(cursor) else {
            return Err(refused("is not one of this feed").into());
        };
        let org = self.cx.org.org.clone();
        if position.org != of_org(&org) {
            return Err(refused("belongs to the feed of another org").into());
        }
        if position == Position::after(&org, None) {
            return Ok(0);
        }
        let there = self.snapshot()?.mark_at(&org, position.seq).await?;
        if there.is_some_and(|event| fingerprint(&event) == position.event) {
            return Ok(position.seq);
        }
        self.look_for(&position).await
    }

    /// Looks for an event that has another number here. One call at a time does so.
    async fn look_for(&mut self, position: &Position) -> Result<u64> {
        let (inner, org) = (std::sync::Arc::clone(&self.inner), self.cx.org.org.clone());
        let _turn = inner.streams.searching().await;
        let mut after = 0;
        loop {
            let marks = self.snapshot()?.marks_after(&org, after, CHUNK).await?;
            let Some(last) = marks.last() else { break };
            after = last.seq;
            if let Some(found) = marks.iter().find(|mark| fingerprint(mark) == position.event) {
                return Ok(found.seq);
            }
            tokio::task::yield_now().await;
        }
        let why = "names a change that is not in the log: it is too old, or the database was \
                   restored from a backup since";
        Err(refused(why).into())
    }
}

#[cfg(test)]
mod tests {
    use worksmith_store::Verb;
    use worksmith_wire::{Id, Kind, Timestamp};

    use super::*;

    fn event(seq: u64, revision: u64) -> Event {
        Event {
            seq,
            org: "home".to_owned(),
            at: Timestamp(5),
            actor: Id::numbered(Kind::DevUser, 1),
            request_id: "r".to_owned(),
            id: Id::numbered(Kind::Issue, 7),
            verb: Verb::Updated,
            revision,
            old: None,
        }
    }

    #[test]
    fn a_position_is_read_as_it_was_written() {
        for event in [None, Some(event(1, 1)), Some(event(i64::MAX.unsigned_abs(), 3))] {
            let position = Position::after("home", event.as_ref());
            let text = position.encode();
            assert_eq!((text.len(), Position::decode(&text)), (32, Some(position)));
        }
    }

    #[test]
    fn other_texts_are_no_positions() {
        let good = Position::after("home", Some(&event(1, 1))).encode();
        let (longer, shorter) = (format!("{good}AAAA"), &good[..28]);
        let other = format!("B{}", &good[1..]);
        for text in ["", "x", "é", "e30", &longer, shorter, &other] {
            assert_eq!(Position::decode(text), None, "{text}");
        }
        let beyond = Position { seq: u64::MAX, ..Position::after("home", None) };
        assert_eq!(Position::decode(&beyond.encode()), None);
    }

    #[test]
    fn an_event_is_told_by_what_every_database_keeps() {
        assert_eq!(fingerprint(&event(1, 2)), fingerprint(&event(9, 2)));
        assert_ne!(fingerprint(&event(1, 2)), fingerprint(&event(1, 3)));
    }
}
