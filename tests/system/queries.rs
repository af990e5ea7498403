//! Query strings, of a GET and of a POST alike.

use serde_json::{Value, json};
use worksmith_tests::{ADMIN, Server};

use crate::world::{World, raw};

const TOKEN: (&str, &[u8]) = ("authorization", ADMIN.as_bytes());
const JSON: (&str, &[u8]) = ("content-type", b"application/json");

async fn get(server: &Server, path: &str) -> Value {
    raw(server, "GET", &format!("/{path}"), &[TOKEN], "").await.json()
}

async fn post(server: &Server, path: &str, body: &str) -> (u16, Value) {
    let answer = raw(server, "POST", &format!("/{path}"), &[TOKEN, JSON], body.to_owned()).await;
    let status = answer.status.as_u16();
    (status, if answer.bytes.is_empty() { Value::Null } else { answer.json() })
}

fn without_cursor(mut page: Value) -> Value {
    // A cursor is bound to the request that made it, in its own spelling.
    page.as_object_mut().expect("an object").remove("next_cursor");
    page
}

#[tokio::test]
async fn the_members_of_a_post_may_stand_in_its_query() {
    let world = World::start().await;
    let server = &world.server;
    let all = post(server, "works.count", "{}").await.1["count"].clone();
    let tickets = post(server, "works.count", r#"{"type":["ticket"]}"#).await.1["count"].clone();
    assert_ne!(all, tickets);
    for (query, body, wanted) in [
        ("", "", &all),
        ("?", "{}", &all),
        ("?type=ticket", "", &tickets),
        ("?type=ticket", "{}", &tickets),
        ("?type=ticket&", r#"{"created_by":["DEVU-1"]}"#, &tickets),
        ("?created_by=DEVU-1", r#"{"type":"ticket"}"#, &tickets),
    ] {
        let (status, counted) = post(server, &format!("works.count{query}"), body).await;
        assert_eq!((status, &counted["count"]), (200, wanted), "{query} {body}");
    }
    // A page of a list, requested in three ways.
    let body = json!({"type": ["issue", "ticket"], "limit": 1, "sort_by": ["created_date:asc"]});
    let page = post(server, "works.list", &body.to_string()).await.1;
    for (query, body) in [
        ("type=issue,ticket&limit=1&sort_by=created_date:asc", "{}"),
        ("type=issue&type=ticket&limit=1", r#"{"sort_by":["created_date:asc"]}"#),
        ("limit=1", r#"{"sort_by":"created_date:asc","type":["issue","ticket"]}"#),
    ] {
        let (status, found) = post(server, &format!("works.list?{query}"), body).await;
        assert_eq!(status, 200, "{query} {body}");
        assert_eq!(without_cursor(found.clone()), without_cursor(page.clone()), "{query} {body}");
        // The cursor works, too.
        let cursor = found["next_cursor"].as_str().expect("a cursor");
        let next = format!("works.list?{query}&cursor={cursor}");
        assert_eq!(post(server, &next, body).await.0, 200, "{next}");
    }
}

#[tokio::test]
async fn a_write_takes_members_from_its_query() {
    let server = Server::start().await;
    let (status, made) = post(&server, "tags.create?description=a+b%2Bc", r#"{"name":"x"}"#).await;
    assert_eq!((status, &made["tag"]["name"]), (201, &json!("x")), "{made}");
    assert_eq!(made["tag"]["description"], "a b+c");
    let (status, made) = post(&server, "tags.create?name=y", "").await;
    assert_eq!((status, &made["tag"]["name"]), (201, &json!("y")), "{made}");
}

/// The same key with another query string is another request.
#[tokio::test]
async fn an_idempotency_key_stands_for_the_query_too() {
    let server = Server::start().await;
    let key = ("idempotency-key", &b"k"[..]);
    let send = async |query: &str| {
        let path = format!("/tags.create{query}");
        raw(&server, "POST", &path, &[TOKEN, JSON, key], r#"{"name":"x"}"#).await
    };
    let first = send("?description=a").await;
    assert_eq!(first.status, 201);
    let again = send("?description=a").await;
    assert_eq!((again.json(), again.header("idempotency-replayed")), (first.json(), "true"));
    let other = send("?description=b").await;
    assert_eq!((other.status.as_u16(), &other.json()["type"]), (409, &json!("conflict")));
    assert_eq!(send("").await.status, 409);
}

#[tokio::test]
async fn names_with_brackets_are_lists() {
    let world = World::start().await;
    let server = &world.server;
    let wanted = get(server, "works.list?type=issue,ticket").await;
    assert!(wanted["works"].as_array().expect("works").len() > 1);
    for query in [
        "type[]=issue&type[]=ticket",
        "type%5B%5D=issue&type%5B%5D=ticket",
        "type%5b%5d=%22issue%22&type=ticket",
        "type[0]=issue&type[1]=ticket",
        "type%5B0%5D=issue&type%5B1%5D=ticket",
    ] {
        let path = format!("works.list?{query}");
        assert_eq!(without_cursor(get(server, &path).await), without_cursor(wanted.clone()));
        let (_, posted) = post(server, &path, "{}").await;
        assert_eq!(without_cursor(posted), without_cursor(wanted.clone()), "{query}");
    }
    // Such an element includes the commas in it.
    for name in ["a,b", "a", "b"] {
        post(server, "tags.create", &json!({"name": name}).to_string()).await;
    }
    let names = async |query: &str| -> Vec<String> {
        let page = get(server, &format!("tags.list?{query}")).await;
        let tags = page["tags"].as_array().expect("tags").iter();
        tags.map(|tag| tag["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert_eq!(names("name[]=a,b").await, ["a,b"]);
    assert_eq!(names("name[]=a&name[]=b").await, ["b", "a"]);
    assert_eq!(names("name=a,b").await, ["b", "a"]);
    let one = get(server, "works.get?id[]=ISS-1").await;
    assert_eq!(one["work"]["display_id"], "ISS-1");
}

#[tokio::test]
async fn a_replacement_character_that_is_meant_is_a_text_like_any() {
    let server = Server::start().await;
    let name = json!({"name": "\u{fffd}"});
    assert_eq!(post(&server, "tags.create", &name.to_string()).await.0, 201);
    let found = get(&server, "tags.list?name=%EF%BF%BD").await;
    assert_eq!(found["tags"].as_array().map(Vec::len), Some(1));
    for query in ["name=%FF", "name=%EF%BF%BD&name=%FF", "name=%FF&name=%EF%BF%BD", "name=%EF%BF"] {
        for method in ["GET", "POST"] {
            let path = format!("/tags.list?{query}");
            let refused = raw(&server, method, &path, &[TOKEN], "").await;
            let wanted = json!({"type": "invalid_field", "message": "name is not UTF-8",
                "field_name": "name"});
            assert_eq!((refused.status.as_u16(), refused.json()), (400, wanted), "{query}");
        }
    }
}
