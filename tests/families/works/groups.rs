//! `works.count` in groups.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use jiff::civil::Weekday;
use serde_json::{Value, json};
use worksmith_tests::{ADMIN, database};

use super::{World, id, ids};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// SplitMix64, by which the random works differ.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % end as u64).expect("a small number")
    }

    fn one_of<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn some_of(&mut self, from: &[String]) -> Vec<String> {
        from.iter().filter(|_| self.below(2) == 0).cloned().collect()
    }
}

/// Many works that differ in everything that works are grouped by, and what they name.
struct Set {
    world: World,
    owners: Vec<String>,
    tags: Vec<String>,
    accounts: Vec<String>,
    sprints: Vec<Value>,
}

async fn set(works: usize, seed: u64) -> Set {
    let world = World::new().await;
    let mut owners = vec!["DEVU-1".to_owned()];
    let (mut tags, mut accounts, mut sprints) = (Vec::new(), Vec::new(), Vec::new());
    for name in ["bo", "cy"] {
        owners.push(world.user(name).await);
        tags.push(world.tag(name, &[]).await);
        accounts.push(world.customer(name).await.0);
        sprints.push(world.sprint(name, "active").await["id"].clone());
    }
    tags.push(world.tag("rare", &[]).await);
    let capability = json!({
        "type": "capability", "name": "SMTP", "owned_by": ["DEVU-1"], "parent_part": ["PROD-1"],
    });
    world.call("parts.create", capability).await;
    let field =
        |name: &str, kind: &str| json!({"name": name, "field_type": kind, "is_filterable": true});
    let mut words = field("words", "array");
    words["base_type"] = "tokens".into();
    let fragment = json!({
        "type": "tenant_fragment", "leaf_type": "issue", "description": "What issues cost",
        "fields": [field("cost", "int"), field("paid", "bool"), words],
    });
    world.call("schemas.custom.set", fragment).await;
    let set = Set { world, owners, tags, accounts, sprints };
    let mut chance = Chance(seed);
    for _ in 0..works {
        set.make(&mut chance).await;
    }
    set
}

impl Set {
    async fn make(&self, chance: &mut Chance) {
        let days = i64::try_from(chance.below(20)).expect("a small number");
        self.world.server.clock.advance_ms(days * DAY_MS / 2);
        let mut owned_by = chance.some_of(&self.owners);
        if owned_by.is_empty() {
            owned_by.push(self.owners[0].clone());
        }
        let tags: Vec<_> =
            chance.some_of(&self.tags[..2]).into_iter().map(|id| json!({"id": id})).collect();
        let part = chance.one_of(&["PROD-1", "CAPL-1"]);
        let mut members = json!({"owned_by": owned_by, "tags": tags, "applies_to_part": part});
        let kind = *chance.one_of(&["issue", "issue", "ticket", "task"]);
        let ends = match kind {
            "issue" => {
                members["priority"] = json!(chance.one_of(&["p0", "p1", "p3"]));
                if chance.below(2) == 0 {
                    members["sprint"] = chance.one_of(&self.sprints).clone();
                }
                let words = chance.some_of(&["a".to_owned(), "b".to_owned()]);
                members["custom_schema_spec"] = json!({"tenant_fragment": true});
                members["custom_fields"] = json!({
                    "tnt__cost": chance.below(3), "tnt__paid": chance.below(2) == 0,
                    "tnt__words": words,
                });
                "completed"
            }
            "ticket" => {
                members["severity"] = json!(chance.one_of(&["blocker", "low"]));
                if chance.below(2) == 0 {
                    members["account"] = json!(chance.one_of(&self.accounts));
                }
                "resolved"
            }
            _ => "resolved",
        };
        let made = self.world.work(kind, members).await;
        if chance.below(3) == 0 {
            self.world.server.clock.advance_ms(DAY_MS);
            self.world.update(&id(&made), json!({"stage": {"name": ends}})).await;
        }
    }
}

/// The beginning of the unit of the calendar in which a time of an answer lies.
fn begins(time: &Value, unit: &str) -> Value {
    let Some(time) = time.as_str() else { return Value::Null };
    let date: jiff::civil::Date = time[..10].parse().expect("a date");
    let first = match unit {
        "day" => date,
        "week" => date.tomorrow().expect("a date").nth_weekday(-1, Weekday::Monday).expect("one"),
        _ => date.first_of_month(),
    };
    json!(format!("{first}T00:00:00.000Z"))
}

/// The values that a work shows in a field, by which it is grouped.
fn values(work: &Value, field: &str) -> Vec<Value> {
    let each = |list: &Value, of: &dyn Fn(&Value) -> Value| -> Vec<Value> {
        list.as_array().map(|list| list.iter().map(of).collect()).unwrap_or_default()
    };
    let own = match field.split_once(':') {
        Some((date, unit)) => vec![begins(&work[date], unit)],
        None => match field {
            "stage" => vec![work["stage"]["name"].clone()],
            "owned_by" => each(&work["owned_by"], &|user| user["display_id"].clone()),
            "tags" => each(&work["tags"], &|on| on["tag"]["display_id"].clone()),
            "applies_to_part" | "account" => vec![work[field]["display_id"].clone()],
            "sprint" => vec![work["sprint"]["id"].clone()],
            "custom_fields.tnt__words" => each(&work["custom_fields"]["tnt__words"], &Clone::clone),
            "custom_fields.tnt__cost" => vec![work["custom_fields"]["tnt__cost"].clone()],
            "custom_fields.tnt__paid" => vec![work["custom_fields"]["tnt__paid"].clone()],
            other => vec![work[other].clone()],
        },
    };
    if own.is_empty() { vec![Value::Null] } else { own }
}

/// The value of a group in a field, in the same form.
fn value(group: &Value, field: &str) -> Value {
    let name = field.split(':').next().unwrap_or(field);
    match name.split_once('.') {
        Some((custom, name)) => group[custom][name].clone(),
        None => match name {
            "stage" => group["stage"]["name"].clone(),
            "owned_by" | "tags" | "applies_to_part" | "account" => {
                group[name]["display_id"].clone()
            }
            "sprint" => group["sprint"]["id"].clone(),
            other => group[other].clone(),
        },
    }
}

type Counts = BTreeMap<String, u64>;

/// What a caller finds by a filter: the works themselves.
struct Found<'a> {
    world: &'a World,
    token: &'a str,
    filter: Value,
    works: Vec<Value>,
}

impl<'a> Found<'a> {
    async fn by(world: &'a World, token: &'a str, filter: Value) -> Self {
        let query = super::with(filter.clone(), json!({"first": 5_000}));
        let found = world.server.call_as(token, "works.export", query).await.ok();
        let works = found["works"].as_array().expect("works").clone();
        Self { world, token, filter, works }
    }

    /// What the works show, counted one by one.
    fn counts(&self, fields: &[&str]) -> Counts {
        let mut counts = Counts::new();
        for work in &self.works {
            let mut combined = vec![Vec::new()];
            for field in fields {
                let own = values(work, field);
                let with = |start: Vec<Value>| -> Vec<Vec<Value>> {
                    let longer = |value| [start.as_slice(), std::slice::from_ref(value)].concat();
                    own.iter().map(longer).collect()
                };
                combined = combined.into_iter().flat_map(with).collect();
            }
            for values in combined {
                *counts.entry(json!(values).to_string()).or_default() += 1;
            }
        }
        counts
    }

    /// Compares the groups of `works.count` with them.
    async fn compare(&self, fields: &[&str]) {
        let request = super::with(self.filter.clone(), json!({"group_by": fields}));
        let server = &self.world.server;
        let answer = server.call_as(self.token, "works.count", request.clone()).await.ok();
        assert_eq!(answer["count"], self.works.len(), "{request}");
        assert_eq!(answer["has_more"], false, "{request}");
        let groups = answer["groups"].as_array().expect("groups").iter();
        let seen: Vec<_> = groups
            .map(|group| {
                let values: Vec<_> = fields.iter().map(|field| value(group, field)).collect();
                (json!(values).to_string(), group["count"].as_u64().expect("a number"))
            })
            .collect();
        let counts = self.counts(fields);
        assert_eq!(seen.len(), counts.len(), "no group twice: {request}: {seen:?}");
        assert_eq!(seen.into_iter().collect::<Counts>(), counts, "{request}");
    }
}

const FIELDS: [&str; 17] = [
    "type",
    "stage",
    "state",
    "owned_by",
    "applies_to_part",
    "priority",
    "severity",
    "account",
    "sprint",
    "tags",
    "created_date:day",
    "created_date:month",
    "actual_close_date:week",
    "actual_close_date:month",
    "custom_fields.tnt__cost",
    "custom_fields.tnt__paid",
    "custom_fields.tnt__words",
];

fn filters(set: &Set) -> Vec<Value> {
    let Set { owners, tags, accounts, .. } = set;
    vec![
        json!({}),
        json!({"type": ["issue"]}),
        json!({"type": ["ticket", "task"]}),
        json!({"state": ["open"]}),
        json!({"state": ["closed"], "type": ["issue"]}),
        json!({"owned_by": [owners[1]]}),
        json!({"tags": [tags[0]]}),
        json!({"tags": [tags[2]]}),
        json!({"type": ["ticket"], "ticket": {"account": accounts}}),
        json!({"type": ["issue"], "issue": {"priority": ["p0", "p1"]}}),
        json!({"type": ["issue"], "custom_fields": {"tnt__words": ["a"]}}),
        json!({"ids": ["ISS-1", "ISS-2", "TKT-1", "ISS-999"]}),
        json!({"created_date": {"type": "range", "after": "2026-02-01T00:00:00Z"}}),
        json!({"actual_close_date": {
            "type": "range", "after": "2026-01-05T00:00:00Z", "before": "2026-06-01T00:00:00Z",
        }}),
    ]
}

#[tokio::test]
async fn groups_count_what_the_works_themselves_show() {
    let set = set(60, 14).await;
    let mut chance = Chance(3);
    for filter in filters(&set) {
        // The custom fields are those of issues.
        let has_issues = filter["type"].as_array().is_none_or(|of| of.contains(&json!("issue")));
        let is_there = |field: &&str| has_issues || !field.starts_with("custom_fields");
        let fields: Vec<_> = FIELDS.into_iter().filter(is_there).collect();
        let found = Found::by(&set.world, ADMIN, filter).await;
        for field in &fields {
            found.compare(&[field]).await;
        }
        for _ in 0..6 {
            let (one, other) = (*chance.one_of(&fields), *chance.one_of(&fields));
            let field = |name: &str| name.split(':').next().unwrap_or(name).to_owned();
            if field(one) != field(other) {
                found.compare(&[one, other]).await;
            }
        }
    }
}

#[tokio::test]
async fn groups_are_right_at_once_when_tags_go_and_accounts_merge() {
    let set = set(30, 41).await;
    let world = &set.world;
    world.call("tags.delete", json!({"id": set.tags[0]})).await;
    let merge = json!({
        "primary_account": set.accounts[0], "secondary_account": set.accounts[1],
    });
    world.call("accounts.merge", merge).await;
    for worked_off in [false, true] {
        if worked_off {
            world.server.work().await;
        }
        for filter in [json!({}), json!({"type": ["ticket"]}), json!({"state": ["open"]})] {
            let found = Found::by(world, ADMIN, filter).await;
            for fields in [
                ["tags"].as_slice(),
                &["account"],
                &["account", "tags"],
                &["tags", "owned_by"],
                &["stage", "tags"],
            ] {
                found.compare(fields).await;
            }
        }
    }
    let count = world.call("works.count", json!({"group_by": ["account"]})).await;
    let groups = count["groups"].as_array().expect("groups").len();
    assert_eq!(groups, 2, "one account is left, and works without any");
}

impl Set {
    /// Changes and deletes works at random, and creates others, as one of several writers. Returns
    /// how much it did.
    async fn churn(&self, works: &[String], writer: u64) -> usize {
        let mut chance = Chance(writer);
        let mut made = 0;
        for _ in 0..30 {
            let id = chance.one_of(works);
            let (is_issue, is_ticket) = (id.starts_with("ISS"), id.starts_with("TKT"));
            let end = if is_issue { "completed" } else { "resolved" };
            let members = match chance.below(8) {
                0 | 1 => json!({"stage": {"name": chance.one_of(&["in_development", end])}}),
                2 => json!({"owned_by": {"set": [chance.one_of(&self.owners)]}}),
                3 => json!({"tags": {"add": [{"id": chance.one_of(&self.tags)}]}}),
                4 => json!({"tags": {"set": []}}),
                5 => json!({"applies_to_part": chance.one_of(&["PROD-1", "CAPL-1"])}),
                6 if is_issue => json!({"priority": chance.one_of(&["p0", "p2"])}),
                6 if is_ticket => json!({"severity": chance.one_of(&["high", "low"])}),
                7 if chance.below(4) == 0 => {
                    let gone = self.world.server.call("works.delete", json!({"id": id})).await;
                    made += usize::from(gone.status.is_success());
                    continue;
                }
                _ => {
                    self.make(&mut chance).await;
                    made += 1;
                    continue;
                }
            };
            let body = super::with(json!({"id": id}), members);
            let answer = self.world.server.call("works.update", body).await;
            // Another writer may have deleted it.
            assert!(matches!(answer.status.as_u16(), 200 | 404), "{id}: {}", answer.body);
            made += usize::from(answer.status.is_success());
        }
        made
    }

    /// Compares every group with the works themselves, and what is kept with the documents.
    async fn is_right(&self) {
        for filter in [json!({}), json!({"type": ["issue"]}), json!({"state": ["open"]})] {
            let found = Found::by(&self.world, ADMIN, filter).await;
            for field in FIELDS {
                found.compare(&[field]).await;
            }
            found.compare(&["owned_by", "stage"]).await;
        }
        let found = self.world.server.engine.store().check(&mut |_, _| {}).await;
        assert_eq!(found, Vec::<String>::new());
    }
}

#[tokio::test]
async fn groups_are_right_after_many_writers_and_a_move() {
    let mut set = set(18, 8).await;
    for round in 0..2 {
        let works = set.world.call("works.export", json!({"first": 5_000})).await;
        let works = ids(&works["works"]);
        let made = join_all((0..8).map(|writer| set.churn(&works, 100 * round + writer))).await;
        assert!(made.iter().sum::<usize>() > 100, "{made:?}");
        set.is_right().await;
        set.world = World { server: set.world.server.moved(database::empty()).await };
        set.is_right().await;
    }
}

#[tokio::test]
async fn customers_count_what_they_see_and_nothing_else() {
    let set = set(12, 9).await;
    let (world, server) = (&set.world, &set.world.server);
    let eve = server.session("eve", "eu").await;
    let ticket = json!({"type": "ticket", "title": "Help", "body": "It is on fire."});
    let made = server.call_as(&eve, "works.create", ticket).await.ok();
    let workspace = made["work"]["rev_org"]["id"].clone();
    for n in 0..12 {
        let severity = if n % 2 == 0 { "high" } else { "low" };
        let members = json!({
            "rev_org": workspace, "visibility": 1 + n % 3, "owned_by": [set.owners[n % 2]],
            "severity": severity, "tags": [{"id": set.tags[n % 3]}],
        });
        let ticket = id(&world.work("ticket", members).await);
        if n % 4 == 1 {
            world.update(&ticket, json!({"stage": {"name": "resolved"}})).await;
        }
    }
    let seen = server.call_as(&eve, "works.count", json!({})).await.ok();
    assert_eq!(seen, json!({"count": 5, "has_more": false}));
    for filter in [json!({}), json!({"type": ["ticket"]}), json!({"state": ["open"]})] {
        let found = Found::by(world, &eve, filter).await;
        for field in FIELDS.into_iter().filter(|field| !field.starts_with("custom_fields")) {
            found.compare(&[field]).await;
            if field != "tags" {
                found.compare(&[field, "tags"]).await;
            }
        }
    }
}

#[tokio::test]
async fn a_group_shows_its_values_as_works_do() {
    let world = World::new().await;
    let bob = world.user("bob").await;
    let tag = world.tag("hot", &[]).await;
    let (acme, _) = world.customer("Acme").await;
    let sprint = world.sprint("S1", "active").await;
    let issue = json!({
        "owned_by": [bob, "DEVU-1"], "tags": [{"id": tag}], "priority": "p0",
        "sprint": sprint["id"],
    });
    let issue = world.work("issue", issue).await;
    let ticket = world.work("ticket", json!({"severity": "blocker", "account": acme})).await;
    world.update("TKT-1", json!({"stage": {"name": "resolved"}})).await;
    let count = async |group_by: Value| {
        let answer = world.call("works.count", json!({"group_by": group_by})).await;
        assert_eq!((&answer["count"], &answer["has_more"]), (&json!(2), &json!(false)));
        answer["groups"].clone()
    };
    let without = json!({"count": 1});
    let p0 = json!({"count": 1, "priority": "p0", "priority_v2": issue["priority_v2"]});
    for (field, groups) in [
        ("type", json!([{"count": 1, "type": "issue"}, {"count": 1, "type": "ticket"}])),
        (
            "state",
            json!([
                {"count": 1, "state": "open", "state_display_name": "Open"},
                {"count": 1, "state": "closed", "state_display_name": "Closed"},
            ]),
        ),
        (
            "owned_by",
            json!([
                {"count": 2, "owned_by": issue["owned_by"][1]},
                {"count": 1, "owned_by": issue["owned_by"][0]},
            ]),
        ),
        ("applies_to_part", json!([{"count": 2, "applies_to_part": issue["applies_to_part"]}])),
        ("priority", json!([p0, without])),
        ("severity", json!([{"count": 1, "severity": "blocker"}, without])),
        ("account", json!([{"count": 1, "account": ticket["account"]}, without])),
        ("sprint", json!([{"count": 1, "sprint": issue["sprint"]}, without])),
        ("tags", json!([{"count": 1, "tags": issue["tags"][0]["tag"]}, without])),
        ("created_date:week", json!([{"count": 2, "created_date": "2025-12-29T00:00:00.000Z"}])),
        (
            "actual_close_date:day",
            json!([
                {"count": 1, "actual_close_date": "2026-01-01T00:00:00.000Z"}, without,
            ]),
        ),
    ] {
        assert_eq!(count(json!([field])).await, groups, "{field}");
        assert_eq!(count(json!(field)).await, groups, "{field}: one value is a list of one");
    }
    let ticket = world.get("TKT-1").await;
    let stages = json!([
        {"count": 1, "stage": issue["stage"], "type": "issue"},
        {"count": 1, "stage": ticket["stage"], "type": "ticket"},
    ]);
    assert_eq!(count(json!(["type", "stage"])).await, stages);

    let got = world.server.get("works.count", "group_by=type,state&type=issue").await.ok();
    let open = json!({
        "count": 1, "state": "open", "state_display_name": "Open", "type": "issue",
    });
    assert_eq!(got, json!({"count": 1, "has_more": false, "groups": [open]}));
    let nothing = json!({"group_by": ["stage", "tags"], "type": ["task"]});
    let nothing = world.call("works.count", nothing).await;
    assert_eq!(nothing, json!({"count": 0, "has_more": false, "groups": []}));
    let plain = world.call("works.count", json!({"group_by": []})).await;
    assert_eq!(plain, json!({"count": 2, "has_more": false}));
}

#[tokio::test]
async fn what_works_can_not_be_grouped_by_is_named() {
    let set = set(1, 5).await;
    for (group_by, kind) in [
        (json!(["colour"]), "invalid_field"),
        (json!([""]), "invalid_field"),
        (json!(["created_date"]), "invalid_field"),
        (json!(["created_date:year"]), "invalid_field"),
        (json!(["created_date:"]), "invalid_field"),
        (json!(["created_date:week:day"]), "invalid_field"),
        (json!(["modified_date:day"]), "invalid_field"),
        (json!(["stage:week"]), "invalid_field"),
        (json!(["stage", "stage"]), "invalid_field"),
        (json!(["created_date:day", "created_date:week"]), "invalid_field"),
        (json!(["custom_fields.tnt__nothing"]), "invalid_field"),
        (json!(["custom_fields.tnt__cost:day"]), "invalid_field"),
        (json!(["custom_fields."]), "invalid_field"),
        (json!(["tnt__cost"]), "invalid_field"),
        (json!(["stage", "state", "type"]), "value_not_permitted"),
        (json!(["a\u{0}"]), "value_not_permitted"),
        (json!([7]), "unexpected_json_type"),
        (json!([null]), "unexpected_json_type"),
        (json!({"stage": true}), "unexpected_json_type"),
    ] {
        let body = json!({"group_by": group_by});
        let error = set.world.refused("works.count", body, 400, kind).await;
        assert_eq!(error["field_name"], "group_by", "{group_by}");
    }
    // Other lists don't group, and a field of issues is none of tickets.
    let body = json!({"group_by": ["stage"]});
    set.world.refused("works.list", body, 400, "invalid_field").await;
    let body = json!({"group_by": ["custom_fields.tnt__cost"], "type": ["ticket"]});
    set.world.refused("works.count", body, 400, "invalid_field").await;
}
