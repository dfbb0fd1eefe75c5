//! Orders, payments, refunds and the books, on both engines.

use porter_payments::{Amount, EventKind, ProviderEvent};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::domain::money::coupon::{Coupon, CouponRefused, Off};
use crate::domain::money::refunding::RefundAnswer;
use crate::policy::Policy;

/// Sells the course that Anna and Bruno have, to somebody new.
const CARLA: AccountId = AccountId(Uuid::from_u128(0xc2));

async fn shop(world: &World) {
    let now = world.now();
    let seed = Seed { accounts: vec![account(CARLA, "carla@learner.example", "Carla Ruiz", now)], ..Seed::default() };
    world.store.seed(&seed).await.unwrap();
}

fn half() -> Coupon {
    Coupon {
        id: Uuid::from_u128(0x77),
        code: "HALF".to_owned(),
        off: Off::Percent(50),
        starts_at: None,
        ends_at: None,
        uses: Some(1),
        uses_each: Some(1),
        course: None,
        used: 0,
    }
}

fn event(id: &str, kind: EventKind, order: OrderId, charge: &str, minor: i64) -> ProviderEvent {
    ProviderEvent {
        id: id.to_owned(),
        kind,
        order: order.0,
        charge: charge.to_owned(),
        amount: Amount { minor, currency: "EUR".to_owned() },
        method: "Visa ending 4242".to_owned(),
        refund: None,
        attempt: 0,
        reason: None,
    }
}

impl World {
    async fn places(&self, code: Option<&str>) -> (String, OrderId) {
        let placed = self.store.place_order(self.uuid(), CARLA, "first", code, self.tick()).await.unwrap();
        let Placed::Order { number, .. } = placed else { panic!("{placed:?}") };
        let order = self.store.order(Some(CARLA), &number).await.unwrap().unwrap();
        (number, order.facts.id)
    }

    async fn tells(&self, event: &ProviderEvent) -> Received {
        self.store.receive(event, self.tick()).await.unwrap()
    }

    async fn status(&self, number: &str) -> OrderStatus {
        self.store.order(None, number).await.unwrap().unwrap().facts.status
    }

    async fn is_open(&self) -> bool {
        let courses = self.store.courses(CARLA, Freshness::Fresh).await.unwrap();
        courses.iter().any(|course| course.course == FIRST && course.enrolment == EnrolmentStatus::Active)
    }

    async fn balance(&self, account: &str) -> i64 {
        let balances = self.store.balances().await.unwrap();
        assert_eq!(balances.iter().map(|balance| balance.amount.minor).sum::<i64>(), 0, "{balances:?}");
        balances.iter().filter(|balance| balance.account == account).map(|balance| balance.amount.minor).sum()
    }
}

async fn an_order_is_placed_once_and_paid_once(world: World) {
    shop(&world).await;
    let key = world.uuid();
    let first = world.store.place_order(key, CARLA, "first", None, world.now()).await.unwrap();
    assert_eq!(world.store.place_order(key, CARLA, "first", None, world.tick()).await.unwrap(), first, "a double click");
    assert_eq!(world.store.place_order(world.uuid(), CARLA, "first", None, world.tick()).await.unwrap(), first, "it waits already");
    assert!(matches!(world.store.place_order(key, ANNA, "first", None, world.now()).await, Err(AcademyError::KeyReused)));
    assert!(matches!(world.store.place_order(world.uuid(), CARLA, "second", None, world.now()).await, Err(AcademyError::NotFound)));
    assert_eq!(world.store.place_order(world.uuid(), BRUNO, "first", None, world.now()).await.unwrap(), Placed::Enrolled);
    let (number, order) = world.places(None).await;
    assert_eq!((world.rows("orders").await, number.as_str()), (1, "NL-700001"));

    world.store.checkout_started(order, "http://pay.example/1", world.now()).await.unwrap();
    world.store.checkout_started(order, "http://pay.example/2", world.now()).await.unwrap();
    let view = world.store.order_by_id(order).await.unwrap().unwrap();
    assert_eq!(view.pay_url.as_deref(), Some("http://pay.example/1"));
    let captured = event("e2", EventKind::ChargeCaptured, order, "c1", 14_900);
    assert_eq!(world.tells(&captured).await, Received::Applied);
    assert_eq!(world.tells(&captured).await, Received::Duplicate);
    assert_eq!(
        world.tells(&event("e1", EventKind::ChargeAuthorised, order, "c1", 14_900)).await,
        Received::Applied,
        "late, and stale"
    );
    assert_eq!(world.status(&number).await, OrderStatus::Paid);
    assert!(world.is_open().await);
    assert_eq!((world.balance("cash").await, world.balance("revenue").await, world.balance("credit").await), (14_900, -14_900, 0));

    let view = world.store.order(Some(CARLA), &number).await.unwrap().unwrap();
    assert_eq!(view.papers, ["INV-2026-000001"]);
    let invoice = world.store.invoice(Some(CARLA), "INV-2026-000001").await.unwrap().unwrap();
    assert_eq!((invoice.total.minor, invoice.buyer.as_str()), (14_900, "Carla Ruiz"));
    assert_eq!(world.store.invoice(Some(ANNA), "INV-2026-000001").await.unwrap(), None, "somebody else's");
    assert_eq!(world.store.order(Some(ANNA), &number).await.unwrap(), None);

    // A second charge is a fact, and a debt.
    assert_eq!(world.tells(&event("e3", EventKind::ChargeCaptured, order, "c2", 14_900)).await, Received::Applied);
    assert_eq!((world.balance("credit").await, world.rows("invoice").await), (-14_900, 1));
    assert_eq!(world.tells(&event("e4", EventKind::ChargeCaptured, OrderId(world.uuid()), "c9", 1)).await, Received::Unknown);
    let mut dollars = event("e5", EventKind::ChargeCaptured, order, "c3", 1);
    dollars.amount.currency = "USD".to_owned();
    assert_eq!(world.tells(&dollars).await, Received::Waits);
    assert_eq!(world.store.stray_events().await.unwrap().len(), 2);
}

async fn coupons_take_off_and_are_used_no_more_than_they_may(world: World) {
    shop(&world).await;
    assert!(world.store.add_coupon(&half(), world.now()).await.unwrap());
    assert!(!world.store.add_coupon(&Coupon { id: world.uuid(), ..half() }, world.now()).await.unwrap(), "its code is taken");
    let quote = world.store.quote(CARLA, "first", Some(" half "), world.now()).await.unwrap().unwrap();
    assert_eq!((quote.list.minor, quote.discount.minor, quote.total.minor, quote.refused), (14_900, 7_450, 7_450, None));
    let unknown = world.store.quote(CARLA, "first", Some("NOPE"), world.now()).await.unwrap().unwrap();
    assert_eq!((unknown.total.minor, unknown.refused), (14_900, Some(CouponRefused::Unknown)));
    assert_eq!(world.store.quote(CARLA, "second", None, world.now()).await.unwrap(), None);

    let (number, order) = world.places(Some("HALF")).await;
    let other = world.store.place_order(world.uuid(), HANNA, "first", Some("HALF"), world.now()).await;
    assert!(matches!(other, Err(AcademyError::NotFound)), "locked");
    let refused = world.store.quote(BRUNO, "first", Some("HALF"), world.now()).await.unwrap().unwrap().refused;
    assert_eq!(refused, Some(CouponRefused::UsedUp));
    // Without the coupon the order is another, and the use comes back.
    let (plain, _) = world.places(None).await;
    assert_eq!((world.status(&number).await, world.status(&plain).await), (OrderStatus::Cancelled, OrderStatus::Open));
    assert_eq!(world.store.coupons().await.unwrap()[0].used, 0);
    // Paid at the old page all the same: the money counts.
    assert_eq!(world.tells(&event("e1", EventKind::ChargeCaptured, order, "c1", 7_450)).await, Received::Applied);
    assert_eq!(world.status(&number).await, OrderStatus::Paid);
    assert_eq!((world.balance("discounts").await, world.balance("revenue").await), (7_450, -14_900));
    world.store.end_coupon(half().id, world.now()).await.unwrap();
    let ended = world.store.quote(CARLA, "first", Some("HALF"), world.now()).await.unwrap().unwrap().refused;
    assert_eq!(ended, Some(CouponRefused::Ended));
}

async fn a_coupon_for_everything_opens_the_course_without_a_charge(world: World) {
    shop(&world).await;
    world.store.add_coupon(&Coupon { off: Off::Percent(100), ..half() }, world.now()).await.unwrap();
    let placed = world.store.place_order(world.uuid(), CARLA, "first", Some("HALF"), world.now()).await.unwrap();
    assert_eq!(placed, Placed::Order { number: "NL-700001".to_owned(), to_pay: false });
    assert!(world.is_open().await);
    assert_eq!((world.rows("invoice").await, world.balance("discounts").await), (0, 14_900));
}

async fn the_last_use_of_a_coupon_goes_to_one_of_many(world: World) {
    let now = world.now();
    world.store.add_coupon(&half(), now).await.unwrap();
    let people: Vec<AccountId> = (0..6).map(|n| AccountId(Uuid::from_u128(0x900 + n))).collect();
    let accounts = people.iter().map(|id| account(*id, &format!("p{}@learner.example", id.0.as_u128()), "P", now)).collect();
    world.store.seed(&Seed { accounts, ..Seed::default() }).await.unwrap();
    let orders = people.iter().map(|person| {
        let (store, key, person) = (Arc::clone(&world.store), world.uuid(), *person);
        tokio::spawn(async move { store.place_order(key, person, "first", Some("HALF"), now).await.unwrap() })
    });
    let mut got = 0;
    for order in orders.collect::<Vec<_>>() {
        match order.await.unwrap() {
            Placed::Order { .. } => got += 1,
            refused => assert_eq!(refused, Placed::Coupon(CouponRefused::UsedUp)),
        }
    }
    assert_eq!((got, world.rows("coupon_use").await), (1, 1));
}

async fn a_refund_goes_its_way_under_the_policy(world: World) {
    shop(&world).await;
    let policy = Policy::sample();
    let (number, order) = world.places(None).await;
    let ask = async |key| world.store.ask_refund(key, CARLA, &number, &policy, world.now()).await.unwrap();
    assert_eq!(ask(world.uuid()).await, RefundAnswer::NothingTaken);
    world.tells(&event("e1", EventKind::ChargeCaptured, order, "c1", 14_900)).await;
    let key = world.uuid();
    assert!(matches!(ask(key).await, RefundAnswer::Possible { .. }));
    assert!(matches!(ask(key).await, RefundAnswer::Possible { .. }), "a double click");
    assert_eq!(ask(world.uuid()).await, RefundAnswer::AskedAlready);
    assert!(matches!(world.store.ask_refund(world.uuid(), ANNA, &number, &policy, world.now()).await, Err(AcademyError::NotFound)));

    let task = world.store.refunds_waiting().await.unwrap().remove(0);
    assert_eq!((task.amount.minor, task.number.as_str()), (14_900, number.as_str()));
    // The provider tells the end before anything was granted: it waits, and is applied when it fits.
    let settled = ProviderEvent { refund: Some(task.id), attempt: 2, ..event("r9", EventKind::RefundSettled, order, "c1", 14_900) };
    assert_eq!(
        world.tells(&ProviderEvent { id: "r0".to_owned(), refund: Some(world.uuid()), ..settled.clone() }).await,
        Received::Waits
    );
    while !world.take().await.is_empty() {}
    assert!(world.store.decide_refund(task.id, &MoneyDecision::Approve, world.tick()).await.unwrap());
    assert!(!world.store.decide_refund(task.id, &MoneyDecision::Reject("late".to_owned()), world.now()).await.unwrap());
    assert!(!world.is_open().await, "it closes with the grant");
    assert_eq!((world.balance("payable").await, world.balance("refunds").await), (-14_900, 14_900));
    let jobs = world.take().await;
    let job = jobs.iter().find(|job| job.kind == jobs::SEND_REFUND).unwrap();
    world.store.refund_sent(job, task.id, 1, world.tick()).await.unwrap();
    assert_eq!(world.store.refund_task(task.id).await.unwrap().unwrap().status, RefundStatus::Sent);
    // It fails at the bank, and is sent once more.
    let failed = ProviderEvent {
        reason: Some("closed".to_owned()),
        kind: EventKind::RefundFailed,
        attempt: 1,
        id: "r1".to_owned(),
        ..settled.clone()
    };
    assert_eq!(world.tells(&failed).await, Received::Applied);
    let again = world.store.refunds_waiting().await.unwrap().remove(0);
    assert_eq!((again.status, again.failed_reason.as_deref()), (RefundStatus::Approved, Some("closed")));
    assert!(world.store.decide_refund(task.id, &MoneyDecision::SendAgain, world.tick()).await.unwrap());
    assert!(!world.store.decide_refund(task.id, &MoneyDecision::SendAgain, world.now()).await.unwrap());
    world.store.refund_refused(task.id, 2, "no such account", world.tick()).await.unwrap();
    assert!(world.store.decide_refund(task.id, &MoneyDecision::SendAgain, world.tick()).await.unwrap());
    assert_eq!(world.tells(&settled).await, Received::Applied);
    assert_eq!(world.status(&number).await, OrderStatus::Refunded);
    assert_eq!((world.balance("cash").await, world.balance("payable").await), (0, 0));
    assert_eq!(world.store.order(None, &number).await.unwrap().unwrap().papers, ["INV-2026-000001", "CN-2026-000001"]);

    world.clock.advance(Duration::from_secs(15 * 86_400));
    let (late, order) = world.places(None).await;
    world.tells(&event("e7", EventKind::ChargeCaptured, order, "c7", 14_900)).await;
    world.clock.advance(Duration::from_secs(15 * 86_400));
    let answer = world.store.ask_refund(world.uuid(), CARLA, &late, &policy, world.now()).await.unwrap();
    assert!(matches!(answer, RefundAnswer::TooLate { .. }), "{answer:?}");
}

async fn an_order_that_hangs_is_asked_after_until_it_is_settled(world: World) {
    shop(&world).await;
    let (_, order) = world.places(None).await;
    world.store.checkout_started(order, "http://pay.example/1", world.now()).await.unwrap();
    world.clock.advance(Duration::from_secs(121));
    let job = world.take_one(jobs::RECONCILE_ORDER).await;
    world.store.reconciled(&job, order, 1, world.now(), world.now()).await.unwrap();
    let job = world.take_one(jobs::RECONCILE_ORDER).await;
    world.tells(&event("e1", EventKind::ChargeCaptured, order, "c1", 14_900)).await;
    world.store.reconciled(&job, order, 2, world.now(), world.now()).await.unwrap();
    assert!(world.take().await.iter().all(|job| job.kind != jobs::RECONCILE_ORDER));
}

/// Webhooks twice, out of order, some lost and found later by asking, and people at the same time: in the end it is as if all had come in order.
async fn drill_sequences_through_the_database(world: World) {
    shop(&world).await;
    let trials = if std::env::var("PORTER_DRILL").is_ok_and(|size| size == "full") { 2_000 } else { 25 };
    let policy = Policy::sample();
    let mut runner = TestRunner::new(Config::default());
    let shape = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        proptest::collection::vec(0_usize..4, 4),
        Just((0..8).collect::<Vec<usize>>()).prop_shuffle(),
    );
    for trial in 0..trials {
        let (declined, twice, refunded, copies, order_of) = shape.new_tree(&mut runner).unwrap().current();
        let person = AccountId(Uuid::from_u128(0x5_0000 + trial));
        let seed =
            Seed { accounts: vec![account(person, &format!("t{trial}@learner.example"), "T", world.now())], ..Seed::default() };
        world.store.seed(&seed).await.unwrap();
        let Placed::Order { number, .. } =
            world.store.place_order(world.uuid(), person, "first", None, world.tick()).await.unwrap()
        else {
            panic!()
        };
        let order = world.store.order(None, &number).await.unwrap().unwrap().facts.id;
        let (a, b) = (format!("a{trial}"), format!("b{trial}"));
        let of = |id: &str, kind, charge: &str| event(&format!("{id}-{trial}"), kind, order, charge, 14_900);
        let mut told = vec![of("1", EventKind::ChargeAuthorised, &a), of("2", EventKind::ChargeCaptured, &a)];
        if declined {
            told.push(of("3", EventKind::ChargeDeclined, &format!("d{trial}")));
        }
        if twice {
            told.push(of("4", EventKind::ChargeCaptured, &b));
        }
        // Each as often as `copies` says, none perhaps; all in a shuffled order, two at the same time.
        let mut sent: Vec<ProviderEvent> =
            told.iter().enumerate().flat_map(|(at, event)| vec![event.clone(); copies[at]]).collect();
        let len = sent.len().max(1);
        order_of.iter().for_each(|at| sent.rotate_left(at % len));
        for pair in sent.chunks(2) {
            let calls = pair.iter().map(|event| {
                let (store, event, now) = (Arc::clone(&world.store), event.clone(), world.now());
                tokio::spawn(async move { store.receive(&event, now).await.unwrap() })
            });
            for call in calls.collect::<Vec<_>>() {
                call.await.unwrap();
            }
        }
        for event in &told {
            world.tells(event).await;
        }
        let opened = |courses: Vec<CourseFacts>| courses.iter().any(|course| course.enrolment == EnrolmentStatus::Active);
        assert_eq!(world.status(&number).await, OrderStatus::Paid);
        assert!(opened(world.store.courses(person, Freshness::Fresh).await.unwrap()));
        if refunded {
            let (key, now) = (world.uuid(), world.tick());
            let answers = [0, 1].map(|_| {
                let (store, policy, number) = (Arc::clone(&world.store), policy.clone(), number.clone());
                tokio::spawn(async move { store.ask_refund(key, person, &number, &policy, now).await.unwrap() })
            });
            for answer in answers {
                assert!(matches!(answer.await.unwrap(), RefundAnswer::Possible { .. }));
            }
            let task = world.store.refunds_waiting().await.unwrap().into_iter().find(|task| task.account == person).unwrap();
            let settled = ProviderEvent { refund: Some(task.id), attempt: 1, ..of("5", EventKind::RefundSettled, &a) };
            if copies[0] > 1 {
                assert_eq!(world.tells(&settled).await, Received::Waits, "before it was granted");
            }
            assert!(world.store.decide_refund(task.id, &MoneyDecision::Approve, world.tick()).await.unwrap());
            world.tells(&settled).await;
            assert_eq!(world.status(&number).await, OrderStatus::Refunded);
            assert!(!opened(world.store.courses(person, Freshness::Fresh).await.unwrap()));
        }
        let view = world.store.order(None, &number).await.unwrap().unwrap();
        let captured: i64 = view
            .facts
            .charges
            .iter()
            .filter(|charge| charge.status == ChargeStatus::Captured)
            .map(|charge| charge.amount.minor)
            .sum();
        let back: i64 = view.facts.refunds.iter().map(|refund| refund.amount.minor).sum();
        assert_eq!((captured, back <= captured), (if twice { 29_800 } else { 14_900 }, true));
        world.balance("cash").await;
    }
    let paid = world.rows("invoice").await;
    assert_eq!(world.rows("number_series").await.min(3), world.rows("number_series").await, "{paid}");
}

porter_testkit::both_engines!(
    World::open;
    an_order_is_placed_once_and_paid_once,
    coupons_take_off_and_are_used_no_more_than_they_may,
    a_coupon_for_everything_opens_the_course_without_a_charge,
    the_last_use_of_a_coupon_goes_to_one_of_many,
    a_refund_goes_its_way_under_the_policy,
    an_order_that_hangs_is_asked_after_until_it_is_settled,
    drill_sequences_through_the_database,
);
