//! What the academy calls.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use porter_kernel::ids::Token;
use serde_json::json;
use uuid::Uuid;

use super::state::{Behaviour, Checkout, Mood};
use super::{Sandbox, deliver};
use crate::{CheckoutRequest, EventKind, RefundRequest};

pub(super) fn router(sandbox: &Arc<Sandbox>) -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/v1/checkouts", post(checkout))
        .route("/v1/checkouts/{order}/events", get(events))
        .route("/v1/refunds", post(refund))
        .layer(from_fn_with_state(Arc::clone(sandbox), in_its_mood))
        .route("/v1/behaviour", put(behave))
        .layer(from_fn_with_state(Arc::clone(sandbox), admit))
}

/// Lets the academy in. Hashes are compared, so that the time tells nothing about the key.
async fn admit(State(sandbox): State<Arc<Sandbox>>, request: Request, next: Next) -> Response {
    let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if given.is_some_and(|given| Token::hash_text(given) == Token::hash_text(&sandbox.parts.key)) {
        return next.run(request).await;
    }
    StatusCode::UNAUTHORIZED.into_response()
}

async fn in_its_mood(State(sandbox): State<Arc<Sandbox>>, request: Request, next: Next) -> Response {
    match sandbox.book.behaviour().mood {
        Mood::Fine => next.run(request).await,
        Mood::Hang => std::future::pending().await,
        Mood::Fail => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Refuse => StatusCode::PAYMENT_REQUIRED.into_response(),
        Mood::Babble => "<html>We are improving our service for you.</html>".into_response(),
    }
}

async fn checkout(State(sandbox): State<Arc<Sandbox>>, Json(request): Json<CheckoutRequest>) -> Response {
    if request.amount.minor <= 0 || !(request.return_url.starts_with("http://") || request.return_url.starts_with("https://")) {
        return StatusCode::UNPROCESSABLE_ENTITY.into_response();
    }
    let secret = sandbox.parts.ids.token().reveal().to_owned();
    let known = sandbox.book.write(|pages| {
        let made = Checkout { request: request.clone(), secret, events: Vec::new(), refunds: Vec::new() };
        let kept = pages.checkouts.entry(request.key).or_insert(made);
        (kept.request == request).then(|| kept.secret.clone())
    });
    match known {
        Some(secret) => {
            let pay_url = format!("{}/pay/{}/{secret}", sandbox.parts.public_url, request.key);
            Json(json!({ "pay_url": pay_url })).into_response()
        }
        // The key stands for another payment.
        None => StatusCode::CONFLICT.into_response(),
    }
}

async fn events(State(sandbox): State<Arc<Sandbox>>, Path(order): Path<Uuid>) -> Response {
    Json(sandbox.book.read(|pages| pages.checkouts.get(&order).map(|checkout| checkout.events.clone()).unwrap_or_default()))
        .into_response()
}

async fn refund(State(sandbox): State<Arc<Sandbox>>, Json(request): Json<RefundRequest>) -> Response {
    let (id, fails) = (format!("ev_{}", sandbox.parts.ids.uuid().simple()), sandbox.book.behaviour().refunds_fail);
    let noted = sandbox.book.write(|pages| {
        let checkout = pages.checkouts.get_mut(&request.order).filter(|checkout| checkout.has(EventKind::ChargeCaptured))?;
        Some(checkout.refund(id, &request, fails))
    });
    match noted {
        Some(event) => {
            if let Some(event) = event {
                deliver::send(&sandbox, event);
            }
            Json(json!({})).into_response()
        }
        // Nothing was paid here that could be paid back.
        None => StatusCode::UNPROCESSABLE_ENTITY.into_response(),
    }
}

async fn behave(State(sandbox): State<Arc<Sandbox>>, Json(behaviour): Json<Behaviour>) -> StatusCode {
    sandbox.behave(behaviour);
    StatusCode::NO_CONTENT
}
