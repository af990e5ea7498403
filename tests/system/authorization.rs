//! Who may call what, generated from the table of operations.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use worksmith_engine::Tx;
use worksmith_kernel::{Access, Audience, Op, OpTable};
use worksmith_tests::ADMIN;
use worksmith_wire::{Id, Kind};

use crate::digest::digest;
use crate::world::{CUSTOMER, EXPIRED, MEMBER, REVOKED, STRANGER, World, as_admin, post, raw};

/// The operations in an order in which each still finds its object.
fn in_order(table: &OpTable<Tx>) -> Vec<&Op<Tx>> {
    let mut ops: Vec<_> = table.iter().collect();
    ops.sort_by_key(|op| match op.name.rsplit('.').next() {
        _ if op.name == "auth-tokens.self.delete" => 3,
        Some("delete" | "remove" | "unlink" | "deactivate") => 2,
        Some("merge") => 1,
        _ => 0,
    });
    ops
}

fn request(world: &World, op: &str) -> Value {
    let request = world.request(op);
    request.unwrap_or_else(|| panic!("tests/system/requests.rs has no request of {op}"))
}

/// Calls every operation with `token`, and lists those whose answer is not as `expected`.
async fn refused(
    world: &World,
    token: &str,
    expected: impl Fn(&Op<Tx>, u16, &Value) -> bool,
) -> Vec<String> {
    let table = worksmith_tracker::table();
    let mut wrong = Vec::new();
    for op in in_order(&table) {
        let (status, body) = post(&world.server, token, op.name, &request(world, op.name)).await;
        if !expected(op, status, &body) {
            wrong.push(format!("{}: {status} {body}", op.name));
        }
    }
    wrong
}

fn is(status: u16, body: &Value, wanted: (u16, &str)) -> bool {
    (status, body["type"].as_str()) == (wanted.0, Some(wanted.1))
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered_and_nothing_changes() {
    let world = World::start().await;
    let before = world.digest();
    for (token, kind) in [
        ("an-unknown-token", "unauthenticated"),
        (EXPIRED, "token_expired"),
        (REVOKED, "token_revoked"),
    ] {
        let wrong = refused(&world, token, |_, status, body| is(status, body, (401, kind))).await;
        assert!(wrong.is_empty(), "{token}: {wrong:#?}");
    }
    for op in worksmith_tracker::table().iter() {
        for method in ["POST", "GET"] {
            if method == "GET" && !op.get {
                continue;
            }
            let path = format!("/{}", op.name);
            let answer = raw(&world.server, method, &path, &[], "").await;
            let (status, body) = (answer.status.as_u16(), answer.json());
            assert!(is(status, &body, (401, "unauthenticated")), "{} {body}", op.name);
        }
    }
    assert_eq!(world.digest(), before);
}

/// Without this, every refusal below could have a reason other than the caller.
#[tokio::test]
async fn the_admin_is_granted_every_operation() {
    let world = World::start().await;
    let wrong = refused(&world, ADMIN, |op, status, _| match op.name {
        // Nothing has been uploaded, so this only shows that the call is permitted.
        "artifacts.versions.delete" => status == 404,
        _ => status == op.status,
    })
    .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(worksmith_tracker::table().iter().count() >= 70);
}

#[tokio::test]
async fn a_customer_is_granted_what_is_for_everyone_and_no_more() {
    let world = World::start().await;
    let wrong = refused(&world, CUSTOMER, |op, status, body| match op.audience {
        Audience::Everyone => status != 401,
        Audience::Members | Audience::Admins => is(status, body, (403, "forbidden")),
    })
    .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn what_is_for_admins_is_refused_to_other_members() {
    let world = World::start().await;
    let wrong = refused(&world, MEMBER, |op, status, body| match op.audience {
        Audience::Admins => is(status, body, (403, "forbidden")),
        Audience::Everyone | Audience::Members => status != 401,
    })
    .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    let admins = |op: &&Op<Tx>| op.audience == Audience::Admins;
    assert!(worksmith_tracker::table().iter().filter(admins).count() >= 5);
}

#[tokio::test]
async fn a_scope_for_something_else_grants_nothing() {
    let world = World::start().await;
    let admin = Id::numbered(Kind::DevUser, 1);
    let before = world.issue("foreign", admin, |token| token.scopes = vec!["nothing:all".into()]);
    before.await;
    let wrong = refused(&world, "foreign", |op, status, body| {
        is(status, body, (403, "forbidden")) || op.scope.is_empty()
    })
    .await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_scope_to_read_grants_no_writes() {
    let world = World::start().await;
    let table = worksmith_tracker::table();
    let scopes: BTreeSet<_> = table.iter().map(|op| op.scope).filter(|s| !s.is_empty()).collect();
    for scope in &scopes {
        let admin = Id::numbered(Kind::DevUser, 1);
        let scopes = vec![format!("{scope}:read")];
        world.issue(&format!("reads-{scope}"), admin, |token| token.scopes = scopes).await;
    }
    let before = world.digest();
    for op in table.iter().filter(|op| !op.scope.is_empty()) {
        let token = format!("reads-{}", op.scope);
        let (status, body) = post(&world.server, &token, op.name, &request(&world, op.name)).await;
        let refused = is(status, &body, (403, "forbidden"));
        assert_eq!(refused, op.access == Access::Write, "{}: {status} {body}", op.name);
    }
    assert_eq!(world.digest(), before);
    assert!(scopes.len() >= 10, "{scopes:?}");
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

#[tokio::test]
async fn another_org_sees_and_changes_nothing() {
    let world = World::start().await;
    let table = worksmith_tracker::table();
    let before = digest(&world.server, Some(&world.org));
    let mine = format!("devo/{}:", world.org);
    let (mut named, mut wrong) = (0, Vec::new());
    for op in in_order(&table) {
        let display = request(&world, op.name);
        let dons = with_dons(&world, display.clone());
        let names_objects = dons.to_string().contains(&mine);
        named += usize::from(names_objects);
        for (spelling, request) in [("display ids", &display), ("DONs", &dons)] {
            if op.name == "auth-tokens.self.delete" {
                continue;
            }
            let (status, body) = post(&world.server, STRANGER, op.name, request).await;
            let refusal =
                is(status, &body, (404, "not_found")) || is(status, &body, (400, "invalid_id"));
            // A list with an unknown parent is empty.
            let is_empty = status == 200 && body == json!({"artifacts": []});
            if spelling == "DONs" && names_objects && !refusal && !is_empty {
                wrong.push(format!("{} by DONs: {status} {body}", op.name));
            }
            // Its own objects have its own org in every id.
            if status < 300 && body.to_string().contains(&mine) {
                wrong.push(format!("{} by {spelling} shows: {body}", op.name));
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
