use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock};
use porter_kernel::ids::SequentialIds;

use super::*;
use crate::domain::{AccountStatus, LessonKind, Role};

fn made() -> Seed {
    academy(ManualClock::default().now(), &SequentialIds::default(), "$argon2id$demo")
}

#[test]
fn there_are_courses_and_learners_enough() {
    let seed = made();
    let published: Vec<_> = seed.courses.iter().filter(|course| course.published).collect();
    assert_eq!((published.len(), seed.courses.len()), (8, 9));
    for course in published {
        let lessons: Vec<_> = seed.lessons.iter().filter(|lesson| lesson.course == course.id).collect();
        if course.price.minor > 0 {
            assert!((8..=14).contains(&lessons.len()), "{}", course.title);
            assert!(lessons.iter().filter(|lesson| lesson.kind == LessonKind::Quiz).count() >= 2, "{}", course.title);
        }
        assert!(seed.teaching.iter().any(|(_, taught)| *taught == course.id), "{}", course.title);
        assert!(lessons.iter().all(|lesson| lesson.minutes > 0));
        assert!(!course.title.contains('<') && course.summary.ends_with('.'));
    }
    let role = |role| seed.accounts.iter().filter(|account| account.role == role).count();
    assert_eq!((role(Role::Learner), role(Role::Instructor), role(Role::SupportAgent), role(Role::Administrator)), (44, 6, 1, 1));
    let locked: Vec<_> = seed.accounts.iter().filter(|account| account.status == AccountStatus::Locked).collect();
    assert_eq!(locked.iter().map(|account| account.email.as_str()).collect::<Vec<_>>(), [HANNA_BERG]);
}

#[test]
fn nobody_is_there_twice_and_everybody_named_is_there() {
    let seed = made();
    let emails: BTreeSet<&str> = seed.accounts.iter().map(|account| account.email.as_str()).collect();
    assert_eq!(emails.len(), seed.accounts.len());
    for (email, what) in DEMO {
        assert!(emails.contains(email), "{email}");
        assert!(!what.is_empty());
    }
    for email in &emails {
        assert_eq!(crate::address::stored_form(email).as_deref(), Some(*email), "addresses are in the stored form");
    }
    let numbers: BTreeSet<&str> = seed.orders.iter().map(|order| order.number.as_str()).collect();
    assert_eq!(numbers.len(), seed.orders.len());
    let codes: BTreeSet<&str> = seed.certificates.iter().map(|certificate| certificate.code.as_str()).collect();
    assert_eq!(codes.len(), seed.certificates.len());
    assert!(codes.iter().all(|code| code.len() == 12 && code.starts_with("NL-")), "{codes:?}");
}

#[test]
fn it_is_the_same_each_time() {
    assert_eq!(format!("{:?}", made()), format!("{:?}", made()));
}

#[test]
fn nothing_has_happened_in_the_future_or_before_its_cause() {
    let seed = made();
    let now = ManualClock::default().now();
    let enrolled: BTreeMap<_, _> = seed.enrolments.iter().map(|it| ((it.account, it.course), it.enrolled_at)).collect();
    let courses: BTreeMap<_, _> = seed.lessons.iter().map(|lesson| (lesson.id, lesson.course)).collect();
    let created: BTreeMap<_, _> = seed.accounts.iter().map(|account| (account.id, account.created_at)).collect();
    for enrolment in &seed.enrolments {
        assert!(created[&enrolment.account] <= enrolment.enrolled_at && enrolment.enrolled_at <= now, "{enrolment:?}");
    }
    for progress in &seed.progress {
        let since = enrolled[&(progress.account, courses[&progress.lesson])];
        assert!(since <= progress.updated_at && progress.updated_at <= now, "{progress:?} since {since}");
    }
    for attempt in &seed.attempts {
        let since = enrolled[&(attempt.account, courses[&attempt.lesson])];
        assert!(since <= attempt.submitted_at && attempt.submitted_at <= now, "{attempt:?} since {since}");
    }
    let ordered: BTreeMap<_, _> = seed.orders.iter().map(|order| (order.id, order.created_at)).collect();
    for charge in &seed.charges {
        assert!(ordered[&charge.order] <= charge.charged_at && charge.charged_at <= now, "{charge:?}");
    }
    for refund in &seed.refunds {
        let steps = [
            Some(ordered[&refund.order]),
            Some(refund.requested_at),
            refund.decided_at,
            refund.sent_at,
            refund.settled_at,
            Some(now),
        ];
        assert!(steps.into_iter().flatten().is_sorted(), "{refund:?}");
    }
    for certificate in &seed.certificates {
        let certified =
            seed.progress.iter().filter(|it| it.account == certificate.account && courses[&it.lesson] == certificate.course);
        assert!(certified.clone().count() > 0 && certificate.issued_at <= now);
        for progress in certified {
            assert!(progress.updated_at <= certificate.issued_at + Duration::from_secs(3_600), "{certificate:?}");
        }
    }
}

#[test]
fn those_who_mean_ill_are_kept_apart() {
    let seed = made();
    let hostile: Vec<_> = seed.courses.iter().filter(|course| course.title == HOSTILE_TITLE).collect();
    assert!(hostile.len() == 1 && !hostile[0].published);
    let names: Vec<&str> = seed.accounts.iter().map(|account| account.name.as_str()).collect();
    assert!(names.contains(&HOSTILE_NAME) && names.contains(&STEERING_NAME));
    let students: Vec<_> = seed.enrolments.iter().filter(|enrolment| enrolment.course == hostile[0].id).collect();
    assert_eq!(students.len(), 1);
}
