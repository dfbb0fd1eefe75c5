//! Errors as OpenAI's API words them, so that its clients raise the right exception.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::encoder::EncodeError;
use crate::generate::GenerateError;

/// Seconds after which a full queue has most likely moved on.
const COME_BACK: u64 = 1;

/// An answer that is no success.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    /// The field of the request that is not right.
    param: Option<&'static str>,
    message: String,
}

impl ApiError {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, code: None, param: None, message: message.into() }
    }

    /// 400: `field` is not as it should be.
    pub(super) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self { param: Some(field), ..Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message) }
    }

    /// 400: the body is not what it should be.
    pub(super) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request_error", message)
    }

    pub(super) fn too_large() -> Self {
        let message = format!("The body is larger than {} bytes; send fewer texts at a time.", super::MAX_BODY);
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request_error", message)
    }

    pub(super) fn unauthorized() -> Self {
        let message = "The key is missing or wrong; send models.serve_key as a bearer token.";
        Self { code: Some("invalid_api_key"), ..Self::new(StatusCode::UNAUTHORIZED, "invalid_request_error", message) }
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "invalid_request_error", message)
    }

    pub(super) fn unknown_model(message: impl Into<String>) -> Self {
        Self { code: Some("model_not_found"), param: Some("model"), ..Self::not_found(message) }
    }

    pub(super) fn wrong_method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "This address does not take requests of this kind.")
    }

    fn busy() -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit_error", "The model is busy; try again in a moment.")
    }

    fn failed() -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "The model could not do this; its log says why.")
    }

    /// What stands for it in a stream that has begun.
    pub(super) fn body(&self) -> serde_json::Value {
        json!({ "error": { "message": self.message, "type": self.kind, "param": self.param, "code": self.code } })
    }
}

impl From<EncodeError> for ApiError {
    fn from(error: EncodeError) -> Self {
        if matches!(error, EncodeError::Busy) { Self::busy() } else { Self::failed() }
    }
}

impl From<GenerateError> for ApiError {
    fn from(error: GenerateError) -> Self {
        match error {
            GenerateError::Busy => Self::busy(),
            GenerateError::TooLong { .. } => {
                Self { code: Some("context_length_exceeded"), ..Self::invalid("messages", error.to_string()) }
            }
            _ => Self::failed(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let come_back =
            (self.status == StatusCode::TOO_MANY_REQUESTS).then(|| [(header::RETRY_AFTER, HeaderValue::from(COME_BACK))]);
        (self.status, come_back, Json(self.body())).into_response()
    }
}
