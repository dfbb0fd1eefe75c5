//! Statements that several operations share.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use porter_kernel::jobs::JobTx as _;
use sqlx::types::Json;
use uuid::Uuid;

use super::rows::{AccountRow, CertificateRow};
use super::{AcademyError, NewMail, Result, jobs};
use crate::domain::{Account, AccountId, IssuedCertificate};

/// The columns of an [`AccountRow`], of a table called `a`; `bare` where there is no other table.
macro_rules! account {
    () => {
        "a.id, a.email, a.name, a.role, a.status, a.created_at"
    };
    (bare) => {
        "id, email, name, role, status, created_at"
    };
}
/// The columns of a [`CertificateRow`].
macro_rules! certificate {
    () => {
        "id, account_id, course_id, course_title, learner_name, signatory, signatory_role, code, issued_at, \
         (SELECT r.reason FROM certificate_revocation r WHERE r.certificate_id = certificate.id) AS revoked_reason, \
         (SELECT r.revoked_at FROM certificate_revocation r WHERE r.certificate_id = certificate.id) AS revoked_at"
    };
}
pub(super) use {account, certificate};

/// What an idempotency key stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    ResetByAddress,
    ResetForAccount,
    ResendCertificate,
    ReportProgress,
    CompleteLesson,
    SignUp,
    VerifyAgain,
    PlaceOrder,
    AskRefund,
}

impl Operation {
    fn as_str(self) -> &'static str {
        match self {
            Self::ResetByAddress => "password_reset_by_address",
            Self::ResetForAccount => "password_reset_for_account",
            Self::ResendCertificate => "certificate_resend",
            Self::ReportProgress => "lesson_progress",
            Self::CompleteLesson => "lesson_complete",
            Self::SignUp => "sign_up",
            Self::VerifyAgain => "verify_again",
            Self::PlaceOrder => "order_place",
            Self::AskRefund => "refund_ask",
        }
    }
}

/// A request with its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request {
    pub(super) key: Uuid,
    pub(super) operation: Operation,
    pub(super) account: Option<AccountId>,
    pub(super) subject: Option<Uuid>,
}

/// Whether a request is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nobody used the key before: it is this request's now, when the transaction commits.
    New,
    /// The same was asked for then.
    Repeated(Timestamp),
}

#[derive(Debug, sqlx::FromRow)]
struct KeyRow {
    operation: String,
    account_id: Option<Uuid>,
    subject_id: Option<Uuid>,
    asked_at: Timestamp,
}

porter_kernel::for_both_engines! {
    /// Locks the account until the transaction ends, and gives it as it is now. Every change of what concerns an account's password begins
    /// with this, so that such changes come one after another and none of them waits for another in a circle.
    pub(in crate::store) async fn lock_account(tx: &mut engine::Tx, id: AccountId) -> std::result::Result<Option<Account>, DbError> {
        // A write that changes nothing is how both engines lock a row.
        const SQL: &str = concat!("UPDATE account SET status = status WHERE id = $1 RETURNING ", account!(bare));
        let row: Option<AccountRow> = sqlx::query_as(SQL).bind(id.0).fetch_optional(&mut **tx).await?;
        Ok(row.map(Into::into))
    }

    /// Takes the key for this request, or finds out what it was used for.
    pub(in crate::store) async fn claim_key(tx: &mut engine::Tx, request: Request, now: Timestamp) -> Result<Claim> {
        let inserted = sqlx::query(
            "INSERT INTO request_key (key, operation, account_id, subject_id, asked_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(request.key)
        .bind(request.operation.as_str())
        .bind(request.account.map(|account| account.0))
        .bind(request.subject)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if inserted.rows_affected() == 1 {
            return Ok(Claim::New);
        }
        // A statement of its own: it sees what a parallel request has committed while the insert waited for it.
        let row: KeyRow = sqlx::query_as("SELECT operation, account_id, subject_id, asked_at FROM request_key WHERE key = $1")
            .bind(request.key)
            .fetch_one(&mut **tx)
            .await?;
        let same = row.operation == request.operation.as_str()
            && row.account_id == request.account.map(|account| account.0)
            && row.subject_id == request.subject;
        if same { Ok(Claim::Repeated(row.asked_at)) } else { Err(AcademyError::KeyReused) }
    }

    /// Writes the mail down, and the job that sends it.
    pub(in crate::store) async fn write_mail(tx: &mut engine::Tx, mail: &NewMail, now: Timestamp) -> std::result::Result<(), DbError> {
        sqlx::query("INSERT INTO mail (id, account_id, letter, created_at) VALUES ($1, $2, $3, $4)")
            .bind(mail.id)
            .bind(mail.account.0)
            .bind(Json(&mail.letter))
            .bind(now)
            .execute(&mut **tx)
            .await?;
        tx.enqueue(&jobs::send_mail(mail, now), now).await?;
        Ok(())
    }

    /// Voids every link of the account that could still be used.
    pub(in crate::store) async fn void_resets(tx: &mut engine::Tx, account: AccountId, now: Timestamp) -> std::result::Result<(), DbError> {
        sqlx::query("UPDATE password_reset SET voided_at = $2 WHERE account_id = $1 AND used_at IS NULL AND voided_at IS NULL")
            .bind(account.0)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }

    /// The account's certificate with this id.
    pub(in crate::store) async fn certificate(
        tx: &mut engine::Tx,
        account: AccountId,
        id: Uuid,
    ) -> std::result::Result<Option<IssuedCertificate>, DbError> {
        const SQL: &str = concat!("SELECT ", certificate!(), " FROM certificate WHERE id = $1 AND account_id = $2");
        let row: Option<CertificateRow> = sqlx::query_as(SQL).bind(id).bind(account.0).fetch_optional(&mut **tx).await?;
        Ok(row.map(Into::into))
    }
}
