//! The administrator's view of money, and the provider's way in.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::http::{Path, Problem, Query};
use porter_payments::{ProviderEvent, SIGNATURE_HEADER};
use serde::Deserialize;
use uuid::Uuid;

use super::Fields;
use crate::domain::Money;
use crate::domain::money::coupon::{Coupon, Off, stored_code};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Administrator;
use crate::http::words::{self, Badge, date, date_and_time};
use crate::store::{MoneyDecision, Received};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/admin/payments", get(show))
        .route("/admin/payments/refunds/{id}", post(decide))
        .route("/admin/payments/coupons", post(add_coupon))
        .route("/admin/payments/coupons/{id}/end", post(end_coupon))
}

/// Called by the provider, whose signature says who it is: no cookie, no form of ours.
pub(super) fn webhook() -> Router<Arc<Academy>> {
    Router::new().route("/payments/webhook", post(receive))
}

async fn receive(State(academy): State<Arc<Academy>>, headers: HeaderMap, body: Bytes) -> Result<StatusCode, Problem> {
    let parts = &academy.parts;
    let payments = parts.payments.as_ref().ok_or_else(|| Problem::not_found("Payment is not set up here."))?;
    let signature = headers.get(SIGNATURE_HEADER).and_then(|value| value.to_str().ok());
    payments.secrets.verify(signature, &body, parts.clock.now()).map_err(|error| {
        tracing::warn!(%error, "a webhook was refused");
        Problem::unauthorized("The signature is missing, too old or wrong.")
    })?;
    let event: ProviderEvent =
        serde_json::from_slice(&body).map_err(|_| Problem::unprocessable("This is no event that we know."))?;
    let received = parts.store.receive(&event, parts.clock.now()).await?;
    if matches!(received, Received::Waits | Received::Unknown) {
        tracing::info!(event = event.id, kind = event.kind.as_str(), ?received, "an event of the payment provider is kept");
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Template)]
#[template(path = "admin_payments.html")]
struct Payments<'a> {
    frame: Frame<'a>,
    asked: &'a str,
    found: Option<Found>,
    refunds: Vec<Refund>,
    balances: Vec<Line>,
    strays: Vec<Stray>,
    coupons: Vec<CouponLine>,
    currency: &'static str,
    payable: bool,
    note: Option<&'static str>,
}

struct Found {
    number: String,
    buyer: String,
    course: String,
    total: String,
    placed: String,
    badge: Badge,
    movements: Vec<super::orders::Movement>,
    papers: Vec<String>,
}

struct Refund {
    id: Uuid,
    number: String,
    buyer: String,
    course: String,
    amount: String,
    asked: String,
    failed: Option<String>,
}

struct Line {
    account: &'static str,
    meaning: &'static str,
    amount: String,
}

struct Stray {
    id: String,
    kind: String,
    when: String,
    note: String,
}

struct CouponLine {
    id: Uuid,
    code: String,
    off: String,
    used: String,
    until: String,
    live: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    order: String,
    note: Option<String>,
}

async fn show(
    State(academy): State<Arc<Academy>>,
    Administrator(account): Administrator,
    Query(asked): Query<Asked>,
) -> Result<Response, PageProblem> {
    let (store, now) = (academy.store(), academy.parts.clock.now());
    let number = asked.order.trim().to_ascii_uppercase();
    let found = if number.is_empty() { None } else { store.order(None, &number).await? };
    let refunds = store.refunds_waiting().await?.into_iter().map(|task| Refund {
        id: task.id,
        number: task.number,
        buyer: task.buyer,
        course: task.course,
        amount: task.amount.to_string(),
        asked: date(task.requested_at),
        failed: task.failed_reason,
    });
    let balances = store.balances().await?.into_iter().map(|balance| {
        let (account, meaning) = account_words(&balance.account);
        Line { account, meaning, amount: balance.amount.to_string() }
    });
    let strays = store.stray_events().await?.into_iter().map(|event| Stray {
        id: event.id,
        kind: event.kind.replace('_', " "),
        when: date_and_time(event.received_at),
        note: event.note,
    });
    let coupons = store.coupons().await?.into_iter().map(|coupon| CouponLine {
        id: coupon.id,
        off: match &coupon.off {
            Off::Percent(percent) => format!("{percent} %"),
            Off::Amount(amount) => amount.to_string(),
        },
        used: coupon.uses.map_or_else(|| coupon.used.to_string(), |uses| format!("{} of {uses}", coupon.used)),
        until: coupon.ends_at.map_or_else(|| "no end".to_owned(), date),
        live: coupon.ends_at.is_none_or(|ends| now < ends),
        code: coupon.code,
    });
    Ok(page(&Payments {
        frame: academy.frame(Some(&account), "/admin"),
        asked: &asked.order,
        found: found.map(|view| Found {
            movements: super::orders::movements(&view.facts),
            badge: words::order(view.facts.status),
            total: view.facts.total.to_string(),
            placed: date(view.facts.created_at),
            number: view.facts.number,
            course: view.facts.course_title,
            buyer: view.buyer,
            papers: view.papers,
        }),
        refunds: refunds.collect(),
        balances: balances.collect(),
        strays: strays.collect(),
        coupons: coupons.collect(),
        currency: "EUR",
        payable: academy.parts.payments.is_some(),
        note: asked.note.as_deref().and_then(|word| match word {
            "done" => Some("Done."),
            "moved" => Some("Somebody else decided on this refund meanwhile: nothing was changed."),
            "taken" => Some("There is a coupon with this code already: choose another one."),
            _ => None,
        }),
    }))
}

fn account_words(account: &str) -> (&'static str, &'static str) {
    match account {
        "cash" => ("Cash at the provider", "lies there for us"),
        "credit" => ("Buyers' credit", "paid, and of no paid order; negative: owed to buyers"),
        "revenue" => ("Revenue", "sold at list prices; negative as it is income"),
        "discounts" => ("Discounts", "taken off by coupons"),
        "refunds" => ("Refunds", "granted back"),
        _ => ("Refunds to pay", "granted and not paid out yet; negative: owed"),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Decided {
    decision: Word,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Approve,
    Reject,
    SendAgain,
}

async fn decide(
    State(academy): State<Arc<Academy>>,
    Administrator(account): Administrator,
    Path(id): Path<Uuid>,
    Fields(form): Fields<Decided>,
) -> Result<Response, PageProblem> {
    let reason: String = form.reason.trim().chars().take(500).collect();
    let decision = match form.decision {
        Word::Approve => MoneyDecision::Approve,
        Word::SendAgain => MoneyDecision::SendAgain,
        Word::Reject if reason.is_empty() => {
            return Err(Problem::unprocessable("Give a reason: the learner reads it. Go back and write one.").into());
        }
        Word::Reject => MoneyDecision::Reject(reason),
    };
    let done = academy.store().decide_refund(id, &decision, academy.parts.clock.now()).await?;
    tracing::info!(refund = %id, by = %account.id, done, "a refund was decided on");
    Ok(back(if done { "done" } else { "moved" }))
}

fn back(note: &str) -> Response {
    Redirect::to(&format!("/admin/payments?note={note}")).into_response()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewCoupon {
    code: String,
    percent: String,
    amount: String,
    days: String,
    uses: String,
    uses_each: String,
}

/// A number, or nothing at all.
fn number(text: &str, what: &str) -> Result<Option<i64>, PageProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse::<i64>().ok().filter(|number| (1..=1_000_000).contains(number));
    number
        .map(Some)
        .ok_or_else(|| Problem::unprocessable(format!("{what} must be a whole number from 1 on. Go back and correct it.")).into())
}

async fn add_coupon(
    State(academy): State<Arc<Academy>>,
    Administrator(_): Administrator,
    Fields(form): Fields<NewCoupon>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let wrong = |text: &'static str| PageProblem::from(Problem::unprocessable(text));
    let code =
        stored_code(&form.code).ok_or_else(|| wrong("A code has 3 to 32 letters, digits and dashes. Go back and correct it."))?;
    let off = match (number(&form.percent, "The percentage")?, number(&form.amount, "The amount")?) {
        (Some(percent), None) if percent <= 100 => Off::Percent(percent),
        (None, Some(whole)) => Off::Amount(Money { minor: whole.saturating_mul(100), currency: "EUR".to_owned() }),
        _ => return Err(wrong("Give either a percentage up to 100 or an amount, not both. Go back and correct it.")),
    };
    let now = parts.clock.now();
    let days = number(&form.days, "The number of days")?.map(|days| u64::try_from(days).unwrap_or_default().min(36_500));
    let coupon = Coupon {
        id: parts.ids.uuid(),
        code,
        off,
        starts_at: None,
        ends_at: days.map(|days| now + Duration::from_secs(days * 86_400)),
        uses: number(&form.uses, "The number of uses")?,
        uses_each: number(&form.uses_each, "The number of uses by one person")?,
        course: None,
        used: 0,
    };
    Ok(back(if parts.store.add_coupon(&coupon, now).await? { "done" } else { "taken" }))
}

async fn end_coupon(
    State(academy): State<Arc<Academy>>,
    Administrator(_): Administrator,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    academy.store().end_coupon(id, academy.parts.clock.now()).await?;
    Ok(back("done"))
}
