//! The links in mail by which people get no more of it, as their addresses are answered. That
//! letters have them is tested with a mail server.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use tower::ServiceExt;

use crate::timeline_entries::Talk;

async fn ask(talk: &Talk, method: Method, path: &str) -> (StatusCode, String) {
    let request = Request::builder().method(method).uri(path).body(Body::empty());
    let answer = talk.server.router.clone().oneshot(request.expect("a request")).await;
    let (parts, body) = answer.expect("an answer").into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    (parts.status, String::from_utf8(body.to_vec()).expect("a text"))
}

#[tokio::test]
async fn other_links_lead_nowhere() {
    let talk = Talk::new().await;
    let of_nobody = "YQpkZXZfdXNlci8xCmlzc3VlLzE.AAAA";
    let long = "x".repeat(10_000);
    for token in ["", "x", "a.b", "..", "%00.%ff", of_nobody, &long] {
        for method in [Method::GET, Method::POST] {
            let path = format!("/unsubscribe?token={token}");
            let (status, page) = ask(&talk, method, &path).await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{token}");
            assert!(page.contains("leads nowhere"), "{page}");
        }
    }
    assert_eq!(ask(&talk, Method::GET, "/unsubscribe").await.0, StatusCode::NOT_FOUND);
    let (status, _) = ask(&talk, Method::DELETE, "/unsubscribe?token=x").await;
    assert_eq!(status, StatusCode::METHOD_NOT_ALLOWED);
}
