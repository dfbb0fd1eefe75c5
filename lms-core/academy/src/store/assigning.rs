//! Assignments and work as rows.

use std::collections::HashMap;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use sqlx::types::Json;
use uuid::Uuid;

use super::Work;
use crate::domain::assignment::file::FileType;
use crate::domain::assignment::{
    Assignment, Criterion, LateRule, Mark, PlacedAssignment, Submission, SubmissionFile, SubmissionStatus, Verdict, due,
};
use crate::domain::gradebook::Category;
use crate::domain::{AccountId, AssignmentId, CourseId, EnrolmentStatus, LessonId, SubmissionId};

/// The columns of an [`AssignmentRow`]; `WHERE` follows.
macro_rules! placed {
    () => {
        "SELECT s.id, s.lesson_id, l.course_id, c.title AS course_title, c.slug, l.place, s.title, s.instructions, s.due_at, s.due_days, \
         s.pass_percent, s.late, s.late_percent_per_day, s.late_percent_max, s.types, s.max_files, s.max_bytes, s.attempts, s.category, s.rubric \
         FROM assignment s JOIN lesson l ON l.id = s.lesson_id JOIN course c ON c.id = l.course_id "
    };
}
pub(super) use placed;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct AssignmentRow {
    id: Uuid,
    lesson_id: Uuid,
    course_id: Uuid,
    course_title: String,
    slug: String,
    place: i64,
    title: String,
    instructions: String,
    due_at: Option<Timestamp>,
    due_days: Option<i64>,
    pass_percent: i64,
    late: String,
    late_percent_per_day: i64,
    late_percent_max: i64,
    types: Json<Vec<FileType>>,
    max_files: i64,
    max_bytes: i64,
    attempts: Option<i64>,
    #[sqlx(try_from = "String")]
    category: Category,
    rubric: Json<Vec<Criterion>>,
}

impl From<AssignmentRow> for PlacedAssignment {
    fn from(row: AssignmentRow) -> Self {
        Self {
            id: AssignmentId(row.id),
            lesson: LessonId(row.lesson_id),
            course: CourseId(row.course_id),
            course_title: row.course_title,
            slug: row.slug,
            place: row.place,
            assignment: Assignment {
                title: row.title,
                instructions: row.instructions,
                due_at: row.due_at,
                due_days: row.due_days,
                pass_percent: row.pass_percent,
                late: match row.late.as_str() {
                    "penalty" => LateRule::Penalty { percent_per_day: row.late_percent_per_day, percent_max: row.late_percent_max },
                    "refuse" => LateRule::Refuse,
                    _ => LateRule::Accept,
                },
                types: row.types.0,
                max_files: row.max_files,
                max_bytes: row.max_bytes,
                attempts: row.attempts,
                category: row.category,
                rubric: row.rubric.0,
            },
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct SubmissionRow {
    id: Uuid,
    assignment_id: Uuid,
    account_id: Uuid,
    version: i64,
    #[sqlx(try_from = "String")]
    status: SubmissionStatus,
    answer: String,
    submitted_at: Option<Timestamp>,
    revision: i64,
    claimed_by: Option<Uuid>,
    claimed_until: Option<Timestamp>,
    decided_at: Option<Timestamp>,
    decider: Option<String>,
    marks: Option<Json<Vec<Mark>>>,
    remark: String,
    raw_points: Option<i64>,
    final_points: Option<i64>,
}

impl From<SubmissionRow> for Submission {
    fn from(row: SubmissionRow) -> Self {
        let (decider, marks, remark, raw, points) = (row.decider, row.marks, row.remark, row.raw_points, row.final_points);
        Self {
            id: SubmissionId(row.id),
            assignment: AssignmentId(row.assignment_id),
            account: AccountId(row.account_id),
            version: row.version,
            status: row.status,
            answer: row.answer,
            submitted_at: row.submitted_at,
            revision: row.revision,
            claim: row.claimed_by.map(AccountId).zip(row.claimed_until),
            files: Vec::new(),
            verdict: row.decided_at.map(|at| Verdict {
                by: decider,
                at,
                marks: marks.map(|marks| marks.0).unwrap_or_default(),
                remark,
                raw,
                points,
            }),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct FileRow {
    pub(super) submission_id: Uuid,
    id: Uuid,
    stored: Uuid,
    name: String,
    #[sqlx(rename = "type", try_from = "String")]
    kind: FileType,
    bytes: i64,
    sha256: String,
}

impl From<FileRow> for SubmissionFile {
    fn from(row: FileRow) -> Self {
        Self { id: row.id, stored: row.stored, name: row.name, kind: row.kind, bytes: row.bytes, sha256: row.sha256 }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct LearnerRow {
    name: String,
    email: String,
    #[sqlx(try_from = "String")]
    status: EnrolmentStatus,
    enrolled_at: Timestamp,
    access_until: Option<Timestamp>,
    starts_at: Option<Timestamp>,
    extended_to: Option<Timestamp>,
}

porter_kernel::for_both_engines! {
    type Connection = <engine::Engine as sqlx::Database>::Connection;

    pub(in crate::store) async fn assignment(
        connection: &mut Connection,
        id: AssignmentId,
    ) -> std::result::Result<Option<PlacedAssignment>, DbError> {
        const SQL: &str = concat!(placed!(), "WHERE s.id = $1");
        let row: Option<AssignmentRow> = sqlx::query_as(SQL).bind(id.0).fetch_optional(connection).await?;
        Ok(row.map(Into::into))
    }

    /// All that is known of one learner's work.
    pub(in crate::store) async fn work(
        connection: &mut Connection,
        id: AssignmentId,
        account: AccountId,
        now: Timestamp,
    ) -> std::result::Result<Option<Work>, DbError> {
        let Some(placed) = assignment(connection, id).await? else { return Ok(None) };
        let learner: Option<LearnerRow> = sqlx::query_as(
            "SELECT a.name, a.email, e.status, e.enrolled_at, e.access_until, c.starts_at, x.due_at AS extended_to FROM enrolment e \
             JOIN account a ON a.id = e.account_id JOIN course c ON c.id = e.course_id \
             LEFT JOIN assignment_extension x ON x.assignment_id = $3 AND x.account_id = e.account_id \
             WHERE e.account_id = $1 AND e.course_id = $2",
        )
        .bind(account.0)
        .bind(placed.course.0)
        .bind(id.0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some(learner) = learner.filter(|learner| learner.status != EnrolmentStatus::Pending) else { return Ok(None) };
        let rows: Vec<SubmissionRow> = sqlx::query_as(
            "SELECT u.id, u.assignment_id, u.account_id, u.version, u.status, u.answer, u.submitted_at, u.revision, u.claimed_by, u.claimed_until, \
             u.decided_at, d.name AS decider, u.marks, u.remark, u.raw_points, u.final_points \
             FROM submission u LEFT JOIN account d ON d.id = u.decided_by WHERE u.assignment_id = $1 AND u.account_id = $2 ORDER BY u.version DESC",
        )
        .bind(id.0)
        .bind(account.0)
        .fetch_all(&mut *connection)
        .await?;
        let files: Vec<FileRow> = sqlx::query_as(
            "SELECT f.submission_id, f.id, f.stored, f.name, f.type, f.bytes, f.sha256 FROM submission u \
             JOIN submission_file f ON f.submission_id = u.id WHERE u.assignment_id = $1 AND u.account_id = $2 ORDER BY f.added_at, f.id",
        )
        .bind(id.0)
        .bind(account.0)
        .fetch_all(&mut *connection)
        .await?;
        let mut by_submission: HashMap<Uuid, Vec<SubmissionFile>> = HashMap::new();
        for file in files {
            by_submission.entry(file.submission_id).or_default().push(file.into());
        }
        let submissions = rows.into_iter().map(|row| {
            let files = by_submission.remove(&row.id).unwrap_or_default();
            Submission { files, ..row.into() }
        });
        let open = learner.status != EnrolmentStatus::Cancelled
            && learner.starts_at.is_none_or(|start| start <= now)
            && learner.access_until.is_none_or(|until| until > now);
        Ok(Some(Work {
            due: due(&placed.assignment, learner.enrolled_at, learner.extended_to),
            placed,
            account,
            learner: learner.name,
            email: learner.email,
            open,
            extension: learner.extended_to,
            submissions: submissions.collect(),
        }))
    }

    /// Writes the assignment to its lesson.
    pub(in crate::store) async fn put(
        tx: &mut engine::Tx,
        id: AssignmentId,
        lesson: LessonId,
        assignment: &Assignment,
    ) -> std::result::Result<(), DbError> {
        let (percent_per_day, percent_max) = assignment.late.numbers();
        sqlx::query(
            "INSERT INTO assignment (id, lesson_id, title, instructions, due_at, due_days, pass_percent, late, late_percent_per_day, late_percent_max, \
             types, max_files, max_bytes, attempts, category, rubric) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) \
             ON CONFLICT (lesson_id) DO UPDATE SET title = excluded.title, instructions = excluded.instructions, due_at = excluded.due_at, \
             due_days = excluded.due_days, pass_percent = excluded.pass_percent, late = excluded.late, \
             late_percent_per_day = excluded.late_percent_per_day, late_percent_max = excluded.late_percent_max, types = excluded.types, \
             max_files = excluded.max_files, max_bytes = excluded.max_bytes, attempts = excluded.attempts, category = excluded.category, \
             rubric = excluded.rubric",
        )
        .bind(id.0)
        .bind(lesson.0)
        .bind(storable(&assignment.title))
        .bind(storable(&assignment.instructions))
        .bind(assignment.due_at)
        .bind(assignment.due_days)
        .bind(assignment.pass_percent)
        .bind(assignment.late.as_str())
        .bind(percent_per_day)
        .bind(percent_max)
        .bind(Json(&assignment.types))
        .bind(assignment.max_files)
        .bind(assignment.max_bytes)
        .bind(assignment.attempts)
        .bind(assignment.category.as_str())
        .bind(Json(&assignment.rubric))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
