//! Tells the chat on this page who is signed in, by a short-lived signed text that only the academy can read.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Json, Problem};
use serde::Serialize;

use crate::http::Academy;
use crate::tokens::Identity;

/// How long a token is good for, while its session lives.
pub(super) const LIFETIME: Duration = Duration::from_mins(15);

#[derive(Debug, Serialize)]
struct Vouched {
    token: String,
    expires_at: Timestamp,
}

/// 204 when nobody is signed in. Other origins may neither read it nor, by the cookie's `SameSite`, be answered.
pub(super) async fn show(State(academy): State<Arc<Academy>>, headers: axum::http::HeaderMap) -> Result<Response, Problem> {
    let parts = &academy.parts;
    let now = parts.clock.now();
    let session = match academy.cookie.read(&headers) {
        Some(token) => parts.store.session(&token.hash(), now).await?,
        None => None,
    };
    let Some((session, account)) = session else { return Ok(StatusCode::NO_CONTENT.into_response()) };
    let identity = Identity { account: account.id, session, expires_at: now + LIFETIME, id: parts.ids.uuid() };
    let vouched = Vouched { token: parts.key.sign(&identity), expires_at: identity.expires_at };
    let own = [(HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"))];
    Ok((own, Json(vouched)).into_response())
}
