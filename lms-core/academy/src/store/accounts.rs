//! Who people are, and whether they are signed in.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::ids::TokenHash;
use uuid::Uuid;

use super::rows::{AccountRow, CredentialsRow, SessionRow};
use super::sql::account;
use super::{AcademyError, Accounts, Credentials, Letter, NewMail, Result};
use crate::domain::event::Event;
use crate::domain::{Account, AccountId, AccountStatus};

/// How exactly it is kept when a session was used last.
const SEEN: Duration = Duration::from_hours(1);

porter_kernel::for_both_engines! {
    siblings academy, events, sql;

    #[async_trait]
    impl Accounts for academy::Academy {
        async fn account_by_email(&self, email: &str) -> Result<Option<Credentials>> {
            const SQL: &str = concat!("SELECT ", account!(), ", a.password_hash FROM account a WHERE a.email = $1");
            let row: Option<CredentialsRow> =
                sqlx::query_as(SQL).bind(storable(email)).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn account(&self, id: AccountId) -> Result<Option<Account>> {
            const SQL: &str = concat!("SELECT ", account!(), " FROM account a WHERE a.id = $1");
            let row: Option<AccountRow> = sqlx::query_as(SQL).bind(id.0).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn sign_in(
            &self,
            id: Uuid,
            token: &TokenHash,
            checked: &Credentials,
            now: Timestamp,
            expires_at: Timestamp,
        ) -> Result<bool> {
            let mut tx = self.db.write().await?;
            if !still_as_checked(&mut tx, checked).await? {
                return Ok(false);
            }
            // A password alone does not open an account with a second factor: see `TwoFactors::sign_in_with_proof`.
            let second: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM two_factor WHERE account_id = $1 AND enabled_at IS NOT NULL")
                .bind(checked.account.id.0)
                .fetch_one(&mut *tx)
                .await?;
            if second > 0 {
                return Ok(false);
            }
            begin_session(&mut tx, id, token, checked.account.id, now, expires_at).await?;
            note_sign_in(&mut tx, id, checked.account.id, now).await?;
            tx.commit().await?;
            Ok(true)
        }

        async fn create_session(
            &self,
            id: Uuid,
            token: &TokenHash,
            account: AccountId,
            now: Timestamp,
            expires_at: Timestamp,
        ) -> Result<()> {
            let mut tx = self.db.write().await?;
            let account = sql::lock_account(&mut tx, account).await?.filter(|account| account.status == AccountStatus::Active);
            let account = account.ok_or(AcademyError::NotFound)?;
            begin_session(&mut tx, id, token, account.id, now, expires_at).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn session(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Uuid, Account)>> {
            const SQL: &str = concat!(
                "SELECT s.id AS session_id, s.created_at AS begun_at, s.seen_at, ",
                account!(),
                " FROM session s JOIN account a ON a.id = s.account_id \
                 WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.status = 'active'"
            );
            let row: Option<SessionRow> =
                sqlx::query_as(SQL).bind(token.as_str()).bind(now).fetch_optional(self.db.read_fresh()).await?;
            if let Some(row) = &row
                && now.since(row.seen_at.unwrap_or(row.begun_at)) >= SEEN
            {
                // Only for its owner to read: a page is not refused because this cannot be noted.
                if let Err(error) = see(&self.db, row.session_id, now).await {
                    tracing::debug!(%error, "the use of a session could not be noted");
                }
            }
            Ok(row.map(Into::into))
        }

        async fn session_by_id(&self, id: Uuid, now: Timestamp) -> Result<Option<Account>> {
            const SQL: &str = concat!(
                "SELECT ",
                account!(),
                " FROM session s JOIN account a ON a.id = s.account_id WHERE s.id = $1 AND s.expires_at > $2 AND a.status = 'active'"
            );
            let row: Option<AccountRow> = sqlx::query_as(SQL).bind(id).bind(now).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn delete_session(&self, token: &TokenHash) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("DELETE FROM session WHERE token_hash = $1").bind(token.as_str()).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn account_count(&self) -> Result<i64> {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM account");
            Ok(count.fetch_one(self.db.read_fresh()).await?)
        }
    }

    /// Notes once an hour that the session is used.
    async fn see(db: &engine::Db, session: Uuid, now: Timestamp) -> Result<()> {
        let mut tx = db.write().await?;
        sqlx::query("UPDATE session SET seen_at = $2 WHERE id = $1").bind(session).bind(now).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(in crate::store) async fn credentials(db: &engine::Db, account: AccountId) -> Result<Option<Credentials>> {
        const SQL: &str = concat!("SELECT ", account!(), ", a.password_hash FROM account a WHERE a.id = $1");
        let row: Option<CredentialsRow> = sqlx::query_as(SQL).bind(account.0).fetch_optional(db.read_fresh()).await?;
        Ok(row.map(Into::into))
    }

    /// Locks the account. Whether it is active and its password is still the one that was checked: whoever sets a new password ends the sessions
    /// that are there, and this is one of them or is not begun.
    pub(in crate::store) async fn still_as_checked(tx: &mut engine::Tx, checked: &Credentials) -> Result<bool> {
        let Some(account) = sql::lock_account(tx, checked.account.id).await? else { return Ok(false) };
        let unchanged: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM account WHERE id = $1 AND password_hash = $2")
            .bind(account.id.0)
            .bind(storable(&checked.password_hash))
            .fetch_one(&mut **tx)
            .await?;
        Ok(unchanged == 1 && account.status == AccountStatus::Active)
    }

    /// What signing in means besides a session: it is an event, and who comes back does not want to be forgotten.
    pub(in crate::store) async fn note_sign_in(tx: &mut engine::Tx, session: Uuid, account: AccountId, now: Timestamp) -> Result<()> {
        events::record(tx, &Event::SignedIn { account }, now).await?;
        let kept = sqlx::query("DELETE FROM erasure WHERE account_id = $1").bind(account.0).execute(&mut **tx).await?;
        if kept.rows_affected() == 1 {
            let mail = NewMail { id: Uuid::new_v5(&session, b"deletion cancelled"), account, letter: Letter::DeletionCancelled };
            sql::write_mail(tx, &mail, now).await?;
        }
        Ok(())
    }

    /// Takes the account's old sessions away with it, so that they do not pile up.
    pub(in crate::store) async fn begin_session(
        tx: &mut engine::Tx,
        id: Uuid,
        token: &TokenHash,
        account: AccountId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()> {
        sqlx::query("DELETE FROM session WHERE account_id = $1 AND expires_at <= $2")
            .bind(account.0)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        sqlx::query("INSERT INTO session (id, token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id)
            .bind(token.as_str())
            .bind(account.0)
            .bind(now)
            .bind(expires_at)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
