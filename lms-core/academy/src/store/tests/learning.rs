use super::*;
use crate::domain::catalogue::{Admission, Level};

async fn courses_come_with_what_was_done_in_them(world: World) {
    let now = world.now();
    let courses = world.store.courses(ANNA, Freshness::Fresh).await.unwrap();
    let ids: Vec<CourseId> = courses.iter().map(|course| course.course).collect();
    assert_eq!(ids, [SECOND, FIRST], "the newest enrolment first");
    let first = &courses[1];
    assert!(first.is_complete());
    assert_eq!((first.title.as_str(), first.slug.as_str(), first.pass_percent), ("The first course", "first", 70));
    assert_eq!(first.certificate.as_ref().unwrap().id, ANNAS_CERTIFICATE);
    let quiz = LessonFacts {
        id: lesson(FIRST, 3),
        position: 3,
        title: "Lesson 3".to_owned(),
        kind: LessonKind::Quiz,
        percent: 90,
        attempts: 3,
        completed_at: Some(now),
        updated_at: Some(now),
    };
    assert_eq!(first.lessons[2], quiz, "the best of three attempts");

    let second = &courses[0];
    assert!(!second.is_complete() && second.certificate.is_none() && second.certificate_request.is_none());
    let done: Vec<(i64, i64, bool)> =
        second.lessons.iter().map(|lesson| (lesson.position, lesson.percent, lesson.completed_at.is_some())).collect();
    assert_eq!(done, [(1, 100, true), (2, 0, false), (3, 0, false)]);
    assert_eq!((second.lessons[1].attempts, second.lessons[1].updated_at), (0, None));

    assert_eq!(
        world.store.courses(HANNA, Freshness::Fresh).await.unwrap()[0]
            .lessons
            .iter()
            .filter(|it| it.completed_at.is_some())
            .count(),
        1
    );
    assert!(world.store.courses(AccountId(world.uuid()), Freshness::Fresh).await.unwrap().is_empty());
}

fn order(number: &str, account: AccountId, created_at: Timestamp) -> SeedOrder {
    SeedOrder {
        id: OrderId(Uuid::from_u128(0xf00 + number.bytes().map(u128::from).sum::<u128>())),
        number: number.to_owned(),
        account,
        course: FIRST,
        total: Money { minor: 14_900, currency: "EUR".to_owned() },
        status: OrderStatus::Paid,
        created_at,
    }
}

async fn orders_come_with_their_money(world: World) {
    let now = world.now();
    let earlier = |seconds| now - Duration::from_secs(seconds);
    let euros = |minor| Money { minor, currency: "EUR".to_owned() };
    let (old, new, brunos) = (order("NL-1", ANNA, earlier(100)), order("NL-2", ANNA, now), order("NL-3", BRUNO, now));
    let charge = |number, order: &SeedOrder, status, charged_at| SeedCharge {
        id: Uuid::from_u128(number),
        order: order.id,
        amount: euros(14_900),
        method: "Visa ending 4242".to_owned(),
        status,
        charged_at,
    };
    let refund = SeedRefund {
        id: Uuid::from_u128(9),
        order: old.id,
        amount: Money { minor: i64::MAX, currency: "CHF".to_owned() },
        status: RefundStatus::Rejected,
        requested_at: earlier(50),
        decided_at: Some(earlier(40)),
        sent_at: None,
        settled_at: None,
        reason: Some("too\0late".to_owned()),
    };
    let seed = Seed {
        charges: vec![
            charge(2, &old, ChargeStatus::Captured, earlier(80)),
            charge(1, &old, ChargeStatus::Declined, earlier(90)),
            charge(3, &brunos, ChargeStatus::Captured, now),
        ],
        refunds: vec![refund],
        orders: vec![old, new, brunos],
        ..Seed::default()
    };
    world.store.seed(&seed).await.unwrap();

    let orders = world.store.orders(ANNA, Freshness::Fresh).await.unwrap();
    assert_eq!(orders.iter().map(|order| order.number.as_str()).collect::<Vec<_>>(), ["NL-2", "NL-1"], "the newest first");
    assert!(orders[0].charges.is_empty() && orders[0].refunds.is_empty());
    let old = &orders[1];
    assert_eq!((old.course, old.course_title.as_str(), old.total.clone()), (FIRST, "The first course", euros(14_900)));
    assert_eq!((old.status, old.created_at), (OrderStatus::Paid, earlier(100)));
    let charges: Vec<_> = old.charges.iter().map(|charge| (charge.status, charge.charged_at)).collect();
    assert_eq!(charges, [(ChargeStatus::Declined, earlier(90)), (ChargeStatus::Captured, earlier(80))], "the oldest first");
    assert_eq!(
        old.refunds,
        [RefundFacts {
            amount: Money { minor: i64::MAX, currency: "CHF".to_owned() },
            status: RefundStatus::Rejected,
            requested_at: earlier(50),
            decided_at: Some(earlier(40)),
            sent_at: None,
            settled_at: None,
            reason: Some("too\u{fffd}late".to_owned()),
        }]
    );
    let brunos = world.store.orders(BRUNO, Freshness::Fresh).await.unwrap();
    assert_eq!((brunos.len(), brunos[0].charges.len()), (1, 1));
    assert!(world.store.orders(HANNA, Freshness::Fresh).await.unwrap().is_empty());
}

async fn the_catalogue_shows_what_is_published(world: World) {
    let catalogue = world.store.catalogue(Freshness::Fresh).await.unwrap();
    assert_eq!(
        catalogue,
        [CatalogueCourse {
            id: FIRST,
            slug: "first".to_owned(),
            title: "The first course".to_owned(),
            summary: "About this and that.".to_owned(),
            level: Level::Beginner,
            admission: Admission::Paid,
            price: Money { minor: 14_900, currency: "EUR".to_owned() },
            starts_at: None,
            lessons: 3,
            minutes: 30,
        }]
    );
}

porter_testkit::both_engines!(
    World::open;
    courses_come_with_what_was_done_in_them,
    orders_come_with_their_money,
    the_catalogue_shows_what_is_published,
);
