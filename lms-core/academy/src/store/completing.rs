//! Completing a lesson, in the transaction of what completes it: the learner's word, a video that was watched, a quiz that was passed.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;

use crate::domain::event::Event;
use crate::domain::{AccountId, CourseId, LessonId};

porter_kernel::for_both_engines! {
    siblings events;

    /// Completes the lesson for the learner; completed already: changes nothing. Whether the learner may is the caller's to check.
    pub(in crate::store) async fn lesson(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        lesson: LessonId,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let completed = sqlx::query(
            "INSERT INTO lesson_progress (account_id, lesson_id, percent, completed_at, updated_at) VALUES ($1, $2, 100, $3, $3) \
             ON CONFLICT (account_id, lesson_id) DO UPDATE SET percent = 100, completed_at = excluded.completed_at, updated_at = excluded.updated_at \
             WHERE lesson_progress.completed_at IS NULL",
        )
        .bind(account.0)
        .bind(lesson.0)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if completed.rows_affected() == 1 {
            events::record(tx, &Event::LessonCompleted { account, course, lesson }, now).await?;
        }
        Ok(())
    }
}
