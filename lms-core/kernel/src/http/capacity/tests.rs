use std::pin::pin;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, StatusCode};
use axum::routing::{get, post};
use futures::{FutureExt as _, poll};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use super::*;
use crate::telemetry;

const LONG: Duration = Duration::from_secs(3_600);

/// Nothing ends by itself.
fn patient() -> Capacity {
    Capacity { max_concurrent: 1, max_waiting: 1, patience: LONG, timeout: LONG, body_patience: LONG, ..Capacity::default() }
}

/// `/work` needs a permit of the semaphore to be done, `/quick` nothing; `/pause` takes 30 ms, and `/own/pause` may.
fn router(capacity: Capacity) -> (Router, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&gate);
    let own = Router::new().route("/own/pause", get(pause)).route("/own/echo", post(echo));
    let own = with_own_limits(own, OwnLimits { max_body: 200_000, timeout: LONG });
    let router = Router::new()
        .route("/work", get(async move || waiting.acquire().await.map(|permit| permit.forget()).map_or("closed", |()| "done")))
        .route("/quick", get(async || "quick"))
        .route("/stream", get(async || Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>())))
        .route("/pause", get(pause))
        .route("/echo", post(echo))
        .merge(own);
    (within(router, capacity).route("/healthz", get(async || "ok")), gate)
}

async fn pause() -> &'static str {
    let _ = tokio::time::timeout(Duration::from_millis(30), std::future::pending::<()>()).await;
    "rested"
}

async fn echo(bytes: Bytes) -> String {
    bytes.len().to_string()
}

async fn call(router: &Router, request: axum::http::request::Builder, body: Body) -> Response {
    router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
}

async fn visit(router: &Router, path: &str) -> Response {
    call(router, Request::get(path), Body::empty()).await
}

fn header(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn beyond_turns_and_queue_one_is_told_to_come_back() {
    let (router, gate) = router(patient());
    let (mut first, mut second) = (pin!(visit(&router, "/work")), pin!(visit(&router, "/quick")));
    assert!(poll!(first.as_mut()).is_pending() && poll!(second.as_mut()).is_pending());
    let third = visit(&router, "/quick").now_or_never().expect("at once");
    assert_eq!((third.status(), header(&third, header::RETRY_AFTER)), (StatusCode::SERVICE_UNAVAILABLE, "2"));
    assert_eq!(header(&third, header::CONTENT_TYPE), crate::http::PROBLEM_JSON);
    assert_eq!(visit(&router, "/healthz").await.status(), StatusCode::OK, "health is never shed");
    gate.add_permits(1);
    assert_eq!((first.await.status(), second.await.status()), (StatusCode::OK, StatusCode::OK));
    assert_eq!(visit(&router, "/quick").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn patience_ends_and_so_does_the_turn_of_who_goes_away() {
    let (router, _gate) = router(Capacity { patience: Duration::ZERO, ..patient() });
    {
        let mut first = pin!(visit(&router, "/work"));
        assert!(poll!(first.as_mut()).is_pending());
        assert_eq!(visit(&router, "/quick").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    assert_eq!(visit(&router, "/quick").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_stream_keeps_no_turn() {
    let (router, _gate) = router(Capacity { max_waiting: 0, ..patient() });
    let streams = [visit(&router, "/stream").await, visit(&router, "/stream").await];
    assert!(streams.iter().all(|stream| stream.status() == StatusCode::OK));
    assert_eq!(visit(&router, "/quick").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_takes_too_long_is_stopped_unless_its_route_may() {
    let (router, _gate) = router(Capacity { timeout: Duration::from_millis(1), ..patient() });
    let stopped = visit(&router, "/pause").await;
    assert_eq!((stopped.status(), header(&stopped, header::RETRY_AFTER)), (StatusCode::SERVICE_UNAVAILABLE, "2"));
    let body = axum::body::to_bytes(stopped.into_body(), 10_000).await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("urn:porter:problem:timed-out"));
    assert_eq!(visit(&router, "/own/pause").await.status(), StatusCode::OK);
    assert_eq!(visit(&router, "/quick").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_body_has_a_limit_and_a_route_its_own() {
    let (router, _gate) = router(Capacity { max_body: 100, ..patient() });
    for (path, size, status) in [("/echo", 100, 200), ("/echo", 101, 413), ("/own/echo", 200_000, 200), ("/own/echo", 200_001, 413)]
    {
        let body = Body::from("x".repeat(size));
        assert_eq!(call(&router, Request::post(path), body).await.status().as_u16(), status, "{size} bytes to {path}");
    }
}

#[tokio::test]
async fn a_long_body_may_not_pause_for_ever() {
    let (router, _gate) = router(Capacity { body_patience: Duration::from_millis(1), ..patient() });
    let endless = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
    assert_eq!(call(&router, Request::post("/echo"), endless).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(visit(&router, "/quick").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_browser_gets_a_page() {
    fn page(problem: Problem) -> Response {
        (problem.status(), format!("<h1>{}</h1>", problem.detail())).into_response()
    }
    let (router, _gate) = router(Capacity { max_waiting: 0, page: Some(page), ..patient() });
    let mut first = pin!(visit(&router, "/work"));
    assert!(poll!(first.as_mut()).is_pending());
    let browser = Request::get("/quick").header(header::ACCEPT, "text/html,application/xhtml+xml,*/*;q=0.8");
    let shown = call(&router, browser, Body::empty()).await;
    assert_eq!(shown.status(), StatusCode::SERVICE_UNAVAILABLE);
    let body = axum::body::to_bytes(shown.into_body(), 10_000).await.unwrap();
    assert!(body.starts_with(b"<h1>So many"), "{body:?}");
    let script = Request::get("/quick").header(header::ACCEPT, "*/*");
    assert_eq!(header(&call(&router, script, Body::empty()).await, header::CONTENT_TYPE), crate::http::PROBLEM_JSON);
}

#[test]
fn what_is_shed_is_counted_by_its_reason() {
    let (recorder, handle) = telemetry::recorder_for_tests();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    metrics::with_local_recorder(&recorder, || {
        runtime.block_on(async {
            for (max_waiting, patience) in [(0, LONG), (1, Duration::ZERO)] {
                let (router, _gate) = router(Capacity { max_waiting, patience, ..patient() });
                let mut first = pin!(visit(&router, "/work"));
                assert!(poll!(first.as_mut()).is_pending());
                assert_eq!(visit(&router, "/quick").await.status(), StatusCode::SERVICE_UNAVAILABLE);
            }
        });
    });
    let text = handle.render();
    for line in [
        r#"http_requests_shed_total{reason="full"} 1"#,
        r#"http_requests_shed_total{reason="waited"} 1"#,
        "http_requests_in_progress 0",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
}
