//! For any facts at all.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::diagnosis::payment::Balance;
use crate::diagnosis::words;

const DAY: i64 = 86_400_000_000;

fn moment() -> impl Strategy<Value = Timestamp> {
    // Mostly around the promises' ends, sometimes years away.
    prop_oneof![3 => -20 * DAY..DAY, 1 => -2_000 * DAY..2_000 * DAY]
        .prop_map(|micros| Timestamp::from_micros(now().micros() + micros).unwrap())
}

fn maybe<T: Strategy>(strategy: T) -> impl Strategy<Value = Option<T::Value>>
where
    T::Value: Clone + std::fmt::Debug,
{
    proptest::option::of(strategy)
}

/// Of any characters, figures and quotation marks among them.
fn words_of_others() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("Data analysis".to_owned()),
        Just("12 “rules” <b>99</b>\u{202e}\n\u{0}”  17".to_owned()),
        proptest::collection::vec(any::<char>(), 0..120).prop_map(|chars| chars.into_iter().collect()),
    ]
}

fn lesson() -> impl Strategy<Value = LessonFacts> {
    let kind = proptest::sample::select(vec![LessonKind::Text, LessonKind::Video, LessonKind::Quiz]);
    (words_of_others(), kind, -1..130_i64, 0..5_i64, maybe(moment()), maybe(moment())).prop_map(
        |(title, kind, percent, attempts, completed_at, updated_at)| LessonFacts {
            id: LessonId(Uuid::nil()),
            position: 0,
            title,
            kind,
            percent,
            attempts,
            completed_at,
            updated_at,
        },
    )
}

fn any_course() -> impl Strategy<Value = CourseFacts> {
    let enrolment = proptest::sample::select(vec![
        EnrolmentStatus::Pending,
        EnrolmentStatus::Active,
        EnrolmentStatus::Completed,
        EnrolmentStatus::Cancelled,
    ]);
    let status = proptest::sample::select(vec![
        CertificateRequestStatus::Queued,
        CertificateRequestStatus::Issued,
        CertificateRequestStatus::Failed,
    ]);
    let request = (status, moment(), maybe(words_of_others())).prop_map(|(status, requested_at, reason)| CertificateRequest {
        status,
        requested_at,
        reason,
    });
    let issued = moment().prop_map(|issued_at| IssuedCertificate { issued_at, ..certificate() });
    let times = (moment(), maybe(moment()), maybe(moment()), maybe(moment()));
    let places = (0..4_u128, maybe(0..4_u128));
    let lessons = proptest::collection::vec(lesson(), 0..7);
    let finished = proptest::bool::weighted(0.3);
    (words_of_others(), enrolment, times, maybe(words_of_others()), places, lessons, maybe(request), maybe(issued), finished)
        .prop_map(
            |(
                title,
                enrolment,
                (enrolled_at, activated_at, starts_at, access_until),
                stuck_reason,
                places,
                lessons,
                request,
                issued,
                finished,
            )| {
                let lessons = (1..).zip(lessons).map(|(position, lesson)| {
                    let lesson =
                        LessonFacts { id: LessonId(id(1_000 + position)), position: i64::try_from(position).unwrap(), ..lesson };
                    if finished { LessonFacts { percent: 91, completed_at: Some(days_ago(5)), ..lesson } } else { lesson }
                });
                CourseFacts {
                    course: CourseId(id(100 + places.0)),
                    title,
                    slug: "course".to_owned(),
                    enrolment,
                    enrolled_at,
                    activated_at,
                    starts_at,
                    access_until,
                    stuck_reason,
                    pass_percent: 73,
                    order: places.1.map(|place| OrderId(id(200 + place))),
                    lessons: lessons.collect(),
                    certificate: issued,
                    certificate_request: request,
                }
            },
        )
}

fn money() -> impl Strategy<Value = Money> {
    let minor = prop_oneof![4 => Just(4_900_i64), 2 => 1..100_000_i64, 1 => any::<i64>()];
    let currency = prop_oneof![9 => Just("EUR"), 1 => Just("USD")];
    (minor, currency).prop_map(|(minor, currency)| Money { minor, currency: currency.to_owned() })
}

fn any_order() -> impl Strategy<Value = OrderFacts> {
    let status = proptest::sample::select(vec![
        OrderStatus::Open,
        OrderStatus::Paid,
        OrderStatus::Failed,
        OrderStatus::Refunded,
        OrderStatus::Cancelled,
    ]);
    let charge_status = proptest::sample::select(vec![
        ChargeStatus::Authorised,
        ChargeStatus::Captured,
        ChargeStatus::Captured,
        ChargeStatus::Declined,
        ChargeStatus::Released,
    ]);
    let refund_status = proptest::sample::select(vec![
        RefundStatus::Requested,
        RefundStatus::Approved,
        RefundStatus::Sent,
        RefundStatus::Settled,
        RefundStatus::Rejected,
    ]);
    let charge = (money(), words_of_others(), charge_status, moment())
        .prop_map(|(amount, method, status, charged_at)| ChargeFacts { amount, method, status, charged_at });
    let refund = (money(), refund_status, moment(), maybe(moment()), maybe(moment()), maybe(moment()), maybe(words_of_others()))
        .prop_map(|(amount, status, requested_at, decided_at, sent_at, settled_at, reason)| RefundFacts {
            amount,
            status,
            requested_at,
            decided_at,
            sent_at,
            settled_at,
            reason,
        });
    let charges = proptest::collection::vec(charge, 0..4);
    let refunds = proptest::collection::vec(refund, 0..3);
    (0..4_u128, words_of_others(), money(), status, moment(), charges, refunds).prop_map(
        |(place, course_title, total, status, created_at, charges, refunds)| OrderFacts {
            id: OrderId(id(200 + place)),
            number: format!("NL-{}", 100_300 + place),
            course: CourseId(id(100 + place % 3)),
            course_title,
            total,
            status,
            created_at,
            charges,
            refunds,
        },
    )
}

/// The runs of figures in a text, but for what is in quotation marks.
fn figures(text: &str) -> BTreeSet<String> {
    let mut outside = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '“' => quoted = true,
            '”' => quoted = false,
            c if !quoted => outside.push(c),
            _ => outside.push(' '),
        }
    }
    outside.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).map(ToOwned::to_owned).collect()
}

/// Every figure that a sentence may name: the facts', and what follows from them and the policy.
fn known(courses: &[CourseFacts], orders: &[OrderFacts], policy: &Policy) -> BTreeSet<String> {
    let mut text = String::new();
    let mut note = |value: &dyn std::fmt::Display| text.push_str(&format!(" {value} "));
    let mut times: Vec<Timestamp> = Vec::new();
    for course in courses {
        times.extend([Some(course.enrolled_at), course.activated_at, course.starts_at, course.access_until].into_iter().flatten());
        times.extend(course.certificate.iter().map(|certificate| certificate.issued_at));
        if let Some(request) = &course.certificate_request {
            times.extend([request.requested_at, words::later(request.requested_at, policy.certificate_issue_hours, words::HOUR)]);
        }
        note(&course.pass_percent);
        let done = course.lessons.iter().filter(|lesson| lesson.completed_at.is_some()).count();
        // How many are finished, and how many quizzes are too low; places of lessons and quizzes.
        (0..=course.lessons.len()).for_each(|count| note(&count));
        note(&(done * 100).checked_div(course.lessons.len()).unwrap_or(0));
        for lesson in &course.lessons {
            times.extend([lesson.completed_at, lesson.updated_at].into_iter().flatten());
            note(&lesson.percent);
            note(&lesson.attempts);
        }
    }
    for order in orders {
        note(&order.number);
        note(&order.total);
        times.push(order.created_at);
        for charge in &order.charges {
            note(&charge.amount);
            let at = charge.charged_at;
            let starts = courses.iter().map(|course| course.enrolled_at.max(at)).chain([at]);
            times.extend(starts.map(|at| words::later(at, policy.access_minutes, words::MINUTE)));
            times.extend([
                at,
                words::later(at, policy.hold_release_days, words::DAY),
                words::later(at, policy.refund_window_days, words::DAY),
            ]);
        }
        for refund in &order.refunds {
            note(&refund.amount);
            let known = [Some(refund.requested_at), refund.decided_at, refund.sent_at, refund.settled_at];
            for at in known.into_iter().flatten() {
                times.extend([
                    at,
                    words::later(at, policy.refund_decision_days, words::DAY),
                    words::later(at, policy.refund_payout_days, words::DAY),
                ]);
            }
        }
        if let Some(balance) = Balance::of(order) {
            for amount in [&balance.taken, &balance.back, &balance.excess] {
                note(amount);
            }
        }
        (0..=order.charges.len()).for_each(|count| note(&count));
    }
    times.extend(courses.iter().map(|course| words::later(course.enrolled_at, policy.access_minutes, words::MINUTE)));
    for at in times {
        note(&words::moment(at));
    }
    note(&policy.certificate_issue_hours);
    note(&policy.refund_decision_days);
    note(&policy.refund_payout_days);
    note(&policy.refund_window_days);
    note(&policy.refund_progress_limit_percent);
    note(&policy.hold_release_days);
    note(&policy.access_minutes);
    note(&policy.watched_percent);
    // Of a course that is not in the facts, nothing is finished.
    note(&0);
    figures(&text)
}

/// Unlike each other, so that one cannot be taken for another.
fn policy() -> Policy {
    Policy {
        certificate_issue_hours: 37,
        refund_decision_days: 41,
        refund_payout_days: 43,
        refund_window_days: 47,
        refund_progress_limit_percent: 53,
        hold_release_days: 59,
        access_minutes: 61,
        watched_percent: 83,
        quiz_attempts: 4,
        ..Policy::sample()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn every_question_has_an_answer_whose_figures_are_facts(
        courses in proptest::collection::vec(any_course(), 0..4),
        orders in proptest::collection::vec(any_order(), 0..4),
        number in maybe(prop_oneof![Just("NL-100301".to_owned()), words_of_others()]),
    ) {
        let (policy, facts) = (policy(), Facts { courses: &courses, orders: &orders });
        let mut known = known(&courses, &orders, &policy);
        for topic in Topic::ALL {
            let found = diagnose(topic, facts, number.as_deref(), &policy, now());
            prop_assert!((1..=MAX_FINDINGS).contains(&found.len()));
            prop_assert_eq!(&found, &diagnose(topic, facts, number.as_deref(), &policy, now()), "the same facts, the same findings");
            for finding in &found {
                if finding.reason == Reason::NoSuchOrder {
                    known.extend(figures(&finding.about));
                }
                let unknown: Vec<String> = figures(&finding.sentence).difference(&known).cloned().collect();
                prop_assert!(unknown.is_empty(), "{:?} in {:#?}", unknown, finding);
                prop_assert!(finding.mood == Mood::Problem || !finding.needs_person, "{:#?}", finding);
                let texts = finding.evidence.iter().map(|fact| &fact.value).chain([&finding.sentence, &finding.about]);
                for text in texts {
                    prop_assert!(!text.chars().any(char::is_control) && !text.contains('\u{202e}'), "{:?}", text);
                }
                prop_assert!(finding.about.chars().count() <= 80);
            }
        }
    }
}

#[test]
fn figures_in_quotation_marks_are_not_counted() {
    let found = figures("Quiz 3 “12 rules” is at 62 %, €49.00 on 4 May");
    assert_eq!(found, ["3", "62", "49", "00", "4"].map(ToOwned::to_owned).into());
}
