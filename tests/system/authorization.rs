//! Who may call what: every operation by every kind of caller, with the exact answer. What has to
//! be the answer follows from `rows`, and not from the table of operations.

use std::collections::BTreeSet;

use rows::{BY_POST_ONLY, ROWS, Rank, Row};
use serde_json::{Map, Value, json};
use worksmith_engine::{Access, Audience};
use worksmith_tests::s3::S3;
use worksmith_tests::{ADMIN, Setup};
use worksmith_wire::{Id, Kind};

use crate::digest::digest;
use crate::world::{CUSTOMER, EXPIRED, MEMBER, REVOKED, STRANGER, World, as_admin, post, raw};

mod rows;

/// A member that no operation has. It is refused once the caller is admitted, and before anything
/// else is looked at (BEHAVIOUR 1.8).
const UNKNOWN: &str = "no_such_member";
/// Operations that look at another member first, since it decides which members there are.
const VARIANTS: [(&str, &str); 3] =
    [("schemas.custom.set", "type"), ("works.create", "type"), ("works.update", "id")];
/// Nothing has been uploaded, so that there is no version to delete.
const NO_VERSION: Exception = ("artifacts.versions.delete", 404, "not_found");

/// An operation whose request in `requests.rs` is admitted, but refused for what it asks: its
/// name, the status and the type of the error.
type Exception = (&'static str, u16, &'static str);

impl Row {
    fn rights(&self) -> &'static str {
        if self.writes { "write" } else { "read" }
    }

    fn has_get(&self) -> bool {
        !self.writes && !BY_POST_ONLY.contains(&self.name)
    }

    /// What a caller who may not call is told.
    fn refusal(&self, caller: &Caller) -> Option<Value> {
        let message = if caller.rank < self.rank {
            let who = if self.rank == Rank::Admin { "admins" } else { "members of the org" };
            format!("{} is for {who}", self.name)
        } else {
            let scope = format!("{}:{}", self.noun, self.rights());
            let all = format!("{}:all", self.noun);
            let has = |wanted: &String| caller.scopes.contains(wanted);
            if self.noun.is_empty() || caller.scopes.is_empty() || has(&scope) || has(&all) {
                return None;
            }
            format!("the token lacks the scope {scope}")
        };
        Some(json!({"type": "forbidden", "message": message}))
    }

    /// Whether this is the answer to a call with [`UNKNOWN`].
    fn is_answer_to_unknown(&self, caller: &Caller, status: u16, body: &Value) -> bool {
        if let Some(refusal) = self.refusal(caller) {
            return status == 403 && *body == refusal;
        }
        let (kind, field) = match VARIANTS.iter().find(|(name, _)| *name == self.name) {
            Some((_, first)) => ("missing_required_field", *first),
            None => ("invalid_field", UNKNOWN),
        };
        is(status, body, (400, kind)) && body["field_name"] == field
    }
}

/// Somebody with a token.
#[derive(Debug)]
struct Caller {
    token: String,
    rank: Rank,
    /// The scopes of the token; if there are none, it is not narrowed.
    scopes: Vec<String>,
}

impl Caller {
    fn new(token: &str, rank: Rank) -> Self {
        Self { token: token.to_owned(), rank, scopes: Vec::new() }
    }

    /// A token of a user with scopes.
    async fn narrowed(world: &World, user: &Id, rank: Rank, scopes: Vec<String>) -> Self {
        let token = format!("token-{}-{}", user.local(), scopes.join("-"));
        let token = format!("{}-{token}", user.kind().noun());
        world.issue(&token, user.clone(), |issued| issued.scopes.clone_from(&scopes)).await;
        Self { token, rank, scopes }
    }

    /// A token that the admin makes by `auth-tokens.create`.
    async fn made(world: &World, rank: Rank, request: &Value) -> Self {
        let (status, body) = as_admin(&world.server, "auth-tokens.create", request).await;
        assert_eq!(status, 201, "{body}");
        Self::new(body["access_token"].as_str().expect("a token"), rank)
    }
}

fn nouns() -> BTreeSet<&'static str> {
    ROWS.iter().map(|row| row.noun).filter(|noun| !noun.is_empty()).collect()
}

/// Callers of every rank, whose tokens were made in every way and have all scopes of a kind.
async fn callers(world: &World) -> Vec<Caller> {
    let user = Id::numbered;
    let type_of = |name: &str| format!("urn:devrev:params:oauth:token-type:{name}");
    let acts_as =
        |name: &str, id: &str| json!({"requested_token_type": type_of(name), "act_as": id});
    let mut callers = vec![
        Caller::new(ADMIN, Rank::Admin),
        Caller::new(MEMBER, Rank::Member),
        Caller::new(CUSTOMER, Rank::Customer),
        Caller::new(STRANGER, Rank::Admin),
        Caller::made(world, Rank::Member, &acts_as("pat:act-as", "DEVU-2")).await,
        Caller::made(world, Rank::Member, &acts_as("aat:act-as", "SVCACC-1")).await,
        Caller::made(world, Rank::Customer, &json!({"rev_info": {"user_ref": "u-9"}})).await,
    ];
    for (user, rank) in [
        (user(Kind::DevUser, 1), Rank::Admin),
        (user(Kind::DevUser, 2), Rank::Member),
        (user(Kind::ServiceAccount, 1), Rank::Member),
        (user(Kind::SysUser, 1), Rank::Member),
        (user(Kind::RevUser, 1), Rank::Customer),
    ] {
        callers.push(Caller::narrowed(world, &user, rank, Vec::new()).await);
        callers.push(Caller::narrowed(world, &user, rank, vec!["nothing:all".into()]).await);
        for rights in ["read", "write", "all"] {
            let scopes = nouns().iter().map(|noun| format!("{noun}:{rights}")).collect();
            callers.push(Caller::narrowed(world, &user, rank, scopes).await);
        }
    }
    callers
}

/// The operations in an order in which each still finds its object.
fn in_order() -> Vec<&'static Row> {
    let mut rows: Vec<_> = ROWS.iter().collect();
    rows.sort_by_key(|row| match row.name.rsplit('.').next() {
        _ if row.name == "auth-tokens.self.delete" => 3,
        Some("delete" | "remove" | "unlink" | "deactivate") => 2,
        Some("merge") => 1,
        _ => 0,
    });
    rows
}

fn request(world: &World, op: &str) -> Value {
    let request = world.request(op);
    request.unwrap_or_else(|| panic!("tests/system/requests.rs has no request of {op}"))
}

fn is(status: u16, body: &Value, wanted: (u16, &str)) -> bool {
    (status, body["type"].as_str()) == (wanted.0, Some(wanted.1))
}

#[test]
fn the_rows_are_those_of_the_table_of_operations() {
    let table = worksmith_tracker::table();
    let text = |name: &str, rank, noun: &str, writes, success: u16, get: bool| {
        format!("{name} {rank:?} {noun:?} writes: {writes} success: {success} GET: {get}")
    };
    let of_table = table.iter().map(|op| {
        let rank = match op.audience {
            Audience::Everyone => Rank::Customer,
            Audience::Members => Rank::Member,
            Audience::Admins => Rank::Admin,
        };
        text(op.name, rank, op.scope, op.access == Access::Write, op.status, op.get)
    });
    let of_rows = ROWS
        .iter()
        .map(|row| text(row.name, row.rank, row.noun, row.writes, row.success, row.has_get()));
    let (of_table, of_rows): (BTreeSet<_>, BTreeSet<_>) = (of_table.collect(), of_rows.collect());
    let differing: Vec<_> = of_table.symmetric_difference(&of_rows).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    assert_eq!(of_rows.len(), ROWS.len());
}

/// Headers without a token that is good, and the types of their refusals.
async fn bad_headers(world: &World) -> Vec<(Vec<u8>, &'static str)> {
    let deactivated = Id::numbered(Kind::DevUser, 3);
    let merged = Id::numbered(Kind::DevUser, 5);
    let deleted = Id::numbered(Kind::RevUser, 3);
    for (token, user) in [("deactivated", deactivated), ("merged", merged), ("deleted", deleted)] {
        world.issue(token, user, |_| {}).await;
    }
    let acts_as = json!({"act_as": "DEVU-3",
        "requested_token_type": "urn:devrev:params:oauth:token-type:pat:act-as"});
    let acting = Caller::made(world, Rank::Member, &acts_as).await.token;
    // They are good before.
    for token in ["deactivated", "merged", "deleted", &acting] {
        assert_eq!(post(&world.server, token, "ping", &json!({})).await.0, 200, "{token}");
    }
    for (op, request) in [
        ("dev-users.deactivate", json!({"id": "DEVU-3"})),
        ("dev-users.merge", json!({"primary_user": "DEVU-4", "secondary_user": "DEVU-5"})),
        ("rev-users.delete", json!({"id": "REVU-3"})),
    ] {
        let (status, body) = as_admin(&world.server, op, &request).await;
        assert_eq!(status, 200, "{body}");
    }
    let unknown = "unauthenticated";
    let mut headers: Vec<(Vec<u8>, &str)> = [
        ("", unknown),
        ("Bearer", unknown),
        ("Bearer ", unknown),
        ("an-unknown-token", unknown),
        ("Bearer an-unknown-token", unknown),
        ("Basic dGVzdC1hZG1pbi10b2tlbjo=", unknown),
        ("deactivated", unknown),
        (&acting, unknown),
        ("deleted", unknown),
        ("merged", "token_revoked"),
        (EXPIRED, "token_expired"),
        (REVOKED, "token_revoked"),
    ]
    .map(|(header, kind)| (header.as_bytes().to_vec(), kind))
    .into();
    headers.push((format!("Bearer {ADMIN}{ADMIN}").into_bytes(), unknown));
    headers.push((vec![b'x'; 5000], unknown));
    headers.push((b"\xff\xfe".to_vec(), unknown));
    headers
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered_and_nothing_changes() {
    let world = World::start().await;
    let headers = bad_headers(&world).await;
    let mut headers: Vec<_> =
        headers.iter().map(|(value, kind)| (vec![("authorization", &value[..])], *kind)).collect();
    headers.push((Vec::new(), "unauthenticated"));
    let before = world.digest();
    let mut wrong = Vec::new();
    for row in &ROWS {
        let path = format!("/{}", row.name);
        let good = request(&world, row.name).to_string();
        // What is wrong with the body is told to nobody else.
        let mut calls = vec![("POST", good.as_str()), ("POST", "{")];
        if row.has_get() {
            calls.push(("GET", ""));
        }
        for (headers, kind) in &headers {
            for (method, body) in &calls {
                let answer = raw(&world.server, method, &path, headers, (*body).to_owned()).await;
                let (status, answered) = (answer.status.as_u16(), answer.json());
                if !is(status, &answered, (401, kind)) {
                    wrong.push(format!("{method} {path} {body} {kind}: {status} {answered}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.digest(), before);
}

#[tokio::test]
async fn every_caller_is_admitted_or_refused_as_the_rows_say() {
    let world = World::start().await;
    let callers = callers(&world).await;
    let before = world.digest();
    let mut wrong = Vec::new();
    for row in &ROWS {
        let mut requests = vec![json!({UNKNOWN: 1})];
        // Whoever is refused is refused whatever the request.
        let refused = [request(&world, row.name), json!({}), json!({"id": [{"id": 1}]}), json!([])];
        requests.extend(refused);
        for caller in &callers {
            let count = if row.refusal(caller).is_some() { requests.len() } else { 1 };
            for request in &requests[..count] {
                let (status, body) = post(&world.server, &caller.token, row.name, request).await;
                if !row.is_answer_to_unknown(caller, status, &body) {
                    wrong.push(format!("{} {caller:?} {request}: {status} {body}", row.name));
                }
            }
            let path = format!("/{}?{UNKNOWN}=1", row.name);
            let headers = [("authorization", caller.token.as_bytes())];
            let answer = raw(&world.server, "GET", &path, &headers, "").await;
            let (status, body) = (answer.status.as_u16(), answer.json());
            let is_right = if row.has_get() {
                row.is_answer_to_unknown(caller, status, &body)
            } else {
                is(status, &body, (405, "method_not_allowed"))
            };
            if !is_right {
                wrong.push(format!("GET {} {caller:?}: {status} {body}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.digest(), before);
}

#[tokio::test]
async fn a_scope_for_one_noun_grants_nothing_of_another() {
    let world = World::start().await;
    let admin = Id::numbered(Kind::DevUser, 1);
    let mut callers = Vec::new();
    for noun in nouns() {
        let scopes = vec![format!("{noun}:all")];
        callers.push(Caller::narrowed(&world, &admin, Rank::Admin, scopes).await);
    }
    let before = world.digest();
    let mut wrong = Vec::new();
    for row in &ROWS {
        for caller in &callers {
            let request = json!({UNKNOWN: 1});
            let (status, body) = post(&world.server, &caller.token, row.name, &request).await;
            if !row.is_answer_to_unknown(caller, status, &body) {
                wrong.push(format!("{} {:?}: {status} {body}", row.name, caller.scopes));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(world.digest(), before);
}

/// Makes a good request of every operation, and compares the answers with the rows.
async fn calls_everything(world: &World, caller: &Caller, exceptions: &[Exception]) {
    let (mut wrong, mut met) = (Vec::new(), 0);
    for row in in_order() {
        let exception = exceptions.iter().find(|(name, ..)| *name == row.name);
        met += usize::from(exception.is_some());
        let request = request(world, row.name);
        let (status, body) = post(&world.server, &caller.token, row.name, &request).await;
        let is_right = match (row.refusal(caller), exception) {
            (Some(refusal), None) => status == 403 && body == refusal,
            (None, Some((_, wanted, kind))) => {
                // It is refused by the operation itself, and thus in other words.
                is(status, &body, (*wanted, kind))
            }
            (None, None) => status == row.success,
            (Some(_), Some(_)) => false,
        };
        if !is_right {
            wrong.push(format!("{}: {status} {body}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{caller:?}: {wrong:#?}");
    assert_eq!(met, exceptions.len(), "an exception of no operation");
}

#[tokio::test]
async fn the_admin_is_granted_every_operation() {
    let world = World::start().await;
    calls_everything(&world, &Caller::new(ADMIN, Rank::Admin), &[NO_VERSION]).await;
}

/// What members may call, but not for other members, and those requests are for the admin.
const OF_OTHERS: [Exception; 19] = [
    ("auth-tokens.delete", 404, "not_found"),
    ("auth-tokens.get", 404, "not_found"),
    ("auth-tokens.update", 404, "not_found"),
    ("dev-users.identities.link", 403, "forbidden"),
    ("dev-users.identities.unlink", 403, "forbidden"),
    ("dev-users.update", 403, "forbidden"),
    ("notifications.get", 404, "not_found"),
    ("notifications.update", 404, "not_found"),
    ("preferences.get", 403, "forbidden"),
    ("preferences.update", 403, "forbidden"),
    ("timeline-entries.delete", 403, "forbidden"),
    ("timeline-entries.update", 403, "forbidden"),
    ("webhooks.delete", 404, "not_found"),
    ("webhooks.deliveries.get", 404, "not_found"),
    ("webhooks.deliveries.list", 404, "not_found"),
    ("webhooks.deliveries.redeliver", 404, "not_found"),
    ("webhooks.fetch", 404, "not_found"),
    ("webhooks.get", 404, "not_found"),
    ("webhooks.update", 404, "not_found"),
];

#[tokio::test]
async fn a_member_is_granted_what_is_not_for_admins() {
    let world = World::start().await;
    let exceptions = [&OF_OTHERS[..], &[NO_VERSION]].concat();
    calls_everything(&world, &Caller::new(MEMBER, Rank::Member), &exceptions).await;
}

#[tokio::test]
async fn a_service_account_is_a_member_but_no_dev_user() {
    let world = World::start().await;
    let robot = Id::numbered(Kind::ServiceAccount, 1);
    let robot = Caller::narrowed(&world, &robot, Rank::Member, Vec::new()).await;
    let own = [
        NO_VERSION,
        ("dev-users.self", 404, "not_found"),
        ("dev-users.self.update", 404, "not_found"),
    ];
    calls_everything(&world, &robot, &[&OF_OTHERS[..], &own].concat()).await;
}

#[tokio::test]
async fn a_customer_is_granted_what_is_for_everyone_and_no_more() {
    let world = World::start().await;
    // The files, the token, the issue, its link and what is said about it are the admin's.
    let exceptions = [
        ("artifacts.get", 404, "not_found"),
        ("artifacts.locate", 404, "not_found"),
        ("artifacts.versions.prepare", 404, "not_found"),
        ("auth-tokens.delete", 404, "not_found"),
        ("links.get", 404, "not_found"),
        ("notifications.get", 404, "not_found"),
        ("notifications.update", 404, "not_found"),
        ("preferences.get", 404, "not_found"),
        ("preferences.update", 404, "not_found"),
        ("reactions.list", 404, "not_found"),
        ("reactions.update", 404, "not_found"),
        ("subscribers.get", 404, "not_found"),
        ("subscribers.update", 404, "not_found"),
        ("timeline-entries.create", 404, "not_found"),
        ("timeline-entries.delete", 404, "not_found"),
        ("timeline-entries.get", 404, "not_found"),
        ("timeline-entries.list", 404, "not_found"),
        ("timeline-entries.update", 404, "not_found"),
        ("works.create", 403, "forbidden"),
        ("works.get", 404, "not_found"),
    ];
    calls_everything(&world, &Caller::new(CUSTOMER, Rank::Customer), &exceptions).await;
}

#[tokio::test]
async fn scopes_to_write_grant_every_write_and_no_reads() {
    let world = World::start().await;
    let admin = Id::numbered(Kind::DevUser, 1);
    let scopes = nouns().iter().map(|noun| format!("{noun}:write")).collect();
    let writer = Caller::narrowed(&world, &admin, Rank::Admin, scopes).await;
    calls_everything(&world, &writer, &[NO_VERSION]).await;
}

#[tokio::test]
async fn scopes_to_read_grant_every_read_and_no_writes() {
    let world = World::start().await;
    let admin = Id::numbered(Kind::DevUser, 1);
    let scopes = nouns().iter().map(|noun| format!("{noun}:read")).collect();
    let reader = Caller::narrowed(&world, &admin, Rank::Admin, scopes).await;
    let before = world.digest();
    // Anybody may revoke the token of the call, so that this operation decides by itself.
    calls_everything(&world, &reader, &[("auth-tokens.delete", 403, "forbidden")]).await;
    assert_eq!(world.digest(), before);
}

/// A filled server with a bucket, which is then shut down: whatever asks it fails.
async fn without_bucket() -> World {
    let mut bucket = S3::start().await;
    let files = Some(bucket.files().await);
    let world = World::start_as(Setup { files, ..Setup::default() }).await;
    bucket.stop().await;
    for op in ["artifacts.get", "artifacts.locate", "artifacts.versions.prepare"] {
        let (status, body) = as_admin(&world.server, op, &request(&world, op)).await;
        assert!(is(status, &body, (503, "service_unavailable")), "{op}: {status} {body}");
    }
    world
}

fn of_artifacts() -> impl Iterator<Item = &'static Row> {
    ROWS.iter().filter(|row| row.name.starts_with("artifacts."))
}

#[tokio::test]
async fn without_a_good_token_the_bucket_is_not_asked() {
    let world = without_bucket().await;
    for row in of_artifacts() {
        let request = request(&world, row.name);
        let (status, body) = post(&world.server, "an-unknown-token", row.name, &request).await;
        assert!(is(status, &body, (401, "unauthenticated")), "{}: {status} {body}", row.name);
    }
}

#[tokio::test]
async fn whoever_may_not_call_is_refused_before_the_bucket_is_asked() {
    let world = without_bucket().await;
    let admin = Id::numbered(Kind::DevUser, 1);
    let narrow = Caller::narrowed(&world, &admin, Rank::Admin, vec!["nothing:all".into()]).await;
    let mut wrong = Vec::new();
    for caller in [Caller::new(CUSTOMER, Rank::Customer), narrow] {
        for row in of_artifacts() {
            let Some(refusal) = row.refusal(&caller) else { continue };
            let request = request(&world, row.name);
            let (status, body) = post(&world.server, &caller.token, row.name, &request).await;
            if (status, &body) != (403, &refusal) {
                wrong.push(format!("{} {caller:?}: {status} {body}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The request with every id spelled as the DON that it has in the first org.
fn with_dons(world: &World, value: Value) -> Value {
    match value {
        Value::String(text) => {
            let id = Id::parse(&text, &world.context().org);
            Value::String(id.map_or(text, |id| world.don(&id)))
        }
        Value::Array(items) => items.into_iter().map(|item| with_dons(world, item)).collect(),
        Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, with_dons(world, value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// What another org is told where it is not 404: a reference beside the object of the call names
/// nothing (400), and it has no leaf type of its own.
const ELSEWHERE: [Exception; 11] = [
    ("custom-objects.count", 400, "value_not_permitted"),
    ("custom-objects.create", 400, "value_not_permitted"),
    ("custom-objects.list", 400, "value_not_permitted"),
    ("links.create", 400, "invalid_id"),
    ("notifications.send", 400, "invalid_id"),
    ("parts.create", 400, "invalid_id"),
    ("rev-orgs.create", 400, "invalid_id"),
    ("stage-diagrams.create", 400, "invalid_id"),
    ("stages.custom.create", 400, "invalid_id"),
    ("vistas.groups.create", 400, "invalid_id"),
    ("works.create", 400, "invalid_id"),
];

#[tokio::test]
async fn another_org_sees_and_changes_nothing() {
    let world = World::start().await;
    let before = digest(&world.server, Some(&world.org));
    let mine = format!("devo/{}:", world.org);
    let (mut named, mut wrong) = (0, Vec::new());
    // Without its own token, it could not go on.
    for row in in_order().into_iter().filter(|row| row.name != "auth-tokens.self.delete") {
        let display = request(&world, row.name);
        let dons = with_dons(&world, display.clone());
        let (status, body) = post(&world.server, STRANGER, row.name, &dons).await;
        let names_objects = dons.to_string().contains(&mine);
        named += usize::from(names_objects);
        let is_right = match ELSEWHERE.iter().find(|(name, ..)| *name == row.name) {
            Some((_, wanted, kind)) => is(status, &body, (*wanted, kind)),
            // A list with an unknown parent is empty.
            None if row.name == "artifacts.list" => {
                status == 200 && body == json!({"artifacts": []})
            }
            // A receiver takes what any server sends.
            None if row.name == "webhooks.event" => status == 200 && body == json!({}),
            None if row.name == "links.list" => status == 200 && body == json!({"links": []}),
            None if names_objects => is(status, &body, (404, "not_found")),
            None => status == row.success,
        };
        if !is_right {
            wrong.push(format!("{} by DONs: {status} {body}", row.name));
        }
        // By display ids, it names its own objects, if it has such.
        let (_, shown) = post(&world.server, STRANGER, row.name, &display).await;
        // Its own objects have its own org in every id.
        for body in [body, shown].iter().filter(|body| body.get("message").is_none()) {
            if body.to_string().contains(&mine) {
                wrong.push(format!("{} shows: {body}", row.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(named >= 40, "only {named} operations named an object");
    assert_eq!(digest(&world.server, Some(&world.org)), before);
}

#[tokio::test]
async fn lists_of_another_org_are_empty() {
    let world = World::start().await;
    for (op, member) in [
        ("accounts.list", "accounts"),
        ("accounts.export", "accounts"),
        ("artifacts.list", "artifacts"),
        ("groups.list", "groups"),
        ("parts.list", "parts"),
        ("rev-orgs.list", "rev_orgs"),
        ("rev-users.list", "rev_users"),
        ("rev-users.scan", "rev_users"),
        ("tags.list", "tags"),
        ("vistas.list", "vistas"),
        ("vistas.groups.list", "vista_group"),
        ("works.list", "works"),
        ("works.export", "works"),
    ] {
        let (status, body) = post(&world.server, STRANGER, op, &json!({})).await;
        assert_eq!((status, &body[member]), (200, &json!([])), "{op}: {body}");
    }
    let (_, count) = post(&world.server, STRANGER, "works.count", &json!({})).await;
    assert_eq!(count["count"], 0);
    let (_, count) = as_admin(&world.server, "works.count", &json!({})).await;
    assert_eq!(count["count"], 4);
}
