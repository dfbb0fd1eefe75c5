//! A learner's orders, with what was charged and what was paid back.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::domain::{ChargeFacts, OrderFacts, OrderStatus, RefundFacts, RefundStatus};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::seen::Seen;
use crate::http::session::Learner;
use crate::http::words::{self, Badge, date};

#[derive(Template)]
#[template(path = "orders.html")]
struct Orders<'a> {
    frame: Frame<'a>,
    orders: Vec<Order>,
}

struct Order {
    number: String,
    course: String,
    total: String,
    placed: String,
    badge: Badge,
    movements: Vec<Movement>,
    /// To be paid.
    waits: bool,
}

/// A charge or a refund.
pub(super) struct Movement {
    pub(super) what: String,
    pub(super) amount: String,
    pub(super) when: String,
    pub(super) badge: Badge,
    pub(super) note: Option<String>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Seen(freshness): Seen,
) -> Result<Response, PageProblem> {
    let orders = academy.store().orders(account.id, freshness).await?.into_iter().map(order).collect();
    Ok(page(&Orders { frame: academy.frame(Some(&account), "/orders"), orders }))
}

fn order(facts: OrderFacts) -> Order {
    Order {
        badge: words::order(facts.status),
        waits: matches!(facts.status, OrderStatus::Open | OrderStatus::Failed),
        placed: date(facts.created_at),
        total: facts.total.to_string(),
        movements: movements(&facts),
        number: facts.number,
        course: facts.course_title,
    }
}

/// What was charged and paid back.
pub(super) fn movements(facts: &OrderFacts) -> Vec<Movement> {
    facts.charges.iter().map(charge).chain(facts.refunds.iter().map(refund)).collect()
}

fn charge(facts: &ChargeFacts) -> Movement {
    Movement {
        what: facts.method.clone(),
        amount: facts.amount.to_string(),
        when: date(facts.charged_at),
        badge: words::charge(facts.status),
        note: None,
    }
}

fn refund(facts: &RefundFacts) -> Movement {
    let asked = format!("Asked for on {}.", date(facts.requested_at));
    let then = match facts.status {
        RefundStatus::Requested => None,
        RefundStatus::Approved => facts.decided_at.map(|at| format!("Approved on {}.", date(at))),
        RefundStatus::Sent => facts.sent_at.map(|at| format!("Sent to your bank on {}.", date(at))),
        RefundStatus::Settled => facts.settled_at.map(|at| format!("Paid back on {}.", date(at))),
        RefundStatus::Rejected => facts.reason.as_ref().map(|reason| format!("Not granted: {reason}")),
    };
    Movement {
        what: "Refund".to_owned(),
        amount: facts.amount.to_string(),
        when: date(facts.settled_at.or(facts.sent_at).or(facts.decided_at).unwrap_or(facts.requested_at)),
        badge: words::refund(facts.status),
        note: Some(then.map_or_else(|| asked.clone(), |then| format!("{asked} {then}"))),
    }
}
