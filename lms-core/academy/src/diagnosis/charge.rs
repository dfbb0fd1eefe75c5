//! What was I charged for?

use std::cmp::Reverse;

use porter_kernel::clock::Timestamp;

use super::double;
use super::enrolment::{self, paid};
use super::finding::{Finding, Mood, ORDERS, Reason, no_orders};
use super::payment::{self, Balance, Payment, with_status};
use super::words::{DAY, date, later, quoted, span};
use crate::domain::{ChargeFacts, ChargeStatus, OrderFacts, RefundStatus};
use crate::policy::Policy;

/// So many charges of an order are listed as evidence.
const LISTED: usize = 6;

/// `all` are the account's orders, also when only some are asked about: a second order for a course is seen only beside the first.
pub(super) fn diagnose(orders: &[OrderFacts], all: &[OrderFacts], policy: &Policy, now: Timestamp) -> Vec<Finding> {
    if orders.is_empty() {
        return vec![no_orders()];
    }
    let mut found: Vec<(Timestamp, Finding)> = Vec::new();
    for order in orders {
        let finding = double::mistake(order, all, policy).unwrap_or_else(|| of_order(order, policy, now));
        // Two orders that were paid for one course have one finding.
        if !found.iter().any(|(_, other)| other.sentence == finding.sentence) {
            found.push((order.created_at, finding));
        }
    }
    found.sort_by_key(|(at, finding)| (!finding.needs_person, Reverse(finding.mood), Reverse(*at)));
    found.into_iter().map(|(_, finding)| finding).collect()
}

fn of_order(order: &OrderFacts, policy: &Policy, now: Timestamp) -> Finding {
    let Some(balance) = Balance::of(order) else { return unclear(order) };
    let first = match Payment::of(order) {
        Payment::Taken(first) => first,
        Payment::Held(charge) => return about_order(enrolment::held(order, charge, policy, now), order),
        Payment::Declined(charge) => return about_order(enrolment::declined(order, charge, policy), order),
        Payment::Released(charge) => return about_order(enrolment::released(order, charge), order),
        Payment::None => return about_order(enrolment::unpaid(order), order),
    };
    let held = with_status(order, ChargeStatus::Authorised);
    if let Some(hold) = held.last() {
        return second_hold(order, first, hold, policy, now);
    }
    if balance.back.minor > 0 {
        return refunded(order, &balance);
    }
    explained(order, first, &balance)
}

/// What an enrolment's finding calls by the course's title, a charge's calls by the order's number.
fn about_order(finding: Finding, order: &OrderFacts) -> Finding {
    Finding { about: order.number.clone(), ..finding }
}

fn second_hold(order: &OrderFacts, first: &ChargeFacts, hold: &ChargeFacts, policy: &Policy, now: Timestamp) -> Finding {
    let lapses = later(hold.charged_at, policy.hold_release_days, DAY);
    let what = format!(
        "Order {} for {} was paid with {} on {}. A second amount, {} of {}, was only set aside by your bank",
        order.number,
        quoted(&order.course_title),
        first.amount,
        date(first.charged_at),
        hold.amount,
        date(hold.charged_at),
    );
    if now <= lapses {
        let days = span(policy.hold_release_days, "day");
        let sentence = format!("{what}: it is not a payment, and your bank releases it within {days}, so by {}.", date(lapses));
        let finding = Finding::new(&order.number, Reason::SecondHold, Mood::Waiting, sentence);
        return listed(finding, order).remedy("There is nothing that you have to do: we do not receive that money.");
    }
    let sentence = format!("{what}, and should have been released by {}.", date(lapses));
    let finding = Finding::new(&order.number, Reason::HoldOverdue, Mood::Problem, sentence);
    listed(finding, order).remedy("A person has to look at it.").needs_person()
}

fn refunded(order: &OrderFacts, balance: &Balance) -> Finding {
    let refunds = payment::granted(order);
    let settled = refunds.iter().all(|refund| refund.status == RefundStatus::Settled);
    let last = refunds.iter().filter_map(|refund| refund.settled_at).max();
    let state = match (settled, last) {
        (true, Some(at)) => format!("{} was paid back by {}", balance.back, date(at)),
        (true, None) => format!("{} was paid back", balance.back),
        (false, _) => format!("{} is on its way back to you", balance.back),
    };
    let sentence =
        format!("{} was taken for order {}, for {}, and {state}.", balance.taken, order.number, quoted(&order.course_title));
    let mood = if settled { Mood::Good } else { Mood::Waiting };
    let mut finding = listed(Finding::new(&order.number, Reason::ChargeRefunded, mood, sentence), order);
    for refund in refunds.iter().take(LISTED) {
        finding = finding.evidence("Refund", format!("{}, asked for on {}", refund.amount, date(refund.requested_at)));
    }
    finding.remedy_at("Each step of a refund is shown with its order.", ORDERS)
}

/// One payment, or several parts of one price.
fn explained(order: &OrderFacts, first: &ChargeFacts, balance: &Balance) -> Finding {
    let (number, course) = (&order.number, quoted(&order.course_title));
    let captured = with_status(order, ChargeStatus::Captured).len();
    let released = with_status(order, ChargeStatus::Released);
    let (reason, sentence) = if captured > 1 {
        let sentence = format!(
            "{} was taken for order {number}, for {course}, in {captured} payments. The order costs {}, so they are parts of one price.",
            balance.taken, order.total
        );
        (Reason::Instalments, sentence)
    } else if let Some(hold) = released.last() {
        let sentence = format!(
            "The charge of {} on {} is for order {number}, for {course}. A second amount, {} of {}, was only set aside by your bank, which has \
             released it again.",
            first.amount,
            date(first.charged_at),
            hold.amount,
            date(hold.charged_at),
        );
        (Reason::HoldReleased, sentence)
    } else {
        let sentence = format!("The charge of {} on {} is for order {number}, for {course}.", first.amount, date(first.charged_at));
        (Reason::SingleCharge, sentence)
    };
    let finding = listed(Finding::new(number, reason, Mood::Good, sentence), order);
    finding.remedy_at("The order with all its payments is in Orders. If you did not place it, a person can look into it.", ORDERS)
}

fn unclear(order: &OrderFacts) -> Finding {
    let sentence = format!(
        "Order {} for {} has payments in several currencies, which cannot be compared here.",
        order.number,
        quoted(&order.course_title)
    );
    let finding = Finding::new(&order.number, Reason::ChargeUnclear, Mood::Problem, sentence);
    listed(finding, order).remedy("A person has to look at it.").needs_person()
}

/// The charges as evidence, the oldest first.
pub(super) fn listed(mut finding: Finding, order: &OrderFacts) -> Finding {
    finding = finding.evidence("Order", format!("{}, {}", order.number, order.total));
    let mut charges: Vec<&ChargeFacts> = order.charges.iter().collect();
    charges.sort_by_key(|charge| charge.charged_at);
    for charge in charges.into_iter().take(LISTED) {
        let label = match charge.status {
            ChargeStatus::Authorised => "Set aside",
            ChargeStatus::Captured => "Paid",
            ChargeStatus::Declined => "Declined",
            ChargeStatus::Released => "Released",
        };
        finding = finding.evidence(label, paid(charge));
    }
    finding
}
