//! Completing a lesson, in the transaction of what completes it: the learner's word, a video that was watched, a quiz that was passed.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use uuid::Uuid;

use super::jobs;
use crate::domain::event::Event;
use crate::domain::{AccountId, CourseId, EnrolmentStatus, LessonId, enrolment};

/// A module, and how much of it is done. `None`: the lessons of no module.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ModuleRow {
    pub(super) module_id: Option<Uuid>,
    pub(super) lessons: i64,
    pub(super) done: i64,
}

/// By module: how many lessons count for account `$1` in course `$2`, and how many are done. A quiz is done when its best result is enough, or when
/// it is lesson `$3`, which was passed just now.
pub(super) const MODULES: &str = "SELECT l.module_id, COUNT(*) AS lessons, COUNT(*) FILTER (WHERE l.id = $3 OR (p.completed_at IS NOT NULL AND (l.kind <> 'quiz' \
     OR c.pass_percent <= (SELECT MAX(q.percent) FROM quiz_attempt q WHERE q.account_id = $1 AND q.lesson_id = l.id)))) AS done \
     FROM lesson l JOIN course c ON c.id = l.course_id LEFT JOIN lesson_progress p ON p.account_id = $1 AND p.lesson_id = l.id \
     WHERE l.course_id = $2 AND l.published GROUP BY l.module_id";

porter_kernel::for_both_engines! {
    siblings certificates, events;

    /// Completes the lesson for the learner; completed already: changes nothing. Whether the learner may is the caller's to check. The last lesson
    /// of a module completes it, the last of all the course, which asks for the certificate.
    pub(in crate::store) async fn lesson(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        lesson: LessonId,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        // Of two last lessons that are completed at the same time, one sees the other.
        let status = lock(tx, account, course).await?;
        let completed = sqlx::query(
            "INSERT INTO lesson_progress (account_id, lesson_id, percent, completed_at, updated_at) VALUES ($1, $2, 100, $3, $3) \
             ON CONFLICT (account_id, lesson_id) DO UPDATE SET percent = 100, completed_at = excluded.completed_at, \
             updated_at = CASE WHEN excluded.updated_at > lesson_progress.updated_at THEN excluded.updated_at ELSE lesson_progress.updated_at END \
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
        let modules: Vec<ModuleRow> =
            sqlx::query_as(MODULES).bind(account.0).bind(course.0).bind(lesson.0).fetch_all(&mut **tx).await?;
        if completed.rows_affected() == 1 {
            let module: Option<Uuid> =
                sqlx::query_scalar("SELECT module_id FROM lesson WHERE id = $1").bind(lesson.0).fetch_optional(&mut **tx).await?.flatten();
            if let Some(module) = module && modules.iter().any(|row| row.module_id == Some(module) && row.done == row.lessons) {
                events::record(tx, &Event::ModuleCompleted { account, course, module }, now).await?;
            }
        }
        finish(tx, account, course, status, &modules, now).await
    }

    /// Completes the course when everything in it is done: for an enrolment that was opened again.
    pub(in crate::store) async fn settle(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let status = lock(tx, account, course).await?;
        let modules: Vec<ModuleRow> =
            sqlx::query_as(MODULES).bind(account.0).bind(course.0).bind(Uuid::nil()).fetch_all(&mut **tx).await?;
        finish(tx, account, course, status, &modules, now).await
    }

    /// Locks the enrolment until the transaction ends, and gives where it is.
    pub(in crate::store) async fn lock(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
    ) -> std::result::Result<Option<EnrolmentStatus>, DbError> {
        let status: Option<String> =
            sqlx::query_scalar("UPDATE enrolment SET status = status WHERE account_id = $1 AND course_id = $2 RETURNING status")
                .bind(account.0)
                .bind(course.0)
                .fetch_optional(&mut **tx)
                .await?;
        status.map(|word| word.parse().map_err(DbError::unreadable)).transpose()
    }

    async fn finish(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        status: Option<EnrolmentStatus>,
        modules: &[ModuleRow],
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let all_done = !modules.is_empty() && modules.iter().all(|row| row.done == row.lessons);
        let Some(status) = enrolment::completed(status).filter(|_| all_done) else { return Ok(()) };
        sqlx::query("UPDATE enrolment SET status = $3 WHERE account_id = $1 AND course_id = $2")
            .bind(account.0)
            .bind(course.0)
            .bind(status.as_str())
            .execute(&mut **tx)
            .await?;
        events::record(tx, &Event::CourseCompleted { account, course }, now).await?;
        certificates::ask(tx, account, course, jobs::on_completion(account, course, now), now).await
    }
}
