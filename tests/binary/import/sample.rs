//! A file of GitHub issues of the size and shape of a real repository's, the same in every run.

use serde_json::{Value, json};

/// How many items the file has.
pub(crate) const ITEMS: u64 = 479;
/// How many of them are pull requests.
pub(crate) const PULL_REQUESTS: u64 = 217;

const LABELS: [(&str, &str); 8] = [
    ("design", "1d76db"),
    ("editorial", "0e8a16"),
    ("transport", "fbca04"),
    ("has-consensus", "5319e7"),
    ("needs discussion", "d4c5f9"),
    ("ops", "fbca04"),
    ("tls", "fbca04"),
    ("Überarbeitung 🛠", "ededed"),
];

/// A random generator (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % bound
    }

    fn is_one_of(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    fn person(&mut self) -> Value {
        // Few write much, and many write little.
        let n = self.below(30).min(self.below(30));
        json!({
            "login": format!("octo-{n}"),
            "id": 1000 + 37 * n,
            "html_url": format!("https://github.com/octo-{n}"),
            "type": "User",
            "site_admin": false,
        })
    }

    fn people(&mut self) -> Vec<Value> {
        let count = match self.below(10) {
            0..=6 => 0,
            7..=8 => 1,
            _ => 2,
        };
        let mut people: Vec<Value> = Vec::new();
        while people.len() < count {
            let person = self.person();
            if !people.contains(&person) {
                people.push(person);
            }
        }
        people
    }

    fn labels(&mut self) -> Vec<Value> {
        let mut labels = Vec::new();
        for (id, (name, color)) in LABELS.into_iter().enumerate() {
            if self.is_one_of(4) {
                labels.push(json!({ "id": id, "name": name, "color": color, "default": false }));
            }
        }
        labels
    }
}

/// An instant this many hours after the beginning of 2024; all of them are in that year.
fn instant(hours: u64) -> String {
    let begin: jiff::Timestamp = "2024-01-01T00:00:17Z".parse().unwrap();
    (begin + jiff::SignedDuration::from_hours(hours.try_into().unwrap())).to_string()
}

/// The file: an array, newest first, as GitHub returns it.
pub(crate) fn file() -> String {
    file_of(ITEMS)
}

/// The same with another number of items.
pub(crate) fn file_of(items: u64) -> String {
    let mut chance = Chance(2024);
    let mut items: Vec<Value> = (1..=items).map(|number| item(&mut chance, number)).collect();
    items.reverse();
    serde_json::to_string_pretty(&items).unwrap()
}

fn item(chance: &mut Chance, number: u64) -> Value {
    // Spread evenly: 217 of the 479.
    let is_pull = number * PULL_REQUESTS / ITEMS > (number - 1) * PULL_REQUESTS / ITEMS;
    let place = if is_pull { "pull" } else { "issues" };
    let page = format!("https://github.com/octo/engine/{place}/{number}");
    let created = number * 12 + chance.below(12);
    let closed = (!chance.is_one_of(2)).then(|| created + 1 + chance.below(2000));
    let assignees = chance.people();
    let milestone = chance.is_one_of(20).then(|| {
        json!({
            "number": 1, "title": "First draft", "description": "What comes first",
            "state": "open", "created_at": "2024-01-15T00:23:44Z",
            "updated_at": "2024-01-15T00:23:44Z", "due_on": "2024-03-21T07:00:00Z",
            "closed_at": null,
        })
    });
    let body =
        (!chance.is_one_of(15)).then(|| "Lines – of *text*.\r\n".repeat(number as usize % 90));
    let mut item = json!({
        "html_url": page,
        "id": 200_000_000 + number,
        "number": number,
        "title": format!("Item {number}: \"quoted\" & <marked>"),
        "user": chance.person(),
        "labels": chance.labels(),
        "state": if closed.is_some() { "closed" } else { "open" },
        "locked": false,
        "assignee": assignees.first(),
        "assignees": assignees,
        "milestone": milestone,
        "comments": chance.below(12),
        "created_at": instant(created),
        "updated_at": instant(closed.unwrap_or(created) + chance.below(3)),
        "closed_at": closed.map(instant),
        "body": body,
    });
    if is_pull {
        item["pull_request"] = json!({ "html_url": page });
    }
    item
}
