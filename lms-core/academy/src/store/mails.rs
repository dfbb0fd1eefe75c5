//! Mail that waits or was sent.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use uuid::Uuid;

use super::rows::LetterRow;
use super::sql::account;
use super::{MailRow, Mails, Result};
use crate::domain::Account;

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl Mails for academy::Academy {
        async fn mail(&self, id: Uuid) -> Result<Option<(MailRow, Account)>> {
            const SQL: &str = concat!(
                "SELECT m.id AS mail_id, m.letter, m.created_at AS written_at, m.sent_at, ",
                account!(),
                " FROM mail m JOIN account a ON a.id = m.account_id WHERE m.id = $1"
            );
            let row: Option<LetterRow> = sqlx::query_as(SQL).bind(id).fetch_optional(self.db.read_fresh()).await?;
            Ok(row.map(Into::into))
        }

        async fn mail_sent(&self, job: &Job, id: Uuid, now: Timestamp) -> std::result::Result<(), JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            sqlx::query("UPDATE mail SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL")
                .bind(id)
                .bind(now)
                .execute(&mut *tx)
                .await
                .map_err(DbError::from)?;
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(())
        }

        async fn mail_refused(&self, id: Uuid, reason: &str, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query(
                "UPDATE mail SET refused_at = $2, refused_reason = $3 WHERE id = $1 AND sent_at IS NULL AND refused_at IS NULL",
            )
            .bind(id)
            .bind(now)
            .bind(storable(reason))
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn mails_waiting(&self) -> Result<i64> {
            let count = sqlx::query_scalar("SELECT COUNT(*) FROM mail WHERE sent_at IS NULL AND refused_at IS NULL");
            Ok(count.fetch_one(self.db.read_fresh()).await?)
        }
    }
}
