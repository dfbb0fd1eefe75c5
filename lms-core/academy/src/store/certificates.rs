//! Certificates: issued once, sent as often as their learner asks.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, Freshness, storable};
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::jobs::IssueCertificate;
use super::rows::CertificateRow;
use super::sql::{Claim, Operation, Request, certificate};
use super::{AcademyError, Certificates, Letter, NewMail, Resent, Result, jobs};
use crate::domain::event::Event;
use crate::domain::{AccountId, CertificateId, CourseFacts, CourseId, EnrolmentStatus, IssuedCertificate};

/// What is noted when a certificate was asked for too early.
const NOT_COMPLETE: &str = "The course is not complete.";
const NOT_ENROLLED: &str = "The enrolment is not active.";

/// Why this course has no certificate yet; `None`: it is earned.
fn unearned(course: Option<&CourseFacts>) -> Option<&'static str> {
    match course {
        Some(course) if !matches!(course.enrolment, EnrolmentStatus::Active | EnrolmentStatus::Completed) => Some(NOT_ENROLLED),
        Some(course) if course.is_complete() => None,
        Some(_) => Some(NOT_COMPLETE),
        None => Some(NOT_ENROLLED),
    }
}

porter_kernel::for_both_engines! {
    siblings academy, events, learning, sql;

    #[async_trait]
    impl Certificates for academy::Academy {
        async fn certificates(&self, account: AccountId, freshness: Freshness) -> Result<Vec<IssuedCertificate>> {
            const SQL: &str = concat!("SELECT ", certificate!(), " FROM certificate WHERE account_id = $1 ORDER BY issued_at DESC, id");
            let mut db = self.db.read(freshness).await?;
            let rows: Vec<CertificateRow> = sqlx::query_as(SQL).bind(account.0).fetch_all(&mut *db).await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn certificate(&self, account: AccountId, id: CertificateId) -> Result<Option<IssuedCertificate>> {
            const SQL: &str = concat!("SELECT ", certificate!(), " FROM certificate WHERE id = $1 AND account_id = $2");
            let row: Option<CertificateRow> =
                sqlx::query_as(SQL).bind(id.0).bind(account.0).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn certificate_by_code(&self, code: &str) -> Result<Option<IssuedCertificate>> {
            const SQL: &str = concat!("SELECT ", certificate!(), " FROM certificate WHERE code = $1");
            let row: Option<CertificateRow> =
                sqlx::query_as(SQL).bind(storable(code)).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn certificate_for_mail(&self, id: CertificateId) -> Result<Option<IssuedCertificate>> {
            const SQL: &str = concat!("SELECT ", certificate!(), " FROM certificate WHERE id = $1");
            let row: Option<CertificateRow> = sqlx::query_as(SQL).bind(id.0).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn resend(&self, key: Uuid, account: AccountId, id: CertificateId, mail_id: Uuid, now: Timestamp) -> Result<Resent> {
            let request = Request { key, operation: Operation::ResendCertificate, account: Some(account), subject: Some(id.0) };
            let mut tx = self.db.write().await?;
            let claim = sql::claim_key(&mut tx, request, now).await?;
            let certificate = sql::certificate(&mut tx, account, id.0).await?.ok_or(AcademyError::NotFound)?;
            if let (Claim::New, Some(revoked)) = (claim, certificate.revoked) {
                return Err(AcademyError::Revoked(revoked.reason));
            }
            match claim {
                Claim::Repeated(asked_at) => Ok(Resent { certificate, asked_at, duplicate: true }),
                Claim::New => {
                    let mail = NewMail { id: mail_id, account, letter: Letter::Certificate { certificate: id, again: true } };
                    sql::write_mail(&mut tx, &mail, now).await?;
                    tx.commit().await?;
                    Ok(Resent { certificate, asked_at: now, duplicate: false })
                }
            }
        }

        async fn request_certificate(&self, account: AccountId, course: CourseId, job: Uuid, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let enrolled: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM enrolment WHERE account_id = $1 AND course_id = $2")
                .bind(account.0)
                .bind(course.0)
                .fetch_one(&mut *tx)
                .await?;
            if enrolled == 0 {
                return Err(AcademyError::NotFound);
            }
            ask(&mut tx, account, course, job, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn issue(
            &self,
            job: &Job,
            certificate: CertificateId,
            code: &str,
            mail_id: Uuid,
            now: Timestamp,
        ) -> std::result::Result<(), JobError> {
            let IssueCertificate { account, course } = jobs::payload(job)?;
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            // Two jobs for one certificate, an old one revived and a new one, come one after another.
            sql::lock_account(&mut tx, account).await?;
            let facts = learning::course(&mut tx, account, course.0).await?;
            match unearned(facts.as_ref()) {
                Some(reason) => fail(&mut tx, account, course, reason, now).await?,
                None => {
                    if write(&mut tx, account, course, certificate, code, now).await? {
                        events::record(&mut tx, &Event::CertificateIssued { account, course, certificate }, now).await?;
                        let mail = NewMail { id: mail_id, account, letter: Letter::Certificate { certificate, again: false } };
                        sql::write_mail(&mut tx, &mail, now).await?;
                    }
                }
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn issue_failed(&self, account: AccountId, course: CourseId, reason: &str, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            fail(&mut tx, account, course, reason, now).await?;
            tx.commit().await?;
            Ok(())
        }
    }

    /// Puts the making into the queue, unless the certificate is issued or its making queued.
    pub(in crate::store) async fn ask(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        job: Uuid,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        let asked = sqlx::query(
            "INSERT INTO certificate_request (account_id, course_id, status, requested_at) SELECT $1, $2, 'queued', $3 \
             WHERE NOT EXISTS (SELECT 1 FROM certificate c WHERE c.account_id = $1 AND c.course_id = $2) \
             ON CONFLICT (account_id, course_id) DO UPDATE \
             SET status = excluded.status, requested_at = excluded.requested_at, reason = NULL WHERE certificate_request.status = 'failed'",
        )
        .bind(account.0)
        .bind(course.0)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if asked.rows_affected() == 1 {
            tx.enqueue(&jobs::issue_certificate(job, account, course, now), now).await?;
        }
        Ok(())
    }

    /// Issues the certificate with the names as they are now; `false` when the account has one for this course.
    async fn write(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        certificate: CertificateId,
        code: &str,
        now: Timestamp,
    ) -> std::result::Result<bool, DbError> {
        let issued = sqlx::query(
            "INSERT INTO certificate (id, account_id, course_id, course_title, learner_name, signatory, signatory_role, code, issued_at) \
             SELECT $1, a.id, c.id, c.title, a.name, c.signatory, c.signatory_role, $4, $5 FROM account a, course c \
             WHERE a.id = $2 AND c.id = $3 ON CONFLICT (account_id, course_id) DO NOTHING",
        )
        .bind(certificate.0)
        .bind(account.0)
        .bind(course.0)
        .bind(storable(code))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        sqlx::query(
            "INSERT INTO certificate_request (account_id, course_id, status, requested_at) VALUES ($1, $2, 'issued', $3) \
             ON CONFLICT (account_id, course_id) DO UPDATE SET status = 'issued', reason = NULL",
        )
        .bind(account.0)
        .bind(course.0)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        sqlx::query("UPDATE enrolment SET status = 'completed' WHERE account_id = $1 AND course_id = $2 AND status = 'active'")
            .bind(account.0)
            .bind(course.0)
            .execute(&mut **tx)
            .await?;
        Ok(issued.rows_affected() == 1)
    }

    /// Keeps the failure as a fact, unless the certificate was issued.
    async fn fail(
        tx: &mut engine::Tx,
        account: AccountId,
        course: CourseId,
        reason: &str,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        sqlx::query(
            "INSERT INTO certificate_request (account_id, course_id, status, requested_at, reason) SELECT a.id, c.id, 'failed', $3, $4 \
             FROM account a, course c WHERE a.id = $1 AND c.id = $2 \
             ON CONFLICT (account_id, course_id) DO UPDATE SET status = 'failed', reason = excluded.reason \
             WHERE certificate_request.status <> 'issued'",
        )
        .bind(account.0)
        .bind(course.0)
        .bind(now)
        .bind(storable(reason))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }
}
