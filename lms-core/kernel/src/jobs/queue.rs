//! The queue itself, once for each engine, and its migrations.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::{migrate::Migrator, types::Json};
use uuid::Uuid;

use super::{
    DeadJob, Failure, Job, JobError, JobStore, JobTx, NewJob, Priority, QueueDepth, Room, Unreported,
    backoff::backoff,
    claim::Claiming,
    rows::{DeadRow, DepthRow, JobRow, RescuedRow, storable_reason},
};
use crate::clock::Timestamp;
use crate::db::DbError;

pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// What is noted when a worker fell silent.
const LEFT: &str = "its worker was lost";
/// Rows forgotten or revived in one transaction: others write between two of them.
const BATCH: i64 = 1_000;

crate::for_both_engines! {
    siblings tx;

    /// The queue on one engine.
    #[derive(Debug)]
    pub(in crate::jobs) struct Queue {
        db: engine::Db,
    }

    impl Queue {
        pub(in crate::jobs) fn new(db: engine::Db) -> Self {
            Self { db }
        }

        /// Frees the jobs of workers that fell silent, so that the next claim sees them in their place.
        async fn rescue(tx: &mut engine::Tx, now: Timestamp) -> Result<(), DbError> {
            let rescued: Vec<RescuedRow> = sqlx::query_as(<engine::Engine as Claiming>::RESCUE)
                .bind(now)
                .bind(storable_reason(LEFT))
                .fetch_all(&mut **tx)
                .await?;
            for row in rescued {
                tracing::warn!(kind = row.kind, id = %row.id, attempt = row.attempt, now = row.state, "a job was left by its worker");
            }
            Ok(())
        }
    }

    #[async_trait]
    impl JobStore for Queue {
        async fn enqueue(&self, job: &NewJob, now: Timestamp) -> Result<bool, DbError> {
            let mut tx = self.db.write().await?;
            let added = tx.enqueue(job, now).await?;
            tx.commit().await?;
            Ok(added)
        }

        async fn take_within(
            &self,
            kinds: &[&str],
            owner: Uuid,
            now: Timestamp,
            lease: Duration,
            room: Room,
        ) -> Result<Vec<Job>, DbError> {
            let mut tx = self.db.write().await?;
            Self::rescue(&mut tx, now).await?;
            let (mut any, mut ordinary) = (room.any, room.ordinary);
            let mut taken = Vec::new();
            for priority in Priority::ALL {
                let limit = if priority == Priority::Urgent { any } else { any.min(ordinary) };
                if limit <= 0 {
                    continue;
                }
                let mut rows: Vec<JobRow> = sqlx::query_as(<engine::Engine as Claiming>::CLAIM)
                    .bind(Json(kinds))
                    .bind(owner)
                    .bind(now)
                    .bind(now + lease)
                    .bind(limit)
                    .bind(priority.rank())
                    .fetch_all(&mut *tx)
                    .await?;
                let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                any = any.saturating_sub(count);
                if priority != Priority::Urgent {
                    ordinary = ordinary.saturating_sub(count);
                }
                rows.sort_unstable_by_key(JobRow::due);
                taken.extend(rows.into_iter().map(Job::from));
            }
            tx.commit().await?;
            Ok(taken)
        }

        async fn beat(&self, owner: Uuid, jobs: &[Uuid], now: Timestamp, lease: Duration) -> Result<Vec<Uuid>, DbError> {
            let mut held = Vec::new();
            if jobs.is_empty() {
                return Ok(held);
            }
            // One by one, for the engines have no list in common, and a worker has few. By id, and not all that it owns: what was taken
            // by a `take` whose answer got lost must go to another.
            let mut tx = self.db.write().await?;
            for id in jobs {
                let kept = sqlx::query(
                    "UPDATE job SET lease_until = CASE WHEN state = 'running' THEN $3 END \
                     WHERE id = $1 AND owner = $2 AND (state = 'running' OR state = 'done')",
                )
                .bind(id)
                .bind(owner)
                .bind(now + lease)
                .execute(&mut *tx)
                .await?;
                if kept.rows_affected() == 1 {
                    held.push(*id);
                }
            }
            tx.commit().await?;
            Ok(held)
        }

        async fn done(&self, job: &Job, now: Timestamp) -> Result<(), JobError> {
            let mut tx = self.db.write().await?;
            let done = sqlx::query(
                "UPDATE job SET ended_at = CASE WHEN state = 'done' THEN ended_at ELSE $4 END, state = 'done', lease_until = NULL \
                 WHERE id = $1 AND owner = $2 AND attempt = $3 AND (state = 'running' OR state = 'done')",
            )
            .bind(job.id)
            .bind(job.owner)
            .bind(job.attempt)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            if done.rows_affected() == 1 { Ok(()) } else { Err(JobError::LeaseLost) }
        }

        async fn failed(&self, job: &Job, failure: &Failure, now: Timestamp) -> Result<(), JobError> {
            let mut tx = self.db.write().await?;
            let failures = tx::hold(&mut tx, job, now).await?;
            if failure.is_final(job) {
                tx::bury(&mut tx, job.id, now, failure.reason()).await?;
            } else {
                tx::wait(&mut tx, job.id, now + backoff(job.id, failures), failure.reason()).await?;
            }
            tx.commit().await?;
            Ok(())
        }

        async fn take_unreported(
            &self,
            kinds: &[&str],
            owner: Uuid,
            now: Timestamp,
            lease: Duration,
            limit: i64,
        ) -> Result<Vec<Unreported>, DbError> {
            let mut tx = self.db.write().await?;
            let mut rows: Vec<JobRow> = sqlx::query_as(<engine::Engine as Claiming>::CLAIM_UNREPORTED)
                .bind(Json(kinds))
                .bind(owner)
                .bind(now)
                .bind(now + lease)
                .bind(limit)
                .fetch_all(&mut *tx)
                .await?;
            tx.commit().await?;
            rows.sort_unstable_by_key(JobRow::died);
            Ok(rows.into_iter().map(Unreported::from).collect())
        }

        async fn reported(&self, job: &Job, now: Timestamp) -> Result<(), JobError> {
            let mut tx = self.db.write().await?;
            let reported = sqlx::query(
                "UPDATE job SET reported_at = $4, owner = NULL, lease_until = NULL \
                 WHERE id = $1 AND owner = $2 AND attempt = $3 AND state = 'dead'",
            )
            .bind(job.id)
            .bind(job.owner)
            .bind(job.attempt)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            if reported.rows_affected() == 1 { Ok(()) } else { Err(JobError::LeaseLost) }
        }

        async fn dead(&self, limit: i64) -> Result<Vec<DeadJob>, DbError> {
            let rows: Vec<DeadRow> = sqlx::query_as(
                "SELECT id, kind, attempt, last_failure, ended_at FROM job WHERE state = 'dead' ORDER BY ended_at DESC, id DESC LIMIT $1",
            )
            .bind(limit)
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn revive(&self, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
            let mut tx = self.db.write().await?;
            let revived = sqlx::query(
                "UPDATE job SET state = 'waiting', run_at = $2, max_attempts = attempt + budget, \
                 owner = NULL, lease_until = NULL, ended_at = NULL, reported_at = NULL WHERE id = $1 AND state = 'dead'",
            )
            .bind(id)
            .bind(now)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(revived.rows_affected() == 1)
        }

        async fn revive_kind(&self, kind: &str, now: Timestamp) -> Result<u64, DbError> {
            let mut revived = 0;
            loop {
                let mut tx = self.db.write().await?;
                // What dies again meanwhile died after `now`, so that this comes to an end.
                let batch = sqlx::query(
                    "UPDATE job SET state = 'waiting', run_at = $2, max_attempts = attempt + budget, \
                     owner = NULL, lease_until = NULL, ended_at = NULL, reported_at = NULL \
                     WHERE state = 'dead' AND id IN (SELECT id FROM job WHERE state = 'dead' AND kind = $1 AND ended_at <= $2 LIMIT $3)",
                )
                .bind(kind)
                .bind(now)
                .bind(BATCH)
                .execute(&mut *tx)
                .await?
                .rows_affected();
                tx.commit().await?;
                revived += batch;
                if batch == 0 {
                    return Ok(revived);
                }
            }
        }

        async fn depth(&self) -> Result<Vec<QueueDepth>, DbError> {
            let rows: Vec<DepthRow> = sqlx::query_as(
                "SELECT kind, COUNT(CASE WHEN state = 'waiting' THEN 1 END) AS waiting, \
                 COUNT(CASE WHEN state = 'running' THEN 1 END) AS running, COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead, \
                 MIN(CASE WHEN state = 'waiting' THEN run_at END) AS oldest_run_at \
                 FROM job WHERE state <> 'done' GROUP BY kind ORDER BY kind",
            )
            .fetch_all(self.db.read_stale())
            .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn forget_done(&self, before: Timestamp) -> Result<u64, DbError> {
            let mut forgotten = 0;
            loop {
                let mut tx = self.db.write().await?;
                let batch = sqlx::query(
                    "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE state = 'done' AND ended_at < $1 ORDER BY ended_at LIMIT $2)",
                )
                .bind(before)
                .bind(BATCH)
                .execute(&mut *tx)
                .await?
                .rows_affected();
                tx.commit().await?;
                forgotten += batch;
                if batch == 0 {
                    return Ok(forgotten);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How SQLite finds the rows of a statement, in a line.
    async fn plan(db: &crate::db::sqlite::Db, statement: &'static str) -> String {
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(db.read_fresh()).await.unwrap();
        steps.into_iter().map(|(.., step)| step).collect::<Vec<_>>().join("; ")
    }

    #[tokio::test]
    async fn looking_for_work_reads_only_rows_that_may_be_work() {
        let folder = tempfile::tempdir().unwrap();
        let db = crate::db::sqlite::Db::open(&folder.path().join("jobs.db")).await.unwrap();
        db.migrate("jobs", &SQLITE).await.unwrap();
        for (statement, index) in [
            (<sqlx::Sqlite as Claiming>::CLAIM, "job_waiting (priority=? AND run_at<?)"),
            (<sqlx::Sqlite as Claiming>::RESCUE, "job_running (lease_until<?)"),
            (<sqlx::Sqlite as Claiming>::CLAIM_UNREPORTED, "job_unreported"),
        ] {
            let plan = plan(&db, statement).await;
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("SCAN job;") && !plan.contains("USE TEMP B-TREE"), "{plan}");
        }
    }
}
