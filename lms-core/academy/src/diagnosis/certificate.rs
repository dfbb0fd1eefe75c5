//! Why is there no certificate?

use std::cmp::Reverse;

use porter_kernel::clock::Timestamp;

use super::finding::{CERTIFICATES, Finding, Mood, Reason, not_enrolled};
use super::lessons::{self, Lessons};
use super::words::{HOUR, date, later, moment, quoted, span, title};
use super::{Facts, enrolment};
use crate::domain::{CertificateRequestStatus, CourseFacts, EnrolmentStatus, IssuedCertificate, Revocation};
use crate::policy::Policy;

pub(super) fn diagnose(facts: Facts<'_>, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let mut courses: Vec<(u8, Reverse<Timestamp>, Vec<Finding>)> = facts
        .courses
        .iter()
        .map(|course| {
            let found = of_course(course, facts, policy, now);
            let lessons = Lessons::of(course);
            let latest = lessons.last_activity().unwrap_or(course.enrolled_at);
            (rank(&found), Reverse(latest), found)
        })
        .collect();
    if courses.is_empty() {
        // An order that never became an enrolment is the nearest thing to a reason.
        let orders = facts.orders.iter().map(|order| enrolment::without_enrolment(order, policy, now));
        let found: Vec<Finding> = orders.collect();
        return if found.is_empty() { vec![not_enrolled()] } else { found };
    }
    courses.sort_by_key(|(rank, latest, _)| (*rank, *latest));
    courses.into_iter().flat_map(|(_, _, found)| found).collect()
}

/// Nearest to a certificate first.
fn rank(found: &[Finding]) -> u8 {
    match found.first().map(|finding| finding.reason) {
        Some(
            Reason::CertificateRevoked
            | Reason::CertificateFailed
            | Reason::CertificateOverdue
            | Reason::CertificateNotRequested
            | Reason::NotCounted,
        ) => 0,
        Some(Reason::CertificateBeingMade) => 1,
        Some(Reason::QuizBelowPass) => 2,
        Some(Reason::LessonsMissing) => 3,
        Some(Reason::EnrolmentStuck | Reason::CourseEmpty) => 4,
        Some(Reason::CertificateIssued) => 6,
        Some(Reason::EnrolmentCancelled | Reason::AccessRefunded) => 7,
        _ => 5,
    }
}

fn of_course(course: &CourseFacts, facts: Facts<'_>, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    if let Some((certificate, revoked)) = course.certificate.as_ref().and_then(|one| Some((one, one.revoked?))) {
        return vec![taken_back(course, certificate, revoked)];
    }
    if let Some(certificate) = &course.certificate {
        let sentence =
            format!("Your certificate for {} was issued on {}.", quoted(&certificate.course_title), date(certificate.issued_at));
        let finding = Finding::new(title(&course.title), Reason::CertificateIssued, Mood::Good, sentence)
            .evidence("Issued", date(certificate.issued_at))
            .evidence("Code", &certificate.code)
            .remedy_at("You can download it, or have it sent again to your address on file.", CERTIFICATES);
        return vec![finding];
    }
    let enrolled = matches!(course.enrolment, EnrolmentStatus::Active | EnrolmentStatus::Completed);
    if enrolled && course.is_complete() {
        return vec![earned(course, policy, now)];
    }
    let state = enrolment::state(course, facts.orders, policy, now);
    if state.reason != Reason::AccessOpen {
        return vec![state];
    }
    let lessons = Lessons::of(course);
    if lessons.total() == 0 {
        return vec![lessons::empty(course)];
    }
    if let Some(finding) = lessons::not_started(course, &lessons) {
        return vec![finding];
    }
    // A record that is wrong is no fault of the learner's, and nothing that the learner can do mends it.
    let not_counted = lessons::not_counted(course, &lessons, policy);
    let missing = lessons::missing(course, &lessons, policy);
    not_counted.into_iter().chain(missing).chain(lessons::below_pass(course, &lessons, policy)).collect()
}

/// Issued, and counts no more.
fn taken_back(course: &CourseFacts, certificate: &IssuedCertificate, revoked: Revocation) -> Finding {
    let sentence = format!(
        "Your certificate for {} was revoked on {} ({}). It cannot be downloaded or sent any more, and the page that checks certificates says so.",
        quoted(&certificate.course_title),
        date(revoked.at),
        revoked.reason.said()
    );
    Finding::new(title(&course.title), Reason::CertificateRevoked, Mood::Problem, sentence)
        .evidence("Revoked", date(revoked.at))
        .evidence("Reason", revoked.reason.said())
        .evidence("Code", &certificate.code)
        .remedy("If you think that this is wrong, a person can look at the case.")
        .needs_person()
}

/// Everything is done for it: where is it?
fn earned(course: &CourseFacts, policy: &Policy, now: Timestamp) -> Finding {
    let (about, quoted) = (title(&course.title), quoted(&course.title));
    let hours = span(policy.certificate_issue_hours, "hour");
    let finished = course.lessons.iter().filter_map(|lesson| lesson.completed_at).max();
    let evidence = |finding: Finding| match finished {
        Some(at) => finding.evidence("Finished", date(at)),
        None => finding,
    };
    let Some(request) = &course.certificate_request else {
        let sentence =
            format!("You have completed {quoted}, but the making of its certificate was never started. That is our mistake.");
        return evidence(Finding::new(about, Reason::CertificateNotRequested, Mood::Problem, sentence))
            .remedy("A person has to start it.")
            .needs_person();
    };
    let asked = date(request.requested_at);
    let due = later(request.requested_at, policy.certificate_issue_hours, HOUR);
    match request.status {
        CertificateRequestStatus::Queued if now <= due => {
            let sentence = format!(
                "You have completed {quoted}, and its certificate is being made. It comes within {hours}, so by {}.",
                moment(due)
            );
            evidence(Finding::new(about, Reason::CertificateBeingMade, Mood::Waiting, sentence))
                .evidence("Begun", moment(request.requested_at))
                .remedy_at("It comes by mail, and then it is in Certificates.", CERTIFICATES)
        }
        CertificateRequestStatus::Queued => {
            let sentence = format!(
                "You have completed {quoted}. Its certificate has been in the making since {asked}, and {hours} are the most that it should take."
            );
            evidence(Finding::new(about, Reason::CertificateOverdue, Mood::Problem, sentence))
                .evidence("Due", moment(due))
                .remedy("A person has to look at it.")
                .needs_person()
        }
        CertificateRequestStatus::Failed | CertificateRequestStatus::Issued => {
            let sentence = format!(
                "You have completed {quoted}, but the making of its certificate, begun on {asked}, has failed. That is our mistake."
            );
            let finding = evidence(Finding::new(about, Reason::CertificateFailed, Mood::Problem, sentence));
            let finding = match &request.reason {
                Some(reason) => finding.evidence("Noted by the system", title(reason)),
                None => finding,
            };
            finding.remedy("A person has to make it again.").needs_person()
        }
    }
}
