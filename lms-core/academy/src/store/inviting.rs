//! Invitations: an instructor names addresses; each gets a link that works for the account with that address, once.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::ids::TokenHash;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::catalogue::seat;
use super::{AcademyError, Result, jobs};
use crate::domain::catalogue::{CohortId, Invitation, InvitationId, Refusal};
use crate::domain::enrolment::Seat;
use crate::domain::{AccountId, AccountStatus, CourseId};

/// Invitations to courses. A link's secret follows from the invitation's id and the academy's key; only its hash is stored.
#[async_trait]
pub trait Inviting: Send + Sync {
    /// Invites an address, and puts the mail into the queue (job `send_invitation`). A live invitation of the same address to the same course is
    /// withdrawn. Errors: [`AcademyError::NotFound`] for a cohort of another course.
    async fn invite(&self, new: &NewInvitation, now: Timestamp) -> Result<()>;

    /// All of a course, the newest first, `limit` at most.
    async fn invitations(&self, course: CourseId, limit: i64) -> Result<Vec<Invitation>>;

    /// Withdraws one; used or withdrawn already: changes nothing.
    async fn revoke_invitation(&self, course: CourseId, id: InvitationId, now: Timestamp) -> Result<()>;

    /// The one whose link this is, live or not.
    async fn invitation_by_token(&self, token: &TokenHash) -> Result<Option<Invitation>>;

    /// Opens the course to the account, when the link is live and was sent to the account's address: whoever has it reads that mailbox. It needs
    /// neither payment nor other courses; a seat in a cohort it does need. Gives the course's name in addresses.
    async fn accept_invitation(&self, token: &TokenHash, account: AccountId, now: Timestamp) -> Result<String>;

    /// One for the job that makes its mail.
    async fn invitation_for_mail(&self, id: InvitationId) -> Result<Option<Invitation>>;

    /// The server took it: in one transaction under the job's fence, which ends the job.
    async fn invitation_sent(&self, job: &Job, id: InvitationId, now: Timestamp) -> std::result::Result<(), JobError>;
}

/// An invitation to be.
#[derive(Debug, Clone)]
pub struct NewInvitation {
    pub id: InvitationId,
    pub course: CourseId,
    pub cohort: Option<CohortId>,
    /// In the stored form.
    pub email: String,
    pub token: TokenHash,
    pub by: AccountId,
    pub expires_at: Timestamp,
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    id: Uuid,
    course_id: Uuid,
    course_title: String,
    course_slug: String,
    cohort: Option<String>,
    email: String,
    created_at: Timestamp,
    expires_at: Timestamp,
    sent_at: Option<Timestamp>,
    accepted_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

impl From<Row> for Invitation {
    fn from(row: Row) -> Self {
        Self {
            id: InvitationId(row.id),
            course: CourseId(row.course_id),
            course_title: row.course_title,
            course_slug: row.course_slug,
            cohort: row.cohort,
            email: row.email,
            created_at: row.created_at,
            expires_at: row.expires_at,
            sent_at: row.sent_at,
            accepted_at: row.accepted_at,
            revoked_at: row.revoked_at,
        }
    }
}

/// `WHERE` follows.
macro_rules! invitation {
    () => {
        "SELECT i.id, i.course_id, c.title AS course_title, c.slug AS course_slug, k.name AS cohort, i.email, i.created_at, i.expires_at, i.sent_at, \
         i.accepted_at, i.revoked_at FROM invitation i JOIN course c ON c.id = i.course_id LEFT JOIN cohort k ON k.id = i.cohort_id "
    };
}

porter_kernel::for_both_engines! {
    siblings academy, enrolling, sql;

    #[async_trait]
    impl Inviting for academy::Academy {
        async fn invite(&self, new: &NewInvitation, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            if let Some(cohort) = new.cohort {
                let own: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM cohort WHERE id = $1 AND course_id = $2")
                    .bind(cohort.0)
                    .bind(new.course.0)
                    .fetch_one(&mut *tx)
                    .await?;
                if own == 0 {
                    return Err(AcademyError::NotFound);
                }
            }
            sqlx::query(
                "UPDATE invitation SET revoked_at = $3 WHERE course_id = $1 AND email = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            )
            .bind(new.course.0)
            .bind(storable(&new.email))
            .bind(now)
            .execute(&mut *tx)
            .await?;
            sqlx::query(
                "INSERT INTO invitation (id, course_id, cohort_id, email, token_hash, invited_by, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(new.id.0)
            .bind(new.course.0)
            .bind(new.cohort.map(|cohort| cohort.0))
            .bind(storable(&new.email))
            .bind(new.token.as_str())
            .bind(new.by.0)
            .bind(now)
            .bind(new.expires_at)
            .execute(&mut *tx)
            .await?;
            tx.enqueue(&jobs::send_invitation(new.id, now), now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn invitations(&self, course: CourseId, limit: i64) -> Result<Vec<Invitation>> {
            const SQL: &str = concat!(invitation!(), "WHERE i.course_id = $1 ORDER BY i.created_at DESC, i.id DESC LIMIT $2");
            let rows: Vec<Row> = sqlx::query_as(SQL).bind(course.0).bind(limit).fetch_all(self.db.read_fresh()).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn revoke_invitation(&self, course: CourseId, id: InvitationId, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query(
                "UPDATE invitation SET revoked_at = $3 WHERE id = $1 AND course_id = $2 AND accepted_at IS NULL AND revoked_at IS NULL",
            )
            .bind(id.0)
            .bind(course.0)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn invitation_by_token(&self, token: &TokenHash) -> Result<Option<Invitation>> {
            const SQL: &str = concat!(invitation!(), "WHERE i.token_hash = $1");
            let row: Option<Row> = sqlx::query_as(SQL).bind(token.as_str()).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn accept_invitation(&self, token: &TokenHash, account: AccountId, now: Timestamp) -> Result<String> {
            const SQL: &str = concat!(invitation!(), "WHERE i.token_hash = $1");
            let mut tx = self.db.write().await?;
            // Locks it: of two uses one comes second.
            sqlx::query("UPDATE invitation SET email = email WHERE token_hash = $1").bind(token.as_str()).execute(&mut *tx).await?;
            let row: Option<Row> = sqlx::query_as(SQL).bind(token.as_str()).fetch_optional(&mut *tx).await?;
            let invitation = row.map(Invitation::from).ok_or(AcademyError::NotFound)?;
            let cohort: Option<Uuid> =
                sqlx::query_scalar("SELECT cohort_id FROM invitation WHERE id = $1").bind(invitation.id.0).fetch_one(&mut *tx).await?;
            let person = sql::lock_account(&mut tx, account).await?.filter(|person| person.status == AccountStatus::Active);
            if person.is_none_or(|person| person.email != invitation.email) {
                return Err(AcademyError::Refused(Refusal::InvitationForAnother));
            }
            if !invitation.is_live(now) {
                return Err(AcademyError::Refused(Refusal::InvitationEnded));
            }
            let cohorts = enrolling::cohorts(&mut tx, account, invitation.course, now).await?;
            let seat = match cohort {
                Some(cohort) => seat(&cohorts, Some(CohortId(cohort)), now)?,
                None => None,
            };
            enrolling::enter(&mut tx, account, invitation.course, (None, seat, Seat::Taken), now).await?;
            sqlx::query("UPDATE invitation SET accepted_at = $2, accepted_by = $3 WHERE id = $1")
                .bind(invitation.id.0)
                .bind(now)
                .bind(account.0)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(invitation.course_slug)
        }

        async fn invitation_for_mail(&self, id: InvitationId) -> Result<Option<Invitation>> {
            const SQL: &str = concat!(invitation!(), "WHERE i.id = $1");
            let row: Option<Row> = sqlx::query_as(SQL).bind(id.0).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn invitation_sent(&self, job: &Job, id: InvitationId, now: Timestamp) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            sqlx::query("UPDATE invitation SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL")
                .bind(id.0)
                .bind(now)
                .execute(&mut *tx)
                .await
                .map_err(DbError::from)?;
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }
    }
}
