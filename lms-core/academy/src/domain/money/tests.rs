//! The state machines and the books against a model that counts in another way.

use std::collections::BTreeMap;
use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use uuid::Uuid;

use super::coupon::{Coupon, CouponRefused, Off, stored_code};
use super::ledger::{Account, Entry};
use super::purchase::{Charge, Fact, Purchase, Unmoved};
use super::refunding::{RefundAnswer, RefundCase};
use crate::domain::{ChargeStatus, CourseId, Money, OrderStatus, RefundStatus};
use crate::policy::Policy;

/// 100,000 in the drill.
fn trials() -> u32 {
    if std::env::var("PORTER_DRILL").is_ok_and(|size| size == "full") { 100_000 } else { 2_000 }
}

fn euros(minor: i64) -> Money {
    Money { minor, currency: "EUR".to_owned() }
}

fn purchase(list: i64, total: i64) -> Purchase {
    Purchase {
        id: Uuid::from_u128(1),
        list: euros(list),
        total: euros(total),
        status: OrderStatus::Open,
        charges: Vec::new(),
        refunds: Vec::new(),
    }
}

fn charged(id: u128, status: ChargeStatus, minor: i64) -> Fact {
    Fact::Charged(Charge { id: Uuid::from_u128(id), amount: euros(minor), status })
}

fn balances(entries: &[Entry]) -> BTreeMap<Account, i64> {
    let mut balances = BTreeMap::new();
    for line in entries.iter().flat_map(|entry| &entry.lines) {
        *balances.entry(line.debit).or_insert(0) += line.amount.minor;
        *balances.entry(line.credit).or_insert(0) -= line.amount.minor;
    }
    balances
}

/// What may happen: few ids, so that they meet.
fn fact() -> impl Strategy<Value = Fact> {
    let status = prop_oneof![
        Just(ChargeStatus::Authorised),
        Just(ChargeStatus::Captured),
        Just(ChargeStatus::Declined),
        Just(ChargeStatus::Released)
    ];
    let id = (1_u128..4).prop_map(Uuid::from_u128);
    prop_oneof![
        4 => ((1_u128..4), status, prop_oneof![Just(4_900_i64), Just(2_450), Just(0), Just(-1)]).prop_map(|(id, status, minor)| charged(id, status, minor)),
        1 => Just(Fact::GivenUp),
        2 => (id.clone(), prop_oneof![Just(4_900_i64), Just(1_000), Just(9_800), Just(0)]).prop_map(|(refund, minor)| Fact::RefundRequested { refund, amount: euros(minor) }),
        2 => id.clone().prop_map(Fact::RefundApproved),
        1 => id.clone().prop_map(Fact::RefundRejected),
        2 => (id.clone(), 1_i64..4).prop_map(|(refund, attempt)| Fact::RefundSent { refund, attempt }),
        2 => id.clone().prop_map(Fact::RefundSettled),
        2 => (id, 1_i64..4).prop_map(|(refund, attempt)| Fact::RefundFailed { refund, attempt }),
    ]
}

fn facts() -> impl Strategy<Value = Vec<Fact>> {
    proptest::collection::vec(fact(), 0..25)
}

/// The places that a refund may go to next.
fn may(from: RefundStatus, to: RefundStatus) -> bool {
    use RefundStatus::{Approved, Rejected, Requested, Sent, Settled};
    from == to || matches!((from, to), (Requested, Approved | Rejected) | (Approved, Sent | Settled) | (Sent, Approved | Settled))
}

#[test]
fn drill_sequences_refund_and_order_state_machines_against_a_model() {
    let mut runner = TestRunner::new(Config::with_cases(trials()));
    runner
        .run(&facts(), |facts| {
            let mut purchase = purchase(4_900, 4_900);
            // The model: the best that was told of each charge, and where each refund was.
            let mut best: BTreeMap<Uuid, (u8, i64)> = BTreeMap::new();
            for fact in facts {
                let before = purchase.clone();
                let outcome = purchase.apply(&fact);
                if outcome.is_err() {
                    prop_assert_eq!(&purchase, &before, "a refused fact has changed something");
                }
                if let (Fact::Charged(charge), true) = (&fact, !matches!(outcome, Err(Unmoved::Refused | Unmoved::Money(_)))) {
                    let rank = match charge.status {
                        ChargeStatus::Authorised => 1,
                        ChargeStatus::Captured => 3,
                        _ => 2,
                    };
                    let known = best.entry(charge.id).or_insert((0, 0));
                    if rank > known.0 {
                        *known = (rank, charge.amount.minor);
                    }
                }
                let taken: i64 = best.values().filter(|(rank, _)| *rank == 3).map(|(_, minor)| minor).sum();
                prop_assert_eq!(purchase.captured().unwrap().minor, taken);
                for refund in &purchase.refunds {
                    match before.refunds.iter().find(|old| old.id == refund.id) {
                        Some(old) => {
                            prop_assert!(may(old.status, refund.status), "{:?} to {:?}", old.status, refund.status);
                            prop_assert!(refund.attempt >= old.attempt);
                            prop_assert_eq!(&old.amount, &refund.amount);
                        }
                        None => prop_assert_eq!(refund.status, RefundStatus::Requested),
                    }
                }
                let granted = purchase.granted().unwrap().minor;
                prop_assert!(granted <= taken, "{} granted of {}", granted, taken);
                let paid = taken >= 4_900;
                prop_assert_eq!(purchase.opens().unwrap(), paid && granted < 4_900);
                prop_assert_eq!(matches!(purchase.status, OrderStatus::Paid | OrderStatus::Refunded), paid, "{:?}", purchase);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn drill_sequences_ledger_sums_to_zero_after_every_step_and_only_grows() {
    let mut runner = TestRunner::new(Config::with_cases(trials()));
    runner
        .run(&(facts(), 0_i64..3_000), |(facts, off)| {
            let mut purchase = purchase(4_900 + off, 4_900);
            let mut books: Vec<Entry> = Vec::new();
            for fact in facts {
                let _ = purchase.apply(&fact);
                let now = purchase.books().unwrap();
                for entry in &books {
                    prop_assert!(now.contains(entry), "an entry was changed: {:?}", entry);
                }
                let mut causes: Vec<&str> = now.iter().map(|entry| entry.cause.as_str()).collect();
                causes.sort_unstable();
                causes.dedup();
                prop_assert_eq!(causes.len(), now.len(), "a cause was booked twice");
                prop_assert!(
                    now.iter().flat_map(|entry| &entry.lines).all(|line| line.amount.minor > 0 && line.debit != line.credit)
                );
                let sums = balances(&now);
                let of = |account| sums.get(&account).copied().unwrap_or_default();
                prop_assert_eq!(sums.values().sum::<i64>(), 0);
                let settled: i64 = purchase
                    .refunds
                    .iter()
                    .filter(|refund| refund.status == RefundStatus::Settled)
                    .map(|refund| refund.amount.minor)
                    .sum();
                let (taken, granted) = (purchase.captured().unwrap().minor, purchase.granted().unwrap().minor);
                let sold = if purchase.is_paid().unwrap() { 4_900 } else { 0 };
                prop_assert_eq!(of(Account::Cash), taken - settled);
                prop_assert_eq!(of(Account::Credit), sold - taken);
                prop_assert_eq!(of(Account::Payable), settled - granted);
                prop_assert_eq!(of(Account::Refunds), granted);
                prop_assert_eq!(of(Account::Revenue) + of(Account::Discounts), -sold);
                books = now;
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn what_is_told_of_charges_may_come_in_any_order() {
    let mut runner = TestRunner::new(Config::with_cases(500));
    let told = proptest::collection::vec(((1_u128..4), 0_usize..4), 0..8).prop_map(|told| {
        // A charge ends in one way: captured, or declined, or released.
        let end = |id| [ChargeStatus::Captured, ChargeStatus::Declined, ChargeStatus::Released][id as usize % 3];
        told.into_iter()
            .map(|(id, step)| charged(id, if step == 0 { ChargeStatus::Authorised } else { end(id) }, 4_900))
            .collect::<Vec<_>>()
    });
    runner
        .run(
            &(told.clone(), Just(())).prop_flat_map(|(told, ())| (Just(told.clone()), Just(told).prop_shuffle())),
            |(told, shuffled)| {
                let after = |facts: &[Fact]| {
                    let mut purchase = purchase(4_900, 4_900);
                    for fact in facts.iter().chain(facts) {
                        let _ = purchase.apply(fact);
                    }
                    purchase.charges.sort_by_key(|charge| charge.id);
                    purchase
                };
                prop_assert_eq!(after(&told), after(&shuffled));
                Ok(())
            },
        )
        .unwrap();
}

#[test]
fn amounts_that_do_not_fit_are_errors() {
    assert!(euros(i64::MAX).plus(&euros(1)).is_err());
    assert!(euros(1).plus(&Money { minor: 1, currency: "USD".to_owned() }).is_err());
    let mut purchase = purchase(4_900, 4_900);
    assert_eq!(purchase.apply(&charged(1, ChargeStatus::Captured, i64::MAX)), Ok(()));
    let before = purchase.clone();
    assert!(matches!(purchase.apply(&charged(2, ChargeStatus::Captured, 1)), Err(Unmoved::Money(_))));
    let dollars = Charge {
        id: Uuid::from_u128(3),
        amount: Money { minor: 4_900, currency: "USD".to_owned() },
        status: ChargeStatus::Captured,
    };
    assert!(matches!(purchase.apply(&Fact::Charged(dollars)), Err(Unmoved::Money(_))));
    assert_eq!(purchase, before);
}

fn coupon(off: Off) -> Coupon {
    Coupon {
        id: Uuid::nil(),
        code: "SPRING".to_owned(),
        off,
        starts_at: None,
        ends_at: None,
        uses: None,
        uses_each: None,
        course: None,
        used: 0,
    }
}

#[test]
fn a_coupon_takes_off_what_it_says_and_never_more_than_the_price() {
    let (now, course) = (ManualClock::default().now(), CourseId(Uuid::nil()));
    let off = |coupon: &Coupon, minor| coupon.discount(course, &euros(minor), 0, now).map(|off| off.minor);
    assert_eq!(off(&coupon(Off::Percent(15)), 4_999), Ok(749), "rounded down");
    assert_eq!(off(&coupon(Off::Percent(100)), i64::MAX), Ok(i64::MAX));
    assert_eq!(off(&coupon(Off::Amount(euros(6_000))), 4_900), Ok(4_900));
    let dollars = Off::Amount(Money { minor: 1, currency: "USD".to_owned() });
    assert_eq!(off(&coupon(dollars), 4_900), Err(CouponRefused::OtherCurrency));
    let half = coupon(Off::Percent(50));
    let second = Duration::from_secs(1);
    assert_eq!(off(&Coupon { starts_at: Some(now + second), ..half.clone() }, 1), Err(CouponRefused::NotYet));
    assert_eq!(off(&Coupon { ends_at: Some(now), ..half.clone() }, 1), Err(CouponRefused::Ended));
    assert_eq!(off(&Coupon { uses: Some(3), used: 3, ..half.clone() }, 1), Err(CouponRefused::UsedUp));
    assert_eq!(off(&Coupon { course: Some(CourseId(Uuid::max())), ..half.clone() }, 1), Err(CouponRefused::OtherCourse));
    assert_eq!(Coupon { uses_each: Some(1), ..half }.discount(course, &euros(1), 1, now), Err(CouponRefused::UsedByYou));
    assert_eq!(stored_code(" spring-26 ").as_deref(), Some("SPRING-26"));
    assert!(stored_code("a b").is_none() && stored_code("é€é").is_none() && stored_code("ab").is_none());
}

#[test]
fn the_policy_is_kept_to_the_last_moment_and_the_last_percent() {
    let (now, policy) = (ManualClock::default().now(), Policy::sample());
    let case = RefundCase { paid_at: Some(now), progress_percent: 20, refundable: euros(4_900), asked: false };
    let (end, later) = (now + Duration::from_secs(14 * 86_400), now + Duration::from_secs(14 * 86_400 + 1));
    assert_eq!(case.answer(&policy, end), RefundAnswer::Possible { until: end, amount: euros(4_900) });
    assert_eq!(case.answer(&policy, later), RefundAnswer::TooLate { until: end });
    let far = RefundCase { progress_percent: 21, ..case.clone() };
    assert_eq!(far.answer(&policy, now), RefundAnswer::TooFar { progress_percent: 21, limit_percent: 20 });
    assert_eq!(RefundCase { asked: true, ..case.clone() }.answer(&policy, now), RefundAnswer::AskedAlready);
    assert_eq!(RefundCase { paid_at: None, ..case }.answer(&policy, now), RefundAnswer::NothingTaken);
}
