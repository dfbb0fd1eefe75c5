//! The pages for operators: is it alive, is it ready, how is it doing.

use std::{collections::BTreeMap, fmt, pin::Pin, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing,
};
use futures::future::join_all;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

/// A check that has not answered by now has failed.
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

type Check = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<(), String>> + Send>> + Send + Sync>;

/// What the pages show.
#[derive(Clone)]
pub struct Ops {
    metrics: PrometheusHandle,
    checks: BTreeMap<&'static str, Check>,
    patience: Duration,
}

impl fmt::Debug for Ops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ops").field("checks", &self.checks.keys()).finish_non_exhaustive()
    }
}

impl Ops {
    /// No checks yet: always ready.
    #[must_use]
    pub fn new(metrics: PrometheusHandle) -> Self {
        Self { metrics, checks: BTreeMap::new(), patience: CHECK_TIMEOUT }
    }

    /// Adds a condition of readiness. The error says why not, in words for the operator.
    #[must_use]
    pub fn check<F, W>(mut self, name: &'static str, check: F) -> Self
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.checks.insert(name, Arc::new(move || Box::pin(check())));
        self
    }
}

/// `/healthz`: the process lives. `/readyz`: every check passes (else 503, with each one's
/// outcome). `/metrics`: for Prometheus.
pub fn ops_router(ops: Ops) -> Router {
    Router::new()
        .route("/healthz", routing::get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/readyz", routing::get(ready))
        .route("/metrics", routing::get(metrics))
        .with_state(ops)
}

async fn ready(State(ops): State<Ops>) -> Response {
    let patience = ops.patience;
    let outcomes = join_all(ops.checks.into_iter().map(|(name, check)| async move {
        let outcome =
            tokio::time::timeout(patience, check()).await.unwrap_or_else(|_| Err(format!("no answer within {patience:?}")));
        (name, outcome)
    }))
    .await;
    let ready = outcomes.iter().all(|(_, outcome)| outcome.is_ok());
    let checks: BTreeMap<_, _> =
        outcomes.into_iter().map(|(name, outcome)| (name, outcome.err().unwrap_or_else(|| "ok".to_owned()))).collect();
    let (code, status) = if ready { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    (code, Json(json!({ "status": status, "checks": checks }))).into_response()
}

async fn metrics(State(ops): State<Ops>) -> Response {
    // Nobody else moves the samples into the histograms.
    ops.metrics.run_upkeep();
    let content_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (content_type, ops.metrics.render()).into_response()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, extract::Request};
    use tower::ServiceExt as _;

    use super::*;
    use crate::telemetry;

    async fn get(ops: &Ops, path: &str) -> (u16, String) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = ops_router(ops.clone()).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = axum::body::to_bytes(response.into_body(), 100_000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn read(body: &str) -> serde_json::Value {
        serde_json::from_str(body).unwrap()
    }

    #[tokio::test]
    async fn readiness_names_what_fails() {
        let (_, handle) = telemetry::recorder_for_tests();
        let ops = Ops { patience: Duration::from_millis(50), ..Ops::new(handle) };
        let ops = ops.check("database", || async { Ok(()) });
        assert_eq!(get(&ops, "/healthz").await, (200, r#"{"status":"ok"}"#.to_owned()));
        let (status, body) = get(&ops, "/readyz").await;
        assert_eq!((status, read(&body)), (200, json!({ "checks": { "database": "ok" }, "status": "ready" })));

        let ops = ops.check("model", || async { Err("still loading".to_owned()) }).check("slow", std::future::pending);
        let (status, body) = get(&ops, "/readyz").await;
        let checks = json!({ "database": "ok", "model": "still loading", "slow": "no answer within 50ms" });
        assert_eq!((status, read(&body)), (503, json!({ "checks": checks, "status": "not ready" })));
        assert_eq!(get(&ops, "/healthz").await.0, 200);
    }

    #[tokio::test]
    async fn metrics_are_rendered_for_prometheus() {
        let (recorder, handle) = telemetry::recorder_for_tests();
        metrics::with_local_recorder(&recorder, || metrics::counter!("bread_total").increment(3));
        let (status, body) = get(&Ops::new(handle), "/metrics").await;
        assert_eq!(status, 200);
        assert!(body.contains("bread_total 3"), "{body}");
    }
}
