//! Rows of quizzes, and what several operations do with them.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::{BankQuestion, QuizFacts, SheetQuestion};
use crate::domain::quiz::{Answer, Attempt, Kept, Phase, Points, Question, Settings, SubmittedBy};
use crate::domain::{AccountId, CourseId, LessonId, QuestionId};

/// A quiz with its lesson and its course; `WHERE` follows.
macro_rules! quiz {
    () => {
        "SELECT l.id AS lesson_id, l.title AS lesson_title, c.id AS course_id, c.slug AS course_slug, c.title AS course_title, c.pass_percent, \
         z.bank_id, z.settings, (SELECT COUNT(*) FROM question q WHERE q.bank_id = z.bank_id AND q.retired_at IS NULL) AS questions \
         FROM lesson l JOIN course c ON c.id = l.course_id LEFT JOIN quiz z ON z.lesson_id = l.id WHERE l.kind = 'quiz' AND "
    };
}
/// The columns of an [`AttemptRow`].
macro_rules! attempt {
    () => {
        "id, account_id, lesson_id, number, started_at, due_at, submitted_at, submitted_by, graded_at, percent"
    };
}
/// The sheet of an attempt; a condition may follow.
macro_rules! sheet {
    () => {
        "SELECT s.place, s.question_id, v.body, s.arrangement, s.seq, s.answer, s.saved_at, s.points_numerator, s.points_denominator \
         FROM attempt_answer s JOIN question_version v ON v.question_id = s.question_id AND v.version = s.version WHERE s.attempt_id = $1 "
    };
}
pub(super) use {attempt, quiz, sheet};

/// JSON that both engines store: PostgreSQL refuses U+0000 in it.
pub(super) fn storable_json(value: &impl Serialize) -> Result<Json<serde_json::Value>, DbError> {
    let mut value = serde_json::to_value(value).map_err(DbError::unreadable)?;
    clean(&mut value);
    Ok(Json(value))
}

fn clean(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) if text.contains('\0') => *text = storable(text).into_owned(),
        serde_json::Value::Array(values) => values.iter_mut().for_each(clean),
        serde_json::Value::Object(values) => values.values_mut().for_each(clean),
        _ => {}
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct QuizRow {
    pub(super) lesson_id: Uuid,
    lesson_title: String,
    pub(super) course_id: Uuid,
    course_slug: String,
    course_title: String,
    pub(super) pass_percent: i64,
    /// Without it, nobody has made the quiz yet.
    pub(super) bank_id: Option<Uuid>,
    settings: Option<Json<Settings>>,
    questions: i64,
}

impl From<QuizRow> for QuizFacts {
    fn from(row: QuizRow) -> Self {
        Self {
            lesson: LessonId(row.lesson_id),
            lesson_title: row.lesson_title,
            course: CourseId(row.course_id),
            course_slug: row.course_slug,
            course_title: row.course_title,
            pass_percent: row.pass_percent,
            settings: row.settings.map(|settings| settings.0).unwrap_or_default(),
            questions: row.questions,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct QuestionRow {
    pub(super) id: Uuid,
    pub(super) place: i64,
    pub(super) version: i64,
    pub(super) retired_at: Option<Timestamp>,
    pub(super) body: Json<Question>,
}

impl From<QuestionRow> for BankQuestion {
    fn from(row: QuestionRow) -> Self {
        Self { id: QuestionId(row.id), version: row.version, retired: row.retired_at.is_some(), question: row.body.0 }
    }
}

#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct AttemptRow {
    pub(super) id: Uuid,
    account_id: Uuid,
    pub(super) lesson_id: Uuid,
    pub(super) number: i64,
    started_at: Timestamp,
    due_at: Option<Timestamp>,
    submitted_at: Option<Timestamp>,
    submitted_by: Option<String>,
    graded_at: Option<Timestamp>,
    percent: Option<i64>,
}

impl AttemptRow {
    pub(super) fn account(&self) -> AccountId {
        AccountId(self.account_id)
    }

    /// The state machine's view of it.
    pub(super) fn attempt(&self) -> Result<Attempt, DbError> {
        let by: Option<SubmittedBy> = self.submitted_by.as_deref().map(str::parse).transpose().map_err(DbError::unreadable)?;
        let phase = match (self.submitted_at, by, self.graded_at, self.percent) {
            (Some(at), Some(by), Some(graded_at), Some(percent)) => Phase::Graded { at, by, graded_at, percent },
            (Some(at), Some(by), _, _) => Phase::Submitted { at, by },
            _ => Phase::Started,
        };
        Ok(Attempt { started_at: self.started_at, due_at: self.due_at, phase })
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct SheetRow {
    place: i64,
    question_id: Uuid,
    body: Json<Question>,
    arrangement: Json<Vec<usize>>,
    seq: i64,
    answer: Option<Json<Answer>>,
    saved_at: Option<Timestamp>,
    points_numerator: Option<i64>,
    points_denominator: Option<i64>,
}

impl From<SheetRow> for SheetQuestion {
    fn from(row: SheetRow) -> Self {
        Self {
            place: row.place,
            id: QuestionId(row.question_id),
            question: row.body.0,
            arrangement: row.arrangement.0,
            kept: Kept { seq: row.seq, answer: row.answer.map(|answer| answer.0) },
            saved_at: row.saved_at,
            points: row.points_numerator.zip(row.points_denominator).and_then(|(one, other)| Points::from_parts(one, other)),
        }
    }
}
