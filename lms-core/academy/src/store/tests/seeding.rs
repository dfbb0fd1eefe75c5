use porter_kernel::db::DbError;

use super::*;
use crate::demo;
use crate::diagnosis::{Facts, Reason, Topic, diagnose};
use crate::policy::Policy;

/// Tables that a seed fills.
const TABLES: [&str; 11] = [
    "account",
    "course",
    "lesson",
    "orders",
    "charge",
    "refund",
    "enrolment",
    "lesson_progress",
    "quiz_attempt",
    "certificate",
    "certificate_request",
];

async fn all_of_a_seed_or_nothing(world: World) {
    let now = world.now();
    let mut broken = seed(now);
    broken.certificates[0].course = CourseId(world.uuid());
    assert!(matches!(world.store.seed(&broken).await, Err(AcademyError::NotFound)));
    let mut broken = seed(now);
    broken.certificate_requests.push(SeedCertificateRequest {
        account: AccountId(world.uuid()),
        course: FIRST,
        status: CertificateRequestStatus::Queued,
        requested_at: now,
        reason: None,
    });
    assert!(matches!(world.store.seed(&broken).await, Err(AcademyError::Database(DbError::Conflict { .. }))));
    for table in TABLES {
        assert_eq!(world.rows(table).await, 0, "{table}");
    }
    world.store.seed(&seed(now)).await.unwrap();
    assert!(world.store.seed(&seed(now)).await.is_err(), "there already");
    assert_eq!(world.store.account_count().await.unwrap(), 3);
}

async fn an_address_is_one_accounts(world: World) {
    let mut twice = seed(world.now());
    twice.accounts[1].email = "anna@learner.example".to_owned();
    assert!(matches!(world.store.seed(&twice).await, Err(AcademyError::Database(DbError::Conflict { .. }))));
}

/// What the demo promises of its accounts is what the diagnoses find in the tables.
async fn the_demo_academy_shows_what_it_promises(world: World) {
    let (now, policy) = (world.now(), Policy::sample());
    let seed = demo::academy(now, &world.ids, "$argon2id$demo");
    world.store.seed(&seed).await.unwrap();
    let counts = [
        seed.accounts.len(),
        seed.courses.len(),
        seed.lessons.len(),
        seed.orders.len(),
        seed.charges.len(),
        seed.refunds.len(),
        seed.enrolments.len(),
        seed.progress.len(),
        seed.attempts.len(),
        seed.certificates.len(),
        seed.certificate_requests.len(),
    ];
    for (table, count) in TABLES.iter().zip(counts) {
        assert_eq!(world.rows(table).await, i64::try_from(count).unwrap(), "{table}");
    }
    assert_eq!(world.store.catalogue(Freshness::Fresh).await.unwrap().len(), 8);

    let expected = [
        (demo::ANNA_KELLER, Topic::Certificate, Reason::CertificateIssued),
        (demo::BRUNO_COSTA, Topic::Certificate, Reason::CertificateIssued),
        (demo::CHIDI_EZE, Topic::Certificate, Reason::QuizBelowPass),
        (demo::DANA_LEVI, Topic::Refund, Reason::RefundSent),
        (demo::DANA_LEVI, Topic::Access, Reason::AccessRefunded),
        (demo::ELIF_DEMIR, Topic::Charge, Reason::ChargedTwice),
        (demo::FARID_HADDAD, Topic::Certificate, Reason::CertificateFailed),
        (demo::GRACE_KIM, Topic::Access, Reason::EnrolmentStuck),
        (demo::IVAN_PETROV, Topic::Progress, Reason::VideoNotWatched),
        (demo::IVAN_PETROV, Topic::Certificate, Reason::LessonsMissing),
        (demo::JULIA_NOWAK, Topic::Refund, Reason::RefundRequested),
        (demo::KOFI_MENSAH, Topic::Refund, Reason::RefundSettled),
        (demo::KOFI_MENSAH, Topic::Charge, Reason::ChargeRefunded),
        (demo::LENA_HOFFMANN, Topic::Refund, Reason::RefundRejected),
        (demo::MATEO_ALVAREZ, Topic::Charge, Reason::SecondHold),
        (demo::NADIA_RAHMAN, Topic::Access, Reason::PaymentDeclined),
        (demo::OLIVER_SMITH, Topic::Progress, Reason::NotStarted),
        (demo::PRIYA_SHARMA, Topic::Access, Reason::StartsLater),
        (demo::QUENTIN_DUBOIS, Topic::Access, Reason::AccessExpired),
        (demo::ROSA_MORENO, Topic::Certificate, Reason::CertificateBeingMade),
        (demo::SAMUEL_OKAFOR, Topic::Certificate, Reason::CertificateNotRequested),
        (demo::TOMAS_NOVAK, Topic::Charge, Reason::Instalments),
        (demo::UMA_PATEL, Topic::Access, Reason::PaymentNotCaptured),
        (demo::VICTOR_LINDQVIST, Topic::Progress, Reason::NotCounted),
        (demo::XIMENA_ROJAS, Topic::Charge, Reason::PaidTwoOrders),
        (demo::YUSUF_KAYA, Topic::Certificate, Reason::QuizBelowPass),
        (demo::NOAH_WILLIAMS, Topic::Access, Reason::NoOrdersOrEnrolments),
        (demo::ROBIN_VALE, Topic::Progress, Reason::ProgressCounted),
    ];
    for (email, topic, reason) in expected {
        let account = world.store.account_by_email(email).await.unwrap().unwrap().account;
        let (courses, orders) = (
            world.store.courses(account.id, Freshness::Fresh).await.unwrap(),
            world.store.orders(account.id, Freshness::Fresh).await.unwrap(),
        );
        let facts = Facts { courses: &courses, orders: &orders };
        let found = diagnose(topic, facts, None, &policy, now);
        assert_eq!(found[0].reason, reason, "{email}, {topic:?}: {found:#?}");
    }
    let chidi = world.store.account_by_email(demo::CHIDI_EZE).await.unwrap().unwrap().account;
    let courses = world.store.courses(chidi.id, Freshness::Fresh).await.unwrap();
    let found = diagnose(Topic::Certificate, Facts { courses: &courses, orders: &[] }, None, &policy, now);
    assert_eq!(found[0].sentence, "Quiz 3 “Reading charts” of “Data analysis from zero” is at 62 %, and 70 % is needed.");
    let bruno = world.store.account_by_email(demo::BRUNO_COSTA).await.unwrap().unwrap().account;
    assert_eq!(world.store.certificates(bruno.id, Freshness::Fresh).await.unwrap().len(), 2);
    let hanna = world.store.account_by_email(demo::HANNA_BERG).await.unwrap().unwrap().account;
    assert_eq!(hanna.status, AccountStatus::Locked);
    let dana = world.store.account_by_email(demo::DANA_LEVI).await.unwrap().unwrap().account;
    assert_eq!(world.store.orders(dana.id, Freshness::Fresh).await.unwrap()[0].number, "NL-100205");
}

porter_testkit::both_engines!(
    World::empty;
    all_of_a_seed_or_nothing,
    an_address_is_one_accounts,
    the_demo_academy_shows_what_it_promises,
);
