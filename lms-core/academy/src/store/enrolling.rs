//! Opening and closing an enrolment, in the transaction of what causes it: a payment, a refund, an invitation.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;

use crate::domain::event::Event;
use crate::domain::{AccountId, CourseId, OrderId};

porter_kernel::for_both_engines! {
    siblings events;

    /// Opens the course to the learner, also after an enrolment that was pending or cancelled; open already: changes nothing.
    pub(in crate::store) async fn open(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        order: Option<OrderId>,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let opened = sqlx::query(
            "INSERT INTO enrolment (account_id, course_id, order_id, status, enrolled_at, activated_at) VALUES ($1, $2, $3, 'active', $4, $4) \
             ON CONFLICT (account_id, course_id) DO UPDATE SET status = 'active', order_id = COALESCE(excluded.order_id, enrolment.order_id), \
             activated_at = excluded.activated_at, stuck_reason = NULL WHERE enrolment.status IN ('pending', 'cancelled')",
        )
        .bind(account.0)
        .bind(course.0)
        .bind(order.map(|order| order.0))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if opened.rows_affected() == 1 {
            events::record(tx, &Event::Enrolled { account, course, order }, now).await?;
        }
        Ok(())
    }

    /// Closes the course to the learner, who keeps their progress; closed already: changes nothing.
    pub(in crate::store) async fn close(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let closed =
            sqlx::query("UPDATE enrolment SET status = 'cancelled' WHERE account_id = $1 AND course_id = $2 AND status <> 'cancelled'")
                .bind(account.0)
                .bind(course.0)
                .execute(&mut **tx)
                .await?;
        if closed.rows_affected() == 1 {
            events::record(tx, &Event::EnrolmentClosed { account, course }, now).await?;
        }
        Ok(())
    }
}
