//! A new password for who has lost the old one.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::ids::TokenHash;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::rows::AccountRow;
use super::sql::{Claim, Operation, Request, account};
use super::{Letter, NewMail, NewReset, Recovery, Redeemed, Result, jobs};
use crate::domain::event::Event;
use crate::domain::{Account, AccountId, AccountStatus};

porter_kernel::for_both_engines! {
    siblings academy, events, sql;

    #[async_trait]
    impl Recovery for academy::Academy {
        async fn ask_by_address(&self, key: Uuid, address: &str, now: Timestamp) -> Result<()> {
            let request = Request { key, operation: Operation::ResetByAddress, account: None, subject: None };
            let mut tx = self.db.write().await?;
            if sql::claim_key(&mut tx, request, now).await? == Claim::New {
                tx.enqueue(&jobs::reset_by_address(key, address, now), now).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn ask_for_account(&self, key: Uuid, account: AccountId, now: Timestamp) -> Result<Timestamp> {
            let request = Request { key, operation: Operation::ResetForAccount, account: Some(account), subject: None };
            let mut tx = self.db.write().await?;
            let asked_at = match sql::claim_key(&mut tx, request, now).await? {
                Claim::Repeated(asked_at) => asked_at,
                Claim::New => {
                    tx.enqueue(&jobs::reset_for_account(key, account, now), now).await?;
                    now
                }
            };
            tx.commit().await?;
            Ok(asked_at)
        }

        async fn resets_since(&self, account: AccountId, since: Timestamp) -> Result<i64> {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM password_reset WHERE account_id = $1 AND created_at >= $2");
            Ok(count.bind(account.0).bind(since).fetch_one(self.db.read_fresh()).await?)
        }

        async fn issue_reset(&self, job: &Job, reset: &NewReset, mail: &NewMail, now: Timestamp) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            let account = sql::lock_account(&mut tx, reset.account).await?;
            // Locked or gone since it was looked up: there is nothing to send.
            if account.is_some_and(|account| account.status == AccountStatus::Active) {
                sql::void_resets(&mut tx, reset.account, now).await?;
                sqlx::query("INSERT INTO password_reset (id, account_id, token_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)")
                    .bind(reset.id)
                    .bind(reset.account.0)
                    .bind(reset.token.as_str())
                    .bind(now)
                    .bind(reset.expires_at)
                    .execute(&mut *tx)
                    .await
                    .map_err(DbError::from)?;
                // The link goes to the account that it opens, whatever the mail's own field says.
                let mail = NewMail { account: reset.account, ..mail.clone() };
                sql::write_mail(&mut tx, &mail, now).await?;
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn live_reset(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Account>> {
            const SQL: &str = concat!(
                "SELECT ",
                account!(),
                " FROM password_reset r JOIN account a ON a.id = r.account_id \
                 WHERE r.token_hash = $1 AND r.used_at IS NULL AND r.voided_at IS NULL AND r.expires_at > $2 AND a.status = 'active'"
            );
            let row: Option<AccountRow> =
                sqlx::query_as(SQL).bind(token.as_str()).bind(now).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn redeem_reset(&self, token: &TokenHash, password_hash: &str, mail_id: Uuid, now: Timestamp) -> Result<Redeemed> {
            let mut tx = self.db.write().await?;
            let owner: Option<Uuid> = sqlx::query_scalar("SELECT account_id FROM password_reset WHERE token_hash = $1")
                .bind(token.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let Some(owner) = owner.map(AccountId) else { return Ok(Redeemed::NotLive) };
            let account = sql::lock_account(&mut tx, owner).await?;
            let Some(account) = account.filter(|account| account.status == AccountStatus::Active) else { return Ok(Redeemed::NotLive) };
            // The one statement that decides who uses the link.
            let used = sqlx::query_scalar::<_, Uuid>(
                "UPDATE password_reset SET used_at = $2 \
                 WHERE token_hash = $1 AND used_at IS NULL AND voided_at IS NULL AND expires_at > $2 RETURNING id",
            )
            .bind(token.as_str())
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
            if used.is_none() {
                return Ok(Redeemed::NotLive);
            }
            sqlx::query("UPDATE account SET password_hash = $2 WHERE id = $1")
                .bind(account.id.0)
                .bind(storable(password_hash))
                .execute(&mut *tx)
                .await?;
            sql::void_resets(&mut tx, account.id, now).await?;
            let ended = sqlx::query("DELETE FROM session WHERE account_id = $1").bind(account.id.0).execute(&mut *tx).await?;
            let mail = NewMail { id: mail_id, account: account.id, letter: Letter::PasswordChanged };
            sql::write_mail(&mut tx, &mail, now).await?;
            events::record(&mut tx, &Event::PasswordChanged { account: account.id }, now).await?;
            tx.commit().await?;
            Ok(Redeemed::Done { account: account.id, sessions_ended: ended.rows_affected() })
        }
    }
}
