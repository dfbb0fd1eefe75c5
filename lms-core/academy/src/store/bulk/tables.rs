//! Which row goes where. The order is that of the references.

use super::{Cell, Table};
use crate::domain::IssuedCertificate;
use crate::store::Seed;

macro_rules! table {
    ($name:literal, $source:expr, $row:ident => { $($column:ident: $value:expr),+ $(,)? }) => {
        Table {
            name: $name,
            columns: &[$(stringify!($column)),+],
            rows: $source.iter().map(|$row| vec![$(Cell::from($value)),+]).collect(),
        }
    };
}

/// The rows of the seed's learners. Courses and lessons are there already.
pub(super) fn of<'a>(seed: &'a Seed, certificates: &'a [IssuedCertificate]) -> Vec<Table<'a>> {
    vec![
        table!("account", seed.accounts, row => {
            id: row.id.0, email: row.email.as_str(), name: row.name.as_str(), role: row.role.as_str(), status: row.status.as_str(),
            password_hash: row.password_hash.as_str(), created_at: row.created_at,
        }),
        table!("orders", seed.orders, row => {
            id: row.id.0, number: row.number.as_str(), account_id: row.account.0, course_id: row.course.0, total_minor: row.total.minor,
            currency: row.total.currency.as_str(), status: row.status.as_str(), created_at: row.created_at,
        }),
        table!("charge", seed.charges, row => {
            id: row.id, order_id: row.order.0, amount_minor: row.amount.minor, currency: row.amount.currency.as_str(),
            method: row.method.as_str(), status: row.status.as_str(), charged_at: row.charged_at,
        }),
        table!("refund", seed.refunds, row => {
            id: row.id, order_id: row.order.0, amount_minor: row.amount.minor, currency: row.amount.currency.as_str(),
            status: row.status.as_str(), requested_at: row.requested_at, decided_at: row.decided_at, sent_at: row.sent_at,
            settled_at: row.settled_at, reason: row.reason.as_deref(),
        }),
        table!("enrolment", seed.enrolments, row => {
            account_id: row.account.0, course_id: row.course.0, order_id: row.order.map(|order| order.0), status: row.status.as_str(),
            enrolled_at: row.enrolled_at, activated_at: row.activated_at, access_until: row.access_until,
            stuck_reason: row.stuck_reason.as_deref(),
        }),
        table!("lesson_progress", seed.progress, row => {
            account_id: row.account.0, lesson_id: row.lesson.0, percent: row.percent, completed_at: row.completed_at,
            updated_at: row.updated_at,
        }),
        table!("quiz_attempt", seed.attempts, row => {
            account_id: row.account.0, lesson_id: row.lesson.0, attempt: row.attempt, percent: row.percent,
            submitted_at: row.submitted_at,
        }),
        table!("certificate", certificates, row => {
            id: row.id.0, account_id: row.account.0, course_id: row.course.0, course_title: row.course_title.as_str(),
            learner_name: row.learner_name.as_str(), signatory: row.signatory.as_str(), signatory_role: row.signatory_role.as_str(),
            code: row.code.as_str(), issued_at: row.issued_at,
        }),
        table!("certificate_request", seed.certificate_requests, row => {
            account_id: row.account.0, course_id: row.course.0, status: row.status.as_str(), requested_at: row.requested_at,
            reason: row.reason.as_deref(),
        }),
    ]
}
