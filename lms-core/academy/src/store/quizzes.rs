//! Quizzes, their banks and their questions.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use uuid::{Uuid, uuid};

use super::quiz_statements::{QuestionRow, QuizRow, quiz, storable_json};
use super::{AcademyError, Allowance, BankQuestion, CourseQuizzes, QuizFacts, QuizSummary, Quizzes, Result};
use crate::domain::quiz::{Item, Points, Question, Quiz, Settings};
use crate::domain::{CourseId, LessonId, QuestionId};

/// Of ids that follow from what they name: the bank of a lesson, the question with a text.
const NAMESPACE: Uuid = uuid!("6f6c2b0b-86b0-4c0e-9f34-2a8f4be1f2f5");

/// The question of the bank with this id or text; a text may have belonged to another once.
fn new_id(bank: Uuid, text: &str, taken: &[QuestionRow]) -> Uuid {
    let id = |salt: usize| Uuid::new_v5(&bank, format!("{salt}:{text}").as_bytes());
    let salt = (0..=taken.len()).find(|salt| taken.iter().all(|row| row.id != id(*salt)));
    id(salt.unwrap_or_default())
}

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl Quizzes for academy::Academy {
        async fn put_quiz(&self, lesson: LessonId, quiz: &Quiz, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            put(&mut tx, lesson, quiz, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn quiz(&self, lesson: LessonId) -> Result<Option<QuizFacts>> {
            const SQL: &str = concat!(quiz!(), "l.id = $1");
            let row: Option<QuizRow> = sqlx::query_as(SQL).bind(lesson.0).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn quizzes_of(&self, slug: &str) -> Result<Option<CourseQuizzes>> {
            let course: Option<(Uuid, String)> = sqlx::query_as("SELECT id, title FROM course WHERE slug = $1")
                .bind(storable(slug))
                .fetch_optional(self.db.read_fresh())
                .await?;
            let Some((course, title)) = course else { return Ok(None) };
            let rows: Vec<(Uuid, i64, String, i64, i64, Option<i64>)> = sqlx::query_as(
                "SELECT l.id, l.place, l.title, \
                 (SELECT COUNT(*) FROM quiz z JOIN question q ON q.bank_id = z.bank_id WHERE z.lesson_id = l.id AND q.retired_at IS NULL), \
                 (SELECT COUNT(*) FROM attempt a WHERE a.lesson_id = l.id AND a.state = 'graded'), \
                 (SELECT CAST(SUM(a.percent) AS BIGINT) / COUNT(*) FROM attempt a WHERE a.lesson_id = l.id AND a.state = 'graded') \
                 FROM lesson l WHERE l.course_id = $1 AND l.kind = 'quiz' ORDER BY l.place",
            )
            .bind(course)
            .fetch_all(self.db.read_fresh())
            .await?;
            let quizzes = rows.into_iter().map(|(lesson, position, title, questions, attempts, mean_percent)| QuizSummary {
                lesson: LessonId(lesson),
                position,
                title,
                questions,
                attempts,
                mean_percent,
            });
            Ok(Some(CourseQuizzes { course: CourseId(course), title, quizzes: quizzes.collect() }))
        }

        async fn questions(&self, lesson: LessonId) -> Result<Vec<BankQuestion>> {
            let rows: Vec<QuestionRow> = sqlx::query_as(
                "SELECT q.id, q.place, q.version, q.retired_at, v.body FROM quiz z JOIN question q ON q.bank_id = z.bank_id \
                 JOIN question_version v ON v.question_id = q.id AND v.version = q.version WHERE z.lesson_id = $1 \
                 ORDER BY CASE WHEN q.retired_at IS NULL THEN 0 ELSE 1 END, q.place, q.id",
            )
            .bind(lesson.0)
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn put_settings(&self, lesson: LessonId, settings: &Settings, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            bank(&mut tx, lesson, Some(settings), now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn put_question(&self, lesson: LessonId, id: QuestionId, question: &Question, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let bank = bank(&mut tx, lesson, None, now).await?;
            let there = bank_rows(&mut tx, bank).await?;
            match there.iter().find(|row| row.id == id.0) {
                Some(row) => version(&mut tx, row, question, now).await?,
                None => {
                    let place = there.iter().map(|row| row.place).max().unwrap_or(0) + 1;
                    add(&mut tx, bank, id.0, place, question, now).await?;
                }
            }
            tx.commit().await?;
            Ok(())
        }

        async fn retire_question(&self, lesson: LessonId, id: QuestionId, retired: bool, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let changed = sqlx::query(
                "UPDATE question SET retired_at = $3 WHERE id = $1 AND bank_id = (SELECT bank_id FROM quiz WHERE lesson_id = $2)",
            )
            .bind(id.0)
            .bind(lesson.0)
            .bind(retired.then_some(now))
            .execute(&mut *tx)
            .await?;
            if changed.rows_affected() == 0 {
                return Err(AcademyError::NotFound);
            }
            tx.commit().await?;
            Ok(())
        }

        async fn allow_extra(&self, lesson: LessonId, email: &str, extra_seconds: i64) -> Result<()> {
            let mut tx = self.db.write().await?;
            let changed = sqlx::query(
                "INSERT INTO quiz_allowance (account_id, lesson_id, extra_seconds) SELECT a.id, l.id, $3 FROM account a \
                 JOIN enrolment e ON e.account_id = a.id JOIN lesson l ON l.course_id = e.course_id \
                 WHERE a.email = $1 AND l.id = $2 AND l.kind = 'quiz' \
                 ON CONFLICT (account_id, lesson_id) DO UPDATE SET extra_seconds = excluded.extra_seconds",
            )
            .bind(storable(email))
            .bind(lesson.0)
            .bind(extra_seconds.max(0))
            .execute(&mut *tx)
            .await?;
            if changed.rows_affected() == 0 {
                return Err(AcademyError::NotFound);
            }
            sqlx::query("DELETE FROM quiz_allowance WHERE lesson_id = $1 AND extra_seconds = 0").bind(lesson.0).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn allowances(&self, lesson: LessonId) -> Result<Vec<Allowance>> {
            let rows: Vec<(String, String, i64)> = sqlx::query_as(
                "SELECT a.email, a.name, w.extra_seconds FROM quiz_allowance w JOIN account a ON a.id = w.account_id WHERE w.lesson_id = $1 ORDER BY a.email",
            )
            .bind(lesson.0)
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows.into_iter().map(|(email, name, extra_seconds)| Allowance { email, name, extra_seconds }).collect())
        }

        async fn quiz_items(&self, lesson: LessonId, attempts: i64) -> Result<Vec<Item>> {
            let rows: Vec<(Uuid, Uuid, i64, i64, sqlx::types::Json<Question>)> = sqlx::query_as(
                "SELECT s.attempt_id, s.question_id, s.points_numerator, s.points_denominator, v.body FROM attempt_answer s \
                 JOIN question_version v ON v.question_id = s.question_id AND v.version = s.version \
                 JOIN (SELECT id FROM attempt WHERE lesson_id = $1 AND state = 'graded' ORDER BY started_at DESC LIMIT $2) AS a ON a.id = s.attempt_id \
                 WHERE s.points_denominator IS NOT NULL",
            )
            .bind(lesson.0)
            .bind(attempts)
            .fetch_all(self.db.read_stale())
            .await?;
            let item = |(attempt, question, one, other, body): (Uuid, Uuid, i64, i64, sqlx::types::Json<Question>)| Item {
                attempt,
                question: QuestionId(question),
                points: Points::from_parts(one, other).unwrap_or(Points::ZERO),
                of: body.points,
            };
            Ok(rows.into_iter().map(item).collect())
        }
    }

    /// As [`Quizzes::put_quiz`], in a transaction.
    pub(in crate::store) async fn put(tx: &mut engine::Tx, lesson: LessonId, quiz: &Quiz, now: Timestamp) -> Result<()> {
        let bank = bank(tx, lesson, Some(&quiz.settings), now).await?;
        let there = bank_rows(tx, bank).await?;
        let is_kept = |row: &QuestionRow| quiz.questions.iter().any(|question| question.text.trim() == row.body.text.trim());
        for row in there.iter().filter(|row| row.retired_at.is_none() && !is_kept(row)) {
            sqlx::query("UPDATE question SET retired_at = $2 WHERE id = $1").bind(row.id).bind(now).execute(&mut **tx).await?;
        }
        for (place, question) in (1..).zip(&quiz.questions) {
            match there.iter().find(|row| row.body.text.trim() == question.text.trim()) {
                Some(row) => {
                    version(tx, row, question, now).await?;
                    sqlx::query("UPDATE question SET place = $2, retired_at = NULL WHERE id = $1").bind(row.id).bind(place).execute(&mut **tx).await?;
                }
                None => add(tx, bank, new_id(bank, &question.text, &there), place, question, now).await?,
            }
        }
        Ok(())
    }

    /// The lesson's bank, locked until the transaction ends; made when there is none.
    async fn bank(tx: &mut engine::Tx, lesson: LessonId, settings: Option<&Settings>, now: Timestamp) -> Result<Uuid> {
        let found: Option<(Uuid, String)> =
            sqlx::query_as("UPDATE lesson SET place = place WHERE id = $1 AND kind = 'quiz' RETURNING course_id, title").bind(lesson.0).fetch_optional(&mut **tx).await?;
        let (course, title) = found.ok_or(AcademyError::NotFound)?;
        let own = Uuid::new_v5(&NAMESPACE, lesson.0.as_bytes());
        sqlx::query("INSERT INTO question_bank (id, course_id, title) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
            .bind(own)
            .bind(course)
            .bind(storable(&title))
            .execute(&mut **tx)
            .await?;
        let bank = sqlx::query_scalar(
            "INSERT INTO quiz (lesson_id, bank_id, settings, updated_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (lesson_id) DO UPDATE SET updated_at = excluded.updated_at RETURNING bank_id",
        )
        .bind(lesson.0)
        .bind(own)
        .bind(storable_json(settings.unwrap_or(&Settings::default()))?)
        .bind(now)
        .fetch_one(&mut **tx)
        .await?;
        if let Some(settings) = settings {
            sqlx::query("UPDATE quiz SET settings = $2 WHERE lesson_id = $1").bind(lesson.0).bind(storable_json(settings)?).execute(&mut **tx).await?;
        }
        Ok(bank)
    }

    /// Every question of the bank, in their order.
    pub(in crate::store) async fn bank_rows(tx: &mut engine::Tx, bank: Uuid) -> Result<Vec<QuestionRow>> {
        let rows = sqlx::query_as(
            "SELECT q.id, q.place, q.version, q.retired_at, v.body FROM question q \
             JOIN question_version v ON v.question_id = q.id AND v.version = q.version WHERE q.bank_id = $1 ORDER BY q.place, q.id",
        )
        .bind(bank)
        .fetch_all(&mut **tx)
        .await?;
        Ok(rows)
    }

    /// Errors: [`AcademyError::NotFound`] when the id belongs to a question of another bank.
    async fn add(tx: &mut engine::Tx, bank: Uuid, id: Uuid, place: i64, question: &Question, now: Timestamp) -> Result<()> {
        let added = sqlx::query("INSERT INTO question (id, bank_id, place, version, created_at) VALUES ($1, $2, $3, 1, $4) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .bind(bank)
            .bind(place)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        if added.rows_affected() == 0 {
            return Err(AcademyError::NotFound);
        }
        write_version(tx, id, 1, question, now).await
    }

    /// A new version, unless nothing differs.
    async fn version(tx: &mut engine::Tx, row: &QuestionRow, question: &Question, now: Timestamp) -> Result<()> {
        if row.body.0 == *question {
            return Ok(());
        }
        let version = row.version + 1;
        write_version(tx, row.id, version, question, now).await?;
        sqlx::query("UPDATE question SET version = $2 WHERE id = $1").bind(row.id).bind(version).execute(&mut **tx).await?;
        Ok(())
    }

    async fn write_version(tx: &mut engine::Tx, id: Uuid, version: i64, question: &Question, now: Timestamp) -> Result<()> {
        sqlx::query("INSERT INTO question_version (question_id, version, body, created_at) VALUES ($1, $2, $3, $4)")
            .bind(id)
            .bind(version)
            .bind(storable_json(question)?)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
