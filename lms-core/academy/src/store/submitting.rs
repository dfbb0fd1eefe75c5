//! The learner's half: drafts, files, handing in. Every change begins with a lock of the learner's account, so that they come one after another.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use uuid::Uuid;

use super::{AcademyError, Drafted, Result, Submitted, Work};
use crate::domain::assignment::{Submission, SubmissionFile, SubmissionStatus, lateness};
use crate::domain::event::Event;
use crate::domain::{AccountId, AssignmentId, SubmissionId};

/// Whether another version may be begun after the newest.
fn may_begin(work: &Work) -> bool {
    let used =
        i64::try_from(work.submissions.iter().filter(|one| one.status != SubmissionStatus::Draft).count()).unwrap_or(i64::MAX);
    let graded = work.submissions.iter().any(|one| one.status == SubmissionStatus::Graded);
    // A version that was returned may always be worked over: it was asked for.
    let asked = work.submissions.first().is_some_and(|newest| newest.status == SubmissionStatus::Returned);
    work.open && !graded && (asked || work.placed.assignment.attempts.is_none_or(|most| used < most))
}

fn draft_of(work: &Work) -> Option<&Submission> {
    work.submissions.first().filter(|newest| newest.status == SubmissionStatus::Draft)
}

porter_kernel::for_both_engines! {
    siblings assigning, events, sql;

    /// The work, locked until the transaction ends.
    pub(in crate::store) async fn locked(tx: &mut engine::Tx, id: AssignmentId, account: AccountId, now: Timestamp) -> Result<Work> {
        sql::lock_account(tx, account).await?;
        assigning::work(tx, id, account, now).await?.ok_or(AcademyError::NotFound)
    }

    /// The draft, begun when there is none and there may be one.
    pub(in crate::store) async fn draft(tx: &mut engine::Tx, work: &Work, draft: SubmissionId, now: Timestamp) -> std::result::Result<Option<SubmissionId>, DbError> {
        if let Some(draft) = draft_of(work) {
            return Ok(work.open.then_some(draft.id));
        }
        if !may_begin(work) {
            return Ok(None);
        }
        let last = work.submissions.first();
        sqlx::query(
            "INSERT INTO submission (id, assignment_id, account_id, version, status, answer, created_at, revision, remark) \
             VALUES ($1, $2, $3, $4, 'draft', $5, $6, 0, '')",
        )
        .bind(draft.0)
        .bind(work.placed.id.0)
        .bind(work.account.0)
        .bind(last.map_or(1, |last| last.version + 1))
        .bind(last.map(|last| last.answer.as_str()).unwrap_or_default())
        .bind(now)
        .execute(&mut **tx)
        .await?;
        for file in last.map(|last| last.files.as_slice()).unwrap_or_default() {
            let copy = SubmissionFile { id: Uuid::new_v5(&draft.0, file.id.as_bytes()), ..file.clone() };
            insert_file(tx, draft, &copy, now).await?;
        }
        Ok(Some(draft))
    }

    async fn insert_file(tx: &mut engine::Tx, draft: SubmissionId, file: &SubmissionFile, now: Timestamp) -> std::result::Result<(), DbError> {
        sqlx::query("INSERT INTO submission_file (id, submission_id, stored, name, type, bytes, sha256, added_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
            .bind(file.id)
            .bind(draft.0)
            .bind(file.stored)
            .bind(storable(&file.name))
            .bind(file.kind.as_str())
            .bind(file.bytes)
            .bind(storable(&file.sha256))
            .bind(now)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    pub(in crate::store) async fn add_file(tx: &mut engine::Tx, work: &Work, new: SubmissionId, file: &SubmissionFile, now: Timestamp) -> Result<Drafted> {
        let Some(id) = draft(tx, work, new, now).await? else { return Ok(Drafted::Closed) };
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM submission_file WHERE submission_id = $1").bind(id.0).fetch_one(&mut **tx).await?;
        if count >= work.placed.assignment.max_files {
            return Ok(Drafted::TooManyFiles);
        }
        insert_file(tx, id, file, now).await?;
        Ok(Drafted::Done(id))
    }

    pub(in crate::store) async fn remove_file(tx: &mut engine::Tx, id: AssignmentId, account: AccountId, file: Uuid) -> Result<Option<Uuid>> {
        sql::lock_account(tx, account).await?;
        let stored: Option<Uuid> = sqlx::query_scalar(
            "DELETE FROM submission_file WHERE id = $1 AND submission_id IN \
             (SELECT u.id FROM submission u WHERE u.assignment_id = $2 AND u.account_id = $3 AND u.status = 'draft') RETURNING stored",
        )
        .bind(file)
        .bind(id.0)
        .bind(account.0)
        .fetch_optional(&mut **tx)
        .await?;
        let Some(stored) = stored else { return Ok(None) };
        let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM submission_file WHERE stored = $1").bind(stored).fetch_one(&mut **tx).await?;
        Ok((held == 0).then_some(stored))
    }

    pub(in crate::store) async fn submit(tx: &mut engine::Tx, work: &Work, now: Timestamp) -> Result<Submitted> {
        let draft = draft_of(work).filter(|_| work.open).ok_or(AcademyError::NotFound)?;
        if draft.answer.trim().is_empty() && draft.files.is_empty() {
            return Ok(Submitted::Empty);
        }
        let lateness = lateness(work.placed.assignment.late, work.due, now);
        if lateness.refused {
            return Ok(Submitted::TooLate);
        }
        sqlx::query("UPDATE submission SET status = 'superseded', revision = revision + 1 WHERE assignment_id = $1 AND account_id = $2 AND status = 'submitted'")
            .bind(work.placed.id.0)
            .bind(work.account.0)
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE submission SET status = 'submitted', submitted_at = $2 WHERE id = $1").bind(draft.id.0).bind(now).execute(&mut **tx).await?;
        let event = Event::AssignmentSubmitted {
            account: work.account,
            assignment: work.placed.id.0,
            submission: draft.id.0,
            late: lateness.days > 0,
        };
        events::record(tx, &event, now).await?;
        Ok(Submitted::Done)
    }
}
