//! Patience with those who send.

use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use tokio::time::timeout;
use tower_http::timeout::TimeoutBody;

use super::Problem;

/// A body that says to be no longer than this is read before its request has a turn: every form, and nearly every call.
const SHORT: u64 = 64 * 1_024;

/// The request with its short body read, or with a long one that ends in an error when it pauses for longer than `patience`.
pub(super) async fn guarded(request: Request, patience: Duration) -> Result<Request, Problem> {
    if request.body().is_end_stream() {
        return Ok(request);
    }
    let (parts, body) = request.into_parts();
    // Only for a length that was said: what comes in chunks could be of any.
    let body = match body.size_hint().exact() {
        Some(length @ 0..=SHORT) => match timeout(patience, to_bytes(body, usize::try_from(length).unwrap_or_default())).await {
            Ok(Ok(bytes)) => Body::from(bytes),
            Ok(Err(_)) => return Err(Problem::bad_request("The body ended before all of it had arrived.")),
            Err(_) => {
                return Err(Problem::new(
                    StatusCode::REQUEST_TIMEOUT,
                    "request-timeout",
                    "This arrived too slowly. Please check your connection and try again.",
                ));
            }
        },
        _ => Body::new(TimeoutBody::new(patience, body)),
    };
    Ok(Request::from_parts(parts, body))
}
