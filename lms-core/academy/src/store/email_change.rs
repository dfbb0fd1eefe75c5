//! A new address: the new one shows that it gets mail, the present one consents; either way, only with both.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::ids::TokenHash;
use uuid::Uuid;

use super::rows::AccountRow;
use super::sql::account;
use super::{Letter, NewMail, Result};
use crate::domain::event::Event;
use crate::domain::{AccountId, AccountStatus, EmailChangeState};

/// How long both have to say yes.
pub const CHANGE_WITHIN: Duration = Duration::from_hours(48);

/// A change to be. The secrets follow from the id.
#[derive(Debug, Clone)]
pub struct NewEmailChange {
    pub id: Uuid,
    pub account: AccountId,
    pub old_token: TokenHash,
    pub new_token: TokenHash,
    pub old_mail: Uuid,
    pub new_mail: Uuid,
}

/// Which of the two addresses a link was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Old,
    New,
}

/// What a yes came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The other address has still to say yes.
    Waiting,
    Done,
    /// Unknown, vetoed, replaced, run out or done before: all alike.
    NotLive,
}

/// Changes of address.
#[async_trait]
pub trait EmailChanges: Send + Sync {
    /// Begins a change to `address` (in the stored form) in place of one that is under way, with a letter to both addresses.
    async fn begin_email_change(&self, change: &NewEmailChange, address: &str, now: Timestamp) -> Result<()>;

    /// The change and the side of a link, when it still works.
    async fn live_email_change(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Side, EmailChangeState)>>;

    /// The change that is under way, if there is one.
    async fn email_change_of(&self, account: AccountId, now: Timestamp) -> Result<Option<EmailChangeState>>;

    /// For the job that makes its letters; also when it is over.
    async fn email_change(&self, id: Uuid) -> Result<Option<EmailChangeState>>;

    /// The side of this link says yes. When it is the second yes the address changes, and both hear of it. An address that has got an account meanwhile
    /// ends the change.
    async fn consent(&self, token: &TokenHash, mails: [Uuid; 2], now: Timestamp) -> Result<Consent>;

    /// The side of this link says no: the change is over. `false` when it was over before.
    async fn veto(&self, token: &TokenHash, now: Timestamp) -> Result<bool>;
}

#[derive(sqlx::FromRow)]
struct Row {
    change_id: Uuid,
    old_email: String,
    new_email: String,
    old_hash: String,
    expires_at: Timestamp,
    old_said_at: Option<Timestamp>,
    new_said_at: Option<Timestamp>,
    done_at: Option<Timestamp>,
    #[sqlx(flatten)]
    account: AccountRow,
}

impl From<Row> for EmailChangeState {
    fn from(row: Row) -> Self {
        Self {
            id: row.change_id,
            account: row.account.into(),
            old_email: row.old_email,
            new_email: row.new_email,
            expires_at: row.expires_at,
            old_said: row.old_said_at.is_some(),
            new_said: row.new_said_at.is_some(),
            done: row.done_at.is_some(),
        }
    }
}

macro_rules! change {
    ($where:literal) => {
        concat!(
            "SELECT c.id AS change_id, c.old_email, c.new_email, c.old_hash, c.expires_at, c.old_said_at, c.new_said_at, c.done_at, ",
            account!(),
            " FROM email_change c JOIN account a ON a.id = c.account_id WHERE ",
            $where
        )
    };
}

porter_kernel::for_both_engines! {
    siblings academy, events, sql;

    #[async_trait]
    impl EmailChanges for academy::Academy {
        async fn begin_email_change(&self, change: &NewEmailChange, address: &str, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let account = sql::lock_account(&mut tx, change.account).await?;
            let Some(account) = account.filter(|account| account.status == AccountStatus::Active) else { return Ok(()) };
            end_changes(&mut tx, account.id, now).await?;
            sqlx::query(
                "INSERT INTO email_change (id, account_id, old_email, new_email, old_hash, new_hash, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(change.id)
            .bind(account.id.0)
            .bind(&account.email)
            .bind(storable(address))
            .bind(change.old_token.as_str())
            .bind(change.new_token.as_str())
            .bind(now)
            .bind(now + CHANGE_WITHIN)
            .execute(&mut *tx)
            .await?;
            let old = NewMail { id: change.old_mail, account: account.id, letter: Letter::EmailChangeOld { change: change.id } };
            let new = NewMail { id: change.new_mail, account: account.id, letter: Letter::EmailChangeNew { change: change.id } };
            sql::write_mail(&mut tx, &old, now).await?;
            sql::write_mail(&mut tx, &new, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn live_email_change(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Side, EmailChangeState)>> {
            const SQL: &str = change!(
                "(c.old_hash = $1 OR c.new_hash = $1) AND c.expires_at > $2 AND c.done_at IS NULL AND c.ended_at IS NULL AND a.status = 'active'"
            );
            let row: Option<Row> = sqlx::query_as(SQL).bind(token.as_str()).bind(now).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(|row| (side(&row, token), row.into())))
        }

        async fn email_change_of(&self, account: AccountId, now: Timestamp) -> Result<Option<EmailChangeState>> {
            const SQL: &str = change!("c.account_id = $1 AND c.expires_at > $2 AND c.done_at IS NULL AND c.ended_at IS NULL");
            let row: Option<Row> = sqlx::query_as(SQL).bind(account.0).bind(now).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn email_change(&self, id: Uuid) -> Result<Option<EmailChangeState>> {
            const SQL: &str = change!("c.id = $1");
            let row: Option<Row> = sqlx::query_as(SQL).bind(id).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn consent(&self, token: &TokenHash, mails: [Uuid; 2], now: Timestamp) -> Result<Consent> {
            let mut tx = self.db.write().await?;
            let owner: Option<Uuid> = sqlx::query_scalar("SELECT account_id FROM email_change WHERE old_hash = $1 OR new_hash = $1")
                .bind(token.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let Some(owner) = owner.map(AccountId) else { return Ok(Consent::NotLive) };
            let account = sql::lock_account(&mut tx, owner).await?;
            if account.is_none_or(|account| account.status != AccountStatus::Active) {
                return Ok(Consent::NotLive);
            }
            let said: Option<(Uuid, String, Option<Timestamp>, Option<Timestamp>)> = sqlx::query_as(
                "UPDATE email_change SET old_said_at = CASE WHEN old_hash = $1 THEN $2 ELSE old_said_at END, \
                 new_said_at = CASE WHEN new_hash = $1 THEN $2 ELSE new_said_at END \
                 WHERE (old_hash = $1 OR new_hash = $1) AND expires_at > $2 AND done_at IS NULL AND ended_at IS NULL \
                 RETURNING id, new_email, old_said_at, new_said_at",
            )
            .bind(token.as_str())
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
            let Some((change, address, old_said, new_said)) = said else { return Ok(Consent::NotLive) };
            if old_said.is_none() || new_said.is_none() {
                tx.commit().await?;
                return Ok(Consent::Waiting);
            }
            // An account that nobody has confirmed cannot stand in the way of who has.
            sqlx::query("DELETE FROM account WHERE email = $1 AND status = 'unverified'").bind(&address).execute(&mut *tx).await?;
            let moved = sqlx::query(
                "UPDATE account SET email = $2 WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM account AS other WHERE other.email = $2)",
            )
            .bind(owner.0)
            .bind(&address)
            .execute(&mut *tx)
            .await?;
            if moved.rows_affected() != 1 {
                end_changes(&mut tx, owner, now).await?;
                tx.commit().await?;
                return Ok(Consent::NotLive);
            }
            sqlx::query("UPDATE email_change SET done_at = $2 WHERE id = $1").bind(change).bind(now).execute(&mut *tx).await?;
            sql::void_resets(&mut tx, owner, now).await?;
            for (id, to_old) in mails.into_iter().zip([true, false]) {
                sql::write_mail(&mut tx, &NewMail { id, account: owner, letter: Letter::EmailChanged { change, to_old } }, now).await?;
            }
            events::record(&mut tx, &Event::EmailChanged { account: owner }, now).await?;
            tx.commit().await?;
            Ok(Consent::Done)
        }

        async fn veto(&self, token: &TokenHash, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let ended = sqlx::query(
                "UPDATE email_change SET ended_at = $2 \
                 WHERE (old_hash = $1 OR new_hash = $1) AND expires_at > $2 AND done_at IS NULL AND ended_at IS NULL",
            )
            .bind(token.as_str())
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(ended.rows_affected() == 1)
        }
    }

    async fn end_changes(tx: &mut engine::Tx, account: AccountId, now: Timestamp) -> Result<()> {
        sqlx::query("UPDATE email_change SET ended_at = $2 WHERE account_id = $1 AND done_at IS NULL AND ended_at IS NULL")
            .bind(account.0)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}

fn side(row: &Row, token: &TokenHash) -> Side {
    if row.old_hash == token.as_str() { Side::Old } else { Side::New }
}
