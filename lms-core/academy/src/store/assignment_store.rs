//! [`Assignments`] on both engines.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::jobs::JobTx as _;
use uuid::Uuid;

use super::assigning::FileRow;
use super::{Assignments, Claimed, Decided, Decision, Drafted, Result, Submitted, Waiting, Work, jobs};
use crate::domain::assignment::{Assignment, PlacedAssignment, SubmissionFile};
use crate::domain::gradebook::{Gradebook, Scheme};
use crate::domain::{AccountId, AssignmentId, CourseId, LessonId, SubmissionId};

/// No upload takes as long.
const UPLOAD: Duration = Duration::from_hours(1);

#[derive(Debug, sqlx::FromRow)]
struct WaitingRow {
    id: Uuid,
    title: String,
    learner: String,
    version: i64,
    submitted_at: Timestamp,
    claimed_by: Option<Uuid>,
    claimed_until: Option<Timestamp>,
    claimer: Option<String>,
}

porter_kernel::for_both_engines! {
    siblings academy, assigning, gradebooks, grading, submitting;

    #[async_trait]
    impl Assignments for academy::Academy {
        async fn put_assignment(&self, id: AssignmentId, lesson: LessonId, assignment: &Assignment) -> Result<()> {
            let mut tx = self.db.write().await?;
            assigning::put(&mut tx, id, lesson, assignment).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn assignment(&self, id: AssignmentId) -> Result<Option<PlacedAssignment>> {
            let mut connection = self.db.read_fresh().acquire().await?;
            Ok(assigning::assignment(&mut connection, id).await?)
        }

        async fn assignment_of(&self, lesson: LessonId) -> Result<Option<AssignmentId>> {
            let id: Option<Uuid> = sqlx::query_scalar("SELECT id FROM assignment WHERE lesson_id = $1").bind(lesson.0).fetch_optional(self.db.read_fresh()).await?;
            Ok(id.map(AssignmentId))
        }

        async fn work(&self, id: AssignmentId, account: AccountId, now: Timestamp) -> Result<Option<Work>> {
            let mut connection = self.db.read_fresh().acquire().await?;
            Ok(assigning::work(&mut connection, id, account, now).await?)
        }

        async fn begin_version(&self, id: AssignmentId, account: AccountId, draft: SubmissionId, now: Timestamp) -> Result<Drafted> {
            let mut tx = self.db.write().await?;
            let work = submitting::locked(&mut tx, id, account, now).await?;
            let drafted = submitting::draft(&mut tx, &work, draft, now).await?.map_or(Drafted::Closed, Drafted::Done);
            tx.commit().await?;
            Ok(drafted)
        }

        async fn save_answer(&self, id: AssignmentId, account: AccountId, draft: SubmissionId, answer: &str, now: Timestamp) -> Result<Drafted> {
            let mut tx = self.db.write().await?;
            let work = submitting::locked(&mut tx, id, account, now).await?;
            let Some(draft) = submitting::draft(&mut tx, &work, draft, now).await? else { return Ok(Drafted::Closed) };
            sqlx::query("UPDATE submission SET answer = $2 WHERE id = $1").bind(draft.0).bind(storable(answer)).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(Drafted::Done(draft))
        }

        async fn expect_file(&self, stored: Uuid, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            tx.enqueue(&jobs::files::drop_files(stored, &[stored], now + UPLOAD), now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn unnamed_files(&self, stored: &[Uuid]) -> Result<Vec<Uuid>> {
            let mut unnamed = Vec::new();
            for file in stored {
                let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM submission_file WHERE stored = $1").bind(*file).fetch_one(self.db.read_fresh()).await?;
                if held == 0 {
                    unnamed.push(*file);
                }
            }
            Ok(unnamed)
        }

        async fn add_file(&self, id: AssignmentId, account: AccountId, draft: SubmissionId, file: &SubmissionFile, now: Timestamp) -> Result<Drafted> {
            let mut tx = self.db.write().await?;
            let work = submitting::locked(&mut tx, id, account, now).await?;
            let drafted = submitting::add_file(&mut tx, &work, draft, file, now).await?;
            if matches!(drafted, Drafted::Done(_)) {
                tx.commit().await?;
            }
            Ok(drafted)
        }

        async fn remove_file(&self, id: AssignmentId, account: AccountId, file: Uuid) -> Result<Option<Uuid>> {
            let mut tx = self.db.write().await?;
            let stored = submitting::remove_file(&mut tx, id, account, file).await?;
            tx.commit().await?;
            Ok(stored)
        }

        async fn submit(&self, id: AssignmentId, account: AccountId, now: Timestamp) -> Result<Submitted> {
            let mut tx = self.db.write().await?;
            let work = submitting::locked(&mut tx, id, account, now).await?;
            let submitted = submitting::submit(&mut tx, &work, now).await?;
            if submitted == Submitted::Done {
                tx.commit().await?;
            }
            Ok(submitted)
        }

        async fn submitted_file(&self, file: Uuid) -> Result<Option<(SubmissionFile, AccountId, CourseId, SubmissionId)>> {
            let db = self.db.read_fresh();
            let row: Option<FileRow> =
                sqlx::query_as("SELECT submission_id, id, stored, name, type, bytes, sha256 FROM submission_file WHERE id = $1").bind(file).fetch_optional(db).await?;
            let Some(row) = row else { return Ok(None) };
            let submission = row.submission_id;
            let owner: Option<(Uuid, Uuid)> = sqlx::query_as(
                "SELECT u.account_id, l.course_id FROM submission u JOIN assignment s ON s.id = u.assignment_id JOIN lesson l ON l.id = s.lesson_id \
                 WHERE u.id = $1",
            )
            .bind(submission)
            .fetch_optional(db)
            .await?;
            Ok(owner.map(|(account, course)| (row.into(), AccountId(account), CourseId(course), SubmissionId(submission))))
        }

        async fn course_named(&self, slug: &str) -> Result<Option<(CourseId, String)>> {
            let row: Option<(Uuid, String)> =
                sqlx::query_as("SELECT id, title FROM course WHERE slug = $1").bind(storable(slug)).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(|(id, title)| (CourseId(id), title)))
        }

        async fn grading_queue(&self, course: CourseId, limit: i64, now: Timestamp) -> Result<(Vec<Waiting>, i64)> {
            let db = self.db.read_fresh();
            let rows: Vec<WaitingRow> = sqlx::query_as(
                "SELECT u.id, s.title, a.name AS learner, u.version, u.submitted_at, u.claimed_by, u.claimed_until, c.name AS claimer \
                 FROM lesson l JOIN assignment s ON s.lesson_id = l.id JOIN submission u ON u.assignment_id = s.id AND u.status = 'submitted' \
                 JOIN account a ON a.id = u.account_id LEFT JOIN account c ON c.id = u.claimed_by \
                 WHERE l.course_id = $1 ORDER BY u.submitted_at, u.id LIMIT $2",
            )
            .bind(course.0)
            .bind(limit)
            .fetch_all(db)
            .await?;
            let all: i64 = sqlx::query_scalar(
                "SELECT COUNT(*) FROM lesson l JOIN assignment s ON s.lesson_id = l.id JOIN submission u ON u.assignment_id = s.id AND u.status = 'submitted' \
                 WHERE l.course_id = $1",
            )
            .bind(course.0)
            .fetch_one(db)
            .await?;
            let waiting = rows.into_iter().map(|row| Waiting {
                submission: SubmissionId(row.id),
                title: row.title,
                learner: row.learner,
                version: row.version,
                submitted_at: row.submitted_at,
                claimed_by: row.claimed_by.map(AccountId).zip(row.claimer).filter(|_| row.claimed_until.is_some_and(|until| until > now)),
            });
            Ok((waiting.collect(), all))
        }

        async fn work_of(&self, submission: SubmissionId, now: Timestamp) -> Result<Option<Work>> {
            let mut connection = self.db.read_fresh().acquire().await?;
            let row: Option<(Uuid, Uuid)> = sqlx::query_as("SELECT assignment_id, account_id FROM submission WHERE id = $1").bind(submission.0).fetch_optional(&mut *connection).await?;
            let Some((assignment, account)) = row else { return Ok(None) };
            Ok(assigning::work(&mut connection, AssignmentId(assignment), AccountId(account), now).await?)
        }

        async fn claim_submission(&self, id: SubmissionId, by: AccountId, now: Timestamp, until: Timestamp) -> Result<Claimed> {
            let mut tx = self.db.write().await?;
            let claimed = grading::claim(&mut tx, id, by, now, until).await?;
            tx.commit().await?;
            Ok(claimed)
        }

        async fn decide(&self, id: SubmissionId, by: AccountId, revision: i64, decision: &Decision, mail: Uuid, now: Timestamp) -> Result<Decided> {
            let mut tx = self.db.write().await?;
            let decided = grading::decide(&mut tx, id, by, revision, decision, mail, now).await?;
            if decided == Decided::Done {
                tx.commit().await?;
            }
            Ok(decided)
        }

        async fn extend(&self, id: AssignmentId, account: AccountId, due_at: Timestamp, by: AccountId, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            submitting::locked(&mut tx, id, account, now).await?;
            sqlx::query(
                "INSERT INTO assignment_extension (assignment_id, account_id, due_at, granted_by, granted_at) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (assignment_id, account_id) DO UPDATE SET due_at = excluded.due_at, granted_by = excluded.granted_by, granted_at = excluded.granted_at",
            )
            .bind(id.0)
            .bind(account.0)
            .bind(due_at)
            .bind(by.0)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn grade_scheme(&self, course: CourseId) -> Result<Scheme> {
            let mut connection = self.db.read_fresh().acquire().await?;
            Ok(gradebooks::scheme(&mut connection, course).await?)
        }

        async fn set_grade_scheme(&self, course: CourseId, scheme: Scheme) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query(
                "INSERT INTO grade_scheme (course_id, quizzes, assignments, participation, drop_quizzes, drop_assignments) VALUES ($1, $2, $3, $4, $5, $6) \
                 ON CONFLICT (course_id) DO UPDATE SET quizzes = excluded.quizzes, assignments = excluded.assignments, \
                 participation = excluded.participation, drop_quizzes = excluded.drop_quizzes, drop_assignments = excluded.drop_assignments",
            )
            .bind(course.0)
            .bind(scheme.quizzes)
            .bind(scheme.assignments)
            .bind(scheme.participation)
            .bind(scheme.drop_quizzes)
            .bind(scheme.drop_assignments)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn gradebook(&self, course: CourseId, after: Option<AccountId>, limit: i64, now: Timestamp) -> Result<Gradebook> {
            let mut connection = self.db.read_fresh().acquire().await?;
            // No id is the lowest one.
            let after = after.map_or(Uuid::nil(), |after| after.0);
            Ok(gradebooks::page(&mut connection, course, after, limit, now).await?)
        }

        async fn grades(&self, course: CourseId, account: AccountId, now: Timestamp) -> Result<Gradebook> {
            let mut connection = self.db.read_fresh().acquire().await?;
            // The page of one that begins right before this learner.
            let before = Uuid::from_u128(account.0.as_u128().saturating_sub(1));
            let mut page = gradebooks::page(&mut connection, course, before, 1, now).await?;
            page.lines.retain(|line| line.account == account);
            Ok(page)
        }
    }
}
