//! The instructors' half: taking a version, judging it.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use sqlx::types::Json;
use uuid::Uuid;

use super::{AcademyError, Claimed, Decided, Decision, Letter, NewMail, Result};
use crate::domain::assignment::{Mark, SubmissionStatus, lateness, percent};
use crate::domain::event::Event;
use crate::domain::{AccountId, AssignmentId, SubmissionId};

/// What of a verdict goes into the row.
struct Judged<'a> {
    status: SubmissionStatus,
    marks: &'a [Mark],
    remark: &'a str,
    /// Raw and final, in basis points.
    points: Option<(i64, i64)>,
}

porter_kernel::for_both_engines! {
    siblings completing, events, sql, submitting;

    /// Whose version it is, and of what.
    async fn owner(tx: &mut engine::Tx, id: SubmissionId) -> Result<(AssignmentId, AccountId)> {
        let row: Option<(Uuid, Uuid)> =
            sqlx::query_as("SELECT assignment_id, account_id FROM submission WHERE id = $1").bind(id.0).fetch_optional(&mut **tx).await?;
        row.map(|(assignment, account)| (AssignmentId(assignment), AccountId(account))).ok_or(AcademyError::NotFound)
    }

    async fn name(tx: &mut engine::Tx, account: AccountId) -> Result<String> {
        let name: Option<String> = sqlx::query_scalar("SELECT name FROM account WHERE id = $1").bind(account.0).fetch_optional(&mut **tx).await?;
        Ok(name.unwrap_or_default())
    }

    pub(in crate::store) async fn claim(tx: &mut engine::Tx, id: SubmissionId, by: AccountId, now: Timestamp, until: Timestamp) -> Result<Claimed> {
        let (assignment, account) = owner(tx, id).await?;
        let work = submitting::locked(tx, assignment, account, now).await?;
        let submission = work.submissions.iter().find(|one| one.id == id).ok_or(AcademyError::NotFound)?;
        if submission.status != SubmissionStatus::Submitted {
            return Ok(Claimed::NotWaiting);
        }
        if let Some((other, until)) = submission.claim.filter(|(other, until)| *other != by && *until > now) {
            return Ok(Claimed::Theirs(name(tx, other).await?, until));
        }
        sqlx::query("UPDATE submission SET claimed_by = $2, claimed_until = $3 WHERE id = $1").bind(id.0).bind(by.0).bind(until).execute(&mut **tx).await?;
        Ok(Claimed::Yours(until))
    }

    pub(in crate::store) async fn decide(
        tx: &mut engine::Tx,
        id: SubmissionId,
        by: AccountId,
        revision: i64,
        decision: &Decision,
        mail: Uuid,
        now: Timestamp,
    ) -> Result<Decided> {
        let (assignment, account) = owner(tx, id).await?;
        let work = submitting::locked(tx, assignment, account, now).await?;
        let submission = work.submissions.iter().find(|one| one.id == id).ok_or(AcademyError::NotFound)?;
        let newer = work.submissions.iter().any(|one| one.version > submission.version && one.status != SubmissionStatus::Draft);
        let decidable = match decision {
            Decision::Grade { .. } => matches!(submission.status, SubmissionStatus::Submitted | SubmissionStatus::Graded),
            Decision::Return { .. } => submission.status == SubmissionStatus::Submitted,
        };
        if submission.revision != revision || newer || !decidable {
            return Ok(Decided::Changed);
        }
        if let Some(other) = submission.claimed_by(now).filter(|other| *other != by) {
            return Ok(Decided::Theirs(name(tx, other).await?));
        }
        let asked = &work.placed.assignment;
        let judged = match decision {
            Decision::Return { remark } => Judged { status: SubmissionStatus::Returned, marks: &[], remark, points: None },
            Decision::Grade { marks, remark } => match percent(&asked.rubric, marks) {
                Err(error) => return Ok(Decided::Marks(error)),
                Ok(raw) => {
                    let mut late = lateness(asked.late, work.due, submission.submitted_at.unwrap_or(now));
                    // It was taken when it came; a deadline that was moved forward later does not undo that.
                    late.refused = false;
                    Judged { status: SubmissionStatus::Graded, marks, remark, points: Some((raw, late.applied_to(raw))) }
                }
            },
        };
        write(tx, id, by, &judged, now).await?;
        if let Some((_, points)) = judged.points {
            // A draft that was begun meanwhile cannot be handed in any more.
            sqlx::query("UPDATE submission SET status = 'superseded' WHERE assignment_id = $1 AND account_id = $2 AND status = 'draft'")
                .bind(assignment.0)
                .bind(account.0)
                .execute(&mut **tx)
                .await?;
            let event = Event::AssignmentGraded { account, assignment: assignment.0, submission: id.0, percent: (points + 50) / 100 };
            events::record(tx, &event, now).await?;
            if points >= asked.pass_percent * 100 {
                completing::lesson(tx, account, work.placed.course, work.placed.lesson, now).await?;
            }
        }
        sql::write_mail(tx, &NewMail { id: mail, account, letter: Letter::AssignmentDecided { submission: id } }, now).await?;
        Ok(Decided::Done)
    }

    async fn write(tx: &mut engine::Tx, id: SubmissionId, by: AccountId, judged: &Judged<'_>, now: Timestamp) -> Result<()> {
        let marks: Vec<Mark> =
            judged.marks.iter().map(|mark| Mark { comment: storable(&mark.comment).into_owned(), ..mark.clone() }).collect();
        sqlx::query(
            "UPDATE submission SET status = $2, revision = revision + 1, claimed_by = NULL, claimed_until = NULL, decided_by = $3, decided_at = $4, \
             marks = $5, remark = $6, raw_points = $7, final_points = $8 WHERE id = $1",
        )
        .bind(id.0)
        .bind(judged.status.as_str())
        .bind(by.0)
        .bind(now)
        .bind(Json(marks))
        .bind(storable(judged.remark))
        .bind(judged.points.map(|(raw, _)| raw))
        .bind(judged.points.map(|(_, points)| points))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
