//! Where is my refund?

use std::cmp::Reverse;

use porter_kernel::clock::Timestamp;

use super::finding::{Finding, Mood, ORDERS, Reason, no_orders};
use super::lessons::Lessons;
use super::payment::{self, with_status};
use super::words::{DAY, date, later, percent, quoted, span, title};
use super::{Facts, double};
use crate::domain::{ChargeStatus, OrderFacts, RefundFacts, RefundStatus};
use crate::policy::Policy;

/// `all` are the account's orders, also when only some are asked about.
pub(super) fn diagnose(facts: Facts<'_>, all: &[OrderFacts], policy: &Policy, now: Timestamp) -> Vec<Finding> {
    if facts.orders.is_empty() {
        return vec![no_orders()];
    }
    let mut refunds: Vec<(Timestamp, Finding)> = facts
        .orders
        .iter()
        .flat_map(|order| order.refunds.iter().map(move |refund| (refund.requested_at, of_refund(order, refund, policy, now))))
        .collect();
    if refunds.is_empty() {
        for order in facts.orders {
            // A double payment is paid back without a request, and whatever the refund policy says.
            let mistake = double::mistake(order, all, policy);
            let finding = mistake.unwrap_or_else(|| not_requested(order, facts, policy, now));
            if !refunds.iter().any(|(_, other)| other.sentence == finding.sentence) {
                refunds.push((order.created_at, finding));
            }
        }
    }
    refunds.sort_by_key(|(at, finding)| (!finding.needs_person, Reverse(*at)));
    refunds.into_iter().map(|(_, finding)| finding).collect()
}

fn of_refund(order: &OrderFacts, refund: &RefundFacts, policy: &Policy, now: Timestamp) -> Finding {
    let what = format!("{} for {} (order {})", refund.amount, quoted(&order.course_title), order.number);
    let asked = date(refund.requested_at);
    let method = with_status(order, ChargeStatus::Captured).first().map(|charge| title(&charge.method));
    let finding = |reason, mood, sentence: String| {
        let finding = Finding::new(&order.number, reason, mood, sentence)
            .evidence("Amount", refund.amount.to_string())
            .evidence("Asked for", &asked);
        let finding = match refund.decided_at {
            Some(at) => finding.evidence("Decided", date(at)),
            None => finding,
        };
        match refund.sent_at {
            Some(at) => finding.evidence("Sent", date(at)),
            None => finding,
        }
    };
    let to = |finding: Finding| match &method {
        Some(method) => finding.evidence("Goes to", method),
        None => finding,
    };
    // What was promised on the day of the decision stays the promise: sending does not start it anew.
    let decided = refund.decided_at.or(refund.sent_at).unwrap_or(refund.requested_at);
    let arrives = later(decided, policy.refund_payout_days, DAY);
    match refund.status {
        RefundStatus::Requested => {
            let due = later(refund.requested_at, policy.refund_decision_days, DAY);
            let days = span(policy.refund_decision_days, "day");
            if now <= due {
                let sentence = format!(
                    "You asked for a refund of {what} on {asked}. A person decides on it within {days}, so by {}.",
                    date(due)
                );
                return finding(Reason::RefundRequested, Mood::Waiting, sentence).remedy("You get the decision by mail.");
            }
            let sentence =
                format!("You asked for a refund of {what} on {asked}. It should have been decided by {}, and was not.", date(due));
            finding(Reason::RefundDecisionOverdue, Mood::Problem, sentence)
                .remedy("A person has to decide on it now.")
                .needs_person()
        }
        RefundStatus::Approved | RefundStatus::Sent if now > arrives => {
            let sentence =
                format!("Your refund of {what} was granted on {}. It should have reached you by {}.", date(decided), date(arrives));
            to(finding(Reason::RefundPayoutOverdue, Mood::Problem, sentence))
                .remedy("A person has to follow the payment. Please look at your statement first: some banks take the old charge away instead of adding a line.")
                .needs_person()
        }
        RefundStatus::Approved => {
            let days = span(policy.refund_payout_days, "day");
            let sentence = format!(
                "Your refund of {what} was granted on {}. It should reach you within {days}, so by {}.",
                date(decided),
                date(arrives)
            );
            to(finding(Reason::RefundApproved, Mood::Waiting, sentence)).remedy_at("Each step is shown with the order.", ORDERS)
        }
        RefundStatus::Sent => {
            let on = refund.sent_at.map(|at| format!(" on {}", date(at))).unwrap_or_default();
            let sentence = format!(
                "Your refund of {what} was granted on {} and sent{on}. It should reach you by {}.",
                date(decided),
                date(arrives)
            );
            to(finding(Reason::RefundSent, Mood::Waiting, sentence)).remedy("Banks can need a few days to show it.")
        }
        RefundStatus::Settled => {
            let on = refund.settled_at.or(refund.sent_at).map(|at| format!(" on {}", date(at))).unwrap_or_default();
            let sentence = format!("Your refund of {what} was paid out{on}.");
            to(finding(Reason::RefundSettled, Mood::Good, sentence))
                .remedy("If you do not see it, ask your bank: some banks take the old charge away instead of adding a line.")
        }
        RefundStatus::Rejected => {
            let reason = refund.reason.as_deref().map(|reason| format!(" The reason: {}.", quoted(reason))).unwrap_or_default();
            let sentence = format!("Your request for a refund of {what} was declined on {}.{reason}", date(decided));
            finding(Reason::RefundRejected, Mood::Problem, sentence)
                .remedy("If you think that this is wrong, a person can look at it again.")
        }
    }
}

/// Nobody asked for this order's money back: could one still?
fn not_requested(order: &OrderFacts, facts: Facts<'_>, policy: &Policy, now: Timestamp) -> Finding {
    let course = quoted(&order.course_title);
    let Some(paid_at) = payment::paid_at(order) else {
        let sentence = format!("Nothing was taken for order {} ({course}), so there is nothing to pay back.", order.number);
        return Finding::new(&order.number, Reason::NothingToRefund, Mood::Good, sentence)
            .evidence("Order", format!("{}, {}", order.number, order.total))
            .remedy(format!(
                "An amount that your bank shows as pending is a hold, which it releases within {}.",
                span(policy.hold_release_days, "day")
            ));
    };
    let until = later(paid_at, policy.refund_window_days, DAY);
    let share = facts.courses.iter().find(|facts| facts.course == order.course).map_or(0, |course| Lessons::of(course).share());
    let (limit, days) = (policy.refund_progress_limit_percent, span(policy.refund_window_days, "day"));
    let what = format!("No refund has been requested for order {} ({course}), which was paid on {}.", order.number, date(paid_at));
    let (sentence, remedy) = if now > until {
        (
            format!("{what} The {days} in which one can ask ended on {}.", date(until)),
            "A person can tell you what else is possible.",
        )
    } else if share > limit {
        let sentence = format!(
            "{what} A refund is possible up to {} of the course, and you have finished {}.",
            percent(limit),
            percent(share)
        );
        (sentence, "A person can tell you what else is possible.")
    } else {
        let sentence =
            format!("{what} You can ask for one until {}: you have finished {} of the course.", date(until), percent(share));
        (sentence, "To ask for it, talk to a person and name the order.")
    };
    Finding::new(&order.number, Reason::RefundNotRequested, Mood::Problem, sentence)
        .evidence("Order", format!("{}, {}", order.number, order.total))
        .evidence("Paid", date(paid_at))
        .evidence("Finished", format!("{} ({} is the limit)", percent(share), percent(limit)))
        .remedy(remedy)
}
