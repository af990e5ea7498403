//! Schedules and their fragments.

use serde_json::{Value, json};
use worksmith_tests::Server;

/// Monday to Friday, 09:00 to 17:00.
fn office() -> Value {
    let days = (1..=5).map(|day| json!({"from": day * 1440 + 540, "to": day * 1440 + 1020}));
    json!({"period_name": "", "intervals": days.collect::<Vec<_>>()})
}

fn berlin() -> Value {
    json!({"name": "Berlin", "timezone": "Europe/Berlin", "default_weekly_org_schedule": office()})
}

fn with(mut base: Value, member: &str, value: Value) -> Value {
    base[member] = value;
    base
}

fn day(date: &str) -> String {
    format!("{date}T00:00:00.000Z")
}

/// Creates a fragment and publishes it.
async fn fragment(server: &Server, from: &str, to: &str, intervals: Value) -> Value {
    let body = json!({"name": from, "from": day(from), "to": day(to), "intervals": intervals});
    let made = server.call("org-schedule-fragments.create", body).await;
    assert_eq!(made.status, 201);
    let id = made.ok()["org_schedule_fragment"]["id"].clone();
    let body = json!({"id": id, "status": "published"});
    server.call("org-schedule-fragments.transition", body).await.ok();
    json!({"id": id})
}

async fn transition(server: &Server, id: &str, status: &str) -> Value {
    let body = json!({"id": id, "status": status});
    server.call("org-schedules.transition", body).await.ok()["org_schedule"].clone()
}

async fn evaluate(server: &Server, instants: &[&str]) -> Value {
    let body = json!({"id": "SCHEDULE-1", "instants": instants});
    server.call("org-schedules.evaluate", body).await.ok()["instant_evaluations"].clone()
}

#[tokio::test]
async fn a_schedule_is_evaluated_from_the_first_instant_to_the_last() {
    let server = Server::start().await;
    server.call("org-schedules.create", berlin()).await.ok();
    // The local time of Berlin was 53 minutes and 28 seconds ahead of Greenwich.
    let instants = [
        "0000-01-01T00:00:00.000Z",
        "0000-01-03T08:06:32.000Z",
        "9999-12-31T07:59:59.999Z",
        "9999-12-31T15:59:59.999Z",
        "9999-12-31T23:59:59.999Z",
    ];
    let evaluated = evaluate(&server, &instants).await;
    let at = |at: &str, is_active: bool, next: Option<&str>| {
        let mut expected = json!({"at": at, "definedness": "mutable", "is_active": is_active});
        if let Some(next) = next {
            expected["next_transition"] = next.into();
        }
        expected
    };
    let expected = json!([
        at(instants[0], false, Some("0000-01-03T08:06:32.000Z")),
        at(instants[1], true, Some("0000-01-03T16:06:32.000Z")),
        at(instants[2], false, Some("9999-12-31T08:00:00.000Z")),
        at(instants[3], true, Some("9999-12-31T16:00:00.000Z")),
        at(instants[4], false, None),
    ]);
    assert_eq!(evaluated, expected);
}

#[tokio::test]
async fn a_schedule_is_made_read_listed_changed_published_and_archived() {
    let server = Server::start().await;
    let made = server.call("org-schedules.create", berlin()).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let mut bare = made["org_schedule"].clone();
    for member in ["id", "created_by", "created_date", "modified_by", "modified_date"] {
        assert!(bare[member].take() != Value::Null, "{member}");
        bare.as_object_mut().expect("an object").remove(member);
    }
    let whole = json!({
        "display_id": "SCHEDULE-1",
        "default_weekly_org_schedule": office(),
        "min_valid_days": 0,
        "name": "Berlin",
        "org_schedule_fragments": [],
        "status": "draft",
        "timezone": "Europe/Berlin",
        "version_number": 1,
        "weekly_org_schedules": [],
    });
    assert_eq!(bare, whole);
    assert_eq!(server.get("org-schedules.get", "id=SCHEDULE-1").await.ok(), made);

    let body = json!({
        "id": "SCHEDULE-1",
        "name": "Kathmandu",
        "timezone": "asia/kathmandu",
        "min_valid_days": 30,
        "weekly_org_schedules": [{"period_name": "Dashain", "intervals": [
            {"from": 2000, "to": 2100}, {"from": 0, "to": 10080 - 9000},
        ]}],
        "default_weekly_org_schedule": {"period_name": "usual", "intervals": []},
    });
    let changed = server.call("org-schedules.update", body).await;
    assert_eq!(changed.status, 201);
    let changed = changed.ok()["org_schedule"].clone();
    assert_eq!(changed["timezone"], "Asia/Kathmandu");
    assert_eq!(changed["min_valid_days"], 30);
    assert_eq!(changed["version_number"], 2);
    let intervals = json!([{"from": 0, "to": 1080}, {"from": 2000, "to": 2100}]);
    assert_eq!(changed["weekly_org_schedules"][0]["intervals"], intervals);
    let usual = json!({"period_name": "usual", "intervals": []});
    assert_eq!(changed["default_weekly_org_schedule"], usual);
    let same = json!({"id": "SCHEDULE-1", "name": "Kathmandu"});
    let same = server.call("org-schedules.update", same).await.ok();
    assert_eq!(same["org_schedule"], changed);

    let get = json!({"id": "SCHEDULE-1", "version_number": 2});
    assert_eq!(server.call("org-schedules.get", get).await.ok()["org_schedule"], changed);
    let get = json!({"id": "SCHEDULE-1", "version_number": 1});
    let error = server.call("org-schedules.get", get).await.error(404, "not_found");
    assert_eq!(error["message"], "SCHEDULE-1 is at version 2; version 1 is not kept");

    let published = transition(&server, "SCHEDULE-1", "published").await;
    assert_eq!(
        (&published["status"], &published["version_number"]),
        (&json!("published"), &json!(3))
    );
    let list = json!({"status": ["published"], "created_by_id": [published["created_by"]["id"]]});
    let listed = server.call("org-schedules.list", list).await.ok();
    assert_eq!(listed, json!({"org_schedules": [published]}));
    let drafts = server.call("org-schedules.list", json!({"status": "draft"})).await.ok();
    assert_eq!(drafts, json!({"org_schedules": []}));
    let archived = transition(&server, "SCHEDULE-1", "archived").await;
    assert_eq!(archived["status"], "archived");
}

#[tokio::test]
async fn only_the_next_status_is_allowed_and_only_a_draft_is_edited() {
    let server = Server::start().await;
    server.call("org-schedules.create", berlin()).await.ok();
    let refused = async |op: &str, id: &str, status: &str, message: &str| {
        let body = json!({"id": id, "status": status});
        let error = server.call(op, body).await.error(400, "bad_request");
        assert_eq!(error["message"], message);
    };
    let op = "org-schedules.transition";
    let draft = "SCHEDULE-1 is draft; the transition that is allowed is to published";
    refused(op, "SCHEDULE-1", "draft", draft).await;
    refused(op, "SCHEDULE-1", "archived", draft).await;
    transition(&server, "SCHEDULE-1", "published").await;
    let published = "SCHEDULE-1 is published; the transition that is allowed is to archived";
    refused(op, "SCHEDULE-1", "draft", published).await;
    let edit = json!({"id": "SCHEDULE-1", "name": "Bonn"});
    let error = server.call("org-schedules.update", edit.clone()).await.error(400, "bad_request");
    assert_eq!(error["message"], "SCHEDULE-1 is published; only a draft can be edited");
    transition(&server, "SCHEDULE-1", "archived").await;
    let archived = "SCHEDULE-1 is archived; no transition is allowed";
    refused(op, "SCHEDULE-1", "published", archived).await;
    server.call("org-schedules.update", edit).await.error(400, "bad_request");

    let body =
        json!({"name": "F", "from": day("2030-01-01"), "to": day("2030-02-01"), "intervals": []});
    server.call("org-schedule-fragments.create", body).await.ok();
    let op = "org-schedule-fragments.transition";
    let draft = "FRAGMENT-1 is draft; the transition that is allowed is to published";
    refused(op, "FRAGMENT-1", "archived", draft).await;
    for status in ["published", "archived"] {
        let body = json!({"id": "FRAGMENT-1", "status": status});
        let moved = server.call(op, body).await.ok();
        assert_eq!(moved["org_schedule_fragment"]["status"], status);
    }
    refused(op, "FRAGMENT-1", "draft", "FRAGMENT-1 is archived; no transition is allowed").await;
    let nobody = json!({"id": "SCHEDULE-9", "status": "published"});
    server.call("org-schedules.transition", nobody).await.error(404, "not_found");
}

#[tokio::test]
async fn a_schedule_that_makes_no_sense_is_refused() {
    let server = Server::start().await;
    let week = |from: i64, to: i64| {
        let intervals = json!([{"from": 0, "to": 100}, {"from": from, "to": to}]);
        json!({"period_name": "", "intervals": intervals})
    };
    let named = |name: &str| json!({"period_name": name, "intervals": []});
    let cases = [
        ("timezone", json!("Mars/Olympus"), "timezone"),
        ("timezone", json!(""), "timezone"),
        ("default_weekly_org_schedule", week(200, 200), "to"),
        ("default_weekly_org_schedule", week(200, 150), "to"),
        ("default_weekly_org_schedule", week(200, 10_081), "to"),
        ("default_weekly_org_schedule", week(-1, 200), "from"),
        ("default_weekly_org_schedule", week(99, 200), "intervals"),
        ("weekly_org_schedules", json!([week(99, 200)]), "period_name"),
        ("weekly_org_schedules", json!([named("A"), named("A")]), "period_name"),
        ("min_valid_days", json!(-1), "min_valid_days"),
        ("min_valid_days", json!(1_i64 << 31), "min_valid_days"),
    ];
    for (member, value, field) in cases {
        let body = with(berlin(), member, value);
        let error = server.call("org-schedules.create", body.clone()).await;
        let error = error.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], field, "{body}");
    }
    let touching = with(berlin(), "default_weekly_org_schedule", week(100, 10_080));
    server.call("org-schedules.create", touching).await.ok();
    let error = json!({"id": "SCHEDULE-1", "timezone": "Nowhere"});
    server.call("org-schedules.update", error).await.error(400, "value_not_permitted");
}

#[tokio::test]
async fn a_fragment_keeps_its_days() {
    let server = Server::start().await;
    let body = json!({
        "name": "2030", "from": "2030-01-01T12:00:00+05:45", "to": day("2031-01-01"),
        "region_codes": ["NP", "IN", "NP"],
        "intervals": [
            {"name": "Dashain", "from": day("2030-10-01"), "to": day("2030-10-15")},
            {"name": "Day off", "from": day("2030-10-07"), "is_excluded": true},
        ],
    });
    let made = server.call("org-schedule-fragments.create", body).await;
    assert_eq!(made.status, 201);
    let made = made.ok();
    let fragment = &made["org_schedule_fragment"];
    assert_eq!(fragment["display_id"], "FRAGMENT-1");
    assert_eq!((&fragment["name"], &fragment["status"]), (&json!("2030"), &json!("draft")));
    assert_eq!(fragment["from"], day("2030-01-01"));
    assert_eq!(fragment["to"], day("2031-01-01"));
    assert_eq!(fragment["region_codes"], json!(["NP", "IN"]));
    let intervals = json!([
        {"from": day("2030-10-01"), "to": day("2030-10-15"), "name": "Dashain",
         "is_excluded": false},
        {"from": day("2030-10-07"), "name": "Day off", "is_excluded": true},
    ]);
    assert_eq!(fragment["intervals"], intervals);
    assert_eq!(server.get("org-schedule-fragments.get", "id=FRAGMENT-1").await.ok(), made);
    let nobody = json!({"id": "FRAGMENT-9"});
    server.call("org-schedule-fragments.get", nobody).await.error(404, "not_found");

    let one = |from: &str, to: &str| json!([{"name": "A", "from": day(from), "to": day(to)}]);
    let two = json!([
        {"name": "A", "from": day("2030-01-01"), "to": day("2030-01-03")},
        {"name": "B", "from": day("2030-01-02")},
    ]);
    for (to, intervals, field) in [
        ("2030-01-01", json!([]), "to"),
        ("2029-12-31", json!([]), "to"),
        ("2030-02-01", one("2030-01-05", "2030-01-05"), "to"),
        ("2030-02-01", one("2029-12-31", "2030-01-05"), "intervals"),
        ("2030-02-01", one("2030-01-31", "2030-02-02"), "intervals"),
        ("2030-02-01", two, "intervals"),
    ] {
        let body = json!({
            "name": "X", "from": day("2030-01-01"), "to": day(to), "intervals": intervals,
        });
        let error = server.call("org-schedule-fragments.create", body).await;
        assert_eq!(error.error(400, "value_not_permitted")["field_name"], field);
    }
}

#[tokio::test]
async fn the_fragments_of_a_schedule_are_published_contiguous_and_have_their_weeks() {
    let server = Server::start().await;
    let dashain = json!([{"name": "Dashain", "from": day("2030-02-03")}]);
    let january = fragment(&server, "2030-01-01", "2030-02-01", json!([])).await;
    let february = fragment(&server, "2030-02-01", "2030-03-01", dashain).await;
    let march = fragment(&server, "2030-03-01", "2030-04-01", json!([])).await;
    let draft =
        json!({"name": "D", "from": day("2030-04-01"), "to": day("2030-05-01"), "intervals": []});
    let draft = server.call("org-schedule-fragments.create", draft).await.ok();
    let draft = json!({"id": draft["org_schedule_fragment"]["id"]});

    let weeks = json!([{"period_name": "Dashain", "intervals": []}]);
    let base = with(berlin(), "weekly_org_schedules", weeks);
    let refused = async |base: &Value, fragments: Value, reason: &str| {
        let body = with(base.clone(), "org_schedule_fragments", fragments);
        let error = server.call("org-schedules.create", body).await;
        let error = error.error(400, "value_not_permitted");
        assert_eq!(error["field_name"], "org_schedule_fragments");
        assert_eq!(error["reason"], reason);
    };
    let gap = "FRAGMENT-3 leaves a gap after FRAGMENT-1, which ends at 2030-02-01T00:00:00.000Z";
    refused(&base, json!([january, march]), gap).await;
    let overlap = "FRAGMENT-1 overlaps with FRAGMENT-1, which ends at 2030-02-01T00:00:00.000Z";
    refused(&base, json!([january, january]), overlap).await;
    let order = "FRAGMENT-1 overlaps with FRAGMENT-2, which ends at 2030-03-01T00:00:00.000Z";
    refused(&base, json!([february, january]), order).await;
    let unpublished = "FRAGMENT-4 is draft; only a published fragment can be used";
    refused(&base, json!([march, draft]), unpublished).await;
    let weekless = "no weekly schedule has the period \"Dashain\" of FRAGMENT-2";
    refused(&berlin(), json!([january, february]), weekless).await;
    let nobody = with(berlin(), "org_schedule_fragments", json!([{"id": "FRAGMENT-9"}]));
    let error = server.call("org-schedules.create", nobody).await.error(400, "invalid_id");
    assert_eq!(error["field_name"], "org_schedule_fragments");

    let body = with(base, "org_schedule_fragments", json!([january, february]));
    let made = server.call("org-schedules.create", body).await.ok()["org_schedule"].clone();
    let overview = json!([
        {"id": january["id"], "from": day("2030-01-01"), "to": day("2030-02-01")},
        {"id": february["id"], "from": day("2030-02-01"), "to": day("2030-03-01")},
    ]);
    assert_eq!(made["org_schedule_fragments"], overview);
    assert_eq!(made["valid_until"], "2030-02-28T23:00:00.000Z");
    let range = |from: &str, to: &str| {
        let range = json!({"type": "range", "after": day(from), "before": day(to)});
        json!({"valid_until": range})
    };
    let found = server.call("org-schedules.list", range("2030-02-28", "2030-03-01")).await.ok();
    assert_eq!(found, json!({"org_schedules": [made]}));
    let found = server.call("org-schedules.list", range("2030-03-01", "2030-04-01")).await.ok();
    assert_eq!(found, json!({"org_schedules": []}));

    let no_weeks = json!({"id": "SCHEDULE-1", "weekly_org_schedules": []});
    server.call("org-schedules.update", no_weeks.clone()).await.error(400, "value_not_permitted");
    let none =
        json!({"id": "SCHEDULE-1", "org_schedule_fragments": [], "weekly_org_schedules": []});
    let changed = server.call("org-schedules.update", none).await.ok()["org_schedule"].clone();
    assert_eq!(changed["org_schedule_fragments"], json!([]));
    assert_eq!(changed.get("valid_until"), None);
}

#[tokio::test]
async fn a_schedule_is_published_only_when_it_can_be_used() {
    let server = Server::start().await;
    let bare = json!({"name": "Bare", "timezone": "UTC"});
    server.call("org-schedules.create", bare).await.ok();
    let publish = async |id: &str| {
        let body = json!({"id": id, "status": "published"});
        server.call("org-schedules.transition", body).await
    };
    let error = publish("SCHEDULE-1").await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "default_weekly_org_schedule");

    let past = fragment(&server, "2020-01-01", "2020-02-01", json!([])).await;
    let body = with(berlin(), "org_schedule_fragments", json!([past]));
    server.call("org-schedules.create", with(body, "min_valid_days", json!(7))).await.ok();
    let error = publish("SCHEDULE-2").await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "min_valid_days");

    let future = fragment(&server, "2990-01-01", "2990-02-01", json!([])).await;
    let body = with(berlin(), "org_schedule_fragments", json!([future]));
    server.call("org-schedules.create", body).await.ok();
    let archive = json!({"id": future["id"], "status": "archived"});
    server.call("org-schedule-fragments.transition", archive).await.ok();
    // A draft keeps its fragments until somebody removes them.
    let same = json!([{"id": future["id"]}]);
    let same = json!({"id": "SCHEDULE-3", "name": "Mitte", "org_schedule_fragments": same});
    server.call("org-schedules.update", same).await.ok();
    server.call("org-schedules.update", json!({"id": "SCHEDULE-3", "name": "Berlin"})).await.ok();
    let error = publish("SCHEDULE-3").await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "org_schedule_fragments");
}

#[tokio::test]
async fn a_published_schedule_takes_fragments_of_the_future() {
    let server = Server::start().await;
    let first = fragment(&server, "2020-01-01", "2990-01-01", json!([])).await;
    let next = fragment(&server, "2990-01-01", "2991-01-01", json!([])).await;
    let later = fragment(&server, "2992-01-01", "2993-01-01", json!([])).await;
    let body = with(berlin(), "org_schedule_fragments", json!([first]));
    server.call("org-schedules.create", body).await.ok();
    let set = async |schedule: &str, fragment: &Value| {
        let body = json!({"id": schedule, "org_schedule_fragment_id": fragment["id"]});
        server.call("org-schedules.set-future", body).await
    };
    set("SCHEDULE-1", &next).await.error(400, "bad_request");
    transition(&server, "SCHEDULE-1", "published").await;
    let error = set("SCHEDULE-1", &later).await.error(400, "value_not_permitted");
    assert_eq!(error["field_name"], "org_schedule_fragment_id");
    let extended = set("SCHEDULE-1", &next).await.ok()["org_schedule"].clone();
    assert_eq!(extended["org_schedule_fragments"][1]["id"], next["id"]);
    assert_eq!(extended["valid_until"], "2990-12-31T23:00:00.000Z");
    assert_eq!(extended["version_number"], 3);
    set("SCHEDULE-1", &next).await.error(400, "value_not_permitted");

    server.call("org-schedules.create", berlin()).await.ok();
    transition(&server, "SCHEDULE-2", "published").await;
    set("SCHEDULE-2", &next).await.error(400, "bad_request");

    // A schedule that has ended can't be continued in the past.
    server.clock.advance_ms(1000 * 366 * 24 * 60 * 60 * 1000);
    let after = fragment(&server, "2991-01-01", "2999-01-01", json!([])).await;
    let error = set("SCHEDULE-1", &after).await.error(400, "value_not_permitted");
    let reason = "the fragment begins at 2990-12-31T23:00:00.000Z, which is not in the future";
    assert_eq!(error["reason"], reason);
}

#[tokio::test]
async fn an_evaluation_says_what_is_and_whether_it_can_change() {
    let server = Server::start().await;
    let intervals = json!([
        {"name": "Holiday", "from": day("2020-01-07"), "is_excluded": true},
        {"name": "Sale", "from": day("2020-01-08"), "to": day("2020-01-10")},
    ]);
    let pieces = fragment(&server, "2020-01-01", "2990-01-01", intervals).await;
    let sale = json!([{"period_name": "Sale", "intervals": [{"from": 0, "to": 10080}]}]);
    let body = with(berlin(), "weekly_org_schedules", sale);
    let body = with(body, "org_schedule_fragments", json!([pieces]));
    server.call("org-schedules.create", body).await.ok();

    let instants = [
        "2020-01-06T15:59:59.999Z",
        "2020-01-07T12:00:00.000Z",
        "2020-01-08T12:00:00.000Z",
        "2019-12-31T22:59:59.999Z",
        "2980-01-05T12:00:00.000Z",
        "2990-01-01T12:00:00.000Z",
    ];
    let drafted = evaluate(&server, &instants).await;
    assert_eq!(drafted[0]["definedness"], "mutable");
    transition(&server, "SCHEDULE-1", "published").await;
    let evaluated = evaluate(&server, &instants).await;
    let expected = json!([
        {"at": instants[0], "definedness": "immutable", "is_active": true,
         "next_transition": "2020-01-06T16:00:00.000Z"},
        {"at": instants[1], "definedness": "immutable", "is_active": false,
         "next_transition": "2020-01-07T23:00:00.000Z"},
        {"at": instants[2], "definedness": "immutable", "is_active": true,
         "next_transition": "2020-01-09T23:00:00.000Z"},
        {"at": instants[3], "definedness": "undefined"},
        {"at": instants[4], "definedness": "mutable", "is_active": true,
         "next_transition": "2980-01-05T16:00:00.000Z"},
        {"at": instants[5], "definedness": "undefined"},
    ]);
    assert_eq!(evaluated[0], expected[0]);
    assert_eq!(evaluated, expected);

    let none = json!({"id": "SCHEDULE-1", "instants": []});
    server.call("org-schedules.evaluate", none).await.error(400, "value_not_permitted");
    let nobody = json!({"id": "SCHEDULE-9", "instants": instants});
    server.call("org-schedules.evaluate", nobody).await.error(404, "not_found");
    let query = "id=SCHEDULE-1&instants=2020-01-08T12:00:00Z";
    let got = server.get("org-schedules.evaluate", query).await.ok();
    assert_eq!(got, json!({"instant_evaluations": [expected[2]]}));
}
