//! Signing up, and showing that the address is one's own.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::ids::TokenHash;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::limits::Taking;
use super::rows::AccountRow;
use super::sql::{Claim, Operation, Request, account};
use super::{Letter, NewMail, Result, jobs};
use crate::domain::event::Event;
use crate::domain::{Account, AccountId, AccountStatus};

/// How long a link of a sign-up works.
pub const VERIFY_WITHIN: Duration = Duration::from_hours(48);
/// How long an account may stay unverified before it is forgotten.
pub const UNVERIFIED_KEPT: Duration = Duration::from_hours(7 * 24);
/// Letters about sign-ups that one address is sent at once, and how long until one more.
const LETTERS: u32 = 5;
const LETTER_EVERY: Duration = Duration::from_mins(12);

/// What somebody typed into the form.
#[derive(Clone)]
pub struct NewSignUp {
    /// In the stored form.
    pub email: String,
    pub name: String,
    /// A PHC string.
    pub password_hash: String,
}

/// Without the person's data: what is printed ends in logs.
impl std::fmt::Debug for NewSignUp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSignUp").finish_non_exhaustive()
    }
}

/// The ids and the secret that the making of a link needs.
#[derive(Debug, Clone)]
pub struct NewVerification {
    pub id: Uuid,
    /// Of the account, when there is none yet.
    pub account: AccountId,
    pub token: TokenHash,
    pub mail: Uuid,
    /// The key of the limit of letters to this address.
    pub limit_key: String,
}

/// A link that somebody follows.
#[derive(Clone)]
pub struct Verification {
    pub account: Account,
    /// Of the form that the link is from: a PHC string.
    pub password_hash: String,
}

impl std::fmt::Debug for Verification {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verification").field("account", &self.account.id).finish_non_exhaustive()
    }
}

/// Signing up. Nothing that the form leads to shows whether an address has an account.
#[async_trait]
pub trait SigningUp: Send + Sync {
    /// Keeps what was typed, and the job `sign_up`: the same writes for every address. The same `key` again changes nothing.
    async fn sign_up(&self, key: Uuid, form: &NewSignUp, now: Timestamp) -> Result<()>;

    /// Notes that somebody wants the link once more: a job `verify_again`, whatever the address.
    async fn ask_to_verify_again(&self, key: Uuid, address: &str, now: Timestamp) -> Result<()>;

    /// The address of a sign-up that waits for its job.
    async fn waiting_sign_up(&self, id: Uuid) -> Result<Option<String>>;

    /// In one transaction under the job's fence: makes the account (not verified yet) and its link, with the mail; or, when the address has an
    /// account, a letter to its owner. Takes the sign-up away and ends `job`.
    async fn finish_sign_up(
        &self,
        job: &Job,
        sign_up: Uuid,
        link: &NewVerification,
        now: Timestamp,
    ) -> std::result::Result<(), JobError>;

    /// In one transaction under the job's fence: another link for an account that is not verified, as its newest form had it. For others: nothing.
    async fn finish_verify_again(
        &self,
        job: &Job,
        account: AccountId,
        link: &NewVerification,
        now: Timestamp,
    ) -> std::result::Result<(), JobError>;

    /// The link, when it still works.
    async fn live_verification(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Verification>>;

    /// Uses the link: the account is active, with the name and the password of its form; its other links are void. `None` when the link is dead.
    async fn verify(&self, token: &TokenHash, now: Timestamp) -> Result<Option<AccountId>>;

    /// Forgets the account when it is still not verified after [`UNVERIFIED_KEPT`], and old forms.
    async fn forget_unverified(&self, account: AccountId, now: Timestamp) -> Result<bool>;
}

porter_kernel::for_both_engines! {
    siblings academy, events, limits, sql;

    #[async_trait]
    impl SigningUp for academy::Academy {
        async fn sign_up(&self, key: Uuid, form: &NewSignUp, now: Timestamp) -> Result<()> {
            let request = Request { key, operation: Operation::SignUp, account: None, subject: None };
            let mut tx = self.db.write().await?;
            if sql::claim_key(&mut tx, request, now).await? == Claim::New {
                sqlx::query("INSERT INTO sign_up (id, email, name, password_hash, asked_at) VALUES ($1, $2, $3, $4, $5)")
                    .bind(key)
                    .bind(storable(&form.email))
                    .bind(storable(&form.name))
                    .bind(storable(&form.password_hash))
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                tx.enqueue(&jobs::accounts::sign_up(key, now), now).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn ask_to_verify_again(&self, key: Uuid, address: &str, now: Timestamp) -> Result<()> {
            let request = Request { key, operation: Operation::VerifyAgain, account: None, subject: None };
            let mut tx = self.db.write().await?;
            if sql::claim_key(&mut tx, request, now).await? == Claim::New {
                tx.enqueue(&jobs::accounts::verify_again(key, address, now), now).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn waiting_sign_up(&self, id: Uuid) -> Result<Option<String>> {
            let email = sqlx::query_scalar("SELECT email FROM sign_up WHERE id = $1");
            Ok(email.bind(id).fetch_optional(self.db.read_fresh()).await?)
        }

        async fn finish_sign_up(
            &self,
            job: &Job,
            sign_up: Uuid,
            link: &NewVerification,
            now: Timestamp,
        ) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            if let Some(form) = take_form(&mut tx, sign_up).await? {
                accept(&mut tx, &form, link, now).await?;
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn finish_verify_again(
            &self,
            job: &Job,
            account: AccountId,
            link: &NewVerification,
            now: Timestamp,
        ) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            let account = sql::lock_account(&mut tx, account).await?;
            if let Some(account) = account.filter(|account| account.status == AccountStatus::Unverified)
                && let Some((name, password_hash)) = newest_form(&mut tx, account.id).await?
            {
                let form = NewSignUp { email: account.email, name, password_hash };
                send_link(&mut tx, account.id, &form, link, now).await?;
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn live_verification(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Verification>> {
            const SQL: &str = concat!(
                "SELECT v.password_hash AS form_hash, ",
                account!(),
                " FROM verification v JOIN account a ON a.id = v.account_id \
                 WHERE v.token_hash = $1 AND v.used_at IS NULL AND v.expires_at > $2 AND a.status = 'unverified'"
            );
            let row: Option<LinkRow> =
                sqlx::query_as(SQL).bind(token.as_str()).bind(now).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(|row| Verification { account: row.account.into(), password_hash: row.form_hash }))
        }

        async fn verify(&self, token: &TokenHash, now: Timestamp) -> Result<Option<AccountId>> {
            let mut tx = self.db.write().await?;
            let owner: Option<Uuid> = sqlx::query_scalar("SELECT account_id FROM verification WHERE token_hash = $1")
                .bind(token.as_str())
                .fetch_optional(&mut *tx)
                .await?;
            let Some(owner) = owner.map(AccountId) else { return Ok(None) };
            let account = sql::lock_account(&mut tx, owner).await?;
            if account.is_none_or(|account| account.status != AccountStatus::Unverified) {
                return Ok(None);
            }
            // The one statement that decides who uses the link.
            let form: Option<(String, String)> = sqlx::query_as(
                "UPDATE verification SET used_at = $2 WHERE token_hash = $1 AND used_at IS NULL AND expires_at > $2 \
                 RETURNING name, password_hash",
            )
            .bind(token.as_str())
            .bind(now)
            .fetch_optional(&mut *tx)
            .await?;
            let Some((name, password_hash)) = form else { return Ok(None) };
            sqlx::query("UPDATE account SET status = 'active', name = $2, password_hash = $3 WHERE id = $1")
                .bind(owner.0)
                .bind(&name)
                .bind(&password_hash)
                .execute(&mut *tx)
                .await?;
            sqlx::query("DELETE FROM verification WHERE account_id = $1 AND used_at IS NULL").bind(owner.0).execute(&mut *tx).await?;
            events::record(&mut tx, &Event::EmailVerified { account: owner }, now).await?;
            tx.commit().await?;
            Ok(Some(owner))
        }

        async fn forget_unverified(&self, account: AccountId, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let gone = sqlx::query("DELETE FROM account WHERE id = $1 AND status = 'unverified' AND created_at <= $2")
                .bind(account.0)
                .bind(now - UNVERIFIED_KEPT)
                .execute(&mut *tx)
                .await?;
            // A form whose job is dead would stay for ever.
            sqlx::query("DELETE FROM sign_up WHERE asked_at <= $1").bind(now - UNVERIFIED_KEPT).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(gone.rows_affected() == 1)
        }
    }

    async fn take_form(tx: &mut engine::Tx, id: Uuid) -> std::result::Result<Option<NewSignUp>, DbError> {
        let form: Option<(String, String, String)> = sqlx::query_as("DELETE FROM sign_up WHERE id = $1 RETURNING email, name, password_hash")
            .bind(id)
            .fetch_optional(&mut **tx)
            .await?;
        Ok(form.map(|(email, name, password_hash)| NewSignUp { email, name, password_hash }))
    }

    async fn newest_form(tx: &mut engine::Tx, account: AccountId) -> std::result::Result<Option<(String, String)>, DbError> {
        let form = sqlx::query_as("SELECT name, password_hash FROM verification WHERE account_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1");
        Ok(form.bind(account.0).fetch_optional(&mut **tx).await?)
    }

    /// An account for the form, or a letter to who has one.
    async fn accept(tx: &mut engine::Tx, form: &NewSignUp, link: &NewVerification, now: Timestamp) -> std::result::Result<(), DbError> {
        let made = sqlx::query(
            "INSERT INTO account (id, email, name, role, status, password_hash, created_at) \
             VALUES ($1, $2, $3, 'learner', 'unverified', $4, $5) ON CONFLICT DO NOTHING",
        )
        .bind(link.account.0)
        .bind(&form.email)
        .bind(&form.name)
        .bind(&form.password_hash)
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if made.rows_affected() == 1 {
            events::record(tx, &Event::AccountCreated { account: link.account }, now).await?;
            tx.enqueue(&jobs::accounts::forget_unverified(link.account, now + UNVERIFIED_KEPT), now).await?;
            return send_link(tx, link.account, form, link, now).await;
        }
        const SQL: &str = concat!("SELECT ", account!(bare), " FROM account WHERE email = $1");
        let known: Option<AccountRow> = sqlx::query_as(SQL).bind(&form.email).fetch_optional(&mut **tx).await?;
        match known.map(Account::from) {
            Some(known) if known.status == AccountStatus::Unverified => send_link(tx, known.id, form, link, now).await,
            Some(known) if known.status == AccountStatus::Active => {
                if limits::take_one(tx, &letters(link), now).await?.is_ok() {
                    let mail = NewMail { id: link.mail, account: known.id, letter: Letter::AccountExists };
                    sql::write_mail(tx, &mail, now).await?;
                }
                Ok(())
            }
            // A locked account's owner talks to a person.
            _ => Ok(()),
        }
    }

    async fn send_link(
        tx: &mut engine::Tx,
        account: AccountId,
        form: &NewSignUp,
        link: &NewVerification,
        now: Timestamp,
    ) -> std::result::Result<(), DbError> {
        if limits::take_one(tx, &letters(link), now).await?.is_err() {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO verification (id, account_id, token_hash, name, password_hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(link.id)
        .bind(account.0)
        .bind(link.token.as_str())
        .bind(&form.name)
        .bind(&form.password_hash)
        .bind(now)
        .bind(now + VERIFY_WITHIN)
        .execute(&mut **tx)
        .await?;
        let mail = NewMail { id: link.mail, account, letter: Letter::VerifyEmail { verification: link.id } };
        sql::write_mail(tx, &mail, now).await
    }
}

fn letters(link: &NewVerification) -> Taking {
    Taking { key: link.limit_key.clone(), burst: LETTERS, every: LETTER_EVERY }
}

#[derive(sqlx::FromRow)]
struct LinkRow {
    form_hash: String,
    #[sqlx(flatten)]
    account: AccountRow,
}
