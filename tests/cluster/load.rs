//! Clients that write and read the same works through several servers, and record every call.

use std::io;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use worksmith_tests::client::{Answer, Chance, Client};

use crate::linearizable::{Call, NEVER, State, What};
use crate::servers::Addresses;

/// How many works everybody writes.
pub const WORKS: u64 = 100;
/// One of this many calls is a read.
const CALLS_PER_READ: u64 = 4;
/// How long a client waits before it calls a server again that is down or unavailable.
const PAUSE: Duration = Duration::from_millis(20);

/// A call as a client saw it.
#[derive(Clone, Copy, Debug)]
pub struct Record {
    /// Which work, from 0.
    pub work: usize,
    /// Which server was asked, from 0.
    pub server: usize,
    /// The call and its result.
    pub call: Call,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With success.
    Answered,
    /// With 409: too many others were faster.
    Refused,
    /// With 503, and when to try again.
    Unavailable,
    /// Without an answer, since the connection broke.
    Broken,
}

/// The works, and what all clients share.
pub struct Load {
    /// Their display ids.
    pub works: Vec<String>,
    /// How each began.
    pub first: Vec<State>,
    stamps: AtomicU64,
    begin: Instant,
}

impl Load {
    /// Creates the works through one of the servers.
    pub fn begin(addresses: &Addresses) -> Self {
        let address = addresses.of(0).expect("a server");
        let mut client = Client::connect(address).expect("a connection");
        let mut make = |op: &str, body: &Value| {
            let answer = client.call(op, body).expect("an answer");
            assert_eq!(answer.status, 201, "{}", answer.body);
            answer
        };
        let part = json!({"type": "product", "name": "Mail", "owned_by": ["DEVU-1"]});
        make("parts.create", &part);
        let mut load = Self {
            works: Vec::new(),
            first: Vec::new(),
            stamps: AtomicU64::new(WORKS + 1),
            begin: Instant::now(),
        };
        for stamp in 1..=WORKS {
            let mut body = members(stamp);
            body["type"] = "issue".into();
            body["applies_to_part"] = "PROD-1".into();
            body["owned_by"] = json!(["DEVU-1"]);
            let answer = make("works.create", &body);
            let work: Value = serde_json::from_str(&answer.body).expect("an object");
            load.works.push(work["work"]["display_id"].as_str().expect("an id").to_owned());
            load.first.push(State { revision: answer.revision.expect("a revision"), stamp });
        }
        load
    }

    /// Nanoseconds since the beginning.
    pub fn now(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_nanos()).expect("a short test")
    }

    /// A client that writes and reads some of the works.
    pub fn client<'a>(&'a self, addresses: &'a Addresses, chance: Chance) -> LoadClient<'a> {
        let connections = (0..addresses.count()).map(|_| None).collect();
        LoadClient { load: self, addresses, connections, chance, history: vec![], failures: vec![] }
    }
}

/// The members that a write sets: the body repeats the stamp, so that partial writes would be seen.
fn members(stamp: u64) -> Value {
    json!({"title": format!("Update {stamp}"), "body": format!("{stamp} ").repeat(50)})
}

/// The stamp in the title of a work.
pub fn stamp_of(title: &Value) -> u64 {
    let stamp = title.as_str().and_then(|title| title.strip_prefix("Update "));
    stamp.and_then(|stamp| stamp.parse().ok()).expect("a title with a stamp")
}

/// One client; it makes one call after the other.
pub struct LoadClient<'a> {
    load: &'a Load,
    addresses: &'a Addresses,
    connections: Vec<Option<Client>>,
    chance: Chance,
    /// Every call that is informative, in order.
    pub history: Vec<Record>,
    /// The beginning and end of each call that ended with 503.
    pub failures: Vec<(u64, u64)>,
}

impl LoadClient<'_> {
    /// Makes one call of any server on any of these works.
    pub fn call_any(&mut self, works: Range<u64>) -> End {
        let server = self.below(self.addresses.count() as u64);
        let work =
            usize::try_from(works.start).expect("a work") + self.below(works.end - works.start);
        if self.chance.below(CALLS_PER_READ) == 0 {
            self.read(server, work)
        } else {
            self.write(server, work)
        }
    }

    fn below(&mut self, end: u64) -> usize {
        usize::try_from(self.chance.below(end)).expect("a small number")
    }

    pub fn write(&mut self, server: usize, work: usize) -> End {
        let stamp = self.load.stamps.fetch_add(1, Ordering::Relaxed);
        let mut body = members(stamp);
        body["id"] = self.load.works[work].as_str().into();
        let called = self.call(server, "works.update", &body);
        let (end, what) = match &called.answer {
            Ok(answer) if answer.status == 409 => (End::Refused, What::Refused { stamp }),
            Ok(answer) => match seen(answer) {
                Some(seen) => {
                    assert_eq!(seen.stamp, stamp, "{}", answer.body);
                    (End::Answered, What::Written { stamp, revision: seen.revision })
                }
                None => (End::Unavailable, What::Unknown { stamp }),
            },
            Err(_) => (End::Broken, What::Unknown { stamp }),
        };
        let unknown = matches!(what, What::Unknown { .. });
        // If the connection was refused, it is known that nothing was sent.
        if !(unknown && called.unsent) {
            let returned = if unknown { NEVER } else { called.returned };
            let call = Call { invoked: called.invoked, returned, what };
            self.history.push(Record { work, server, call });
        }
        self.note(&called, end)
    }

    pub fn read(&mut self, server: usize, work: usize) -> End {
        let called = self.call(server, "works.get", &json!({"id": self.load.works[work]}));
        let end = match &called.answer {
            Ok(answer) => match seen(answer) {
                Some(State { revision, stamp }) => {
                    let what = What::Read { stamp, revision };
                    let call = Call { invoked: called.invoked, returned: called.returned, what };
                    self.history.push(Record { work, server, call });
                    End::Answered
                }
                None => End::Unavailable,
            },
            Err(_) => End::Broken,
        };
        self.note(&called, end)
    }

    fn note(&mut self, called: &Called, end: End) -> End {
        if end == End::Unavailable {
            self.failures.push((called.invoked, called.returned));
        }
        if matches!(end, End::Unavailable | End::Broken) {
            std::thread::sleep(PAUSE);
        }
        end
    }

    fn call(&mut self, server: usize, op: &str, body: &Value) -> Called {
        let invoked = self.load.now();
        let mut unsent = false;
        let mut connection = self.connections[server].take();
        if connection.is_none() {
            let address = self.addresses.of(server);
            connection = address.and_then(|address| Client::connect(address).ok());
            unsent = connection.is_none();
        }
        let answer = match &mut connection {
            None => Err(io::ErrorKind::NotConnected.into()),
            Some(client) => client.call(op, body),
        };
        let late = answer.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
        assert!(!late, "{op}: no answer from server {server}");
        if answer.is_ok() {
            self.connections[server] = connection;
        }
        Called { invoked, returned: self.load.now(), unsent, answer }
    }
}

struct Called {
    invoked: u64,
    returned: u64,
    unsent: bool,
    answer: io::Result<Answer>,
}

/// The state in an answer; `None` if it is 503. Nothing else is allowed.
fn seen(answer: &Answer) -> Option<State> {
    if answer.status == 503 {
        assert!(answer.retry_after.is_some(), "503 without Retry-After: {}", answer.body);
        return None;
    }
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).expect("an object");
    let work = &body["work"];
    let stamp = stamp_of(&work["title"]);
    let found = json!({"title": work["title"], "body": work["body"]});
    assert_eq!(found, members(stamp), "there by half");
    Some(State { revision: answer.revision.expect("a revision"), stamp })
}
