//! Who is told of what: every pair of a caller and an object, through the list, the stream and
//! `as_of`.

use serde_json::{Value, json};
use worksmith_kernel::Clock as _;
use worksmith_tests::{ADMIN, Server};
use worksmith_wire::Timestamp;

use super::cursors::second_org;
use super::streams::Stream;
use super::{end, member, product, read_as, told, work};

const STRANGER: &str = "test-token-of-another-org";

pub(super) struct World {
    pub(super) server: Server,
    /// The names of callers, and their tokens.
    pub(super) callers: Vec<(&'static str, String)>,
    pub(super) workspace: Value,
}

impl World {
    pub(super) async fn start() -> Self {
        let server = Server::start().await;
        product(&server).await;
        second_org(&server).await;
        let callers = vec![
            ("admin", ADMIN.to_owned()),
            ("member", member(&server, "ben").await),
            ("eve", server.session("eve", "eu").await),
            ("max", server.session("max", "eu").await),
            ("zoe", server.session("zoe", "us").await),
            ("stranger", STRANGER.to_owned()),
        ];
        let all = server.call("rev-orgs.list", json!({"external_ref": ["eu"]})).await.ok();
        let workspace = all["rev_orgs"][0]["id"].clone();
        Self { server, callers, workspace }
    }

    pub(super) fn token(&self, name: &str) -> &str {
        let found = self.callers.iter().find(|(caller, _)| *caller == name);
        &found.expect("a caller").1
    }

    /// What each caller is told since their cursors, by the list and by the stream.
    async fn told(&self, since: &[String]) -> Vec<(&'static str, Vec<String>)> {
        let mut all = Vec::new();
        for ((name, token), cursor) in self.callers.iter().zip(since) {
            let begin = Some(cursor.clone());
            let (events, _) = read_as(&self.server, token, json!({}), begin).await;
            if !events.is_empty() {
                let query = format!("cursor={cursor}");
                let mut stream = Stream::open(&self.server, token, &query, &[]).await;
                assert_eq!(stream.events(events.len()).await, events, "{name}");
            }
            let words = events.iter().map(|event| {
                let (kind, id, _) = told(event);
                format!("{kind} {id}")
            });
            all.push((*name, words.collect()));
        }
        all
    }

    /// The cursors of all callers at the present end.
    pub(super) async fn now(&self) -> Vec<String> {
        let mut cursors = Vec::new();
        for (_, token) in &self.callers {
            let request = json!({"from": "now"});
            let page = self.server.call_as(token, "events.list", request).await.ok();
            cursors.push(page["next_cursor"].as_str().expect("a cursor").to_owned());
        }
        cursors
    }

    pub(super) async fn ticket(&self, visibility: u8) -> Value {
        let members = json!({"rev_org": self.workspace, "visibility": visibility});
        work(&self.server, "ticket", members).await
    }

    pub(super) async fn update(&self, id: &str, members: Value) {
        let mut request = json!({"id": id});
        let own = request.as_object_mut().expect("an object");
        own.extend(members.as_object().expect("members").clone());
        self.server.call("works.update", request).await.ok();
    }
}

/// Those who are members are told all, and nobody else but these.
fn all_and(
    members: &[&str],
    others: &[(&'static str, &[&str])],
) -> Vec<(&'static str, Vec<String>)> {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let of = |name: &'static str| {
        let own = others.iter().find(|(caller, _)| *caller == name);
        (name, words(own.map_or(&[][..], |(_, own)| *own)))
    };
    vec![
        ("admin", words(members)),
        ("member", words(members)),
        of("eve"),
        of("max"),
        of("zoe"),
        of("stranger"),
    ]
}

#[tokio::test]
async fn each_caller_is_told_of_what_it_may_see() {
    let world = World::start().await;
    let since = world.now().await;
    world.ticket(1).await;
    world.ticket(2).await;
    world.ticket(3).await;
    work(&world.server, "issue", json!({})).await;
    world.server.call("tags.create", json!({"name": "a"})).await.ok();
    let own = json!({"type": "ticket", "title": "Help"});
    world.server.call_as(world.token("zoe"), "works.create", own).await.ok();
    world.update("TKT-2", json!({"title": "T"})).await;
    world.server.call("works.delete", json!({"id": "TKT-2"})).await.ok();
    let all = [
        "created TKT-1",
        "created TKT-2",
        "created TKT-3",
        "created ISS-1",
        "created TAG-1",
        "created TKT-4",
        "updated TKT-2",
        "deleted TKT-2",
    ];
    let own = ["created TKT-2", "updated TKT-2", "deleted TKT-2"];
    let others = [("eve", &own[..]), ("max", &own), ("zoe", &["created TKT-4"])];
    assert_eq!(world.told(&since).await, all_and(&all, &others));
}

#[tokio::test]
async fn what_becomes_visible_is_shown_whole_and_what_is_hidden_is_named_alone() {
    let world = World::start().await;
    let begin = world.now().await;
    world.ticket(1).await;
    world.update("TKT-1", json!({"body": "a secret"})).await;
    let open = world.now().await;
    let mut live = Stream::open(&world.server, world.token("eve"), "", &[]).await;
    live.frame().await.expect("a beginning");
    world.update("TKT-1", json!({"visibility": 2, "body": "no secret"})).await;
    world.update("TKT-1", json!({"title": "T"})).await;
    let (shown, _) =
        read_as(&world.server, world.token("eve"), json!({}), Some(begin[2].clone())).await;
    assert_eq!(shown.iter().map(told).collect::<Vec<_>>(), {
        [("shown", "TKT-1", 3), ("updated", "TKT-1", 4)]
    });
    assert!(!json!(shown).to_string().contains("a secret"), "{shown:?}");
    assert_eq!(shown[0]["new"]["body"], "no secret");
    assert!(shown[0].get("old").is_none());
    assert_eq!(live.events(2).await, shown);

    world.update("TKT-1", json!({"visibility": 1, "body": "another secret"})).await;
    world.update("TKT-1", json!({"title": "U"})).await;
    let hidden = live.event().await.expect("an event");
    let members: Vec<_> = hidden.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["cursor", "type", "date", "object_type", "object", "revision"]);
    let named: Vec<_> = hidden["object"].as_object().expect("an object").keys().collect();
    assert_eq!(told(&hidden), ("hidden", "TKT-1", 5));
    assert_eq!(named, ["id", "display_id"]);
    let kinds = ["created", "updated", "updated", "updated", "updated", "updated"];
    let members: Vec<_> = kinds.iter().map(|kind| format!("{kind} TKT-1")).collect();
    let members: Vec<_> = members.iter().map(String::as_str).collect();
    // Whoever comes now learns no more than that.
    let others = [("eve", &["hidden TKT-1"][..]), ("max", &["hidden TKT-1"])];
    assert_eq!(world.told(&begin).await, all_and(&members, &others));
    assert_eq!(world.told(&open).await, all_and(&members[2..], &others));
    // What is deleted while it is hidden is gone for good.
    let late = world.now().await;
    world.server.call("works.delete", json!({"id": "TKT-1"})).await.ok();
    assert_eq!(world.told(&late).await, all_and(&["deleted TKT-1"], &[]));
}

#[tokio::test]
async fn a_work_as_of_a_time_is_for_those_who_could_see_it_and_still_can() {
    let world = World::start().await;
    world.ticket(1).await;
    let internal = world.server.clock.now();
    world.update("TKT-1", json!({"visibility": 2})).await;
    let external = world.server.clock.now();
    let statuses = async |as_of: Value| {
        let mut all = Vec::new();
        for (_, token) in &world.callers {
            let request = json!({"id": "TKT-1", "as_of": as_of});
            all.push(world.server.call_as(token, "works.get", request).await.status.as_u16());
        }
        all
    };
    let (shown, hidden) = ([200, 200, 200, 200, 404, 404], [200, 200, 404, 404, 404, 404]);
    assert_eq!(statuses(json!(internal.to_string())).await, hidden);
    assert_eq!(statuses(json!(external.to_string())).await, shown);
    assert_eq!((statuses(json!(1)).await, statuses(json!(2)).await), (hidden.into(), shown.into()));
    let listed = async |as_of: Timestamp| {
        let mut all = Vec::new();
        for (_, token) in &world.callers {
            let request = json!({"as_of": as_of.to_string()});
            let page = world.server.call_as(token, "works.list", request).await.ok();
            all.push(if page["works"] == json!([]) { 404 } else { 200 });
        }
        all
    };
    assert_eq!((listed(internal).await, listed(external).await), (hidden.into(), shown.into()));
    world.update("TKT-1", json!({"visibility": 1})).await;
    assert_eq!(statuses(json!(external.to_string())).await, hidden);
    assert_eq!(listed(external).await, hidden);
    world.update("TKT-1", json!({"visibility": 2})).await;
    world.server.call("works.delete", json!({"id": "TKT-1"})).await.ok();
    assert_eq!(statuses(json!(external.to_string())).await, shown);
    assert_eq!(listed(external).await, shown);
    assert_eq!(statuses(json!(internal.to_string())).await, hidden);
}

#[tokio::test]
async fn a_token_is_told_of_what_its_scopes_let_it_read() {
    let world = World::start().await;
    let token = async |scopes: &str| {
        let request = json!({"scope": scopes});
        let made = world.server.call("auth-tokens.create", request).await.ok();
        made["access_token"].as_str().expect("a token").to_owned()
    };
    let narrow = token("event:read tag:read").await;
    let blind = token("tag:read work:all").await;
    let writes = token("event:all tag:write").await;
    let cursor = end(&world.server).await;
    work(&world.server, "issue", json!({})).await;
    world.server.call("tags.create", json!({"name": "a"})).await.ok();
    let of =
        async |token: &str| read_as(&world.server, token, json!({}), Some(cursor.clone())).await;
    let (events, _) = of(&narrow).await;
    assert_eq!(events.iter().map(told).collect::<Vec<_>>(), [("created", "TAG-1", 1)]);
    assert_eq!(of(&writes).await.0, Vec::<Value>::new());
    for op in ["events.list", "events.stream"] {
        world.server.call_as(&blind, op, json!({})).await.error(403, "forbidden");
    }
    let refused = json!({"object_types": ["issue"]});
    let refused = world.server.call_as(&narrow, "events.list", refused).await;
    let refused = refused.error(400, "invalid_enum_value");
    // Stages and schemas need no scope.
    let allowed = refused["allowed_values"].as_array().expect("values");
    assert!(allowed.contains(&json!("tag")) && !allowed.contains(&json!("ticket")), "{refused}");
}
