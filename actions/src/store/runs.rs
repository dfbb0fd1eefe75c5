//! The record itself, once for each engine, and its migrations.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use sqlx::migrate::Migrator;
use uuid::Uuid;

use super::rows::{Record as Row, columns, storable_outcome};
use super::{Begun, Finished, NewRun, RunRow, Runs};
use crate::{ActionError, Budget, Outcome};

pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// What budgets are for.
const HOUR: Duration = Duration::from_secs(3_600);

const BY_KEY: &str = concat!("SELECT ", columns!(), " FROM action_run WHERE idempotency_key = $1");

porter_kernel::for_both_engines! {
    /// The record on one engine.
    #[derive(Debug)]
    pub(in crate::store) struct Record {
        db: engine::Db,
    }

    impl Record {
        pub(in crate::store) fn new(db: engine::Db) -> Self {
            Self { db }
        }
    }

    async fn by_key(tx: &mut engine::Tx, key: Uuid) -> Result<Option<Row>, DbError> {
        Ok(sqlx::query_as(BY_KEY).bind(key).fetch_optional(&mut **tx).await?)
    }

    /// Goes on with a run that is there already.
    async fn again(mut tx: engine::Tx, row: Row, run: &NewRun) -> Result<Begun, DbError> {
        if !row.is(run) {
            tx.rollback().await?;
            return Ok(Begun::KeyTaken);
        }
        let target = row.target;
        if let Some(outcome) = row.outcome()? {
            tx.rollback().await?;
            return Ok(Begun::Done(outcome));
        }
        sqlx::query(
            "UPDATE action_run SET state = 'begun', failure = NULL, ended_at = NULL \
             WHERE idempotency_key = $1 AND state = 'failed'",
        )
        .bind(run.key)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Begun::Go { target })
    }

    #[async_trait]
    impl Runs for Record {
        async fn begin(&self, run: &NewRun, budget: Budget, now: Timestamp) -> Result<Begun, DbError> {
            let mut tx = self.db.write().await?;
            // Locks the lane until the transaction ends: what is counted below is what the one before has left.
            sqlx::query(
                "INSERT INTO action_lane (lane, action, asked_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (lane, action) DO UPDATE SET asked_at = excluded.asked_at",
            )
            .bind(run.lane())
            .bind(run.action.as_str())
            .bind(now)
            .execute(&mut *tx)
            .await?;
            if let Some(row) = by_key(&mut tx, run.key).await? {
                return again(tx, row, run).await;
            }
            // The last but so many: while it is younger than an hour, the budget is used up.
            let last: Option<Timestamp> = sqlx::query_scalar(
                "SELECT begun_at FROM action_run WHERE lane = $1 AND action = $2 AND begun_at > $3 \
                 ORDER BY begun_at DESC LIMIT 1 OFFSET $4",
            )
            .bind(run.lane())
            .bind(run.action.as_str())
            .bind(now - HOUR)
            .bind(i64::from(budget.per_hour.saturating_sub(1)))
            .fetch_optional(&mut *tx)
            .await?;
            if let Some(last) = last {
                tx.rollback().await?;
                return Ok(Begun::OverBudget { again_at: last + HOUR });
            }
            let inserted = sqlx::query(
                "INSERT INTO action_run (idempotency_key, action, learner, conversation, lane, argument, state, begun_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, 'begun', $7) ON CONFLICT (idempotency_key) DO NOTHING",
            )
            .bind(run.key)
            .bind(run.action.as_str())
            .bind(run.learner)
            .bind(run.conversation)
            .bind(run.lane())
            .bind(&run.argument)
            .bind(now)
            .execute(&mut *tx)
            .await?
            .rows_affected();
            if inserted == 0 {
                tx.rollback().await?;
                // From another lane at the same moment: another learner's, so not this request.
                return Ok(Begun::KeyTaken);
            }
            tx.commit().await?;
            Ok(Begun::Go { target: None })
        }

        async fn aim(&self, key: Uuid, target: Uuid) -> Result<Option<Uuid>, DbError> {
            let mut tx = self.db.write().await?;
            let aimed: Option<Uuid> = sqlx::query_scalar(
                "UPDATE action_run SET target = COALESCE(target, $2) WHERE idempotency_key = $1 AND state <> 'done' \
                 RETURNING target",
            )
            .bind(key)
            .bind(target)
            .fetch_optional(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(aimed)
        }

        async fn finish(&self, key: Uuid, outcome: &Outcome, now: Timestamp) -> Result<Finished, DbError> {
            let is_effect = matches!(outcome, Outcome::Done { .. });
            let mut tx = self.db.write().await?;
            sqlx::query(
                "UPDATE action_run SET state = 'done', failure = NULL, outcome = $2, ended_at = $3 \
                 WHERE idempotency_key = $1 AND state <> 'done' AND (target IS NULL OR $4)",
            )
            .bind(key)
            .bind(storable_outcome(outcome)?)
            .bind(now)
            .bind(is_effect)
            .execute(&mut *tx)
            .await?;
            let Some(row) = by_key(&mut tx, key).await? else { return Err(DbError::Internal(sqlx::Error::RowNotFound)) };
            tx.commit().await?;
            let target = row.target;
            match (row.outcome()?, target) {
                (Some(stored), _) => Ok(Finished::Stored(stored)),
                (None, Some(target)) => Ok(Finished::Aimed(target)),
                (None, None) => Err(DbError::Internal(sqlx::Error::RowNotFound)),
            }
        }

        async fn fail(&self, key: Uuid, error: ActionError, now: Timestamp) -> Result<Option<Outcome>, DbError> {
            let mut tx = self.db.write().await?;
            sqlx::query(
                "UPDATE action_run SET state = 'failed', failure = $2, ended_at = $3 \
                 WHERE idempotency_key = $1 AND state <> 'done'",
            )
            .bind(key)
            .bind(error.as_str())
            .bind(now)
            .execute(&mut *tx)
            .await?;
            let row = by_key(&mut tx, key).await?;
            tx.commit().await?;
            row.map_or(Ok(None), Row::outcome)
        }

        async fn of_conversation(&self, conversation: Uuid) -> Result<Vec<RunRow>, DbError> {
            const SQL: &str = concat!(
                "SELECT ",
                columns!(),
                " FROM action_run WHERE conversation = $1 ORDER BY begun_at, idempotency_key"
            );
            let rows: Vec<Row> = sqlx::query_as(SQL).bind(conversation).fetch_all(self.db.read_fresh()).await?;
            rows.into_iter().map(RunRow::try_from).collect()
        }
    }
}
