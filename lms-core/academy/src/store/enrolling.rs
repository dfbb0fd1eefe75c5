//! Opening and closing an enrolment, in the transaction of what causes it: a payment, a refund, an invitation, the learner's own wish.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use uuid::Uuid;

use crate::domain::catalogue::{Cohort, CohortId};
use crate::domain::enrolment::{self, Seat};
use crate::domain::event::Event;
use crate::domain::{AccountId, CourseId, EnrolmentStatus, OrderId};

/// Why an enrolment waits that was paid: every group is full or closed.
pub(super) const NO_SEAT: &str = "No seat was left in a group.";

#[derive(Debug, sqlx::FromRow)]
pub(super) struct CohortRow {
    id: Uuid,
    name: String,
    starts_at: Timestamp,
    ends_at: Option<Timestamp>,
    enrol_from: Option<Timestamp>,
    enrol_until: Option<Timestamp>,
    seats: Option<i64>,
    taken: i64,
}

impl From<CohortRow> for Cohort {
    fn from(row: CohortRow) -> Self {
        Self {
            id: CohortId(row.id),
            name: row.name,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            enrol_from: row.enrol_from,
            enrol_until: row.enrol_until,
            seats: row.seats,
            taken: row.taken,
        }
    }
}

/// The cohorts of course `$1` with their taken seats at `$2`, those of account `$3` not counted, by their start.
pub(super) const COHORTS: &str = "SELECT k.id, k.name, k.starts_at, k.ends_at, k.enrol_from, k.enrol_until, k.seats, \
     (SELECT COUNT(*) FROM enrolment e WHERE e.cohort_id = k.id AND e.status <> 'cancelled' AND e.account_id <> $3) \
     + (SELECT COUNT(*) FROM seat_hold h WHERE h.cohort_id = k.id AND h.held_until > $2 AND h.account_id <> $3 AND NOT EXISTS \
     (SELECT 1 FROM enrolment e WHERE e.account_id = h.account_id AND e.cohort_id = k.id AND e.status <> 'cancelled')) AS taken \
     FROM cohort k WHERE k.course_id = $1 ORDER BY k.starts_at, k.id";

#[derive(Debug, sqlx::FromRow)]
struct StandingRow {
    #[sqlx(try_from = "String")]
    status: EnrolmentStatus,
    cohort_id: Option<Uuid>,
    access_until: Option<Timestamp>,
}

porter_kernel::for_both_engines! {
    siblings completing, events;

    /// Opens the course to the learner, also after an enrolment that was pending or cancelled or has run out; open already: changes nothing. In a
    /// course with cohorts the learner gets the seat that is kept for them, else one in the next cohort that takes learners; without a seat the
    /// enrolment is pending, with a reason, until there is one.
    pub(in crate::store) async fn open(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        order: Option<OrderId>,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let hold: Option<Uuid> = sqlx::query_scalar("SELECT cohort_id FROM seat_hold WHERE account_id = $1 AND course_id = $2")
            .bind(account.0)
            .bind(course.0)
            .fetch_optional(&mut **tx)
            .await?;
        let cohorts = cohorts(tx, account, course, now).await?;
        let free = |cohort: &&Cohort| cohort.left() != Some(0);
        let kept = cohorts.iter().find(|cohort| Some(cohort.id.0) == hold).filter(free);
        let chosen = kept.or_else(|| cohorts.iter().filter(free).find(|cohort| cohort.is_open(now)));
        let seat = if cohorts.is_empty() || chosen.is_some() { Seat::Taken } else { Seat::None };
        enter(tx, account, course, (order, chosen.map(|cohort| cohort.id), seat), now).await
    }

    /// The cohorts of a course with the seats that others have. Locks the course when it has cohorts: seats are given one after another.
    pub(in crate::store) async fn cohorts(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        now: Timestamp,
    ) -> std::result::Result<Vec<Cohort>, DbError> {
        sqlx::query("UPDATE course SET published = published WHERE id = $1 AND EXISTS (SELECT 1 FROM cohort k WHERE k.course_id = $1)")
            .bind(course.0)
            .execute(&mut **tx)
            .await?;
        let rows: Vec<CohortRow> =
            sqlx::query_as(COHORTS).bind(course.0).bind(now).bind(account.0).fetch_all(&mut **tx).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// As [`open`], with a seat that was found.
    pub(in crate::store) async fn enter(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        (order, cohort, seat): (Option<OrderId>, Option<CohortId>, Seat),
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        // Two that open the same enrolment come one after another, also when there is none yet.
        sqlx::query(
            "INSERT INTO enrolment (account_id, course_id, status, enrolled_at) VALUES ($1, $2, 'cancelled', $3) \
             ON CONFLICT (account_id, course_id) DO UPDATE SET status = enrolment.status",
        )
        .bind(account.0)
        .bind(course.0)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        let before: StandingRow =
            sqlx::query_as("SELECT status, cohort_id, access_until FROM enrolment WHERE account_id = $1 AND course_id = $2")
                .bind(account.0)
                .bind(course.0)
                .fetch_one(&mut **tx)
                .await?;
        let lapsed = before.access_until.is_some_and(|until| until <= now);
        let Some(status) = enrolment::opened(Some(before.status), lapsed, seat) else { return Ok(()) };
        let is_open = status == EnrolmentStatus::Active;
        let cohort = cohort.map(|cohort| cohort.0).or(before.cohort_id).filter(|_| is_open);
        sqlx::query(
            "UPDATE enrolment SET status = $3, order_id = COALESCE($4, order_id), cohort_id = $5, activated_at = $6, access_until = NULL, \
             stuck_reason = $7 WHERE account_id = $1 AND course_id = $2",
        )
        .bind(account.0)
        .bind(course.0)
        .bind(status.as_str())
        .bind(order.map(|order| order.0))
        .bind(cohort)
        .bind(is_open.then_some(now))
        .bind((!is_open).then_some(NO_SEAT))
        .execute(&mut **tx)
        .await?;
        sqlx::query("DELETE FROM seat_hold WHERE account_id = $1 AND course_id = $2").bind(account.0).bind(course.0).execute(&mut **tx).await?;
        if is_open {
            events::record(tx, &Event::Enrolled { account, course, order }, now).await?;
            completing::settle(tx, account, course, now).await?;
        }
        Ok(())
    }

    /// Closes the course to the learner, who keeps their progress and gives their seat back; closed already: changes nothing.
    pub(in crate::store) async fn close(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let Some(status) = enrolment::closed(completing::lock(tx, account, course).await?) else { return Ok(()) };
        sqlx::query("UPDATE enrolment SET status = $3, cohort_id = NULL, stuck_reason = NULL WHERE account_id = $1 AND course_id = $2")
            .bind(account.0)
            .bind(course.0)
            .bind(status.as_str())
            .execute(&mut **tx)
            .await?;
        events::record(tx, &Event::EnrolmentClosed { account, course }, now).await
    }

    /// Gives seats to those who wait for one, in the order in which they came.
    pub(in crate::store) async fn seat_the_waiting(tx: &mut engine::Tx, course: CourseId, now: Timestamp) -> std::result::Result<(), DbError> {
        let waiting: Vec<Uuid> = sqlx::query_scalar(
            "SELECT account_id FROM enrolment WHERE course_id = $1 AND status = 'pending' AND stuck_reason = $2 ORDER BY enrolled_at, account_id",
        )
        .bind(course.0)
        .bind(NO_SEAT)
        .fetch_all(&mut **tx)
        .await?;
        for account in waiting {
            open(tx, AccountId(account), course, None, now).await?;
        }
        Ok(())
    }
}
