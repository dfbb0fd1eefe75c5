//! Saving one answer, by the page's script.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use porter_kernel::http::{Json, Path, Problem};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::sheet::times;
use crate::domain::AttemptId;
use crate::domain::quiz::Saved;
use crate::http::Academy;
use crate::store::NewSave;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// Milliseconds since the attempt began, as the page counts them; rises with each change.
    seq: i64,
    /// As a form would send them; none: the answer is taken back.
    values: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Answered {
    /// `kept`, or `stale` when something as new is there.
    outcome: &'static str,
    /// Of what is kept.
    seq: i64,
    /// Milliseconds since the attempt began, by the server's clock.
    elapsed: i64,
    /// Milliseconds until the time is up.
    due_in: Option<i64>,
}

/// Keeps an answer. 409 when the attempt is over.
pub(super) async fn save(
    State(academy): State<Arc<Academy>>,
    Path((attempt, place)): Path<(Uuid, i64)>,
    headers: HeaderMap,
    Json(change): Json<Change>,
) -> Result<Json<Answered>, Problem> {
    let (store, now) = (academy.store(), academy.parts.clock.now());
    let session = match academy.cookie.read(&headers) {
        Some(token) => store.session(&token.hash(), now).await?,
        None => None,
    };
    let Some((_, account)) = session else {
        return Err(Problem::unauthorized("You are signed out. Sign in in another tab; your answers are kept here until then."));
    };
    if change.seq < 1 {
        return Err(Problem::unprocessable("`seq` counts from 1."));
    }
    let save = NewSave { place, seq: change.seq, form: false, values: change.values };
    let report = store.save_answers(account.id, AttemptId(attempt), &[save], now).await?;
    let saved = report.saves.first().copied().ok_or_else(Problem::internal)?;
    let outcome = match saved.outcome {
        Err(unreadable) => return Err(Problem::unprocessable(unreadable.to_string())),
        Ok(Err(_)) => {
            let detail = "The time is up, or the quiz was submitted: this answer came too late and does not count.";
            return Err(Problem::new(StatusCode::CONFLICT, "attempt-over", detail));
        }
        Ok(Ok(Saved::Kept)) => "kept",
        Ok(Ok(Saved::Stale)) => "stale",
    };
    let (elapsed, due_in) = times(&report.attempt, now);
    Ok(Json(Answered { outcome, seq: saved.seq, elapsed, due_in }))
}
