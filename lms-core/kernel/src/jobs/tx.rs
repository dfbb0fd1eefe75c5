//! Jobs within a transaction of another store.

use async_trait::async_trait;
use uuid::Uuid;

use super::{
    Job, JobError, JobTx, LEASE, NewJob,
    rows::{storable_payload, storable_reason},
};
use crate::clock::Timestamp;
use crate::db::DbError;

crate::for_both_engines! {
    #[async_trait]
    impl JobTx for engine::Tx {
        async fn enqueue(&mut self, job: &NewJob, now: Timestamp) -> Result<bool, DbError> {
            // A violated key would abort the caller's transaction on PostgreSQL.
            let inserted = sqlx::query(
                "INSERT INTO job (id, kind, payload, priority, unique_key, state, run_at, attempt, max_attempts, budget, enqueued_at) \
                 VALUES ($1, $2, $3, $4, $5, 'waiting', $6, 0, $7, $7, $8) ON CONFLICT DO NOTHING",
            )
            .bind(job.id)
            .bind(job.kind)
            .bind(storable_payload(&job.payload))
            .bind(job.priority.rank())
            .bind(job.unique_key.as_deref())
            .bind(job.run_at)
            .bind(job.max_attempts.max(1))
            .bind(now)
            .execute(&mut **self)
            .await?;
            Ok(inserted.rows_affected() == 1)
        }

        async fn fence(&mut self, job: &Job, now: Timestamp) -> Result<(), JobError> {
            hold(self, job, now).await.map(|_| ())
        }

        async fn finish(&mut self, job: &Job, now: Timestamp) -> Result<(), JobError> {
            let finished = sqlx::query(
                "UPDATE job SET state = 'done', lease_until = NULL, ended_at = $4 \
                 WHERE id = $1 AND owner = $2 AND attempt = $3 AND state = 'running'",
            )
            .bind(job.id)
            .bind(job.owner)
            .bind(job.attempt)
            .bind(now)
            .execute(&mut **self)
            .await?;
            if finished.rows_affected() == 1 { Ok(()) } else { Err(JobError::LeaseLost) }
        }
    }

    /// Locks the job's row and gives how many attempts this life of the job has seen.
    pub(in crate::jobs) async fn hold(tx: &mut engine::Tx, job: &Job, now: Timestamp) -> Result<i64, JobError> {
        // An update and not a read: it waits for whoever has the row locked and then sees what they have left.
        let attempts = sqlx::query_scalar(
            "UPDATE job SET lease_until = CASE WHEN lease_until < $4 THEN $4 ELSE lease_until END \
             WHERE id = $1 AND owner = $2 AND attempt = $3 AND state = 'running' RETURNING attempt - (max_attempts - budget)",
        )
        .bind(job.id)
        .bind(job.owner)
        .bind(job.attempt)
        .bind(now + LEASE)
        .fetch_optional(&mut **tx)
        .await?;
        attempts.ok_or(JobError::LeaseLost)
    }

    /// Back to the queue until `run_at`.
    pub(in crate::jobs) async fn wait(tx: &mut engine::Tx, id: Uuid, run_at: Timestamp, reason: &str) -> Result<(), DbError> {
        sqlx::query(
            "UPDATE job SET state = 'waiting', run_at = $2, last_failure = $3, owner = NULL, lease_until = NULL WHERE id = $1",
        )
        .bind(id)
        .bind(run_at)
        .bind(storable_reason(reason))
        .execute(&mut **tx)
        .await?;
        Ok(())
    }

    /// Out of the queue for good.
    pub(in crate::jobs) async fn bury(tx: &mut engine::Tx, id: Uuid, now: Timestamp, reason: &str) -> Result<(), DbError> {
        sqlx::query("UPDATE job SET state = 'dead', ended_at = $2, last_failure = $3, owner = NULL, lease_until = NULL WHERE id = $1")
            .bind(id)
            .bind(now)
            .bind(storable_reason(reason))
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
