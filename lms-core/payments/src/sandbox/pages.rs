//! The page where a buyer pays, or pretends to.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use super::state::Checkout;
use super::{Sandbox, deliver};
use crate::EventKind;

const STYLE: &str = include_str!("../../assets/sandbox.css");
const METHOD: &str = "Visa ending 4242";

pub(super) fn router() -> Router<Arc<Sandbox>> {
    Router::new()
        .route("/", get(home))
        .route("/pay/{order}/{secret}", get(show).post(submit))
        .route("/sandbox.css", get(async || ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)))
        .layer(from_fn(plain))
}

/// No scripts, no guests, no frames; the form may lead back to the shop.
async fn plain(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[derive(Template)]
#[template(path = "pay.html")]
struct Pay<'a> {
    amount: String,
    description: &'a str,
    reference: &'a str,
    return_url: &'a str,
    /// The bank holds the money.
    held: bool,
    /// Declined last time.
    declined: bool,
    paid: bool,
}

#[derive(Template)]
#[template(path = "note.html")]
struct Note<'a> {
    title: &'a str,
    text: &'a str,
}

async fn home() -> Response {
    note(
        StatusCode::OK,
        "The payment sandbox",
        "Here you pay without money. Buy a course in the academy, and you are sent to the page where you pay for it.",
    )
}

fn note(status: StatusCode, title: &str, text: &str) -> Response {
    match (Note { title, text }).render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn nothing() -> Response {
    note(StatusCode::NOT_FOUND, "There is no such payment", "Go back to the academy and start the payment from your order.")
}

fn find(sandbox: &Sandbox, order: Uuid, secret: &str) -> Option<Checkout> {
    sandbox.book.read(|pages| pages.checkouts.get(&order).filter(|checkout| checkout.secret == secret).cloned())
}

async fn show(State(sandbox): State<Arc<Sandbox>>, Path((order, secret)): Path<(Uuid, String)>) -> Response {
    let Some(checkout) = find(&sandbox, order, &secret) else { return nothing() };
    let page = Pay {
        amount: money(checkout.request.amount.minor, &checkout.request.amount.currency),
        description: &checkout.request.description,
        reference: &checkout.request.reference,
        return_url: &checkout.request.return_url,
        held: checkout.held().is_some(),
        declined: checkout.events.last().is_some_and(|event| event.kind == EventKind::ChargeDeclined),
        paid: checkout.has(EventKind::ChargeCaptured),
    };
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// `€49.00`; `USD 12.50` for a currency without a sign of its own here.
fn money(minor: i64, currency: &str) -> String {
    let (whole, cents) = (minor / 100, minor % 100);
    if currency == "EUR" { format!("€{whole}.{cents:02}") } else { format!("{currency} {whole}.{cents:02}") }
}

/// What the buyer lets the bank do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Choice {
    Pay,
    /// As if two tabs had paid.
    PayTwice,
    Decline,
    Hold,
    /// Ends a hold without a charge.
    Release,
}

#[derive(Debug, Deserialize)]
struct Fields {
    choice: Choice,
}

async fn submit(
    State(sandbox): State<Arc<Sandbox>>,
    Path((order, secret)): Path<(Uuid, String)>,
    Form(Fields { choice }): Form<Fields>,
) -> Response {
    if find(&sandbox, order, &secret).is_none() {
        return nothing();
    }
    let ids = &sandbox.parts.ids;
    let event = || format!("ev_{}", ids.uuid().simple());
    let charge = || format!("ch_{}", ids.uuid().simple());
    let noted = sandbox.book.write(|pages| {
        let Some(checkout) = pages.checkouts.get_mut(&order) else { return Vec::new() };
        let paid = checkout.has(EventKind::ChargeCaptured);
        let held = checkout.held().map(|event| event.charge.clone());
        let mut noted = Vec::new();
        let mut note = |kind, charge: String, reason| noted.push(checkout.note(event(), kind, charge, METHOD.to_owned(), reason));
        match choice {
            // A double click pays once.
            Choice::Pay if paid => {}
            Choice::Pay => note(EventKind::ChargeCaptured, held.unwrap_or_else(charge), None),
            Choice::PayTwice => (0..2).for_each(|_| note(EventKind::ChargeCaptured, charge(), None)),
            Choice::Decline => note(EventKind::ChargeDeclined, charge(), Some("the bank declined the card")),
            Choice::Hold if held.is_some() || paid => {}
            Choice::Hold => note(EventKind::ChargeAuthorised, charge(), None),
            Choice::Release => held.into_iter().for_each(|held| note(EventKind::ChargeReleased, held, None)),
        }
        noted
    });
    for event in noted {
        deliver::send(&sandbox, event);
    }
    let back = find(&sandbox, order, &secret).map(|checkout| checkout.request.return_url).unwrap_or_default();
    Redirect::to(&back).into_response()
}
