use super::*;

fn requested(status: CertificateRequestStatus, at: Timestamp) -> CourseFacts {
    let request = CertificateRequest { status, requested_at: at, reason: Some("The printer\nis out of ink.".to_owned()) };
    CourseFacts { certificate_request: Some(request), ..complete() }
}

fn found(course: CourseFacts) -> Finding {
    only(Topic::Certificate, &[course], &[paid()])
}

#[test]
fn issued() {
    let finding = found(CourseFacts { certificate: Some(certificate()), ..complete() });
    assert_eq!((finding.reason, finding.mood), (Reason::CertificateIssued, Mood::Good));
    assert_eq!(finding.sentence, "Your certificate for “Data analysis” was issued on 15 November 2026.");
    assert_eq!(evidence(&finding, "Code"), "NL-7F3K-9QWD");
    assert_eq!(finding.remedy.unwrap().url.as_deref(), Some("/certificates"));
}

#[test]
fn revoked_is_said_with_its_reason() {
    let revoked = Some(Revocation { reason: RevocationReason::Integrity, at: days_ago(1) });
    let finding = found(CourseFacts { certificate: Some(IssuedCertificate { revoked, ..certificate() }), ..complete() });
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::CertificateRevoked, Mood::Problem, true));
    assert!(
        finding.sentence.starts_with("Your certificate for “Data analysis” was revoked on 23 November 2026 (academic integrity)."),
        "{}",
        finding.sentence
    );
}

#[test]
fn issued_counts_even_when_the_course_is_closed_or_has_grown() {
    let certificate = Some(certificate());
    let grown = CourseFacts { certificate: certificate.clone(), ..course(vec![text(1), untouched(text(2))]) };
    let closed = CourseFacts { certificate, enrolment: EnrolmentStatus::Cancelled, ..complete() };
    assert_eq!((found(grown).reason, found(closed).reason), (Reason::CertificateIssued, Reason::CertificateIssued));
}

#[test]
fn lessons_missing() {
    let mut lessons: Vec<LessonFacts> = (1..=9).map(text).collect();
    lessons.push(video(10, 60));
    lessons.push(untouched(text(11)));
    lessons.push(untouched(quiz(12, 0, 0)));
    // As the database may give them.
    lessons.reverse();
    let finding = found(course(lessons));
    assert_eq!((finding.reason, finding.mood), (Reason::LessonsMissing, Mood::Problem));
    assert_eq!(
        finding.sentence,
        "9 of 12 lessons of “Data analysis” are finished. The next one is Lesson 10 “Lesson about charts”, a video of which you have \
         watched 60 %; it counts from 90 %."
    );
    assert_eq!(evidence(&finding, "Lessons finished"), "9 of 12");
    assert_eq!(evidence(&finding, "Last activity"), "22 November 2026");
    assert!(!finding.needs_person);
}

#[test]
fn a_quiz_below_the_pass_mark() {
    let course = course(vec![quiz(1, 80, 1), quiz(2, 71, 1), text(3), quiz(4, 62, 2)]);
    let finding = found(course.clone());
    assert_eq!(finding.reason, Reason::QuizBelowPass);
    assert_eq!(finding.sentence, "Quiz 3 “Lesson about tables” of “Data analysis” is at 62 %, and 70 % is needed.");
    assert_eq!(finding.remedy.unwrap().text, "Take the quiz again: 1 attempt is left, and your best result counts.");

    let mut used = course;
    used.lessons[1].percent = 69;
    used.lessons[1].attempts = 3;
    let finding = found(used);
    assert!(
        finding.sentence.starts_with("Quiz 2 ") && finding.sentence.ends_with("needed. 1 other quiz is below it too."),
        "{finding:?}"
    );
    assert_eq!(
        (evidence(&finding, "Quiz 2"), evidence(&finding, "Quiz 3")),
        ("69 % (best of 3 attempts)", "62 % (best of 2 attempts)")
    );
    assert!(finding.remedy.unwrap().text.starts_with("All 3 attempts are used."));
}

#[test]
fn exactly_enough_is_enough() {
    let course = course(vec![text(1), quiz(2, 70, 1)]);
    assert!(course.is_complete());
    assert_eq!(found(course).reason, Reason::CertificateNotRequested);
}

#[test]
fn missing_lessons_and_a_low_quiz_are_both_said() {
    let course = course(vec![quiz(1, 40, 1), text(2), untouched(text(3))]);
    assert_eq!(reasons(&ask(Topic::Certificate, &[course], &[])), [Reason::LessonsMissing, Reason::QuizBelowPass]);
}

#[test]
fn a_quiz_that_was_never_taken_is_a_missing_lesson() {
    let finding = found(course(vec![text(1), untouched(quiz(2, 0, 0))]));
    assert_eq!(finding.reason, Reason::LessonsMissing);
    assert_eq!(finding.sentence, "1 of 2 lessons of “Data analysis” is finished. The next one is Quiz 1 “Lesson about charts”.");
}

#[test]
fn a_record_that_contradicts_itself_holds_the_certificate_back() {
    let found = ask(Topic::Certificate, &[course(vec![text(1), video(2, 97), quiz(3, 90, 1)])], &[paid()]);
    assert_eq!(reasons(&found), [Reason::NotCounted, Reason::LessonsMissing]);
    assert!(found[0].needs_person);
}

#[test]
fn not_started_and_empty() {
    assert_eq!(found(course(vec![untouched(text(1)), untouched(text(2))])).reason, Reason::NotStarted);
    let empty = found(course(Vec::new()));
    assert_eq!((empty.reason, empty.needs_person), (Reason::CourseEmpty, true));
}

#[test]
fn being_made_overdue_and_failed() {
    let finding = found(requested(CertificateRequestStatus::Queued, minutes_ago(60)));
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::CertificateBeingMade, Mood::Waiting, false));
    assert_eq!(
        finding.sentence,
        "You have completed “Data analysis”, and its certificate is being made. It comes within 24 hours, so by 25 November 2026, 09:00 UTC."
    );

    let last = found(requested(CertificateRequestStatus::Queued, days_ago(1)));
    assert_eq!(last.reason, Reason::CertificateBeingMade, "a promise holds to its last moment");
    let finding = found(requested(CertificateRequestStatus::Queued, minutes_ago(24 * 60 + 1)));
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::CertificateOverdue, Mood::Problem, true));

    for status in [CertificateRequestStatus::Failed, CertificateRequestStatus::Issued] {
        let finding = found(requested(status, days_ago(6)));
        assert_eq!((finding.reason, finding.needs_person), (Reason::CertificateFailed, true), "{status:?} without a certificate");
        assert!(finding.sentence.contains("begun on 18 November 2026, has failed"), "{}", finding.sentence);
        assert_eq!(evidence(&finding, "Noted by the system"), "The printer is out of ink.");
    }
}

#[test]
fn earned_but_never_asked_for() {
    let finding = found(complete());
    assert_eq!((finding.reason, finding.needs_person), (Reason::CertificateNotRequested, true));
    assert_eq!(evidence(&finding, "Finished"), "14 November 2026");
    // Earned before the access ended: still earned.
    let late = CourseFacts { access_until: Some(days_ago(1)), ..complete() };
    assert_eq!(found(late).reason, Reason::CertificateNotRequested);
}

#[test]
fn the_enrolment_is_the_cause() {
    let soon = only(Topic::Certificate, &[pending(minutes_ago(5))], &[]);
    assert_eq!((soon.reason, soon.mood), (Reason::EnrolmentPending, Mood::Waiting));
    let stuck = only(Topic::Certificate, &[pending(minutes_ago(16))], &[]);
    assert_eq!((stuck.reason, stuck.needs_person), (Reason::EnrolmentStuck, true));
    let cancelled = CourseFacts { enrolment: EnrolmentStatus::Cancelled, ..complete() };
    assert_eq!(only(Topic::Certificate, &[cancelled], &[]).reason, Reason::EnrolmentCancelled);
    let later = CourseFacts { starts_at: Some(in_days(21)), ..course(vec![untouched(text(1))]) };
    assert_eq!(found(later).reason, Reason::StartsLater);
    let expired = CourseFacts { access_until: Some(days_ago(1)), ..course(vec![text(1), untouched(text(2))]) };
    assert_eq!(found(expired).reason, Reason::AccessExpired);
}

#[test]
fn without_any_course() {
    let nothing = only(Topic::Certificate, &[], &[]);
    assert_eq!((nothing.reason, nothing.mood), (Reason::NotEnrolledAnywhere, Mood::Problem));
    let declined = order(OrderStatus::Failed, vec![charge(ChargeStatus::Declined, days_ago(1))]);
    assert_eq!(only(Topic::Certificate, &[], &[declined]).reason, Reason::PaymentDeclined);
}

#[test]
fn what_is_nearest_to_a_certificate_comes_first() {
    let issued = CourseFacts { certificate: Some(certificate()), ..complete() };
    let begun = another(course(vec![text(1), untouched(text(2))]), "Begun");
    let failed = another(requested(CertificateRequestStatus::Failed, days_ago(2)), "Failed");
    let low = another(course(vec![quiz(1, 20, 1)]), "Low");
    let found = ask(Topic::Certificate, &[issued, begun, failed, low], &[]);
    assert_eq!(
        reasons(&found),
        [Reason::CertificateFailed, Reason::QuizBelowPass, Reason::LessonsMissing, Reason::CertificateIssued]
    );
    let many = vec![begun_course(); 9];
    assert_eq!(ask(Topic::Certificate, &many, &[]).len(), MAX_FINDINGS);
}

fn begun_course() -> CourseFacts {
    course(vec![text(1), untouched(text(2))])
}
