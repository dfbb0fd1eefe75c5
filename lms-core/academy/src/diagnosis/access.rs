//! Why can I not see the course?

use std::cmp::Reverse;

use porter_kernel::clock::Timestamp;

use super::finding::{COURSES, Finding, Mood, Reason};
use super::{Facts, enrolment};
use crate::policy::Policy;

pub(super) fn diagnose(facts: Facts<'_>, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let courses = facts.courses.iter().map(|course| (course.enrolled_at, enrolment::state(course, facts.orders, policy, now)));
    // Where there is an enrolment, it tells more than an order does that came to nothing before.
    let orders = facts
        .orders
        .iter()
        .filter(|order| facts.courses.iter().all(|course| course.course != order.course))
        .map(|order| (order.created_at, enrolment::without_enrolment(order, policy, now)));
    let mut found: Vec<(Timestamp, Finding)> = courses.chain(orders).collect();
    if found.is_empty() {
        return vec![nothing()];
    }
    found.sort_by_key(|(at, finding)| (rank(finding.reason), Reverse(*at)));
    found.into_iter().map(|(_, finding)| finding).collect()
}

/// What should open and does not comes first.
fn rank(reason: Reason) -> u8 {
    match reason {
        Reason::EnrolmentStuck => 0,
        Reason::PaymentDeclined | Reason::PaymentNotCaptured | Reason::HoldReleased | Reason::OrderUnpaid => 1,
        Reason::EnrolmentPending => 2,
        _ => 3,
    }
}

fn nothing() -> Finding {
    let sentence = "There is neither an order nor a course in this account.";
    Finding::new("Your account", Reason::NoOrdersOrEnrolments, Mood::Problem, sentence).remedy_at(
        "Did you buy with another address? Look at your order confirmation, and sign in with the address that it was sent to.",
        COURSES,
    )
}
