//! Who can be reached by mail and wants to be: unsubscribing, and what came back.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::announcements::out_of_reach;
use super::{AcademyError, Result};
use crate::domain::announcement::{BounceKind, SOFT_MOST, SOFT_WINDOW};
use crate::domain::event::Event;
use crate::domain::{AccountId, CourseId};

/// Unsubscribing and bounces. Only announcements go by them: what somebody asked for, such as a link for a new password, is always tried.
#[async_trait]
pub trait Reach: Send + Sync {
    /// No more announcements by mail, of this course or of any; unsubscribed already: changes nothing. Errors: [`AcademyError::NotFound`] for an account
    /// that is gone.
    async fn unsubscribe(&self, account: AccountId, course: Option<CourseId>, now: Timestamp) -> Result<()>;

    /// Announcements by mail again: of this course and not of no course, or of all.
    async fn subscribe(&self, account: AccountId, course: Option<CourseId>) -> Result<()>;

    /// Whether the account has unsubscribed from this course, and from all.
    async fn unsubscribed(&self, account: AccountId, course: CourseId) -> Result<(bool, bool)>;

    /// Notes what became of a mail; the same again changes nothing. `false`: no such mail, or its account has another address since. A complaint
    /// unsubscribes from all.
    async fn bounced(&self, mail: Uuid, kind: BounceKind, at: Timestamp, now: Timestamp) -> Result<bool>;

    /// Whether the account's present address does not work.
    async fn out_of_reach(&self, account: AccountId, now: Timestamp) -> Result<bool>;

    /// The learner has said that the address works: what came back until now does not count.
    async fn reachable(&self, account: AccountId, now: Timestamp) -> Result<()>;
}

#[derive(Debug, sqlx::FromRow)]
struct SentTo {
    account_id: Uuid,
    email: String,
    /// The address is another one since the mail was written.
    has_changed: bool,
}

porter_kernel::for_both_engines! {
    siblings academy, events;

    #[async_trait]
    impl Reach for academy::Academy {
        async fn unsubscribe(&self, account: AccountId, course: Option<CourseId>, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            opt_out(&mut tx, account, course, now).await?;
            tx.commit().await?;
            Ok(())
        }

        async fn subscribe(&self, account: AccountId, course: Option<CourseId>) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("DELETE FROM mail_optout WHERE account_id = $1 AND (scope = $2 OR scope = $3 OR $4)")
                .bind(account.0)
                .bind(course.map_or(Uuid::nil(), |course| course.0))
                .bind(Uuid::nil())
                .bind(course.is_none())
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn unsubscribed(&self, account: AccountId, course: CourseId) -> Result<(bool, bool)> {
            let scopes: Vec<Uuid> = sqlx::query_scalar("SELECT scope FROM mail_optout WHERE account_id = $1 AND scope IN ($2, $3)")
                .bind(account.0)
                .bind(course.0)
                .bind(Uuid::nil())
                .fetch_all(self.db.read_fresh())
                .await?;
            Ok((scopes.contains(&course.0), scopes.contains(&Uuid::nil())))
        }

        async fn bounced(&self, mail: Uuid, kind: BounceKind, at: Timestamp, now: Timestamp) -> Result<bool> {
            let mut tx = self.db.write().await?;
            let sent_to: Option<SentTo> = sqlx::query_as(
                "SELECT m.account_id, a.email, EXISTS (SELECT 1 FROM event v WHERE v.account_id = m.account_id AND v.kind = 'email_changed' \
                 AND v.occurred_at > m.created_at) AS has_changed FROM mail m JOIN account a ON a.id = m.account_id WHERE m.id = $1",
            )
            .bind(mail)
            .fetch_optional(&mut *tx)
            .await?;
            let Some(sent_to) = sent_to.filter(|sent_to| !sent_to.has_changed) else { return Ok(false) };
            let account = AccountId(sent_to.account_id);
            let noted = sqlx::query(
                "INSERT INTO mail_bounce (mail_id, kind, account_id, email, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (mail_id, kind) DO NOTHING",
            )
            .bind(mail)
            .bind(kind.as_str())
            .bind(account.0)
            .bind(&sent_to.email)
            .bind(at)
            .execute(&mut *tx)
            .await?;
            if noted.rows_affected() == 1 {
                events::record(&mut tx, &Event::MailBounced { account }, now).await?;
                if kind == BounceKind::Complaint {
                    opt_out(&mut tx, account, None, now).await?;
                }
            }
            tx.commit().await?;
            Ok(true)
        }

        async fn out_of_reach(&self, account: AccountId, now: Timestamp) -> Result<bool> {
            const SQL: &str = concat!("SELECT COUNT(*) FROM account a WHERE a.id = $1 AND ", out_of_reach!("$2", "$3"));
            let count: i64 = sqlx::query_scalar(SQL)
                .bind(account.0)
                .bind(now - SOFT_WINDOW)
                .bind(SOFT_MOST)
                .fetch_one(self.db.read_fresh())
                .await?;
            Ok(count > 0)
        }

        async fn reachable(&self, account: AccountId, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("UPDATE mail_bounce SET cleared_at = $2 WHERE account_id = $1 AND cleared_at IS NULL")
                .bind(account.0)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }
    }

    async fn opt_out(tx: &mut engine::Tx, account: AccountId, course: Option<CourseId>, now: Timestamp) -> Result<()> {
        let there: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM account WHERE id = $1").bind(account.0).fetch_one(&mut **tx).await?;
        if there == 0 {
            return Err(AcademyError::NotFound);
        }
        let noted = sqlx::query(
            "INSERT INTO mail_optout (account_id, scope, at) VALUES ($1, $2, $3) ON CONFLICT (account_id, scope) DO NOTHING",
        )
        .bind(account.0)
        .bind(course.map_or(Uuid::nil(), |course| course.0))
        .bind(now)
        .execute(&mut **tx)
        .await?;
        if noted.rows_affected() == 1 {
            events::record(tx, &Event::Unsubscribed { account }, now).await?;
        }
        Ok(())
    }
}
