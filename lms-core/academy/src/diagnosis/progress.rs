//! Why is something not counted?

use std::cmp::Reverse;

use porter_kernel::clock::Timestamp;

use super::finding::{Finding, Mood, Reason, not_enrolled};
use super::lessons::{self, Lessons};
use super::{Facts, enrolment};
use crate::domain::CourseFacts;
use crate::policy::Policy;

pub(super) fn diagnose(facts: Facts<'_>, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let mut courses: Vec<(u8, Reverse<Timestamp>, Vec<Finding>)> = facts
        .courses
        .iter()
        .map(|course| {
            let found = of_course(course, facts, policy, now);
            let latest = Lessons::of(course).last_activity().unwrap_or(course.enrolled_at);
            (rank(&found), Reverse(latest), found)
        })
        .collect();
    if courses.is_empty() {
        let orders = facts.orders.iter().map(|order| enrolment::without_enrolment(order, policy, now));
        let found: Vec<Finding> = orders.collect();
        return if found.is_empty() { vec![not_enrolled()] } else { found };
    }
    courses.sort_by_key(|(rank, latest, _)| (*rank, *latest));
    courses.into_iter().flat_map(|(_, _, found)| found).collect()
}

/// Our mistakes first, then what the learner can mend, then what is well.
fn rank(found: &[Finding]) -> u8 {
    let closed = [Reason::AccessRefunded, Reason::EnrolmentCancelled, Reason::OrderCancelled];
    match found {
        _ if found.iter().any(|finding| finding.needs_person) => 0,
        [first, ..] if closed.contains(&first.reason) => 3,
        [first, ..] if first.mood == Mood::Problem => 1,
        _ => 2,
    }
}

fn of_course(course: &CourseFacts, facts: Facts<'_>, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let state = enrolment::state(course, facts.orders, policy, now);
    // What was done before the access ended still counts; what was not cannot be done any more.
    if !matches!(state.reason, Reason::AccessOpen | Reason::AccessExpired) {
        return vec![state];
    }
    let lessons = Lessons::of(course);
    if lessons.total() == 0 {
        return vec![lessons::empty(course)];
    }
    if course.is_complete() {
        return vec![lessons::complete(course, &lessons)];
    }
    if let Some(finding) = lessons::not_started(course, &lessons) {
        return vec![finding];
    }
    let not_counted = lessons::not_counted(course, &lessons, policy);
    if state.reason == Reason::AccessExpired {
        return not_counted.into_iter().chain([state]).collect();
    }
    let wrong = not_counted.is_some();
    let causes = not_counted
        .into_iter()
        .chain(lessons::not_watched(course, &lessons, policy))
        .chain(lessons::below_pass(course, &lessons, policy));
    // To say that all is counted would contradict the record that is wrong.
    let summary = if wrong { None } else { Some(lessons::all_counted(course, &lessons)) };
    causes.chain(summary).collect()
}
