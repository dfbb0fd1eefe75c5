use super::*;

fn with(status: OrderStatus, charges: &[(ChargeStatus, u64)]) -> OrderFacts {
    order(status, charges.iter().map(|(status, days)| charge(*status, days_ago(*days))).collect())
}

fn found(status: OrderStatus, charges: &[(ChargeStatus, u64)]) -> Finding {
    only(Topic::Charge, &[], &[with(status, charges)])
}

use ChargeStatus::{Authorised, Captured, Declined, Released};

#[test]
fn a_single_charge() {
    let finding = found(OrderStatus::Paid, &[(Captured, 10)]);
    assert_eq!((finding.reason, finding.mood, finding.about.as_str()), (Reason::SingleCharge, Mood::Good, "NL-100234"));
    assert_eq!(finding.sentence, "The charge of €49.00 on 14 November 2026 is for order NL-100234, for “Data analysis”.");
    assert_eq!(evidence(&finding, "Paid"), "€49.00 on 14 November 2026, Visa ending 4242");
    // A try that failed before does not change it.
    assert_eq!(found(OrderStatus::Paid, &[(Declined, 11), (Captured, 10)]).reason, Reason::SingleCharge);
}

#[test]
fn charged_twice() {
    let finding = found(OrderStatus::Paid, &[(Captured, 10), (Captured, 9)]);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::ChargedTwice, Mood::Problem, true));
    assert_eq!(
        finding.sentence,
        "Order NL-100234 for “Data analysis” costs €49.00, but €98.00 was taken in 2 payments. That is €49.00 too much, and our mistake."
    );
    assert_eq!(finding.evidence.iter().filter(|fact| fact.label == "Paid").count(), 2);
}

#[test]
fn charged_twice_and_paid_back() {
    let mut order = with(OrderStatus::Paid, &[(Captured, 10), (Captured, 9)]);
    order.refunds = vec![refund(RefundStatus::Requested, days_ago(3))];
    let still = only(Topic::Charge, &[], std::slice::from_ref(&order));
    assert_eq!(still.reason, Reason::ChargedTwice, "asked for is not paid back");
    order.refunds = vec![refund(RefundStatus::Sent, days_ago(3))];
    let back = only(Topic::Charge, &[], std::slice::from_ref(&order));
    assert_eq!((back.reason, back.mood), (Reason::ChargeRefunded, Mood::Waiting));
    assert_eq!(back.sentence, "€98.00 was taken for order NL-100234, for “Data analysis”, and €49.00 is on its way back to you.");
    order.refunds = vec![refund(RefundStatus::Settled, days_ago(8))];
    let back = only(Topic::Charge, &[], &[order]);
    assert_eq!(back.mood, Mood::Good);
    assert!(back.sentence.ends_with("and €49.00 was paid back by 20 November 2026."), "{}", back.sentence);
}

#[test]
fn two_orders_for_one_course() {
    let first = with(OrderStatus::Paid, &[(Captured, 10)]);
    let mut second = OrderFacts { id: OrderId(id(201)), number: "NL-100777".to_owned(), created_at: days_ago(9), ..first.clone() };
    let both = [second.clone(), first.clone()];
    let finding = only(Topic::Charge, &[], &both);
    assert_eq!((finding.reason, finding.needs_person), (Reason::PaidTwoOrders, true));
    assert_eq!(
        finding.sentence,
        "“Data analysis” was paid for in two orders: NL-100234 of 14 November 2026 (€49.00) and NL-100777 of 15 November 2026 (€49.00). One \
         of them is enough for the course."
    );
    // Also when only one of them is asked about.
    let asked = diagnose(Topic::Charge, Facts { courses: &[], orders: &both }, Some("NL-100234"), &Policy::sample(), now());
    assert_eq!(reasons(&asked), [Reason::PaidTwoOrders]);

    // Paid back, or long before: no mistake.
    second.refunds = vec![refund(RefundStatus::Approved, days_ago(2))];
    let found = ask(Topic::Charge, &[], &[second.clone(), first.clone()]);
    assert_eq!(reasons(&found), [Reason::ChargeRefunded, Reason::SingleCharge]);
    second.refunds.clear();
    let before = OrderFacts { created_at: days_ago(800), ..first };
    assert_eq!(reasons(&ask(Topic::Charge, &[], &[second, before])), [Reason::SingleCharge, Reason::SingleCharge]);
}

#[test]
fn a_second_amount_that_is_only_a_hold() {
    let finding = found(OrderStatus::Paid, &[(Captured, 3), (Authorised, 2)]);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::SecondHold, Mood::Waiting, false));
    assert_eq!(
        finding.sentence,
        "Order NL-100234 for “Data analysis” was paid with €49.00 on 21 November 2026. A second amount, €49.00 of 22 November 2026, was only \
         set aside by your bank: it is not a payment, and your bank releases it within 7 days, so by 29 November 2026."
    );
    let overdue = found(OrderStatus::Paid, &[(Captured, 9), (Authorised, 8)]);
    assert_eq!((overdue.reason, overdue.needs_person), (Reason::HoldOverdue, true));
    let released = found(OrderStatus::Paid, &[(Captured, 9), (Released, 9)]);
    assert_eq!((released.reason, released.mood), (Reason::HoldReleased, Mood::Good));
}

#[test]
fn nothing_was_taken() {
    assert_eq!(found(OrderStatus::Open, &[(Authorised, 2)]).reason, Reason::PaymentNotCaptured);
    assert!(found(OrderStatus::Open, &[(Authorised, 8)]).needs_person);
    assert_eq!(found(OrderStatus::Failed, &[(Released, 5), (Declined, 2)]).reason, Reason::PaymentDeclined);
    assert_eq!(found(OrderStatus::Failed, &[(Declined, 5), (Released, 2)]).reason, Reason::HoldReleased);
    let unpaid = found(OrderStatus::Open, &[]);
    assert_eq!((unpaid.reason, unpaid.about.as_str()), (Reason::OrderUnpaid, "NL-100234"));
}

#[test]
fn instalments_are_parts_of_one_price() {
    let mut order = with(OrderStatus::Open, &[(Captured, 40), (Captured, 10)]);
    order.total = euros(15_000);
    let finding = only(Topic::Charge, &[], &[order]);
    assert_eq!((finding.reason, finding.mood), (Reason::Instalments, Mood::Good));
    assert_eq!(
        finding.sentence,
        "€98.00 was taken for order NL-100234, for “Data analysis”, in 2 payments. The order costs €150.00, so they are parts of one price."
    );
}

#[test]
fn amounts_of_several_currencies_go_to_a_person() {
    let mut order = with(OrderStatus::Paid, &[(Captured, 10), (Captured, 9)]);
    order.charges[1].amount.currency = "USD".to_owned();
    let finding = only(Topic::Charge, &[], &[order]);
    assert_eq!((finding.reason, finding.needs_person), (Reason::ChargeUnclear, true));
    assert_eq!(finding.evidence[2].value, "USD 49.00 on 15 November 2026, Visa ending 4242");
}

#[test]
fn mistakes_come_first() {
    let mut twice = with(OrderStatus::Paid, &[(Captured, 30), (Captured, 30)]);
    twice.created_at = days_ago(30);
    let mut fine = with(OrderStatus::Paid, &[(Captured, 1)]);
    (fine.id, fine.course, fine.created_at) = (OrderId(id(202)), CourseId(id(102)), days_ago(1));
    let mut failed = with(OrderStatus::Failed, &[(Declined, 2)]);
    (failed.id, failed.course, failed.created_at) = (OrderId(id(203)), CourseId(id(103)), days_ago(2));
    let found = ask(Topic::Charge, &[], &[fine, failed, twice]);
    assert_eq!(reasons(&found), [Reason::ChargedTwice, Reason::PaymentDeclined, Reason::SingleCharge]);
    assert_eq!(only(Topic::Charge, &[complete()], &[]).reason, Reason::NoOrders);
}
