//! The bodies of requests. Each writer generates a sequence from a seed, and allocates nothing once
//! its buffer has grown.

use std::io::Write;

use serde_json::{Value, json};
use worksmith_wire::Timestamp;

use crate::catalog::{Catalog, Pair};
use crate::random::{Chance, prose, title, word};
use crate::works::RUNS;
use crate::world::{COHORTS, DAY_MS};

/// Writes the body of the next request.
pub(crate) type Writer<'a> = Box<dyn FnMut(&mut Vec<u8>) + 'a>;

/// How many of each 10,000 works must have a value for lists to filter by it, so that a page of 25
/// is full.
const FULL_PAGE: f64 = 30.0;
/// The same for a page of 50.
const FULL_LARGE_PAGE: f64 = 60.0;
/// How many different values of a filter are requested, the most popular ones first.
const VALUES_MAX: usize = 100;
/// How many works a filter by ids names.
const IDS: usize = 50;
/// How many different works are created over and over.
pub(crate) const CREATED: usize = 64;

/// The filters of lists.
pub(crate) const FILTERS: [&str; 16] = [
    "owner",
    "part",
    "tag",
    "stage",
    "state",
    "priority",
    "severity",
    "account",
    "sprint",
    "created",
    "external_ref",
    "custom",
    "ids",
    "owner+state",
    "tag+part",
    "all",
];
/// The sorts of lists.
pub(crate) const SORTS: [&str; 3] =
    ["modified_date:desc", "created_date:desc", "target_close_date:asc"];
/// Lists with a sort that only few filters are tried with.
pub(crate) const MORE_LISTS: [(&str, &str); 2] =
    [("all", "sla_summary.target_time:asc"), ("state", "sla_summary.target_time:asc")];
/// The counts of groups.
pub(crate) const COUNTS: [&str; 7] =
    ["stage", "state", "owner", "priority", "closed-week", "open-owner", "stage+priority"];

/// The searches: two words that most texts have, the same among tickets and among the open issues
/// of an owner, and one of them with a word that few comments have.
pub(crate) const SEARCHES: [&str; 4] = ["words", "type", "owner", "rare"];

/// The headers of every request to a path, up to the value of `content-length`.
pub(crate) fn head(path: &str, token: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: "
    )
}

/// A complete request.
pub(crate) fn whole(path: &str, token: &str, body: &str) -> String {
    format!("{}{}\r\n\r\n{body}", head(path, token), body.len())
}

/// Writes formatted text to a buffer, which never fails.
macro_rules! put {
    ($out:expr, $($text:tt)*) => {{
        let _ = write!($out, $($text)*);
    }};
}

/// `works.get` of any work.
pub(crate) fn get(catalog: &Catalog, seed: u64) -> Writer<'_> {
    let mut chance = Chance::new(seed);
    Box::new(move |out| {
        if let Some((prefix, number)) = work(catalog, chance.below(catalog.works)) {
            put!(out, r#"{{"id":"{prefix}-{number}"}}"#);
        }
    })
}

/// The display id of a work, by its place among all works.
fn work(catalog: &Catalog, mut place: u64) -> Option<(&str, u64)> {
    for (prefix, count) in &catalog.types {
        if place < *count {
            return Some((prefix, place + 1));
        }
        place -= count;
    }
    None
}

/// `works.update` of the title, the priority and the owner of any issue.
pub(crate) fn update(catalog: &Catalog, seed: u64) -> Writer<'_> {
    let mut chance = Chance::new(seed);
    let issues = catalog.types.first().map_or(1, |(_, count)| *count);
    Box::new(move |out| {
        let number = 1 + chance.below(issues);
        change(catalog, number, &mut chance, out);
    })
}

/// The same of the issue with this number.
pub(crate) fn change(catalog: &Catalog, number: u64, chance: &mut Chance, out: &mut Vec<u8>) {
    let (word, priority) = (chance.next(), chance.below(4));
    let owner = &chance.pick(&catalog.owners).id;
    put!(out, r#"{{"id":"ISS-{number}","title":"A new title, the {word:016x}","#);
    put!(out, r#""priority":"p{priority}","owned_by":{{"set":["{owner}"]}}}}"#);
}

/// `works.create` of an issue like the existing ones.
pub(crate) fn create(catalog: &Catalog, bytes: usize, seed: u64) -> Writer<'_> {
    let mut chance = Chance::new(seed);
    let made = (0..CREATED).map(|_| {
        let (mut heading, mut body) = (String::new(), String::new());
        title(&mut chance, &mut heading);
        prose(&mut chance, bytes.try_into().unwrap_or(0), &mut body);
        let pair = chance.pick(&catalog.pairs);
        json!({
            "type": "issue",
            "title": heading,
            "body": body,
            "applies_to_part": pair.part,
            "owned_by": [chance.pick(&catalog.owners).id],
            "tags": [{ "id": pair.tag }],
            "priority": format!("p{}", chance.below(4)),
            "target_close_date": Timestamp(catalog.created_to + 30 * DAY_MS).to_string(),
        })
        .to_string()
    });
    let made: Vec<_> = made.collect();
    let mut next = (0..made.len()).cycle();
    Box::new(move |out| {
        let at = next.next().unwrap_or(0);
        out.extend_from_slice(made[at].as_bytes());
    })
}

/// `works.list` of 50 open works of an owner.
pub(crate) fn list(catalog: &Catalog, seed: u64) -> Writer<'_> {
    let owners = catalog.popular(&catalog.open_owners, FULL_LARGE_PAGE);
    let bodies = owners.into_iter().map(|owner| {
        json!({
            "owned_by": [owner], "state": ["open"], "sort_by": ["created_date:desc"], "limit": 50,
        })
    });
    drawn(bodies, seed)
}

/// `works.list` of 25 works with a filter and a sort.
pub(crate) fn query<'a>(catalog: &Catalog, filter: &str, sort: &str, seed: u64) -> Writer<'a> {
    let filters = filters(catalog, filter).into_iter().map(|mut body| {
        body["sort_by"] = json!([sort]);
        body["limit"] = json!(25);
        body
    });
    drawn(filters, seed)
}

/// `works.count` in groups.
pub(crate) fn count<'a>(catalog: &Catalog, of: &str, seed: u64) -> Writer<'a> {
    let body = match of {
        "owner" => json!({ "group_by": ["owned_by"] }),
        "open-owner" => json!({ "group_by": ["owned_by"], "state": ["open"] }),
        "stage+priority" => json!({ "group_by": ["stage", "priority"] }),
        "closed-week" => {
            let after = Timestamp(catalog.created_to - 365 * DAY_MS).to_string();
            let year = json!({ "type": "range", "after": after });
            json!({ "group_by": ["actual_close_date:week"], "actual_close_date": year })
        }
        field => json!({ "group_by": [field] }),
    };
    drawn(std::iter::once(body), seed)
}

/// `search.core` for two words.
pub(crate) fn search<'a>(catalog: &'a Catalog, of: &'static str, seed: u64) -> Writer<'a> {
    let mut chance = Chance::new(seed);
    Box::new(move |out| {
        let (one, other) = (word(&mut chance), word(&mut chance));
        put!(out, r#"{{"limit":10,"query":"{one} "#);
        match of {
            "type" => put!(out, r#"{other} type:ticket"}}"#),
            "owner" => {
                let owner = &chance.pick(&catalog.open_owners).id;
                put!(out, r#"{other} owner:{owner} type:issue state:open"}}"#);
            }
            "rare" => put!(out, r#"run{}"}}"#, chance.below(RUNS)),
            _ => put!(out, r#"{other}"}}"#),
        }
    })
}

/// Any of some bodies.
fn drawn<'a>(bodies: impl Iterator<Item = Value>, seed: u64) -> Writer<'a> {
    let bodies: Vec<_> = bodies.map(|body| body.to_string()).collect();
    let mut chance = Chance::new(seed);
    Box::new(move |out| {
        if !bodies.is_empty() {
            out.extend_from_slice(chance.pick(&bodies).as_bytes());
        }
    })
}

/// The filters with a name, with values that enough works have.
fn filters(catalog: &Catalog, filter: &str) -> Vec<Value> {
    let of = |values: &[&str], body: &dyn Fn(&str) -> Value| -> Vec<Value> {
        values.iter().map(|value| body(value)).collect()
    };
    let popular = |named, body: &dyn Fn(String) -> Value| -> Vec<Value> {
        let values = catalog.popular(named, FULL_PAGE).into_iter().take(VALUES_MAX);
        values.map(body).collect()
    };
    match filter {
        "owner" => popular(&catalog.owners, &|id| json!({ "owned_by": [id] })),
        "part" => popular(&catalog.parts, &|id| json!({ "applies_to_part": [id] })),
        "tag" => popular(&catalog.tags, &|id| json!({ "tags": [id] })),
        "stage" => popular(&catalog.stages, &|name| json!({ "stage": { "name": [name] } })),
        "state" => of(&["open", "in_progress", "closed"], &|name| json!({ "state": [name] })),
        "priority" => of(
            &["p0", "p1", "p2", "p3"],
            &|name| json!({ "type": ["issue"], "issue": { "priority": [name] } }),
        ),
        "severity" => of(
            &["blocker", "high", "medium", "low"],
            &|name| json!({ "type": ["ticket"], "ticket": { "severity": [name] } }),
        ),
        "account" => popular(
            &catalog.accounts,
            &|id| json!({ "type": ["ticket"], "ticket": { "account": [id] } }),
        ),
        "sprint" => popular(
            &catalog.sprints,
            &|id| json!({ "type": ["issue"], "issue": { "sprint": [id] } }),
        ),
        "created" => weeks(catalog),
        "external_ref" => {
            let refs = catalog.external_refs.iter();
            refs.map(|text| json!({ "external_ref": [text] })).collect()
        }
        "custom" => {
            let field = |cohort: u64| json!({ "tnt__cohort": [cohort] });
            let of = |cohort| json!({ "type": ["issue"], "custom_fields": field(cohort) });
            (1..=COHORTS).map(of).collect()
        }
        "ids" => ids(catalog),
        "owner+state" => {
            let owners = catalog.popular(&catalog.open_owners, FULL_PAGE);
            let body = |id| json!({ "owned_by": [id], "state": ["open"] });
            owners.into_iter().take(VALUES_MAX).map(body).collect()
        }
        "tag+part" => {
            let pairs = catalog.popular_pairs(FULL_PAGE).into_iter().take(VALUES_MAX);
            let body =
                |Pair { part, tag, .. }: &Pair| json!({ "applies_to_part": [part], "tags": [tag] });
            pairs.map(body).collect()
        }
        _ => vec![json!({})],
    }
}

/// The ids of some works, which are spread over all of them.
fn ids(catalog: &Catalog) -> Vec<Value> {
    let step = usize::try_from(catalog.works).unwrap_or(usize::MAX) / (VALUES_MAX * IDS);
    let all: Vec<_> = (0..catalog.works)
        .step_by(step.max(1))
        .filter_map(|place| work(catalog, place))
        .map(|(prefix, number)| format!("{prefix}-{number}"))
        .collect();
    // The works of one filter are far apart.
    (0..VALUES_MAX)
        .map(|first| all.iter().skip(first).step_by(VALUES_MAX).take(IDS).collect::<Vec<_>>())
        .map(|ids| json!({ "ids": ids }))
        .collect()
}

/// The weeks in which works were created, without the first and the last.
fn weeks(catalog: &Catalog) -> Vec<Value> {
    let step = usize::try_from(7 * DAY_MS).unwrap_or(1);
    let starts = (catalog.created_from..catalog.created_to).step_by(step).skip(1);
    let mut weeks: Vec<_> = starts
        .map(|start| {
            let (after, before) = (Timestamp(start), Timestamp(start + 7 * DAY_MS - 1));
            let (after, before) = (after.to_string(), before.to_string());
            let range = json!({ "type": "range", "after": after, "before": before });
            json!({ "created_date": range })
        })
        .collect();
    weeks.pop();
    weeks
}
