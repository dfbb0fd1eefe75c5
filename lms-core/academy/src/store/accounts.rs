//! Who people are, and whether they are signed in.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::ids::TokenHash;
use uuid::Uuid;

use super::rows::{AccountRow, CredentialsRow, SessionRow};
use super::sql::account;
use super::{AcademyError, Accounts, Credentials, Result};
use crate::domain::{Account, AccountId, AccountStatus};

porter_kernel::for_both_engines! {
    siblings academy, sql;

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
            let Some(account) = sql::lock_account(&mut tx, checked.account.id).await? else { return Ok(false) };
            // Compared under the lock: whoever sets a new password ends the sessions that are there, and this is one of them or is not begun.
            let unchanged: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM account WHERE id = $1 AND password_hash = $2")
                .bind(account.id.0)
                .bind(storable(&checked.password_hash))
                .fetch_one(&mut *tx)
                .await?;
            if unchanged != 1 || account.status != AccountStatus::Active {
                return Ok(false);
            }
            begin_session(&mut tx, id, token, account.id, now, expires_at).await?;
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
                "SELECT s.id AS session_id, ",
                account!(),
                " FROM session s JOIN account a ON a.id = s.account_id \
                 WHERE s.token_hash = $1 AND s.expires_at > $2 AND a.status = 'active'"
            );
            let row: Option<SessionRow> =
                sqlx::query_as(SQL).bind(token.as_str()).bind(now).fetch_optional(self.db.read_fresh()).await?;
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

    /// Takes the account's old sessions away with it, so that they do not pile up.
    async fn begin_session(
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
