//! Buying a course, an order's own page, its papers, and asking for the money back.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::db::Freshness;
use porter_kernel::http::{Path, Problem, Query};
use porter_payments::{Amount, CheckoutRequest, ProviderError};
use serde::Deserialize;
use uuid::Uuid;

use super::Fields;
use crate::domain::catalogue::Admission;
use crate::domain::money::refunding::RefundAnswer;
use crate::domain::{ChargeStatus, Money, OrderStatus};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Learner;
use crate::http::words::{self, Badge, date};
use crate::paper;
use crate::store::{OrderView, Placed};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/checkout/{slug}", get(show).post(buy))
        .route("/orders/{number}", get(order))
        .route("/orders/{number}/pay", post(pay))
        .route("/orders/{number}/refund", post(refund))
        .route("/invoices/{file}", get(download))
}

const NO_COURSE: &str = "This course is not on sale. Under Courses you find those that are.";
const NO_ORDER: &str = "There is no such order among yours.";

#[derive(Template)]
#[template(path = "checkout.html")]
struct Checkout<'a> {
    frame: Frame<'a>,
    slug: &'a str,
    title: &'a str,
    summary: &'a str,
    list: String,
    discount: Option<String>,
    total: String,
    /// Nothing is left to pay.
    free: bool,
    code: &'a str,
    error: Option<String>,
    enrolled: bool,
    /// Payment is set up.
    payable: bool,
    key: Uuid,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(default)]
    coupon: String,
}

fn code(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|code| !code.is_empty())
}

async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(slug): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let quote = parts.store.quote(account.id, &slug, code(&asked.coupon), parts.clock.now()).await?;
    let quote = quote.ok_or_else(|| Problem::not_found(NO_COURSE))?;
    Ok(page(&Checkout {
        frame: academy.frame(Some(&account), "/courses"),
        slug: &slug,
        title: &quote.title,
        summary: &quote.summary,
        list: quote.list.to_string(),
        discount: (quote.discount.minor > 0).then(|| format!("-{}", quote.discount)),
        total: quote.total.to_string(),
        free: quote.total.minor == 0,
        code: &asked.coupon,
        error: quote.refused.map(|refused| refused.to_string()),
        enrolled: quote.enrolled,
        payable: parts.payments.is_some(),
        key: parts.ids.uuid(),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    key: Uuid,
    #[serde(default)]
    coupon: String,
}

/// Places the order, and prepares its payment when the provider answers; when not, the order is kept and can be paid from its page.
async fn buy(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(slug): Path<String>,
    Fields(form): Fields<Order>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    let parts = &academy.parts;
    let code = code(&form.coupon);
    // Who comes here without the course's page is held to the same: published, prepared for, a seat. Who is in already is told so below.
    let now = parts.clock.now();
    let outline = parts.store.outline(&slug, now).await?.filter(|outline| outline.course.admission == Admission::Paid);
    if let Some(outline) = outline
        && !parts.store.courses(account.id, Freshness::Fresh).await?.iter().any(|facts| facts.course == outline.course.id)
    {
        parts.store.may_buy(account.id, outline.course.id, now).await?;
    }
    match parts.store.place_order(form.key, account.id, &slug, code, parts.clock.now()).await? {
        Placed::Order { number, to_pay: false } => Ok(Redirect::to(&format!("/orders/{number}")).into_response()),
        Placed::Order { number, to_pay: true } => start(&academy, &account.id, &number).await,
        Placed::Enrolled => Ok(Redirect::to("/learning").into_response()),
        Placed::Free => Ok(Redirect::to(&format!("/courses/{slug}")).into_response()),
        Placed::Coupon(refused) => {
            tracing::info!(%refused, "a coupon was refused");
            let back = format!("/checkout/{slug}?coupon={}", plain(code.unwrap_or_default()));
            Ok(Redirect::to(&back).into_response())
        }
    }
}

/// What may stand in an address as it is.
fn plain(code: &str) -> String {
    code.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-').take(40).collect()
}

/// Asks the provider for the page to pay at. No connection to the database is held meanwhile, and whatever the provider does, the order stays.
async fn start(academy: &Academy, account: &crate::domain::AccountId, number: &str) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let here = format!("/orders/{number}");
    let order = parts.store.order(Some(*account), number).await?.ok_or_else(|| Problem::not_found(NO_ORDER))?;
    let Some(payments) = &parts.payments else { return Ok(Redirect::to(&here).into_response()) };
    let payable = matches!(order.facts.status, OrderStatus::Open | OrderStatus::Failed);
    if !payable {
        return Ok(Redirect::to(&here).into_response());
    }
    if order.pay_url.is_some() {
        return Ok(Redirect::to(&format!("{here}?go=1")).into_response());
    }
    let request = CheckoutRequest {
        key: order.facts.id.0,
        reference: order.facts.number.clone(),
        description: order.facts.course_title.clone(),
        amount: Amount { minor: order.facts.total.minor, currency: order.facts.total.currency.clone() },
        return_url: format!("{}{here}", parts.public_url),
    };
    match payments.provider.checkout(&request).await {
        Ok(pay_url) => {
            parts.store.checkout_started(order.facts.id, &pay_url, parts.clock.now()).await?;
            Ok(Redirect::to(&format!("{here}?go=1")).into_response())
        }
        Err(error) => {
            tracing::warn!(order = %order.facts.id, %error, "the payment could not be prepared");
            let word = if matches!(error, ProviderError::Never(_)) { "refused" } else { "later" };
            Ok(Redirect::to(&format!("{here}?trouble={word}")).into_response())
        }
    }
}

async fn pay(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(number): Path<String>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    start(&academy, &account.id, &number).await
}

#[derive(Template)]
#[template(path = "order.html")]
struct OrderPage<'a> {
    frame: Frame<'a>,
    number: &'a str,
    course: &'a str,
    slug: &'a str,
    placed: String,
    list: String,
    discount: Option<String>,
    total: String,
    badge: Badge,
    paid: bool,
    /// It was replaced by another, or cancelled.
    given_up: bool,
    /// It waits to be paid.
    open: bool,
    /// The bank holds the money.
    held: bool,
    /// It was declined last time.
    failed: bool,
    /// Where to pay, when the provider is ready.
    pay_url: Option<&'a str>,
    /// The browser goes there by itself.
    go: bool,
    /// The page asks again by itself.
    waits: bool,
    trouble: Option<&'static str>,
    movements: Vec<super::orders::Movement>,
    papers: &'a [String],
    refund: Refund,
    asked: bool,
    payable: bool,
    key: Uuid,
}

/// What the page says about a refund.
struct Refund {
    /// One may ask.
    possible: bool,
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Arrived {
    go: Option<u8>,
    trouble: Option<String>,
    asked: Option<u8>,
}

async fn order(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(number): Path<String>,
    Query(arrived): Query<Arrived>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let view = parts.store.order(Some(account.id), &number).await?.ok_or_else(|| Problem::not_found(NO_ORDER))?;
    let facts = &view.facts;
    let open = matches!(facts.status, OrderStatus::Open | OrderStatus::Failed);
    let discount = view.list.minor.saturating_sub(facts.total.minor);
    let trouble = arrived.trouble.as_deref().filter(|_| open && view.pay_url.is_none()).map(|word| match word {
        "refused" => "The payment service refuses this payment. Nothing was charged. Please talk to us: we find out why.",
        _ => "The payment service does not answer at the moment. Nothing was charged, and your order is kept: try again in a few minutes, or come back later.",
    });
    Ok(page(&OrderPage {
        frame: academy.frame(Some(&account), "/orders"),
        number: &facts.number,
        course: &facts.course_title,
        slug: &view.slug,
        placed: date(facts.created_at),
        list: view.list.to_string(),
        discount: (discount > 0).then(|| format!("-{}", Money { minor: discount, currency: view.list.currency.clone() })),
        total: facts.total.to_string(),
        badge: words::order(facts.status),
        paid: facts.status == OrderStatus::Paid,
        given_up: facts.status == OrderStatus::Cancelled,
        open,
        held: facts.charges.iter().any(|charge| charge.status == ChargeStatus::Authorised),
        failed: facts.status == OrderStatus::Failed,
        pay_url: view.pay_url.as_deref().filter(|_| open),
        go: arrived.go.is_some() && open && view.pay_url.is_some(),
        waits: arrived.go.is_none() && facts.status == OrderStatus::Open && view.pay_url.is_some(),
        trouble,
        movements: super::orders::movements(facts),
        papers: &view.papers,
        refund: refund_words(&academy, &view),
        asked: arrived.asked.is_some(),
        payable: parts.payments.is_some(),
        key: parts.ids.uuid(),
    }))
}

/// The truth about a refund, before anybody asks for it.
fn refund_words(academy: &Academy, view: &OrderView) -> Refund {
    let policy = &academy.parts.policy;
    let (days, limit) = (policy.refund_window_days, policy.refund_progress_limit_percent);
    let (possible, text) = match view.refund.answer(policy, academy.parts.clock.now()) {
        RefundAnswer::NothingTaken | RefundAnswer::AskedAlready => (false, None),
        RefundAnswer::Possible { until, amount } => {
            let text = format!(
                "You can ask for {amount} back until {}: you have done {} % of the course, and {limit} % is the limit. A person decides within {} days. When it is granted, the course closes.",
                date(until),
                view.refund.progress_percent,
                policy.refund_decision_days
            );
            (true, Some(text))
        }
        RefundAnswer::TooLate { until } => {
            (false, Some(format!("The {days} days in which one can ask for the money back ended on {}.", date(until))))
        }
        RefundAnswer::TooFar { progress_percent, limit_percent } => {
            let text =
                format!("A refund is possible up to {limit_percent} % of the course, and you have done {progress_percent} %.");
            (false, Some(text))
        }
    };
    Refund { possible, text }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ask {
    key: Uuid,
}

async fn refund(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(number): Path<String>,
    Fields(form): Fields<Ask>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    let parts = &academy.parts;
    let answer = parts.store.ask_refund(form.key, account.id, &number, &parts.policy, parts.clock.now()).await?;
    let word = if matches!(answer, RefundAnswer::Possible { .. }) { "?asked=1" } else { "" };
    Ok(Redirect::to(&format!("/orders/{number}{word}")).into_response())
}

/// `/invoices/{number}.pdf`, for its owner. Somebody else's is as none.
async fn download(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(file): Path<String>,
) -> Result<Response, PageProblem> {
    let none = || PageProblem::from(Problem::not_found("There is no such invoice among yours."));
    let number = file.strip_suffix(".pdf").ok_or_else(none)?;
    let invoice = academy.store().invoice(Some(account.id), number).await?.ok_or_else(none)?;
    let pdf = paper::invoice(&invoice, &academy.parts.policy).await.map_err(|error| {
        tracing::error!(%error, "an invoice could not be drawn");
        Problem::internal()
    })?;
    // Numbers are made here, of letters, digits and dashes.
    let disposition = format!("attachment; filename=\"{}.pdf\"", invoice.number.to_ascii_lowercase());
    let disposition = HeaderValue::try_from(disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static(paper::MEDIA_TYPE);
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], pdf).into_response())
}
