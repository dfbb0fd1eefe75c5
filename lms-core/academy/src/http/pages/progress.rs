//! How the pages' scripts tell how far a learner got. Everything here is JSON; a client may retry with its key.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use axum::routing::post;
use porter_kernel::http::{Json, Path, Problem};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::catalogue::Standing;
use crate::domain::{Account, LessonId};
use crate::http::Academy;
use crate::store::Reached;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/api/v1/lessons/{lesson}/progress", post(progress))
        .route("/api/v1/lessons/{lesson}/complete", post(complete))
}

/// Who is signed in by the academy's cookie; a script is told, not sent elsewhere.
struct SignedIn(Account);

impl FromRequestParts<Arc<Academy>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, Problem> {
        let signed_out =
            || Problem::unauthorized("You are not signed in any more. Sign in again; what you did until then is kept.");
        let token = academy.cookie.read(&parts.headers).ok_or_else(signed_out)?;
        let session = academy.store().session(&token.hash(), academy.parts.clock.now()).await?;
        session.map(|(_, account)| Self(account)).ok_or_else(signed_out)
    }
}

/// The key of a request that may come again, when it has one.
fn key(headers: &HeaderMap) -> Result<Option<Uuid>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().and_then(|key| Uuid::try_parse(key).ok()).filter(|key| !key.is_nil());
    key.map(Some).ok_or_else(|| Problem::unprocessable("The header Idempotency-Key must hold one UUID."))
}

fn lesson(id: &str) -> Result<LessonId, Problem> {
    id.parse().map(LessonId).map_err(|_| Problem::not_found("There is no such lesson."))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// Of a video that was watched, 0 to 100.
    percent: i64,
    /// Where to go on: seconds of a video, per mille of a text.
    position: i64,
}

async fn progress(
    State(academy): State<Arc<Academy>>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(told): Json<Told>,
) -> Result<Json<Standing>, Problem> {
    let reached = Reached { percent: told.percent, position: told.position, watched_percent: academy.parts.policy.watched_percent };
    if !(0..=100).contains(&told.percent) || !(0..=1_000_000).contains(&told.position) {
        return Err(Problem::unprocessable("`percent` goes from 0 to 100, `position` from 0 on."));
    }
    let now = academy.parts.clock.now();
    Ok(Json(academy.store().progress_lesson(account.id, lesson(&id)?, reached, key(&headers)?, now).await?))
}

async fn complete(
    State(academy): State<Arc<Academy>>,
    SignedIn(account): SignedIn,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Standing>, Problem> {
    let (watched, now) = (academy.parts.policy.watched_percent, academy.parts.clock.now());
    Ok(Json(academy.store().complete_lesson(account.id, lesson(&id)?, watched, key(&headers)?, now).await?))
}
