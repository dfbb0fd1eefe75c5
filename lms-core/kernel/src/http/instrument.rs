//! Request ids, the access log, metrics, and panics turned into problems.

use std::{any::Any, sync::Arc, time::Instant};

use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::{Instrument as _, Span, field};

use super::Problem;
use crate::ids::Ids;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The request's id: what the client sent in `x-request-id` when that is sane, else a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Gives every request of the router an id, a span, a line in the log and its place in the metrics
/// `http_requests_total` and `http_request_duration_seconds`; a panic becomes a 500.
///
/// Apply it last, so that it lies around everything else. Neither queries nor bodies are logged,
/// and paths only in the form of the route: `/api/v1/conversations/{id}`.
pub fn instrument<S: Clone + Send + Sync + 'static>(router: Router<S>, ids: Arc<dyn Ids>) -> Router<S> {
    describe();
    router.layer(CatchPanicLayer::custom(panicked)).layer(middleware::from_fn_with_state(ids, around))
}

fn describe() {
    metrics::describe_counter!("http_requests_total", "HTTP requests answered.");
    metrics::describe_histogram!("http_request_duration_seconds", metrics::Unit::Seconds, "Time until the response began.");
}

fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let message = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    tracing::error!(panic = message, "a handler panicked");
    Problem::internal().into_response()
}

async fn around(State(ids): State<Arc<dyn Ids>>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = incoming(request.headers()).unwrap_or_else(|| ids.uuid().simple().to_string());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(id.clone()));

    let span = tracing::info_span!(
        "request",
        request_id = id,
        %method,
        route,
        status = field::Empty,
        latency_ms = field::Empty,
    );
    async {
        let mut response = next.run(request).await;
        let elapsed = started.elapsed();
        let status = response.status();
        Span::current().record("status", status.as_u16());
        Span::current().record("latency_ms", elapsed.as_secs_f64() * 1000.0);
        tracing::info!("answered");

        let labels = [("method", known(&method)), ("route", route.clone()), ("status", status.as_u16().to_string())];
        metrics::counter!("http_requests_total", &labels).increment(1);
        metrics::histogram!("http_request_duration_seconds", &labels).record(elapsed.as_secs_f64());

        if let Ok(value) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(HEADER, value);
        }
        response
    }
    .instrument(span)
    .await
}

/// A client can invent methods; the metrics must not grow with its inventions.
fn known(method: &axum::http::Method) -> String {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let method = method.as_str();
    if KNOWN.contains(&method) { method.to_owned() } else { "other".to_owned() }
}

/// Up to 64 letters, digits, `-`, `_` and `.`: nothing that could forge a line of the log.
fn incoming(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(HEADER)?.to_str().ok()?;
    let sane = (1..=64).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    sane.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use axum::{Extension, body::Body, routing};
    use tower::ServiceExt as _;

    use super::*;
    use crate::{ids::SequentialIds, telemetry};

    fn router() -> Router {
        let router = Router::new()
            .route("/id/{name}", routing::get(|Extension(RequestId(id))| async move { id }))
            .route("/panic", routing::get(|| async { oops() }));
        instrument(router, Arc::new(SequentialIds::default()))
    }

    fn oops() -> String {
        panic!("the cellar is on fire")
    }

    async fn get(path: &str, id: Option<&str>) -> (u16, String, String) {
        let mut request = Request::get(path);
        if let Some(id) = id {
            request = request.header("x-request-id", id);
        }
        let response = router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        (status, id, String::from_utf8(body.to_vec()).unwrap())
    }

    const MADE: &str = "00000000000070008000000000000001";

    #[tokio::test]
    async fn a_sane_id_is_kept_and_another_is_made() {
        let sane = get("/id/a", Some("from-the.proxy_7")).await;
        assert_eq!(sane, (200, "from-the.proxy_7".to_owned(), "from-the.proxy_7".to_owned()));
        for id in [None, Some(""), Some("two words"), Some("{\"json\":1}")] {
            assert_eq!(get("/id/a", id).await, (200, MADE.to_owned(), MADE.to_owned()));
        }
        assert_eq!(get("/id/a", Some(&"x".repeat(65))).await.1, MADE);
    }

    #[tokio::test]
    async fn a_panic_is_a_problem_without_its_message() {
        let (status, id, body) = get("/panic", None).await;
        assert_eq!((status, id.as_str()), (500, MADE));
        assert!(body.contains("urn:porter:problem:internal") && !body.contains("cellar"), "{body}");
    }

    #[test]
    fn requests_are_counted_by_route_and_not_by_path() {
        let (recorder, handle) = telemetry::recorder_for_tests();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        metrics::with_local_recorder(&recorder, || {
            runtime.block_on(async {
                for path in ["/id/a", "/id/b", "/nowhere/1", "/nowhere/2"] {
                    get(path, None).await;
                }
            });
        });
        let text = handle.render();
        assert!(
            text.contains(r#"http_requests_total{method="GET",route="/id/{name}",status="200"} 2"#)
                && text.contains(r#"http_requests_total{method="GET",route="unmatched",status="404"} 2"#)
                && text.contains("http_request_duration_seconds_bucket"),
            "{text}"
        );
        assert!(!text.contains("/id/a"), "{text}");
    }
}
