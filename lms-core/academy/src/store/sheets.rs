//! The sheet of an attempt: keeping answers on it, and grading it.

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::quiz_statements::{AttemptRow, QuizRow, SheetRow, attempt, quiz, sheet, storable_json};
use super::{AcademyError, NewSave, Result, SaveReport, SavedAnswer, SheetQuestion};
use crate::domain::event::Event;
use crate::domain::quiz::{Answer, Attempt, Phase, Save, Saved, mark};
use crate::domain::{AccountId, AttemptId, CourseId, LessonId};

porter_kernel::for_both_engines! {
    siblings completing, events;

    /// Locks the attempt until the transaction ends, and gives it as it is now. Who also locks the account locks that first.
    pub(in crate::store) async fn lock(tx: &mut engine::Tx, account: AccountId, id: AttemptId) -> Result<AttemptRow> {
        const SQL: &str = concat!("UPDATE attempt SET state = state WHERE id = $1 AND account_id = $2 RETURNING ", attempt!());
        let row: Option<AttemptRow> = sqlx::query_as(SQL).bind(id.0).bind(account.0).fetch_optional(&mut **tx).await?;
        row.ok_or(AcademyError::NotFound)
    }

    /// Keeps answers of a locked attempt.
    pub(in crate::store) async fn keep(tx: &mut engine::Tx, row: &AttemptRow, saves: &[NewSave], now: Timestamp) -> Result<SaveReport> {
        let attempt = row.attempt()?;
        let mut report = SaveReport { attempt, saves: Vec::new() };
        for save in saves {
            report.saves.push(keep_one(tx, row.id, &attempt, save, now).await?);
        }
        Ok(report)
    }

    async fn keep_one(tx: &mut engine::Tx, id: Uuid, attempt: &Attempt, save: &NewSave, now: Timestamp) -> Result<SavedAnswer> {
        const SQL: &str = concat!(sheet!(), "AND s.place = $2");
        let row: Option<SheetRow> = sqlx::query_as(SQL).bind(id).bind(save.place).fetch_optional(&mut **tx).await?;
        let SheetQuestion { question, arrangement, mut kept, .. } = row.ok_or(AcademyError::NotFound)?.into();
        let done = |seq, outcome| Ok(SavedAnswer { place: save.place, seq, outcome });
        let answer = match Answer::read(&question, &arrangement, &save.values) {
            Ok(answer) => answer,
            Err(unreadable) => return done(kept.seq, Err(unreadable)),
        };
        if save.form && answer == kept.answer && attempt.is_open(now) {
            return done(kept.seq, Ok(Ok(Saved::Stale)));
        }
        let elapsed = i64::try_from(now.since(attempt.started_at).as_millis()).unwrap_or(i64::MAX);
        let stamp = if save.form { save.seq.max(elapsed) } else { save.seq };
        let outcome = attempt.save(&mut kept, Save { seq: save.seq, stamp, answer }, now);
        if outcome == Ok(Saved::Kept) {
            let answer = kept.answer.as_ref().map(storable_json).transpose()?;
            sqlx::query("UPDATE attempt_answer SET seq = $3, answer = $4, saved_at = $5 WHERE attempt_id = $1 AND place = $2")
                .bind(id)
                .bind(save.place)
                .bind(kept.seq)
                .bind(answer)
                .bind(now)
                .execute(&mut **tx)
                .await?;
        }
        done(kept.seq, Ok(outcome))
    }

    /// The attempt's questions in their order.
    pub(in crate::store) async fn sheet(tx: &mut engine::Tx, id: AttemptId) -> Result<Vec<SheetQuestion>> {
        const SQL: &str = concat!(sheet!(), "ORDER BY s.place");
        let rows: Vec<SheetRow> = sqlx::query_as(SQL).bind(id.0).fetch_all(&mut **tx).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Grades a locked attempt that was submitted, in the transaction that submits it; not submitted, or graded: changes nothing. The result also goes
    /// where all results are, and who passes has completed the lesson.
    pub(in crate::store) async fn conclude(tx: &mut engine::Tx, row: &AttemptRow, attempt: Attempt, now: Timestamp) -> Result<Attempt> {
        let Phase::Submitted { at, by } = attempt.phase else { return Ok(attempt) };
        let sheet = sheet(tx, AttemptId(row.id)).await?;
        let marks = mark(sheet.iter().map(|question| (&question.question, question.kept.answer.as_ref())));
        for (question, points) in sheet.iter().zip(&marks.points) {
            let (numerator, denominator) = points.parts();
            sqlx::query("UPDATE attempt_answer SET points_numerator = $3, points_denominator = $4 WHERE attempt_id = $1 AND place = $2")
                .bind(row.id)
                .bind(question.place)
                .bind(numerator)
                .bind(denominator)
                .execute(&mut **tx)
                .await?;
        }
        sqlx::query("UPDATE attempt SET state = 'graded', submitted_at = $2, submitted_by = $3, graded_at = $4, percent = $5 WHERE id = $1")
            .bind(row.id)
            .bind(at)
            .bind(by.as_str())
            .bind(now)
            .bind(marks.percent)
            .execute(&mut **tx)
            .await?;
        let (account, lesson) = (row.account(), LessonId(row.lesson_id));
        sqlx::query(
            "INSERT INTO quiz_attempt (account_id, lesson_id, attempt, percent, submitted_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(account.0)
        .bind(lesson.0)
        .bind(row.number)
        .bind(marks.percent)
        .bind(at)
        .execute(&mut **tx)
        .await?;
        let graded = Event::AttemptGraded { account, lesson, attempt: row.id, percent: marks.percent };
        events::record(tx, &graded, now).await?;
        const SQL: &str = concat!(quiz!(), "l.id = $1");
        let quiz: QuizRow = sqlx::query_as(SQL).bind(lesson.0).fetch_one(&mut **tx).await?;
        if marks.percent >= quiz.pass_percent && is_enrolled(tx, account, quiz.course_id).await? {
            completing::lesson(tx, account, CourseId(quiz.course_id), lesson, now).await?;
        }
        Ok(attempt.grade(marks.percent, now))
    }

    /// An enrolment that was cancelled meanwhile completes nothing any more.
    async fn is_enrolled(tx: &mut engine::Tx, account: AccountId, course: Uuid) -> Result<bool> {
        let count: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM enrolment WHERE account_id = $1 AND course_id = $2 AND status IN ('active', 'completed')",
        )
        .bind(account.0)
        .bind(course)
        .fetch_one(&mut **tx)
        .await?;
        Ok(count > 0)
    }
}
