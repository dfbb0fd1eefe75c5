//! Histories about money: charges, holds, refunds, and courses that do not open.

use std::time::Duration;

use super::builder::{Builder, Course, Person};
use super::courses::Courses;
use super::{
    DANA_LEVI, ELIF_DEMIR, GRACE_KIM, JULIA_NOWAK, KOFI_MENSAH, LENA_HOFFMANN, MATEO_ALVAREZ, NADIA_RAHMAN, TOMAS_NOVAK, UMA_PATEL,
    XIMENA_ROJAS,
};
use crate::domain::{ChargeStatus, EnrolmentStatus, OrderStatus, RefundStatus};

pub(super) fn build(builder: &mut Builder<'_>, courses: &Courses) {
    charges(builder, courses);
    refunds(builder, courses);
    not_open(builder, courses);
}

/// A refund that was sent yesterday. Among the first, so that her order has the number that [`super::DEMO`] names.
pub(super) fn dana_levi(builder: &mut Builder<'_>, courses: &Courses) {
    let dana = builder.learner(DANA_LEVI, "Dana Levi", 20);
    let (asked, decided, sent) = (builder.days_ago(4), builder.days_ago(3), builder.days_ago(1));
    let order = refunded(builder, dana, &courses.security, 11, OrderStatus::Refunded);
    builder.refund(&order, RefundStatus::Sent, asked, |refund| {
        refund.decided_at = Some(decided);
        refund.sent_at = Some(sent);
    });
}

/// Bought so many days ago and closed again.
fn refunded(builder: &mut Builder<'_>, person: Person, course: &Course, days: u64, status: OrderStatus) -> super::builder::Order {
    let bought = builder.days_ago(days);
    let order = builder.order(person, course, status, bought);
    builder.charge(&order, ChargeStatus::Captured, bought + Duration::from_secs(20));
    builder.enrol(person, course, Some(&order), EnrolmentStatus::Cancelled, bought + Duration::from_secs(30));
    builder.study(person, course, 1, (days - 1, days - 1), &[]);
    order
}

fn charges(builder: &mut Builder<'_>, courses: &Courses) {
    let elif = builder.learner(ELIF_DEMIR, "Elif Demir", 15);
    let order = builder.buy(elif, &courses.writing, 5);
    builder.charge(&order, ChargeStatus::Captured, order.at + Duration::from_secs(95));
    builder.study(elif, &courses.writing, 3, (5, 1), &[]);

    let mateo = builder.learner(MATEO_ALVAREZ, "Mateo Álvarez", 9);
    let order = builder.buy(mateo, &courses.photography, 2);
    builder.charge(&order, ChargeStatus::Authorised, order.at + Duration::from_secs(5));
    builder.study(mateo, &courses.photography, 2, (2, 1), &[]);

    // Three instalments, of which two are paid.
    let tomas = builder.learner(TOMAS_NOVAK, "Tomáš Novák", 58);
    let bought = builder.days_ago(52);
    let order = builder.order(tomas, &courses.projects, OrderStatus::Open, bought);
    let part = order.price.minor / 3;
    builder.charge_of(&order, order.price.minor - 2 * part, ChargeStatus::Captured, bought + Duration::from_secs(20));
    let second = builder.days_ago(22);
    builder.charge_of(&order, part, ChargeStatus::Captured, second);
    builder.enrol(tomas, &courses.projects, Some(&order), EnrolmentStatus::Active, bought + Duration::from_secs(30));
    builder.study(tomas, &courses.projects, 6, (50, 2), &[]);

    // The page was frozen, and she paid again.
    let ximena = builder.learner(XIMENA_ROJAS, "Ximena Rojas", 8);
    let first = builder.buy(ximena, &courses.spanish, 3);
    let again = first.at + Duration::from_secs(600);
    let second = builder.order(ximena, &courses.spanish, OrderStatus::Paid, again);
    builder.charge(&second, ChargeStatus::Captured, again + Duration::from_secs(25));
    builder.study(ximena, &courses.spanish, 2, (2, 1), &[]);
}

fn refunds(builder: &mut Builder<'_>, courses: &Courses) {
    let julia = builder.learner(JULIA_NOWAK, "Julia Nowak", 14);
    let order = builder.buy(julia, &courses.projects, 7);
    builder.study(julia, &courses.projects, 1, (6, 6), &[]);
    let asked = builder.hours_ago(20);
    builder.refund(&order, RefundStatus::Requested, asked, |_| ());

    let kofi = builder.learner(KOFI_MENSAH, "Kofi Mensah", 75);
    let (asked, decided, sent, settled) = (builder.days_ago(63), builder.days_ago(62), builder.days_ago(60), builder.days_ago(58));
    let order = refunded(builder, kofi, &courses.data, 70, OrderStatus::Refunded);
    builder.refund(&order, RefundStatus::Settled, asked, |refund| {
        refund.decided_at = Some(decided);
        refund.sent_at = Some(sent);
        refund.settled_at = Some(settled);
    });

    let lena = builder.learner(LENA_HOFFMANN, "Lena Hoffmann", 120);
    let order = builder.buy(lena, &courses.data, 110);
    builder.study(lena, &courses.data, 8, (108, 30), &[]);
    let (asked, decided) = (builder.days_ago(25), builder.days_ago(23));
    builder.refund(&order, RefundStatus::Rejected, asked, |refund| {
        refund.decided_at = Some(decided);
        refund.reason = Some("asked for 85 days after the payment, with 66 % of the course finished".to_owned());
    });
}

fn not_open(builder: &mut Builder<'_>, courses: &Courses) {
    let grace = builder.learner(GRACE_KIM, "Grace Kim", 4);
    let paid = builder.days_ago(2);
    let order = builder.order(grace, &courses.data, OrderStatus::Paid, paid);
    builder.charge(&order, ChargeStatus::Captured, paid + Duration::from_secs(30));
    builder.enrol(grace, &courses.data, Some(&order), EnrolmentStatus::Pending, paid);
    if let Some(enrolment) = builder.seed.enrolments.last_mut() {
        enrolment.stuck_reason = Some("The confirmation of the payment could not be read.".to_owned());
    }

    let nadia = builder.learner(NADIA_RAHMAN, "Nadia Rahman", 6);
    let tried = builder.days_ago(1);
    let order = builder.order(nadia, &courses.security, OrderStatus::Failed, tried);
    builder.charge(&order, ChargeStatus::Declined, tried + Duration::from_secs(40));

    let uma = builder.learner(UMA_PATEL, "Uma Patel", 3);
    let ordered = builder.hours_ago(9);
    let order = builder.order(uma, &courses.photography, OrderStatus::Open, ordered);
    builder.charge(&order, ChargeStatus::Authorised, ordered + Duration::from_secs(30));
    builder.enrol(uma, &courses.photography, Some(&order), EnrolmentStatus::Pending, ordered);
}
