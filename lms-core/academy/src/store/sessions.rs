//! One's own sessions, name and password.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use uuid::Uuid;

use super::{AcademyError, Credentials, Letter, NewMail, Result};
use crate::domain::event::Event;
use crate::domain::{AccountId, AccountStatus, SessionFacts};

/// What its owner does with an account that is open.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The account's sessions that live, the newest first.
    async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<SessionFacts>>;

    /// Says in plain words on what device a session was begun.
    async fn describe_session(&self, id: Uuid, device: &str) -> Result<()>;

    /// Ends one session of this account; somebody else's is as none: [`AcademyError::NotFound`].
    async fn end_session(&self, account: AccountId, id: Uuid) -> Result<()>;

    /// Ends all sessions of the account but one; how many.
    async fn end_other_sessions(&self, account: AccountId, kept: Uuid) -> Result<u64>;

    /// The name from now on. Certificates keep theirs.
    async fn rename(&self, account: AccountId, name: &str) -> Result<()>;

    /// The credentials of an account, to compare a password with.
    async fn credentials(&self, account: AccountId) -> Result<Option<Credentials>>;

    /// Sets a new password when the one that was checked is still the account's: ends all sessions but `kept`, voids links, and writes a mail.
    /// `false` when the password has changed meanwhile.
    async fn change_password(
        &self,
        checked: &Credentials,
        new_hash: &str,
        kept: Uuid,
        mail_id: Uuid,
        now: Timestamp,
    ) -> Result<bool>;
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    device: String,
    created_at: Timestamp,
    seen_at: Option<Timestamp>,
}

porter_kernel::for_both_engines! {
    siblings academy, accounts, events, sql;

    #[async_trait]
    impl Sessions for academy::Academy {
        async fn sessions(&self, account: AccountId, now: Timestamp) -> Result<Vec<SessionFacts>> {
            let rows: Vec<Row> = sqlx::query_as(
                "SELECT id, device, created_at, seen_at FROM session WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id DESC",
            )
            .bind(account.0)
            .bind(now)
            .fetch_all(self.db.read_fresh())
            .await?;
            let facts = |row: Row| SessionFacts {
                id: row.id,
                device: row.device,
                created_at: row.created_at,
                seen_at: row.seen_at.unwrap_or(row.created_at),
            };
            Ok(rows.into_iter().map(facts).collect())
        }

        async fn describe_session(&self, id: Uuid, device: &str) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("UPDATE session SET device = $2 WHERE id = $1").bind(id).bind(storable(device)).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn end_session(&self, account: AccountId, id: Uuid) -> Result<()> {
            let mut tx = self.db.write().await?;
            let ended = sqlx::query("DELETE FROM session WHERE id = $1 AND account_id = $2").bind(id).bind(account.0).execute(&mut *tx).await?;
            tx.commit().await?;
            if ended.rows_affected() == 1 { Ok(()) } else { Err(AcademyError::NotFound) }
        }

        async fn end_other_sessions(&self, account: AccountId, kept: Uuid) -> Result<u64> {
            let mut tx = self.db.write().await?;
            sql::lock_account(&mut tx, account).await?;
            let ended = end_others(&mut tx, account, kept).await?;
            tx.commit().await?;
            Ok(ended)
        }

        async fn rename(&self, account: AccountId, name: &str) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("UPDATE account SET name = $2 WHERE id = $1 AND status = 'active'")
                .bind(account.0)
                .bind(storable(name))
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn credentials(&self, account: AccountId) -> Result<Option<Credentials>> {
            accounts::credentials(&self.db, account).await
        }

        async fn change_password(
            &self,
            checked: &Credentials,
            new_hash: &str,
            kept: Uuid,
            mail_id: Uuid,
            now: Timestamp,
        ) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let account = sql::lock_account(&mut tx, checked.account.id).await?;
            let Some(account) = account.filter(|account| account.status == AccountStatus::Active) else { return Ok(false) };
            let changed = sqlx::query("UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
                .bind(account.id.0)
                .bind(storable(&checked.password_hash))
                .bind(storable(new_hash))
                .execute(&mut *tx)
                .await?;
            if changed.rows_affected() != 1 {
                return Ok(false);
            }
            end_others(&mut tx, account.id, kept).await?;
            sql::void_resets(&mut tx, account.id, now).await?;
            sql::write_mail(&mut tx, &NewMail { id: mail_id, account: account.id, letter: Letter::PasswordChanged }, now).await?;
            events::record(&mut tx, &Event::PasswordChanged { account: account.id }, now).await?;
            tx.commit().await?;
            Ok(true)
        }
    }

    async fn end_others(tx: &mut engine::Tx, account: AccountId, kept: Uuid) -> Result<u64> {
        let ended = sqlx::query("DELETE FROM session WHERE account_id = $1 AND id <> $2").bind(account.0).bind(kept).execute(&mut **tx).await?;
        Ok(ended.rows_affected())
    }
}
