//! Certificates that count no more, and the public keys by which credentials are checked.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use sqlx::types::Json;
use uuid::Uuid;

use super::{AcademyError, Letter, NewMail, Result};
use crate::domain::event::Event;
use crate::domain::{AccountId, CertificateId, Revocation, RevocationReason};

/// A revocation as administrators see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedRow {
    pub certificate: CertificateId,
    pub revocation: Revocation,
    /// Written by an administrator, for administrators.
    pub note: String,
    pub by: AccountId,
}

/// What taking a certificate back is to say.
#[derive(Debug, Clone)]
pub struct Taken {
    pub by: AccountId,
    pub reason: RevocationReason,
    pub note: String,
}

/// Taking certificates back.
#[async_trait]
pub trait Revocations: Send + Sync {
    /// Revokes the certificate, tells its learner by mail and records the event; revoked already: changes nothing, `false`. Errors:
    /// [`AcademyError::NotFound`].
    async fn revoke(&self, certificate: CertificateId, taken: &Taken, mail: Uuid, now: Timestamp) -> Result<bool>;

    /// Takes the revocation back, tells the learner and records the event. Errors: [`AcademyError::NotFound`] when it is not revoked,
    /// [`AcademyError::TooLate`] after [`crate::domain::revocation::RESTORABLE`].
    async fn restore(&self, certificate: CertificateId, by: AccountId, mail: Uuid, now: Timestamp) -> Result<()>;

    /// The revocation with its note.
    async fn revocation(&self, certificate: CertificateId) -> Result<Option<RevokedRow>>;

    /// Every certificate that counts no more, the newest first.
    async fn revoked(&self) -> Result<Vec<RevokedRow>>;

    /// Keeps the public half of a key that signs credentials; known already: changes nothing.
    async fn publish_key(&self, kid: &str, jwk: &serde_json::Value, now: Timestamp) -> Result<()>;

    /// All public keys, the newest first.
    async fn published_keys(&self) -> Result<Vec<serde_json::Value>>;
}

#[derive(Debug, sqlx::FromRow)]
struct Row {
    certificate_id: Uuid,
    reason: String,
    note: String,
    revoked_at: Timestamp,
    revoked_by: Uuid,
}

impl From<Row> for RevokedRow {
    fn from(row: Row) -> Self {
        Self {
            certificate: CertificateId(row.certificate_id),
            // A reason of a later version is still a revocation.
            revocation: Revocation { reason: row.reason.parse().unwrap_or(RevocationReason::IssuedInError), at: row.revoked_at },
            note: row.note,
            by: AccountId(row.revoked_by),
        }
    }
}

macro_rules! revocation {
    () => {
        "SELECT certificate_id, reason, note, revoked_at, revoked_by FROM certificate_revocation "
    };
}

porter_kernel::for_both_engines! {
    siblings academy, events, sql;

    #[async_trait]
    impl Revocations for academy::Academy {
        async fn revoke(&self, certificate: CertificateId, taken: &Taken, mail: Uuid, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let Some(account) = holder(&mut tx, certificate).await? else { return Err(AcademyError::NotFound) };
            let revoked = sqlx::query(
                "INSERT INTO certificate_revocation (certificate_id, reason, note, revoked_at, revoked_by) VALUES ($1, $2, $3, $4, $5) \
                 ON CONFLICT (certificate_id) DO NOTHING",
            )
            .bind(certificate.0)
            .bind(taken.reason.as_str())
            .bind(storable(&taken.note))
            .bind(now)
            .bind(taken.by.0)
            .execute(&mut *tx)
            .await?;
            if revoked.rows_affected() == 0 {
                return Ok(false);
            }
            events::record(&mut tx, &Event::CertificateRevoked { account, certificate }, now).await?;
            sql::write_mail(&mut tx, &NewMail { id: mail, account, letter: Letter::CertificateRevoked { certificate } }, now).await?;
            tx.commit().await?;
            tracing::info!(%certificate, by = %taken.by, reason = taken.reason.as_str(), "a certificate was revoked");
            Ok(true)
        }

        async fn restore(&self, certificate: CertificateId, by: AccountId, mail: Uuid, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let Some(account) = holder(&mut tx, certificate).await? else { return Err(AcademyError::NotFound) };
            let row: Option<Row> = sqlx::query_as(concat!(revocation!(), "WHERE certificate_id = $1"))
                .bind(certificate.0)
                .fetch_optional(&mut *tx)
                .await?;
            let row = RevokedRow::from(row.ok_or(AcademyError::NotFound)?);
            if row.revocation.restorable_until() <= now {
                return Err(AcademyError::TooLate);
            }
            sqlx::query("DELETE FROM certificate_revocation WHERE certificate_id = $1").bind(certificate.0).execute(&mut *tx).await?;
            events::record(&mut tx, &Event::CertificateRestored { account, certificate }, now).await?;
            sql::write_mail(&mut tx, &NewMail { id: mail, account, letter: Letter::CertificateRestored { certificate } }, now).await?;
            tx.commit().await?;
            tracing::info!(%certificate, %by, "a revocation was taken back");
            Ok(())
        }

        async fn revocation(&self, certificate: CertificateId) -> Result<Option<RevokedRow>> {
            let row: Option<Row> = sqlx::query_as(concat!(revocation!(), "WHERE certificate_id = $1"))
                .bind(certificate.0)
                .fetch_optional(self.db.read_fresh())
                .await?;
            Ok(row.map(Into::into))
        }

        async fn revoked(&self) -> Result<Vec<RevokedRow>> {
            let rows: Vec<Row> = sqlx::query_as(concat!(revocation!(), "ORDER BY revoked_at DESC, certificate_id"))
                .fetch_all(self.db.read_fresh())
                .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn publish_key(&self, kid: &str, jwk: &serde_json::Value, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("INSERT INTO credential_key (kid, jwk, first_used_at) VALUES ($1, $2, $3) ON CONFLICT (kid) DO NOTHING")
                .bind(kid)
                .bind(Json(jwk))
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn published_keys(&self) -> Result<Vec<serde_json::Value>> {
            let rows: Vec<Json<serde_json::Value>> =
                sqlx::query_scalar("SELECT jwk FROM credential_key ORDER BY first_used_at DESC, kid").fetch_all(self.db.read_fresh()).await?;
            Ok(rows.into_iter().map(|row| row.0).collect())
        }
    }

    /// Whose it is, and nobody else changes it until the transaction ends.
    async fn holder(tx: &mut engine::Tx, certificate: CertificateId) -> Result<Option<AccountId>> {
        let account: Option<Uuid> = sqlx::query_scalar("UPDATE certificate SET code = code WHERE id = $1 RETURNING account_id")
            .bind(certificate.0)
            .fetch_optional(&mut **tx)
            .await?;
        Ok(account.map(AccountId))
    }
}
