//! Errors as `application/problem+json` (RFC 9457).

use std::{borrow::Cow, fmt, time::Duration};

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::db::DbError;

/// The content type of a problem.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// How soon a client may try again when the database does not answer.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// What went wrong with a request. `detail` is a sentence that may be shown to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// A stable name of the sort of problem: `urn:porter:problem:not-found`.
    #[serde(rename = "type", serialize_with = "as_urn")]
    #[schema(value_type = String, example = "urn:porter:problem:not-found")]
    kind: &'static str,
    /// The sort of problem in words, the same for every occurrence.
    #[schema(value_type = String, example = "Not Found")]
    title: &'static str,
    /// The HTTP status.
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16, example = 404)]
    status: StatusCode,
    /// What happened this time, and what to do.
    #[schema(value_type = String, example = "There is no such conversation.")]
    detail: Cow<'static, str>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

fn as_urn<S: Serializer>(kind: &&'static str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("urn:porter:problem:{kind}"))
}

fn as_number<S: Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem whose sort is named by `slug`, in the form `not-found`.
    #[must_use]
    pub fn new(status: StatusCode, slug: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self { kind: slug, title, status, detail: detail.into(), retry_after: None }
    }

    /// 400: the request cannot be understood.
    #[must_use]
    pub fn bad_request(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad-request", detail)
    }

    /// 401: who is asking?
    #[must_use]
    pub fn unauthorized(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// 403: known, but not allowed.
    #[must_use]
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: not there.
    #[must_use]
    pub fn not_found(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", detail)
    }

    /// 409: not in the present state.
    #[must_use]
    pub fn conflict(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 413: more than is taken.
    #[must_use]
    pub fn too_large(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", detail)
    }

    /// 415: not JSON.
    #[must_use]
    pub fn unsupported(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", detail)
    }

    /// 422: understood, but not acceptable.
    #[must_use]
    pub fn unprocessable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "unprocessable", detail)
    }

    /// 429: slower, please.
    #[must_use]
    pub fn too_many_requests(detail: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", detail).with_retry_after(retry_after)
    }

    /// 500: a fault of ours. Log the cause; the body says nothing of it.
    #[must_use]
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong on our side. Nothing you did; please try again.",
        )
    }

    /// 503: later, please.
    #[must_use]
    pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).with_retry_after(RETRY_AFTER)
    }

    /// Says how soon to try again, in whole seconds rounded up.
    #[must_use]
    pub fn with_retry_after(self, after: Duration) -> Self {
        Self { retry_after: Some(after), ..self }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// What happened, in a sentence that may be shown.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.status, self.detail)
    }
}

impl std::error::Error for Problem {}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after.map(|after| {
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            [(header::RETRY_AFTER, HeaderValue::from(seconds))]
        });
        let content_type = [(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON))];
        (self.status, content_type, retry_after, axum::Json(self)).into_response()
    }
}

/// Logs the cause, once, and says nothing of it in the body.
impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Unavailable(_) => {
                tracing::error!(%error, "database unavailable");
                Self::unavailable("We cannot reach our records just now. Please try again in a moment.")
            }
            DbError::FullDisk(_) => {
                tracing::error!(%error, "disk full");
                Self::new(
                    StatusCode::INSUFFICIENT_STORAGE,
                    "insufficient-storage",
                    "We have no room to keep this just now. Please try again later.",
                )
            }
            _ => {
                tracing::error!(%error, "database error");
                Self::internal()
            }
        }
    }
}

/// A fallback handler: no route has this path.
pub async fn no_route() -> Problem {
    Problem::not_found("There is nothing at this address.")
}

/// A fallback handler: the path is there, but not for this method.
pub async fn wrong_method() -> Problem {
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", "This address does not take requests of this kind.")
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn body(response: Response) -> serde_json::Value {
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[tokio::test]
    async fn a_problem_has_the_form_of_rfc_9457() {
        let response = Problem::not_found("There is no such ticket.").into_response();
        assert_eq!(response.status(), 404);
        assert_eq!(response.headers()["content-type"], PROBLEM_JSON);
        assert_eq!(
            body(response).await,
            serde_json::json!({
                "type": "urn:porter:problem:not-found", "title": "Not Found",
                "status": 404, "detail": "There is no such ticket."
            })
        );
    }

    #[tokio::test]
    async fn retry_after_is_rounded_up() {
        let problem = Problem::too_many_requests("Slower, please.", Duration::from_millis(1500));
        assert_eq!(problem.into_response().headers()["retry-after"], "2");
    }

    #[tokio::test]
    async fn a_database_error_becomes_a_status_and_keeps_its_cause_to_itself() {
        let response = Problem::from(DbError::Unavailable(sqlx::Error::PoolTimedOut)).into_response();
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "5");
        assert!(!body(response).await.to_string().contains("pool"));

        let full = DbError::FullDisk(sqlx::Error::PoolTimedOut);
        assert_eq!(Problem::from(full).status(), 507);
        for other in [
            DbError::Conflict { constraint: "staff.email".to_owned() },
            DbError::Internal(sqlx::Error::Protocol("secret".to_owned())),
            DbError::Corrupt(sqlx::Error::RowNotFound),
        ] {
            let problem = Problem::from(other);
            assert_eq!((problem.status().as_u16(), problem), (500, Problem::internal()));
        }
    }
}
