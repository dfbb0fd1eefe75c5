//! Attempts at quizzes. The transitions are [`crate::domain::quiz::Attempt`]'s; here they meet the tables.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::jobs::CloseAttempt;
use super::quiz_seam::access;
use super::quiz_statements::{AttemptRow, QuizRow, SheetRow, attempt, quiz, sheet, storable_json};
use super::{
    AcademyError, Access, AttemptFacts, Attempts, NewSave, PastResult, QuizDoor, QuizFacts, Result, SaveReport, StartedAttempt,
    jobs,
};
use crate::domain::event::Event;
use crate::domain::quiz::{Attempt, Question, Seed, Settings, arrange, draw};
use crate::domain::{AccountId, AttemptId, EnrolmentStatus, LessonId};

#[derive(Debug, sqlx::FromRow)]
struct EnrolmentRow {
    #[sqlx(try_from = "String")]
    status: EnrolmentStatus,
    starts_at: Option<Timestamp>,
    access_until: Option<Timestamp>,
}

/// What the store failed with, as a job sees it.
fn job_error(error: AcademyError) -> JobError {
    match error {
        AcademyError::Database(error) => error.into(),
        other => DbError::unreadable(other).into(),
    }
}

const ENROLMENT: &str = "SELECT e.status, c.starts_at, e.access_until FROM enrolment e JOIN course c ON c.id = e.course_id \
                         WHERE e.account_id = $1 AND e.course_id = $2";
const QUIZ: &str = concat!(quiz!(), "l.id = $1");
const EXTRA: &str = "SELECT extra_seconds FROM quiz_allowance WHERE account_id = $1 AND lesson_id = $2";
const OPEN: &str = concat!("SELECT ", attempt!(), " FROM attempt WHERE account_id = $1 AND lesson_id = $2 AND state = 'started'");

porter_kernel::for_both_engines! {
    siblings academy, events, quizzes, sheets, sql;

    #[async_trait]
    impl Attempts for academy::Academy {
        async fn quiz_door(&self, account: AccountId, lesson: LessonId, default_attempts: i64) -> Result<Option<QuizDoor>> {
            let db = self.db.read_fresh();
            let quiz: Option<QuizRow> = sqlx::query_as(QUIZ).bind(lesson.0).fetch_optional(db).await?;
            let Some(quiz) = quiz else { return Ok(None) };
            let enrolment: Option<EnrolmentRow> = sqlx::query_as(ENROLMENT).bind(account.0).bind(quiz.course_id).fetch_optional(db).await?;
            let Some(enrolment) = enrolment else { return Ok(None) };
            let extra: Option<i64> = sqlx::query_scalar(EXTRA).bind(account.0).bind(lesson.0).fetch_optional(db).await?;
            let results: Vec<(i64, i64, Timestamp, Option<Uuid>)> = sqlx::query_as(
                "SELECT r.attempt, r.percent, r.submitted_at, a.id FROM quiz_attempt r \
                 LEFT JOIN attempt a ON a.account_id = r.account_id AND a.lesson_id = r.lesson_id AND a.number = r.attempt \
                 WHERE r.account_id = $1 AND r.lesson_id = $2 ORDER BY r.attempt",
            )
            .bind(account.0)
            .bind(lesson.0)
            .fetch_all(db)
            .await?;
            let open: Option<AttemptRow> = sqlx::query_as(OPEN).bind(account.0).bind(lesson.0).fetch_optional(db).await?;
            let quiz: QuizFacts = quiz.into();
            Ok(Some(QuizDoor {
                attempts: quiz.settings.attempts.unwrap_or(default_attempts),
                quiz,
                enrolment: enrolment.status,
                starts_at: enrolment.starts_at,
                access_until: enrolment.access_until,
                extra_seconds: extra.unwrap_or_default(),
                results: results
                    .into_iter()
                    .map(|(number, percent, submitted_at, id)| PastResult { number, percent, submitted_at, attempt: id.map(AttemptId) })
                    .collect(),
                under_way: open.map(|row| Ok::<_, DbError>((AttemptId(row.id), row.attempt()?))).transpose()?,
            }))
        }

        async fn start_attempt(
            &self,
            account: AccountId,
            lesson: LessonId,
            id: AttemptId,
            default_attempts: i64,
            now: Timestamp,
        ) -> Result<StartedAttempt> {
            let mut tx = self.db.write().await?;
            // Two starts, and a start and an end, come one after another.
            sql::lock_account(&mut tx, account).await?.ok_or(AcademyError::NotFound)?;
            let quiz: Option<QuizRow> = sqlx::query_as(QUIZ).bind(lesson.0).fetch_optional(&mut *tx).await?;
            let quiz = quiz.ok_or(AcademyError::NotFound)?;
            let enrolment: Option<EnrolmentRow> = sqlx::query_as(ENROLMENT).bind(account.0).bind(quiz.course_id).fetch_optional(&mut *tx).await?;
            let enrolment = enrolment.ok_or(AcademyError::NotFound)?;
            let open: Option<AttemptRow> = sqlx::query_as(OPEN).bind(account.0).bind(lesson.0).fetch_optional(&mut *tx).await?;
            if let Some(row) = open {
                let attempt = row.attempt()?;
                if attempt.is_open(now) {
                    return Ok(StartedAttempt::UnderWay(AttemptId(row.id)));
                }
                let row = sheets::lock(&mut tx, account, AttemptId(row.id)).await?;
                let attempt = row.attempt()?.run_out(now);
                sheets::conclude(&mut tx, &row, attempt, now).await?;
            }
            let access = access(enrolment.status, enrolment.starts_at, enrolment.access_until, now);
            let taken: i64 = sqlx::query_scalar(
                "SELECT COALESCE(MAX(number), 0) FROM (SELECT number FROM attempt WHERE account_id = $1 AND lesson_id = $2 \
                 UNION ALL SELECT attempt FROM quiz_attempt WHERE account_id = $1 AND lesson_id = $2) AS taken",
            )
            .bind(account.0)
            .bind(lesson.0)
            .fetch_one(&mut *tx)
            .await?;
            let bank = quiz.bank_id;
            let facts: QuizFacts = quiz.into();
            let started = match bank {
                _ if access != Access::Open => StartedAttempt::NotOpen(access),
                _ if taken >= facts.settings.attempts.unwrap_or(default_attempts) => StartedAttempt::NoneLeft,
                Some(bank) if facts.questions > 0 => {
                    let extra: Option<i64> = sqlx::query_scalar(EXTRA).bind(account.0).bind(lesson.0).fetch_optional(&mut *tx).await?;
                    let limit = facts.settings.seconds.map(|seconds| seconds + extra.unwrap_or_default());
                    let limit = limit.map(|seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or_default()));
                    let attempt = Attempt::begin(now, limit);
                    write(&mut tx, account, lesson, id, taken + 1, &attempt).await?;
                    write_sheet(&mut tx, id, bank, &facts.settings).await?;
                    StartedAttempt::UnderWay(id)
                }
                _ => StartedAttempt::NoQuestions,
            };
            tx.commit().await?;
            Ok(started)
        }

        async fn attempt(&self, account: AccountId, id: AttemptId) -> Result<Option<AttemptFacts>> {
            const SQL: &str = concat!("SELECT ", attempt!(), " FROM attempt WHERE id = $1 AND account_id = $2");
            const SHEET: &str = concat!(sheet!(), "ORDER BY s.place");
            let db = self.db.read_fresh();
            let row: Option<AttemptRow> = sqlx::query_as(SQL).bind(id.0).bind(account.0).fetch_optional(db).await?;
            let Some(row) = row else { return Ok(None) };
            let quiz: QuizRow = sqlx::query_as(QUIZ).bind(row.lesson_id).fetch_one(db).await?;
            let rows: Vec<SheetRow> = sqlx::query_as(SHEET).bind(id.0).fetch_all(db).await?;
            let sheet = rows.into_iter().map(Into::into).collect();
            Ok(Some(AttemptFacts { id, number: row.number, quiz: quiz.into(), attempt: row.attempt()?, sheet }))
        }

        async fn save_answers(&self, account: AccountId, id: AttemptId, saves: &[NewSave], now: Timestamp) -> Result<SaveReport> {
            let mut tx = self.db.write().await?;
            let row = sheets::lock(&mut tx, account, id).await?;
            let report = sheets::keep(&mut tx, &row, saves, now).await?;
            tx.commit().await?;
            Ok(report)
        }

        async fn submit_attempt(&self, account: AccountId, id: AttemptId, saves: &[NewSave], now: Timestamp) -> Result<SaveReport> {
            let mut tx = self.db.write().await?;
            sql::lock_account(&mut tx, account).await?.ok_or(AcademyError::NotFound)?;
            let row = sheets::lock(&mut tx, account, id).await?;
            let mut report = sheets::keep(&mut tx, &row, saves, now).await?;
            report.attempt = sheets::conclude(&mut tx, &row, report.attempt.submit(now), now).await?;
            tx.commit().await?;
            Ok(report)
        }

        async fn settle_attempt(&self, account: AccountId, id: AttemptId, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            sql::lock_account(&mut tx, account).await?.ok_or(AcademyError::NotFound)?;
            let row = sheets::lock(&mut tx, account, id).await?;
            let attempt = row.attempt()?.run_out(now);
            sheets::conclude(&mut tx, &row, attempt, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn close_attempt(&self, job: &Job, now: Timestamp) -> std::result::Result<(), JobError> {
            let CloseAttempt { attempt: id } = jobs::payload(job)?;
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            let account: Option<Uuid> = sqlx::query_scalar("SELECT account_id FROM attempt WHERE id = $1").bind(id.0).fetch_optional(&mut *tx).await?;
            if let Some(account) = account.map(AccountId)
                && sql::lock_account(&mut tx, account).await?.is_some()
            {
                let row = sheets::lock(&mut tx, account, id).await.map_err(job_error)?;
                let attempt = row.attempt()?;
                // The queue runs it when the time is up; a clock that was set back since does not keep it open.
                let now = attempt.closes_at().map_or(now, |end| now.max(end));
                sheets::conclude(&mut tx, &row, attempt.run_out(now), now).await.map_err(job_error)?;
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }
    }

    /// Writes a new attempt down, and the job that ends it.
    async fn write(tx: &mut engine::Tx, account: AccountId, lesson: LessonId, id: AttemptId, number: i64, attempt: &Attempt) -> Result<()> {
        sqlx::query(
            "INSERT INTO attempt (id, account_id, lesson_id, number, seed, state, started_at, due_at) VALUES ($1, $2, $3, $4, $5, 'started', $6, $7)",
        )
        .bind(id.0)
        .bind(account.0)
        .bind(lesson.0)
        .bind(number)
        .bind(Seed::of(id.0).0)
        .bind(attempt.started_at)
        .bind(attempt.due_at)
        .execute(&mut **tx)
        .await?;
        if let Some(end) = attempt.closes_at() {
            tx.enqueue(&jobs::close_attempt(id, end), attempt.started_at).await?;
        }
        let started = Event::AttemptStarted { account, lesson, attempt: id.0 };
        events::record(tx, &started, attempt.started_at).await?;
        Ok(())
    }

    /// Draws the questions and writes the sheet.
    async fn write_sheet(tx: &mut engine::Tx, id: AttemptId, bank: Uuid, settings: &Settings) -> Result<()> {
        let seed = Seed::of(id.0);
        let rows: Vec<_> = quizzes::bank_rows(tx, bank).await?.into_iter().filter(|row| row.retired_at.is_none()).collect();
        let questions: Vec<&Question> = rows.iter().map(|row| &row.body.0).collect();
        let drawn = draw(seed, &settings.pools, settings.shuffle, &questions);
        for (place, row) in (1_i64..).zip(drawn.into_iter().filter_map(|drawn| rows.get(drawn))) {
            let arrangement = arrange(seed, usize::try_from(place).unwrap_or_default(), settings.shuffle, &row.body);
            sqlx::query(
                "INSERT INTO attempt_answer (attempt_id, place, question_id, version, arrangement, seq) VALUES ($1, $2, $3, $4, $5, 0)",
            )
            .bind(id.0)
            .bind(place)
            .bind(row.id)
            .bind(row.version)
            .bind(storable_json(&arrangement)?)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }
}
