use super::*;

fn found(refund: RefundFacts) -> Finding {
    only(Topic::Refund, &[], &[OrderFacts { refunds: vec![refund], ..paid() }])
}

#[test]
fn asked_for() {
    let finding = found(refund(RefundStatus::Requested, days_ago(1)));
    assert_eq!((finding.reason, finding.mood, finding.about.as_str()), (Reason::RefundRequested, Mood::Waiting, "NL-100234"));
    assert_eq!(
        finding.sentence,
        "You asked for a refund of €49.00 for “Data analysis” (order NL-100234) on 23 November 2026. A person decides on it within 3 days, so by \
         26 November 2026."
    );
    assert!(!found(refund(RefundStatus::Requested, days_ago(3))).needs_person);
    let late = found(refund(RefundStatus::Requested, days_ago(4)));
    assert_eq!((late.reason, late.mood, late.needs_person), (Reason::RefundDecisionOverdue, Mood::Problem, true));
    assert!(late.sentence.ends_with("It should have been decided by 23 November 2026, and was not."), "{}", late.sentence);
}

#[test]
fn granted_and_sent() {
    let finding = found(refund(RefundStatus::Approved, days_ago(4)));
    assert_eq!((finding.reason, finding.mood), (Reason::RefundApproved, Mood::Waiting));
    assert_eq!(
        finding.sentence,
        "Your refund of €49.00 for “Data analysis” (order NL-100234) was granted on 21 November 2026. It should reach you within 10 days, so by \
         1 December 2026."
    );
    assert_eq!(evidence(&finding, "Goes to"), "Visa ending 4242");

    let finding = found(refund(RefundStatus::Sent, days_ago(4)));
    assert_eq!((finding.reason, finding.mood), (Reason::RefundSent, Mood::Waiting));
    assert!(
        finding.sentence.ends_with("and sent on 22 November 2026. It should reach you by 1 December 2026."),
        "{}",
        finding.sentence
    );

    for status in [RefundStatus::Approved, RefundStatus::Sent] {
        assert!(!found(refund(status, days_ago(11))).needs_person, "the last day is not too late");
        let late = found(refund(status, days_ago(12)));
        assert_eq!((late.reason, late.mood, late.needs_person), (Reason::RefundPayoutOverdue, Mood::Problem, true));
        assert!(late.sentence.contains("by 23 November 2026"), "{}", late.sentence);
    }
}

#[test]
fn settled_and_rejected() {
    let finding = found(refund(RefundStatus::Settled, days_ago(40)));
    assert_eq!((finding.reason, finding.mood), (Reason::RefundSettled, Mood::Good));
    assert!(finding.sentence.ends_with("was paid out on 19 October 2026."), "{}", finding.sentence);

    let rejected =
        RefundFacts { reason: Some("asked for too late”, says Bob".to_owned()), ..refund(RefundStatus::Rejected, days_ago(9)) };
    let finding = found(rejected);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::RefundRejected, Mood::Problem, false));
    assert!(
        finding.sentence.ends_with("was declined on 16 November 2026. The reason: “asked for too late', says Bob”."),
        "{}",
        finding.sentence
    );
}

#[test]
fn never_asked_for() {
    let in_time = only(Topic::Refund, &[course(vec![untouched(text(1))])], &[paid()]);
    assert_eq!((in_time.reason, in_time.mood, in_time.needs_person), (Reason::RefundNotRequested, Mood::Problem, false));
    assert_eq!(
        in_time.sentence,
        "No refund has been requested for order NL-100234 (“Data analysis”), which was paid on 14 November 2026. You can ask for one \
         until 28 November 2026: you have finished 0 % of the course."
    );
    let too_far = only(Topic::Refund, &[complete()], &[paid()]);
    assert!(
        too_far.sentence.ends_with("A refund is possible up to 20 % of the course, and you have finished 100 %."),
        "{too_far:?}"
    );
    let late = order(OrderStatus::Paid, vec![charge(ChargeStatus::Captured, days_ago(15))]);
    let late = only(Topic::Refund, &[], &[late]);
    assert!(late.sentence.ends_with("The 14 days in which one can ask ended on 23 November 2026."), "{}", late.sentence);
}

#[test]
fn nothing_to_pay_back() {
    let declined = order(OrderStatus::Failed, vec![charge(ChargeStatus::Declined, days_ago(1))]);
    let finding = only(Topic::Refund, &[], &[declined]);
    assert_eq!((finding.reason, finding.mood), (Reason::NothingToRefund, Mood::Good));
    assert_eq!(only(Topic::Refund, &[], &[]).reason, Reason::NoOrders);
}

#[test]
fn a_double_payment_needs_no_request() {
    let twice =
        order(OrderStatus::Paid, vec![charge(ChargeStatus::Captured, days_ago(40)), charge(ChargeStatus::Captured, days_ago(40))]);
    let finding = only(Topic::Refund, &[complete()], &[twice]);
    assert_eq!((finding.reason, finding.needs_person), (Reason::ChargedTwice, true));

    let again = OrderFacts { id: OrderId(id(201)), number: "NL-100777".to_owned(), ..paid() };
    let both = [again, paid()];
    let finding = only(Topic::Refund, &[complete()], &both);
    assert_eq!((finding.reason, finding.needs_person), (Reason::PaidTwoOrders, true));
    let asked = diagnose(Topic::Refund, Facts { courses: &[], orders: &both }, Some("NL-100234"), &Policy::sample(), now());
    assert_eq!(reasons(&asked), [Reason::PaidTwoOrders]);
}

#[test]
fn refunds_come_before_orders_without_one_and_late_ones_first() {
    let mut other = paid();
    (other.id, other.number, other.course) = (OrderId(id(201)), "NL-100777".to_owned(), CourseId(id(101)));
    let refunded = OrderFacts {
        refunds: vec![refund(RefundStatus::Settled, days_ago(5)), refund(RefundStatus::Requested, days_ago(9))],
        ..paid()
    };
    let found = ask(Topic::Refund, &[], &[other.clone(), refunded.clone()]);
    assert_eq!(reasons(&found), [Reason::RefundDecisionOverdue, Reason::RefundSettled]);
    // Asked about by its number, the other order is answered.
    let orders = [other, refunded];
    let found = diagnose(Topic::Refund, Facts { courses: &[], orders: &orders }, Some("NL-100777"), &Policy::sample(), now());
    assert_eq!(reasons(&found), [Reason::RefundNotRequested]);
}
