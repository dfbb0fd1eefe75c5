//! Whether a course is open to its learner, and if not, why: what access, progress and certificate have in common.

use porter_kernel::clock::Timestamp;

use super::finding::{COURSES, Finding, LEARNING, Mood, ORDERS, Reason};
use super::payment::{self, Payment};
use super::words::{self, DAY, MINUTE, date, later, moment, quoted, span, title};
use crate::domain::{ChargeFacts, CourseFacts, EnrolmentStatus, OrderFacts, OrderStatus};
use crate::policy::Policy;

/// Where the enrolment stands: [`Reason::AccessOpen`], or the first cause why the course is not open.
pub(super) fn state(course: &CourseFacts, orders: &[OrderFacts], policy: &Policy, now: Timestamp) -> Finding {
    let order = course.order.and_then(|id| orders.iter().find(|order| order.id == id));
    match course.enrolment {
        EnrolmentStatus::Active | EnrolmentStatus::Completed => opened(course, now),
        EnrolmentStatus::Pending => match order {
            Some(order) => {
                let since = Some(course.enrolled_at);
                unopened(order, since, course.stuck_reason.as_deref(), policy, now)
            }
            None => on_its_way(&Way::free(course), policy, now),
        },
        EnrolmentStatus::Cancelled => match order {
            Some(order) if payment::is_refunded(order) => refunded(order),
            _ => cancelled(course),
        },
    }
}

/// An order whose course the account is not enrolled in.
pub(super) fn without_enrolment(order: &OrderFacts, policy: &Policy, now: Timestamp) -> Finding {
    unopened(order, None, None, policy, now)
}

fn opened(course: &CourseFacts, now: Timestamp) -> Finding {
    let (about, quoted) = (title(&course.title), quoted(&course.title));
    if let Some(until) = course.access_until.filter(|until| *until <= now) {
        let sentence = format!("Your access to {quoted} ended on {}.", date(until));
        return Finding::new(about, Reason::AccessExpired, Mood::Problem, sentence)
            .evidence("Enrolled", date(course.enrolled_at))
            .evidence("Open until", date(until))
            .remedy("Your certificates stay yours. A person can tell you whether your access can be made longer.");
    }
    if let Some(start) = course.starts_at.filter(|start| *start > now) {
        let sentence = format!("You are enrolled in {quoted}. It begins on {}, and its lessons open on that day.", date(start));
        return Finding::new(about, Reason::StartsLater, Mood::Waiting, sentence)
            .evidence("Enrolled", date(course.enrolled_at))
            .evidence("Begins", date(start))
            .remedy_at("There is nothing that you have to do until then.", LEARNING);
    }
    let since = course.activated_at.unwrap_or(course.enrolled_at);
    let sentence = format!("{quoted} has been open to you since {}.", date(since));
    let finding = Finding::new(about, Reason::AccessOpen, Mood::Good, sentence).evidence("Open since", date(since));
    let finding = match course.access_until {
        Some(until) => finding.evidence("Open until", date(until)),
        None => finding,
    };
    finding.remedy_at("Open it in My learning. If you do not see it there, reload the page, or sign out and in again.", LEARNING)
}

/// An order whose course should open, but has not yet.
fn unopened(
    order: &OrderFacts,
    enrolled_at: Option<Timestamp>,
    stuck_reason: Option<&str>,
    policy: &Policy,
    now: Timestamp,
) -> Finding {
    if payment::is_refunded(order) {
        return refunded(order);
    }
    if order.status == OrderStatus::Cancelled {
        return order_cancelled(order);
    }
    match Payment::of(order) {
        Payment::Taken(charge) => on_its_way(&Way::paid(order, charge, enrolled_at, stuck_reason), policy, now),
        Payment::Held(charge) => held(order, charge, policy, now),
        Payment::Declined(charge) => declined(order, charge, policy),
        Payment::Released(charge) => released(order, charge),
        Payment::None => unpaid(order),
    }
}

/// What has happened on the way to an open course.
struct Way<'a> {
    title: &'a str,
    /// From when the minutes count.
    since: Timestamp,
    order: Option<(&'a OrderFacts, &'a ChargeFacts)>,
    stuck_reason: Option<&'a str>,
}

impl<'a> Way<'a> {
    fn free(course: &'a CourseFacts) -> Self {
        Self { title: &course.title, since: course.enrolled_at, order: None, stuck_reason: course.stuck_reason.as_deref() }
    }

    fn paid(order: &'a OrderFacts, charge: &'a ChargeFacts, enrolled_at: Option<Timestamp>, stuck_reason: Option<&'a str>) -> Self {
        let since = enrolled_at.map_or(charge.charged_at, |enrolled| enrolled.max(charge.charged_at));
        Self { title: &order.course_title, since, order: Some((order, charge)), stuck_reason }
    }
}

fn on_its_way(way: &Way<'_>, policy: &Policy, now: Timestamp) -> Finding {
    let (about, quoted) = (title(way.title), quoted(way.title));
    let due = later(way.since, policy.access_minutes, MINUTE);
    let minutes = span(policy.access_minutes, "minute");
    let what = match way.order {
        Some((order, charge)) => {
            format!("We received {} for {quoted} (order {}) on {}", charge.amount, order.number, moment(way.since))
        }
        None => format!("You enrolled in {quoted} on {}", moment(way.since)),
    };
    let with_order = |finding: Finding| match way.order {
        Some((order, charge)) => finding.evidence("Order", &order.number).evidence("Paid", paid(charge)),
        None => finding,
    };
    if way.stuck_reason.is_none() && now <= due {
        let sentence = format!("{what}. A course opens within {minutes}, so by {}.", moment(due));
        let finding = Finding::new(about, Reason::EnrolmentPending, Mood::Waiting, sentence);
        return with_order(finding).remedy_at("Please wait a little, then reload My learning.", LEARNING);
    }
    let sentence = format!("{what}, but the course has not opened, which takes {minutes} at most. Something is stuck on our side.");
    let finding = with_order(Finding::new(about, Reason::EnrolmentStuck, Mood::Problem, sentence));
    let finding = match way.stuck_reason {
        Some(reason) => finding.evidence("Noted by the system", title(reason)),
        None => finding,
    };
    finding.remedy("A person has to open the course. Please do not pay a second time.").needs_person()
}

pub(super) fn held(order: &OrderFacts, charge: &ChargeFacts, policy: &Policy, now: Timestamp) -> Finding {
    let (about, quoted) = (title(&order.course_title), quoted(&order.course_title));
    let lapses = later(charge.charged_at, policy.hold_release_days, DAY);
    let what =
        format!("Your bank set {} aside for {quoted} (order {}) on {}", charge.amount, order.number, date(charge.charged_at));
    let evidence = |finding: Finding| {
        finding.evidence("Order", &order.number).evidence("Set aside", paid(charge)).evidence("Lapses by", date(lapses))
    };
    if now <= lapses {
        let sentence = format!("{what}, but we have not received the payment yet. The course opens when it arrives.");
        return evidence(Finding::new(about, Reason::PaymentNotCaptured, Mood::Waiting, sentence)).remedy(format!(
            "Please approve the payment if your bank asks you to. If it is not completed, your bank releases the amount by {}.",
            date(lapses)
        ));
    }
    let days = span(policy.hold_release_days, "day");
    let sentence = format!("{what}. We have not received the payment, and the amount should have been released within {days}.");
    evidence(Finding::new(about, Reason::PaymentNotCaptured, Mood::Problem, sentence))
        .remedy("A person has to look at this payment. Please do not pay a second time.")
        .needs_person()
}

pub(super) fn declined(order: &OrderFacts, charge: &ChargeFacts, policy: &Policy) -> Finding {
    let sentence = format!(
        "Your bank declined the payment of {} for {} on {}, so order {} is not paid and the course is not open. Nothing was taken.",
        charge.amount,
        quoted(&order.course_title),
        date(charge.charged_at),
        order.number,
    );
    Finding::new(title(&order.course_title), Reason::PaymentDeclined, Mood::Problem, sentence)
        .evidence("Order", &order.number)
        .evidence("Declined", paid(charge))
        .remedy_at(
            format!(
                "Your bank can tell you why. Pay again, perhaps with another payment method. An amount that your bank still shows as pending is a \
                 hold, which it releases within {}.",
                span(policy.hold_release_days, "day")
            ),
            ORDERS,
        )
}

pub(super) fn released(order: &OrderFacts, charge: &ChargeFacts) -> Finding {
    let sentence = format!(
        "Your bank set {} aside for {} on {} and released it again: the payment was never completed, so order {} is not paid. Nothing was taken.",
        charge.amount,
        quoted(&order.course_title),
        date(charge.charged_at),
        order.number,
    );
    Finding::new(title(&order.course_title), Reason::HoldReleased, Mood::Problem, sentence)
        .evidence("Order", &order.number)
        .evidence("Released", paid(charge))
        .remedy_at("Pay again if you want to take the course.", ORDERS)
}

pub(super) fn unpaid(order: &OrderFacts) -> Finding {
    let sentence = format!(
        "Order {} of {} for {} is not paid: {} is open, and nothing was charged.",
        order.number,
        date(order.created_at),
        quoted(&order.course_title),
        order.total,
    );
    Finding::new(title(&order.course_title), Reason::OrderUnpaid, Mood::Problem, sentence)
        .evidence("Order", &order.number)
        .evidence("To pay", order.total.to_string())
        .remedy_at("Pay the order, and the course opens.", ORDERS)
}

fn order_cancelled(order: &OrderFacts) -> Finding {
    let sentence = format!(
        "Order {} of {} for {} was cancelled, so the course is not open.",
        order.number,
        date(order.created_at),
        quoted(&order.course_title),
    );
    Finding::new(title(&order.course_title), Reason::OrderCancelled, Mood::Problem, sentence)
        .evidence("Order", &order.number)
        .remedy_at("You can enrol again from the list of courses.", COURSES)
}

fn refunded(order: &OrderFacts) -> Finding {
    let last = payment::granted(order).last().copied();
    let back = match last {
        Some(refund) => {
            format!("a refund of {} was granted on {}", refund.amount, date(refund.decided_at.unwrap_or(refund.requested_at)))
        }
        None => "it was refunded".to_owned(),
    };
    let sentence = format!(
        "{} (order {}) is closed, because {back}. A course closes when its refund is granted.",
        quoted(&order.course_title),
        order.number,
    );
    let finding =
        Finding::new(title(&order.course_title), Reason::AccessRefunded, Mood::Problem, sentence).evidence("Order", &order.number);
    let finding = match last {
        Some(refund) => finding.evidence("Refund", refund.amount.to_string()),
        None => finding,
    };
    finding.remedy_at("You can buy the course again from the list of courses.", COURSES)
}

fn cancelled(course: &CourseFacts) -> Finding {
    let sentence = format!("Your enrolment in {} was cancelled, so the course is closed.", quoted(&course.title));
    Finding::new(title(&course.title), Reason::EnrolmentCancelled, Mood::Problem, sentence)
        .evidence("Enrolled", date(course.enrolled_at))
        .remedy_at("You can enrol again from the list of courses.", COURSES)
}

/// `€49.00 on 3 November 2026, Visa ending 4242`.
pub(super) fn paid(charge: &ChargeFacts) -> String {
    format!("{} on {}, {}", charge.amount, date(charge.charged_at), words::title(&charge.method))
}
