use super::*;

#[test]
fn open() {
    let finding = only(Topic::Access, &[complete()], &[paid()]);
    assert_eq!((finding.reason, finding.mood), (Reason::AccessOpen, Mood::Good));
    assert_eq!(finding.sentence, "“Data analysis” has been open to you since 25 October 2026.");
    assert_eq!(evidence(&finding, "Open until"), "24 October 2028");
    assert_eq!(finding.remedy.unwrap().url.as_deref(), Some("/learning"));
}

#[test]
fn starts_later() {
    let finding = only(Topic::Access, &[CourseFacts { starts_at: Some(in_days(21)), ..complete() }], &[paid()]);
    assert_eq!((finding.reason, finding.mood), (Reason::StartsLater, Mood::Waiting));
    assert!(finding.sentence.contains("It begins on 15 December 2026"), "{}", finding.sentence);
    let today = only(Topic::Access, &[CourseFacts { starts_at: Some(now()), ..complete() }], &[paid()]);
    assert_eq!(today.reason, Reason::AccessOpen);
}

#[test]
fn expired() {
    let finding = only(Topic::Access, &[CourseFacts { access_until: Some(days_ago(3)), ..complete() }], &[paid()]);
    assert_eq!(finding.reason, Reason::AccessExpired);
    assert_eq!(finding.sentence, "Your access to “Data analysis” ended on 21 November 2026.");
}

#[test]
fn paid_a_moment_ago() {
    let order = order(OrderStatus::Paid, vec![charge(ChargeStatus::Captured, minutes_ago(5))]);
    let finding = only(Topic::Access, &[pending(minutes_ago(6))], &[order]);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::EnrolmentPending, Mood::Waiting, false));
    assert_eq!(
        finding.sentence,
        "We received €49.00 for “Data analysis” (order NL-100234) on 24 November 2026, 09:55 UTC. A course opens within 15 minutes, so by \
         24 November 2026, 10:10 UTC."
    );
}

#[test]
fn paid_and_stuck() {
    let late = order(OrderStatus::Paid, vec![charge(ChargeStatus::Captured, minutes_ago(16))]);
    let finding = only(Topic::Access, &[pending(minutes_ago(20))], &[late]);
    assert_eq!((finding.reason, finding.needs_person), (Reason::EnrolmentStuck, true));
    assert_eq!(evidence(&finding, "Paid"), "€49.00 on 24 November 2026, Visa ending 4242");

    // The system knows at once.
    let known = CourseFacts { stuck_reason: Some("No seat is left.".to_owned()), ..pending(minutes_ago(1)) };
    let fresh = order(OrderStatus::Paid, vec![charge(ChargeStatus::Captured, minutes_ago(1))]);
    let finding = only(Topic::Access, &[known], &[fresh]);
    assert_eq!((finding.reason, evidence(&finding, "Noted by the system")), (Reason::EnrolmentStuck, "No seat is left."));

    // Paid, and nobody has ever enrolled the learner.
    let finding = only(Topic::Access, &[], &[paid()]);
    assert_eq!((finding.reason, finding.needs_person), (Reason::EnrolmentStuck, true));
}

#[test]
fn a_free_course_may_be_stuck_too() {
    let free = CourseFacts { order: None, ..pending(minutes_ago(5)) };
    assert!(
        only(Topic::Access, &[free], &[]).sentence.starts_with("You enrolled in “Data analysis” on 24 November 2026, 09:55 UTC.")
    );
    let free = CourseFacts { order: None, ..pending(minutes_ago(50)) };
    assert_eq!(only(Topic::Access, &[free], &[]).reason, Reason::EnrolmentStuck);
}

#[test]
fn the_payment_is_only_held() {
    let held =
        |at| order(OrderStatus::Open, vec![charge(ChargeStatus::Declined, days_ago(9)), charge(ChargeStatus::Authorised, at)]);
    let finding = only(Topic::Access, &[pending(days_ago(2))], &[held(days_ago(2))]);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::PaymentNotCaptured, Mood::Waiting, false));
    assert_eq!(evidence(&finding, "Lapses by"), "29 November 2026");
    let finding = only(Topic::Access, &[], &[held(days_ago(8))]);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::PaymentNotCaptured, Mood::Problem, true));
}

#[test]
fn the_payment_was_declined_or_never_completed() {
    let declined = order(OrderStatus::Failed, vec![charge(ChargeStatus::Declined, days_ago(1))]);
    let finding = only(Topic::Access, &[], std::slice::from_ref(&declined));
    assert_eq!((finding.reason, finding.mood), (Reason::PaymentDeclined, Mood::Problem));
    assert_eq!(
        finding.sentence,
        "Your bank declined the payment of €49.00 for “Data analysis” on 23 November 2026, so order NL-100234 is not paid and the course is \
         not open. Nothing was taken."
    );
    assert_eq!(only(Topic::Access, &[pending(days_ago(1))], &[declined]).reason, Reason::PaymentDeclined);

    let released = order(OrderStatus::Open, vec![charge(ChargeStatus::Released, days_ago(1))]);
    assert_eq!(only(Topic::Access, &[], &[released]).reason, Reason::HoldReleased);
    assert_eq!(only(Topic::Access, &[], &[order(OrderStatus::Open, vec![])]).reason, Reason::OrderUnpaid);
    assert_eq!(only(Topic::Access, &[], &[order(OrderStatus::Cancelled, vec![])]).reason, Reason::OrderCancelled);
}

#[test]
fn refunded_or_cancelled() {
    let closed = CourseFacts { enrolment: EnrolmentStatus::Cancelled, ..complete() };
    let mut order = paid();
    assert_eq!(only(Topic::Access, std::slice::from_ref(&closed), std::slice::from_ref(&order)).reason, Reason::EnrolmentCancelled);
    order.refunds = vec![refund(RefundStatus::Approved, days_ago(4))];
    let finding = only(Topic::Access, std::slice::from_ref(&closed), std::slice::from_ref(&order));
    assert_eq!(finding.reason, Reason::AccessRefunded);
    assert!(finding.sentence.contains("a refund of €49.00 was granted on 21 November 2026"), "{}", finding.sentence);
    // Without the enrolment too.
    assert_eq!(only(Topic::Access, &[], &[order]).reason, Reason::AccessRefunded);
    // Asked for is not granted.
    let mut order = paid();
    order.refunds = vec![refund(RefundStatus::Requested, days_ago(4)), refund(RefundStatus::Rejected, days_ago(9))];
    assert_eq!(only(Topic::Access, &[closed], &[order]).reason, Reason::EnrolmentCancelled);
}

#[test]
fn an_earlier_order_for_an_open_course_is_left_out() {
    let mut failed = order(OrderStatus::Failed, vec![charge(ChargeStatus::Declined, days_ago(31))]);
    failed.id = OrderId(id(777));
    assert_eq!(only(Topic::Access, &[complete()], &[paid(), failed]).reason, Reason::AccessOpen);
}

#[test]
fn what_is_stuck_comes_first() {
    let stuck = another(pending(days_ago(1)), "Spanish");
    assert_eq!(reasons(&ask(Topic::Access, &[complete(), stuck], &[paid()])), [Reason::EnrolmentStuck, Reason::AccessOpen]);
}

#[test]
fn without_orders_and_courses() {
    let finding = only(Topic::Access, &[], &[]);
    assert_eq!((finding.reason, finding.mood, finding.needs_person), (Reason::NoOrdersOrEnrolments, Mood::Problem, false));
}
