//! Extractors whose refusal is a [`Problem`] with a sentence that helps.

use std::error::Error;

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

use super::Problem;

/// JSON in and out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Json<T>(pub T);

/// Parts of the path.
#[derive(Debug, Clone, Copy, Default)]
pub struct Path<T>(pub T);

/// The query string.
#[derive(Debug, Clone, Copy, Default)]
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Problem::unsupported("The body must be JSON: send it with the header `Content-Type: application/json`."));
        }
        let bytes = Bytes::from_request(request, state).await.map_err(unread)?;
        if let Err(error) = std::str::from_utf8(&bytes) {
            return Err(Problem::bad_request(format!(
                "The body is not UTF-8: byte {} does not belong there.",
                error.valid_up_to()
            )));
        }
        match axum::Json::<T>::from_bytes(&bytes) {
            Ok(axum::Json(value)) => Ok(Self(value)),
            Err(rejection) => {
                let cause = rejection.source().map(ToString::to_string).unwrap_or_default();
                Err(if rejection.status() == StatusCode::UNPROCESSABLE_ENTITY {
                    Problem::unprocessable(format!("The body does not have the expected form: {cause}."))
                } else {
                    Problem::bad_request(format!("The body is not valid JSON: {cause}."))
                })
            }
        }
    }
}

/// `application/json` and `application/…+json`, with any parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.unwrap_or_default().split(';').next().unwrap_or_default();
    let essence = essence.trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

fn unread(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Problem::too_large("This is more than we can take at once. Please send less.")
    } else {
        Problem::bad_request("The body ended before all of it had arrived.")
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(rejection) if rejection.status().is_server_error() => {
                tracing::error!(error = %rejection, "a handler asks for a path that its route has not");
                Err(Problem::internal())
            }
            Err(rejection) => Err(Problem::bad_request(format!("The address is not right: {}.", rejection.body_text()))),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match axum::extract::Query::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Query(value)) => Ok(Self(value)),
            Err(rejection) => {
                let cause = rejection.source().map(ToString::to_string).unwrap_or_default();
                Err(Problem::bad_request(format!("What follows the `?` in the address is not right: {cause}.")))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, extract::DefaultBodyLimit, routing};
    use serde::Deserialize;
    use tower::ServiceExt as _;

    use super::*;

    #[derive(Debug, Serialize, Deserialize)]
    struct Sent {
        text: String,
        times: u8,
    }

    #[derive(Debug, Deserialize)]
    struct Page {
        after: u32,
    }

    fn router() -> Router {
        Router::new()
            .route("/echo", routing::post(|Json(sent): Json<Sent>| async { Json(sent) }))
            .route("/item/{id}", routing::get(|Path(id): Path<u32>| async move { id.to_string() }))
            .route("/page", routing::get(|Query(page): Query<Page>| async move { page.after.to_string() }))
            .layer(DefaultBodyLimit::max(100))
    }

    async fn answer(request: axum::http::request::Builder, body: impl Into<Body>) -> (u16, String) {
        let response = router().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        match serde_json::from_str::<serde_json::Value>(&text) {
            Ok(problem) if status >= 400 => (status, problem["detail"].as_str().unwrap().to_owned()),
            _ => (status, text),
        }
    }

    async fn post(body: impl Into<Body>) -> (u16, String) {
        let request = Request::post("/echo").header("content-type", "application/json; charset=utf-8");
        answer(request, body).await
    }

    #[tokio::test]
    async fn json_comes_in_and_goes_out() {
        let body = r#"{"text":"hello","times":2}"#;
        assert_eq!(post(body).await, (200, body.to_owned()));
    }

    #[tokio::test]
    async fn each_kind_of_bad_body_has_its_status_and_a_sentence() {
        let (status, detail) = post("{\"text\":").await;
        assert_eq!(status, 400);
        assert!(detail.starts_with("The body is not valid JSON: text: EOF while parsing"), "{detail}");

        let (status, detail) = post(r#"{"text":5,"times":2}"#).await;
        assert_eq!(status, 422);
        assert!(detail.contains("text: invalid type: integer `5`, expected a string"), "{detail}");

        let (status, detail) = post(r#"{"text":"a"}"#).await;
        assert_eq!(status, 422);
        assert!(detail.contains("missing field `times`"), "{detail}");

        let (status, detail) = post(b"{\"text\":\"\xff\",\"times\":2}".to_vec()).await;
        assert_eq!((status, detail.as_str()), (400, "The body is not UTF-8: byte 9 does not belong there."));

        let (status, detail) = post(format!(r#"{{"text":"{}","times":2}}"#, "a".repeat(200))).await;
        assert_eq!((status, detail.contains("send less")), (413, true), "{detail}");

        let (status, detail) = answer(Request::post("/echo"), "{}").await;
        assert_eq!((status, detail.contains("Content-Type: application/json")), (415, true), "{detail}");
    }

    #[tokio::test]
    async fn a_bad_address_is_explained() {
        let (status, detail) = answer(Request::get("/item/seven"), "").await;
        assert_eq!((status, detail.contains("seven")), (400, true), "{detail}");
        let (status, detail) = answer(Request::get("/page?after=x"), "").await;
        assert_eq!((status, detail.contains("after: invalid digit")), (400, true), "{detail}");
        assert_eq!(answer(Request::get("/page?after=7"), "").await, (200, "7".to_owned()));
    }
}
