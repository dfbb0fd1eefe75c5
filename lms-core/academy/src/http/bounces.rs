//! What mail servers tell about mails that did not arrive: by a webhook as JSON, or as the report itself (RFC 3464, RFC 5965).

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::routing::post;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::Problem;
use porter_mail::report::{self, Fate};
use serde::Deserialize;
use uuid::Uuid;

use super::Academy;
use super::support::service_only;
use crate::domain::announcement::BounceKind;

pub(super) fn router(academy: &Arc<Academy>) -> Router<Arc<Academy>> {
    Router::new()
        .route("/mail/bounces", post(take))
        .layer(from_fn_with_state(Arc::clone(academy), service_only))
        .layer(DefaultBodyLimit::max(report::MAX_BYTES))
}

/// What a mail provider's webhook says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// Of the mail that was sent, with or without angle brackets.
    message_id: String,
    kind: BounceKind,
    at: Timestamp,
}

/// 204 when it was noted, or noted before; 202 when it is about no mail of ours, so that nobody sends it again.
async fn take(State(academy): State<Arc<Academy>>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Problem> {
    let now = academy.parts.clock.now();
    let json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("application/json"));
    let told = if json {
        let told = serde_json::from_slice::<Told>(&body);
        told.map_err(|_| {
            Problem::unprocessable("The body must be {\"message_id\", \"kind\": \"hard\", \"soft\" or \"complaint\", \"at\"}.")
        })?
    } else {
        // A mail server sends its own word again when it is refused, so what is no report is taken and put aside.
        let Some(report) = report::read(&body) else { return Ok(StatusCode::ACCEPTED) };
        let kind = match report.fate {
            Fate::Hard => BounceKind::Hard,
            Fate::Soft => BounceKind::Soft,
            Fate::Complaint => BounceKind::Complaint,
        };
        Told { message_id: report.message_id, kind, at: now }
    };
    let Some(mail) = mail_of(&told.message_id) else { return Ok(StatusCode::ACCEPTED) };
    // A time to come would count for longer than it should.
    let noted = academy.store().bounced(mail, told.kind, told.at.min(now), now).await?;
    Ok(if noted { StatusCode::NO_CONTENT } else { StatusCode::ACCEPTED })
}

/// Our Message-IDs begin with the mail's own id.
fn mail_of(message_id: &str) -> Option<Uuid> {
    message_id.trim().trim_start_matches('<').split('@').next()?.parse().ok()
}
