//! Money that was taken twice: the answer to a question about a charge, and to one about a refund.

use super::charge::listed;
use super::finding::{Finding, Mood, Reason};
use super::payment::{Balance, with_status};
use super::words::{DAY, count, date, later, quoted};
use crate::domain::{ChargeStatus, OrderFacts};
use crate::policy::Policy;

/// What was taken too often for this order, or for its course by another order among `all`.
pub(super) fn mistake(order: &OrderFacts, all: &[OrderFacts], policy: &Policy) -> Option<Finding> {
    charged_twice(order).or_else(|| {
        let twin = all.iter().find(|other| are_twins(order, other, policy))?;
        Some(paid_two_orders(order, twin))
    })
}

/// More was taken than the order costs, and not paid back.
fn charged_twice(order: &OrderFacts) -> Option<Finding> {
    let balance = Balance::of(order)?;
    if balance.excess.minor == 0 {
        return None;
    }
    let sentence = format!(
        "Order {} for {} costs {}, but {} was taken in {}. That is {} too much, and our mistake.",
        order.number,
        quoted(&order.course_title),
        order.total,
        balance.taken,
        count(with_status(order, ChargeStatus::Captured).len(), "payment", "payments"),
        balance.excess,
    );
    let finding = Finding::new(&order.number, Reason::ChargedTwice, Mood::Problem, sentence);
    let remedy = "A person checks it and pays it back to the payment method that was used. Please do not ask your bank to take it back as well.";
    Some(listed(finding, order).remedy(remedy).needs_person())
}

/// Two orders for one course, both paid, within the days in which one would still ask for a refund: later it may be meant.
fn are_twins(order: &OrderFacts, other: &OrderFacts, policy: &Policy) -> bool {
    let paid = |order: &OrderFacts| Balance::of(order).is_some_and(|balance| balance.is_paid());
    let (early, late) = (order.created_at.min(other.created_at), order.created_at.max(other.created_at));
    order.id != other.id
        && order.course == other.course
        && paid(order)
        && paid(other)
        && late <= later(early, policy.refund_window_days, DAY)
}

/// The same sentence, whichever of the two is asked about.
fn paid_two_orders(order: &OrderFacts, twin: &OrderFacts) -> Finding {
    let age = |order: &OrderFacts| (order.created_at, order.number.clone());
    let (early, late) = if age(order) <= age(twin) { (order, twin) } else { (twin, order) };
    let sentence = format!(
        "{} was paid for in two orders: {} of {} ({}) and {} of {} ({}). One of them is enough for the course.",
        quoted(&order.course_title),
        early.number,
        date(early.created_at),
        early.total,
        late.number,
        date(late.created_at),
        late.total,
    );
    let finding = Finding::new(&order.number, Reason::PaidTwoOrders, Mood::Problem, sentence);
    let finding = listed(listed(finding, early), late);
    finding.remedy("A person checks the second payment and pays it back. Your course stays open meanwhile.").needs_person()
}
