//! How often one may ask, in the database: the same for all processes, and after a restart.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;

use super::Result;

/// One limit: `burst` at once, and then one more every `every`.
///
/// GCRA (the generic cell rate algorithm): the row holds the moment at which the bucket would be full again, so that one number is the whole state.
/// In any span of time `t` no more than `burst + t / every` pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taking {
    /// A keyed hash of what is limited.
    pub key: String,
    pub burst: u32,
    pub every: Duration,
}

impl Taking {
    fn every_micros(&self) -> i64 {
        i64::try_from(self.every.as_micros()).unwrap_or(i64::MAX / 1_000_000)
    }
}

/// Limits that hold across processes.
#[async_trait]
pub trait RateLimits: Send + Sync {
    /// Takes one of each, or of none: how long to wait when one of them is used up.
    async fn take(&self, takings: &[Taking], now: Timestamp) -> Result<std::result::Result<(), Duration>>;

    /// Gives back what was taken and turned out not to be what is limited.
    async fn give_back(&self, takings: &[Taking]) -> Result<()>;

    /// Forgets limits that are full again, `most` rows at most: they say nothing. How many rows.
    async fn forget_full_limits(&self, most: i64, now: Timestamp) -> Result<u64>;
}

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl RateLimits for academy::Academy {
        async fn take(&self, takings: &[Taking], now: Timestamp) -> Result<std::result::Result<(), Duration>> {
            // In one order, so that two transactions never wait for each other in a circle.
            let mut ordered: Vec<&Taking> = takings.iter().collect();
            ordered.sort_by(|a, b| a.key.cmp(&b.key));
            let mut tx = self.db.write().await?;
            for taking in ordered {
                if let Err(wait) = take_one(&mut tx, taking, now).await? {
                    return Ok(Err(wait));
                }
            }
            tx.commit().await?;
            Ok(Ok(()))
        }

        async fn give_back(&self, takings: &[Taking]) -> Result<()> {
            let mut ordered: Vec<&Taking> = takings.iter().collect();
            ordered.sort_by(|a, b| a.key.cmp(&b.key));
            let mut tx = self.db.write().await?;
            for taking in ordered {
                sqlx::query("UPDATE rate_limit SET full_at = full_at - $2 WHERE key = $1")
                    .bind(&taking.key)
                    .bind(taking.every_micros())
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn forget_full_limits(&self, most: i64, now: Timestamp) -> Result<u64> {
            let mut tx = self.db.write().await?;
            let gone = sqlx::query(
                "DELETE FROM rate_limit WHERE full_at <= $1 AND key IN (SELECT key FROM rate_limit WHERE full_at <= $1 ORDER BY full_at LIMIT $2)",
            )
            .bind(now.micros())
            .bind(most)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(gone.rows_affected())
        }
    }

    /// One statement decides: of two at the same moment each sees what the other has taken.
    pub(in crate::store) async fn take_one(
        tx: &mut engine::Tx,
        taking: &Taking,
        now: Timestamp,
    ) -> std::result::Result<std::result::Result<(), Duration>, DbError> {
        let (now, every) = (now.micros(), taking.every_micros());
        // The bucket may be at most this far from being full.
        let tolerance = every.saturating_mul(i64::from(taking.burst.saturating_sub(1)));
        let taken: Option<i64> = sqlx::query_scalar(
            "INSERT INTO rate_limit (key, full_at) VALUES ($1, $2 + $3) ON CONFLICT (key) DO UPDATE \
             SET full_at = CASE WHEN rate_limit.full_at < $2 THEN $2 ELSE rate_limit.full_at END + $3 \
             WHERE rate_limit.full_at <= $2 + $4 RETURNING full_at",
        )
        .bind(&taking.key)
        .bind(now)
        .bind(every)
        .bind(tolerance)
        .fetch_optional(&mut **tx)
        .await?;
        if taken.is_some() {
            return Ok(Ok(()));
        }
        let full_at: Option<i64> =
            sqlx::query_scalar("SELECT full_at FROM rate_limit WHERE key = $1").bind(&taking.key).fetch_optional(&mut **tx).await?;
        let wait = full_at.unwrap_or(now).saturating_sub(tolerance).saturating_sub(now);
        Ok(Err(Duration::from_micros(u64::try_from(wait).unwrap_or_default())))
    }
}
