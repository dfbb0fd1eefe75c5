//! The support API as the academy documents it, over the LMS in memory.

use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use porter_kernel::http::Problem;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::*;
use crate::{AddressForm, CertificateOnFile, Lms, LmsError, OrderNumber, Topic};

pub(super) const SERVICE_TOKEN: &str = "let-me-in";

type Shared = State<Arc<FakeLms>>;
type Answer = Result<Response, Problem>;

/// Serves it on a free port; gives its address.
pub(super) async fn serve(lms: Arc<FakeLms>) -> String {
    let routes = Router::new()
        .route("/identity", get(identity))
        .route("/password-resets", post(reset_by_form))
        .route("/me/password-reset", post(reset))
        .route("/me/certificates", get(certificates))
        .route("/me/certificates/{id}/resend", post(resend))
        .route("/me/diagnosis/{topic}", get(diagnosis))
        .route("/policy", get(async || Json(json!({ "facts": { "refund.window_days": "14" } }))))
        .layer(middleware::from_fn(known_service))
        .with_state(lms);
    listen(Router::new().nest("/support/v1", routes)).await
}

/// Serves any routes on a free port.
pub(super) async fn listen(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    format!("http://{address}")
}

async fn known_service(headers: HeaderMap, request: Request, next: Next) -> Answer {
    if headers.get("authorization").is_some_and(|value| value == &format!("Bearer {SERVICE_TOKEN}")) {
        Ok(next.run(request).await)
    } else {
        Err(Problem::unauthorized("The service token is missing or wrong."))
    }
}

fn signed_out() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "signed-out", "Nobody is signed in.")
}

async fn principal(lms: &FakeLms, headers: &HeaderMap) -> Result<Principal, Problem> {
    let text = headers.get("porter-identity").and_then(|value| value.to_str().ok()).ok_or_else(signed_out)?;
    lms.identify(&token(text)).await.map_err(problem)
}

fn key(headers: &HeaderMap) -> Result<Uuid, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok()?.parse().ok());
    key.ok_or_else(|| Problem::bad_request("There must be an Idempotency-Key."))
}

fn problem(error: LmsError) -> Problem {
    match error {
        LmsError::SignedOut => signed_out(),
        LmsError::NotFound => Problem::not_found("There is no such thing."),
        LmsError::Busy => Problem::too_many_requests("Slower, please.", std::time::Duration::from_secs(30)),
        LmsError::KeyUsed => Problem::conflict("The key is another request's."),
        LmsError::Down(_) => Problem::unavailable("Later, please."),
        LmsError::Unclear(_) => Problem::internal(),
    }
}

fn accepted(body: Value) -> Answer {
    Ok((StatusCode::ACCEPTED, Json(body)).into_response())
}

fn shown(certificate: &CertificateOnFile) -> Value {
    json!({ "id": certificate.id, "course": certificate.course, "issued_at": certificate.issued_at, "code": certificate.code })
}

async fn identity(State(lms): Shared, headers: HeaderMap) -> Answer {
    let principal = principal(&lms, &headers).await?;
    let body = json!({
        "learner_id": principal.learner(), "name": principal.name(), "role": "learner", "expires_at": principal.expires_at()
    });
    Ok(Json(body).into_response())
}

#[derive(Deserialize)]
struct Form {
    address: String,
}

async fn reset_by_form(State(lms): Shared, headers: HeaderMap, Json(form): Json<Form>) -> Answer {
    let form = AddressForm::parse(&form.address).ok_or_else(|| Problem::unprocessable("That is no address."))?;
    let minutes = lms.send_reset_to(&form, key(&headers)?).await.map_err(problem)?;
    accepted(json!({ "link_minutes": minutes }))
}

async fn reset(State(lms): Shared, headers: HeaderMap) -> Answer {
    let sent = lms.send_reset(&principal(&lms, &headers).await?, key(&headers)?).await.map_err(problem)?;
    accepted(json!({ "sent_to": sent.sent_to, "link_minutes": sent.link_minutes, "asked_at": sent.asked_at }))
}

async fn certificates(State(lms): Shared, headers: HeaderMap) -> Answer {
    let list = lms.certificates(&principal(&lms, &headers).await?).await.map_err(problem)?;
    Ok(Json(json!({ "certificates": list.iter().map(shown).collect::<Vec<_>>() })).into_response())
}

async fn resend(State(lms): Shared, headers: HeaderMap, Path(id): Path<Uuid>) -> Answer {
    let sent = lms.resend_certificate(&principal(&lms, &headers).await?, id, key(&headers)?).await.map_err(problem)?;
    accepted(json!({ "certificate": shown(&sent.certificate), "sent_to": sent.sent_to, "asked_at": sent.asked_at }))
}

#[derive(Deserialize)]
struct Narrowed {
    order: Option<String>,
}

async fn diagnosis(State(lms): Shared, headers: HeaderMap, Path(topic): Path<String>, Query(narrowed): Query<Narrowed>) -> Answer {
    let topics = [Topic::Certificate, Topic::Access, Topic::Progress, Topic::Charge, Topic::Refund];
    let topic = topics.into_iter().find(|known| known.as_str() == topic).ok_or_else(|| Problem::not_found("No such topic."))?;
    let order = narrowed.order.as_deref().and_then(OrderNumber::find);
    let findings = lms.diagnose(&principal(&lms, &headers).await?, topic, order.as_ref()).await.map_err(problem)?;
    Ok(Json(json!({ "findings": findings })).into_response())
}
