//! What learners have done and paid.

use std::collections::HashMap;

use async_trait::async_trait;
use porter_kernel::db::{DbError, Freshness};
use uuid::Uuid;

use super::rows::{CatalogueRow, CertificateRow, ChargeRow, CourseRow, LessonRow, OrderRow, RefundRow, RequestRow};
use super::sql::certificate;
use super::{Learning, Result};
use crate::domain::{AccountId, CatalogueCourse, CourseFacts, IssuedCertificate, OrderFacts};

/// An enrolment with its course; `WHERE` follows.
macro_rules! course {
    () => {
        "SELECT e.course_id, c.title, c.slug, c.pass_percent, COALESCE(k.starts_at, c.starts_at) AS starts_at, e.order_id, e.status, e.enrolled_at, e.activated_at, \
         e.access_until, e.stuck_reason FROM enrolment e JOIN course c ON c.id = e.course_id \
         LEFT JOIN cohort k ON k.id = e.cohort_id "
    };
}
/// The lessons of an enrolment that count, with what was done in them; `WHERE` follows.
macro_rules! lesson {
    () => {
        "SELECT l.course_id, l.id, CAST(ROW_NUMBER() OVER (PARTITION BY l.course_id ORDER BY l.place) AS BIGINT) AS place, l.title, l.kind, \
         p.percent, p.completed_at, p.updated_at, COUNT(q.attempt) AS attempts, MAX(q.percent) AS best_percent, MAX(q.submitted_at) AS submitted_at \
         FROM enrolment e JOIN lesson l ON l.course_id = e.course_id AND l.published \
         LEFT JOIN lesson_progress p ON p.account_id = e.account_id AND p.lesson_id = l.id \
         LEFT JOIN quiz_attempt q ON q.account_id = e.account_id AND q.lesson_id = l.id "
    };
}
/// After the condition on [`lesson`].
macro_rules! each_lesson {
    () => {
        " GROUP BY l.course_id, l.id, l.place, l.title, l.kind, p.percent, p.completed_at, p.updated_at ORDER BY l.course_id, l.place"
    };
}

/// Rows by what they belong to, each group in the order of the rows.
fn grouped<R, F: From<R>>(rows: Vec<R>, key: impl Fn(&R) -> Uuid) -> HashMap<Uuid, Vec<F>> {
    let mut groups: HashMap<Uuid, Vec<F>> = HashMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row.into());
    }
    groups
}

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl Learning for academy::Academy {
        async fn courses(&self, account: AccountId, freshness: Freshness) -> Result<Vec<CourseFacts>> {
            const COURSES: &str = concat!(course!(), "WHERE e.account_id = $1 ORDER BY e.enrolled_at DESC, e.course_id");
            const LESSONS: &str = concat!(lesson!(), "WHERE e.account_id = $1", each_lesson!());
            const CERTIFICATES: &str = concat!("SELECT ", certificate!(), " FROM certificate WHERE account_id = $1");
            const REQUESTS: &str = "SELECT course_id, status, requested_at, reason FROM certificate_request WHERE account_id = $1";
            let mut db = self.db.read(freshness).await?;
            let courses: Vec<CourseRow> = sqlx::query_as(COURSES).bind(account.0).fetch_all(&mut *db).await?;
            if courses.is_empty() {
                return Ok(Vec::new());
            }
            let lessons: Vec<LessonRow> = sqlx::query_as(LESSONS).bind(account.0).fetch_all(&mut *db).await?;
            // The request before the certificate: read the other way round, one that is issued meanwhile would seem to be lost.
            let requests: Vec<RequestRow> = sqlx::query_as(REQUESTS).bind(account.0).fetch_all(&mut *db).await?;
            let certificates: Vec<CertificateRow> = sqlx::query_as(CERTIFICATES).bind(account.0).fetch_all(&mut *db).await?;

            let mut lessons = grouped(lessons, |row: &LessonRow| row.course_id);
            let mut requests: HashMap<Uuid, RequestRow> = requests.into_iter().map(|row| (row.course_id, row)).collect();
            let certificates = certificates.into_iter().map(IssuedCertificate::from);
            let mut certificates: HashMap<Uuid, IssuedCertificate> = certificates.map(|one| (one.course.0, one)).collect();
            let facts = courses.into_iter().map(|row| {
                let facts = CourseFacts::from(row);
                let course = facts.course.0;
                CourseFacts {
                    lessons: lessons.remove(&course).unwrap_or_default(),
                    certificate: certificates.remove(&course),
                    certificate_request: requests.remove(&course).map(Into::into),
                    ..facts
                }
            });
            Ok(facts.collect())
        }

        async fn orders(&self, account: AccountId, freshness: Freshness) -> Result<Vec<OrderFacts>> {
            const ORDERS: &str = "SELECT o.id, o.number, o.course_id, c.title AS course_title, o.total_minor, o.currency, o.status, o.created_at \
                 FROM orders o JOIN course c ON c.id = o.course_id WHERE o.account_id = $1 ORDER BY o.created_at DESC, o.number DESC";
            const CHARGES: &str = "SELECT h.order_id, h.amount_minor, h.currency, h.method, h.status, h.charged_at \
                 FROM charge h JOIN orders o ON o.id = h.order_id WHERE o.account_id = $1 ORDER BY h.charged_at, h.id";
            const REFUNDS: &str =
                "SELECT r.order_id, r.amount_minor, r.currency, r.status, r.requested_at, r.decided_at, r.sent_at, r.settled_at, r.reason \
                 FROM refund r JOIN orders o ON o.id = r.order_id WHERE o.account_id = $1 ORDER BY r.requested_at, r.id";
            let mut db = self.db.read(freshness).await?;
            let orders: Vec<OrderRow> = sqlx::query_as(ORDERS).bind(account.0).fetch_all(&mut *db).await?;
            if orders.is_empty() {
                return Ok(Vec::new());
            }
            let charges: Vec<ChargeRow> = sqlx::query_as(CHARGES).bind(account.0).fetch_all(&mut *db).await?;
            let refunds: Vec<RefundRow> = sqlx::query_as(REFUNDS).bind(account.0).fetch_all(&mut *db).await?;

            let mut charges = grouped(charges, |row: &ChargeRow| row.order_id);
            let mut refunds = grouped(refunds, |row: &RefundRow| row.order_id);
            let facts = orders.into_iter().map(|row| {
                let facts = OrderFacts::from(row);
                let order = facts.id.0;
                OrderFacts {
                    charges: charges.remove(&order).unwrap_or_default(),
                    refunds: refunds.remove(&order).unwrap_or_default(),
                    ..facts
                }
            });
            Ok(facts.collect())
        }

        async fn catalogue(&self, freshness: Freshness) -> Result<Vec<CatalogueCourse>> {
            const SQL: &str = "SELECT c.id, c.slug, c.title, c.summary, c.level, c.admission, c.price_minor, c.currency, c.starts_at, \
                 (SELECT COUNT(*) FROM lesson l WHERE l.course_id = c.id AND l.published) AS lessons, \
                 (SELECT CAST(COALESCE(SUM(l.minutes), 0) AS BIGINT) FROM lesson l WHERE l.course_id = c.id AND l.published) AS minutes \
                 FROM course c WHERE c.published ORDER BY c.title, c.id";
            let rows: Vec<CatalogueRow> = sqlx::query_as(SQL).fetch_all(&mut *self.db.read(freshness).await?).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }
    }

    /// One course of an account with its lessons, as the transaction sees it; without certificate and request.
    pub(in crate::store) async fn course(
        tx: &mut engine::Tx,
        account: AccountId,
        course: Uuid,
    ) -> std::result::Result<Option<CourseFacts>, DbError> {
        const COURSE: &str = concat!(course!(), "WHERE e.account_id = $1 AND e.course_id = $2");
        const LESSONS: &str = concat!(lesson!(), "WHERE e.account_id = $1 AND e.course_id = $2", each_lesson!());
        let row: Option<CourseRow> = sqlx::query_as(COURSE).bind(account.0).bind(course).fetch_optional(&mut **tx).await?;
        let Some(row) = row else { return Ok(None) };
        let lessons: Vec<LessonRow> = sqlx::query_as(LESSONS).bind(account.0).bind(course).fetch_all(&mut **tx).await?;
        let mut facts = CourseFacts::from(row);
        facts.lessons = lessons.into_iter().map(Into::into).collect();
        Ok(Some(facts))
    }
}
