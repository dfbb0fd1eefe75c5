//! A second factor: a secret of time-based codes (RFC 6238), and codes for the day on which the telephone is lost.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::ids::TokenHash;
use uuid::Uuid;

use super::{Credentials, Letter, NewMail, Result};
use crate::domain::event::Event;
use crate::domain::{AccountId, TwoFactor};

/// What proves the second factor. The caller has found out which step's code it is; the store sees to it that it counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A code of this step of 30 seconds, of this sealed secret.
    Step { step: i64, sealed: String },
    /// A recovery code.
    Recovery(TokenHash),
}

/// The second factor.
#[async_trait]
pub trait TwoFactors: Send + Sync {
    /// The account's second factor, also one that is being set up.
    async fn two_factor(&self, account: AccountId) -> Result<Option<TwoFactor>>;

    /// Begins to set one up, in place of one that was begun before. `false` when one is in use.
    async fn begin_two_factor(&self, account: AccountId, sealed: &str, now: Timestamp) -> Result<bool>;

    /// From now on a code is asked for: a code of `step` has shown that the secret arrived. `false` when it is in use already, or another was begun
    /// meanwhile.
    async fn enable_two_factor(
        &self,
        account: AccountId,
        sealed: &str,
        step: i64,
        codes: &[TokenHash],
        mail_id: Uuid,
        now: Timestamp,
    ) -> Result<bool>;

    /// Turns it off, against a proof. `false` when the proof does not hold.
    async fn disable_two_factor(&self, account: AccountId, proof: &Proof, mail_id: Uuid, now: Timestamp) -> Result<bool>;

    /// As [`super::Accounts::sign_in`], for an account with a second factor: which that refuses.
    async fn sign_in_with_proof(
        &self,
        id: Uuid,
        token: &TokenHash,
        checked: &Credentials,
        proof: &Proof,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool>;
}

#[derive(sqlx::FromRow)]
struct Row {
    sealed: String,
    last_step: i64,
    enabled_at: Option<Timestamp>,
    codes_left: i64,
}

porter_kernel::for_both_engines! {
    siblings academy, accounts, events, sql;

    #[async_trait]
    impl TwoFactors for academy::Academy {
        async fn two_factor(&self, account: AccountId) -> Result<Option<TwoFactor>> {
            let row: Option<Row> = sqlx::query_as(
                "SELECT sealed, last_step, enabled_at, \
                 (SELECT COUNT(*) FROM recovery_code r WHERE r.account_id = t.account_id AND r.used_at IS NULL) AS codes_left \
                 FROM two_factor t WHERE account_id = $1",
            )
            .bind(account.0)
            .fetch_optional(self.db.read_fresh())
            .await?;
            let facts = |row: Row| TwoFactor {
                sealed: row.sealed,
                last_step: row.last_step,
                enabled_at: row.enabled_at,
                codes_left: row.codes_left,
            };
            Ok(row.map(facts))
        }

        async fn begin_two_factor(&self, account: AccountId, sealed: &str, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let begun = sqlx::query(
                "INSERT INTO two_factor (account_id, sealed, last_step, created_at) VALUES ($1, $2, 0, $3) \
                 ON CONFLICT (account_id) DO UPDATE SET sealed = $2, last_step = 0, created_at = $3 WHERE two_factor.enabled_at IS NULL",
            )
            .bind(account.0)
            .bind(sealed)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(begun.rows_affected() == 1)
        }

        async fn enable_two_factor(
            &self,
            account: AccountId,
            sealed: &str,
            step: i64,
            codes: &[TokenHash],
            mail_id: Uuid,
            now: Timestamp,
        ) -> Result<bool> {
            let mut tx = self.db.write().await?;
            sql::lock_account(&mut tx, account).await?;
            let enabled = sqlx::query(
                "UPDATE two_factor SET enabled_at = $4, last_step = $3 WHERE account_id = $1 AND sealed = $2 AND enabled_at IS NULL",
            )
            .bind(account.0)
            .bind(sealed)
            .bind(step)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if enabled.rows_affected() != 1 {
                return Ok(false);
            }
            sqlx::query("DELETE FROM recovery_code WHERE account_id = $1").bind(account.0).execute(&mut *tx).await?;
            for code in codes {
                sqlx::query("INSERT INTO recovery_code (account_id, code_hash) VALUES ($1, $2)")
                    .bind(account.0)
                    .bind(code.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
            sql::write_mail(&mut tx, &NewMail { id: mail_id, account, letter: Letter::TwoFactorChanged { on: true } }, now).await?;
            events::record(&mut tx, &Event::TwoFactorEnabled { account }, now).await?;
            tx.commit().await?;
            Ok(true)
        }

        async fn disable_two_factor(&self, account: AccountId, proof: &Proof, mail_id: Uuid, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            sql::lock_account(&mut tx, account).await?;
            if !use_up(&mut tx, account, proof, now).await? {
                return Ok(false);
            }
            sqlx::query("DELETE FROM recovery_code WHERE account_id = $1").bind(account.0).execute(&mut *tx).await?;
            sqlx::query("DELETE FROM two_factor WHERE account_id = $1").bind(account.0).execute(&mut *tx).await?;
            sql::write_mail(&mut tx, &NewMail { id: mail_id, account, letter: Letter::TwoFactorChanged { on: false } }, now).await?;
            events::record(&mut tx, &Event::TwoFactorDisabled { account }, now).await?;
            tx.commit().await?;
            Ok(true)
        }

        async fn sign_in_with_proof(
            &self,
            id: Uuid,
            token: &TokenHash,
            checked: &Credentials,
            proof: &Proof,
            now: Timestamp,
            expires_at: Timestamp,
        ) -> Result<bool> {
            let mut tx = self.db.write().await?;
            if !accounts::still_as_checked(&mut tx, checked).await? {
                return Ok(false);
            }
            // A challenge begins one session.
            let begun: i64 =
                sqlx::query_scalar("SELECT COUNT(*) FROM session WHERE id = $1").bind(id).fetch_one(&mut *tx).await?;
            if begun > 0 || !use_up(&mut tx, checked.account.id, proof, now).await? {
                return Ok(false);
            }
            accounts::begin_session(&mut tx, id, token, checked.account.id, now, expires_at).await?;
            accounts::note_sign_in(&mut tx, id, checked.account.id, now).await?;
            tx.commit().await?;
            Ok(true)
        }
    }

    /// One statement: of two uses of a code at the same moment one counts.
    async fn use_up(tx: &mut engine::Tx, account: AccountId, proof: &Proof, now: Timestamp) -> Result<bool> {
        let used = match proof {
            Proof::Step { step, sealed } => {
                sqlx::query(
                    "UPDATE two_factor SET last_step = $2 WHERE account_id = $1 AND last_step < $2 AND sealed = $3 AND enabled_at IS NOT NULL",
                )
                .bind(account.0)
                .bind(step)
                .bind(sealed)
                .execute(&mut **tx)
                .await?
            }
            Proof::Recovery(hash) => {
                sqlx::query("UPDATE recovery_code SET used_at = $3 WHERE account_id = $1 AND code_hash = $2 AND used_at IS NULL")
                    .bind(account.0)
                    .bind(hash.as_str())
                    .bind(now)
                    .execute(&mut **tx)
                    .await?
            }
        };
        Ok(used.rows_affected() == 1)
    }
}
