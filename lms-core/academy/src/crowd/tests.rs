use std::collections::HashMap;

use porter_kernel::clock::{Clock as _, ManualClock};
use porter_kernel::db::Freshness;
use porter_kernel::ids::SequentialIds;
use porter_kernel::jobs as queue;
use porter_testkit::TestDb;

use super::*;
use crate::demo;
use crate::diagnosis;
use crate::domain::{EnrolmentStatus, OrderStatus};
use crate::policy::Policy;
use crate::store::{self, AcademyStore};

const LEARNERS: u64 = 400;

struct World {
    store: std::sync::Arc<dyn AcademyStore>,
    crowd: Crowd,
    _db: TestDb,
}

async fn open(db: TestDb) -> World {
    queue::migrate(&db.db).await.unwrap();
    store::migrate(&db.db).await.unwrap();
    let (store, now) = (store::open(&db.db), ManualClock::default().now());
    store.seed(&demo::academy(now, &SequentialIds::default(), "$argon2id$demo")).await.unwrap();
    let crowd = Crowd { now, password_hash: "$argon2id$crowd".to_owned(), courses: store.crowd_courses().await.unwrap() };
    World { store, crowd, _db: db }
}

async fn a_crowd_is_loaded_whole_and_reads_as_any_academy(world: World) {
    let before = world.store.account_count().await.unwrap();
    for start in (0..LEARNERS).step_by(150) {
        let (seed, certificates) = world.crowd.learners(start..(start + 150).min(LEARNERS));
        world.store.load(&seed, &certificates).await.unwrap();
    }
    world.store.count_anew().await.unwrap();
    assert_eq!(world.store.account_count().await.unwrap(), before + i64::try_from(LEARNERS).unwrap());
    assert_eq!(world.store.crowd_size(DOMAIN).await.unwrap(), i64::try_from(LEARNERS).unwrap());

    let (seed, certificates) = world.crowd.learners(0..LEARNERS);
    for account in &seed.accounts {
        let found = world.store.account_by_email(&account.email).await.unwrap().unwrap();
        assert_eq!((found.account.id, &found.account.name), (account.id, &account.name));
        let courses = world.store.courses(account.id, Freshness::Fresh).await.unwrap();
        assert_eq!(courses.len(), seed.enrolments.iter().filter(|enrolment| enrolment.account == account.id).count());
        let orders = world.store.orders(account.id, Freshness::Fresh).await.unwrap();
        assert_eq!(orders.len(), seed.orders.iter().filter(|order| order.account == account.id).count());
        let own: Vec<_> = certificates.iter().filter(|one| one.account == account.id).cloned().collect();
        let mut stored = world.store.certificates(account.id, Freshness::Fresh).await.unwrap();
        stored.sort_by_key(|one| own.iter().position(|other| other.id == one.id));
        assert_eq!(stored, own);
        // What has a certificate was completed, and what was completed is not called incomplete.
        for course in &courses {
            assert!(
                course.certificate.is_none() || (course.is_complete() && course.enrolment == EnrolmentStatus::Completed),
                "{course:?}"
            );
        }
        let facts = diagnosis::Facts { courses: &courses, orders: &orders };
        for topic in diagnosis::Topic::ALL {
            let findings = diagnosis::diagnose(topic, facts, None, &Policy::sample(), world.crowd.now);
            assert!((1..=diagnosis::MAX_FINDINGS).contains(&findings.len()), "{topic:?}: {findings:?}");
        }
    }
}

porter_testkit::both_engines!(open; a_crowd_is_loaded_whole_and_reads_as_any_academy);

fn courses() -> Vec<CrowdCourse> {
    use crate::domain::{CourseId, LessonId, LessonKind, Money};
    let lesson = |place: u128| {
        (LessonId(uuid::Uuid::from_u128(place)), if place.is_multiple_of(3) { LessonKind::Quiz } else { LessonKind::Video })
    };
    let course = |number: u128| CrowdCourse {
        id: CourseId(uuid::Uuid::from_u128(number)),
        title: format!("Course {number}"),
        signatory: "Maren Holt".to_owned(),
        signatory_role: "Head of Data".to_owned(),
        price: Money { minor: 4_900, currency: "EUR".to_owned() },
        pass_percent: 70,
        lessons: (number * 100..number * 100 + 10).map(lesson).collect(),
    };
    (1..=6).map(course).collect()
}

fn crowd() -> Crowd {
    Crowd { now: ManualClock::default().now(), password_hash: "$argon2id$crowd".to_owned(), courses: courses() }
}

#[test]
fn a_learner_is_the_same_in_every_crowd() {
    let whole = crowd().learners(0..300);
    let (mut seed, mut certificates) = crowd().learners(0..77);
    let rest = crowd().learners(77..300);
    seed.accounts.extend(rest.0.accounts);
    seed.orders.extend(rest.0.orders);
    seed.progress.extend(rest.0.progress);
    certificates.extend(rest.1);
    let debug = |value: &dyn std::fmt::Debug| format!("{value:?}");
    assert_eq!(debug(&seed.accounts), debug(&whole.0.accounts));
    assert_eq!(debug(&seed.orders), debug(&whole.0.orders));
    assert_eq!(debug(&seed.progress), debug(&whole.0.progress));
    assert_eq!(certificates, whole.1);
}

#[test]
fn shares_are_those_of_an_academy_and_nothing_lies_in_the_future() {
    let crowd = crowd();
    let (seed, certificates) = crowd.learners(0..20_000);
    let share = |count: usize, of: usize| count * 1_000 / of;
    let orders = |status| seed.orders.iter().filter(|order| order.status == status).count();
    assert!((900..970).contains(&share(orders(OrderStatus::Paid), seed.orders.len())));
    assert!((15..35).contains(&share(orders(OrderStatus::Refunded), seed.orders.len())));
    assert!((1_300..1_600).contains(&share(seed.orders.len(), seed.accounts.len())));
    assert!(
        (230..330).contains(&share(certificates.len(), seed.enrolments.len())),
        "{}",
        share(certificates.len(), seed.enrolments.len())
    );
    assert!(seed.progress.len() > 3 * seed.accounts.len());
    assert!(seed.progress.iter().all(|row| row.updated_at <= crowd.now));
    assert!(certificates.iter().all(|one| one.issued_at <= crowd.now));
    assert!(
        seed.refunds.iter().all(|refund| refund.requested_at <= crowd.now && refund.settled_at.is_none_or(|at| at <= crowd.now))
    );
    assert!(seed.accounts.is_sorted_by_key(|account| account.id.0), "ids lie in the order of the learners");
}

#[test]
fn what_must_be_unique_is() {
    let (seed, certificates) = crowd().learners(0..30_000);
    let unique = |values: Vec<String>| {
        let count = values.len();
        values.into_iter().map(|value| (value, ())).collect::<HashMap<_, _>>().len() == count
    };
    assert!(unique(seed.accounts.iter().map(|account| account.id.to_string()).collect()));
    assert!(unique(seed.orders.iter().map(|order| order.id.to_string()).collect()));
    assert!(unique(seed.orders.iter().map(|order| order.number.clone()).collect()));
    assert!(unique(certificates.iter().map(|one| one.code.clone()).collect()));
    assert!(unique(seed.enrolments.iter().map(|one| format!("{}{}", one.account, one.course)).collect()));
}
