//! Handlers that change one thing, and a table in which a change that came twice is seen.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::{Clock as _, Timestamp};
use porter_kernel::db::{Database, DbError};
use porter_kernel::jobs::{Failure, Handler, Job, JobError, JobTx as _, LEASE, NewJob};
use uuid::Uuid;

use super::doubles::{FastClock, Silent};
use super::point::{Point, Trap};

/// Behind the fence, and the job ends in the same transaction.
pub(super) const FINISHED: &str = "drill_finished";
/// Behind the fence, once by a key of the effect; the worker ends the job later.
pub(super) const KEYED: &str = "drill_keyed";
/// Neither: what must be found out.
pub(super) const UNFENCED: &str = "drill_unfenced";

/// Does the jobs of one of the kinds above.
pub(super) struct Effect {
    pub(super) kind: &'static str,
    pub(super) db: Database,
    pub(super) clock: FastClock,
    pub(super) trap: Trap,
    pub(super) silent: Silent,
}

#[async_trait]
impl Handler for Effect {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(120)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        if self.trap.springs(Point::Overtaken) {
            self.fall_silent(job).await;
        }
        self.trap.at(Point::BeforeFence);
        let now = self.clock.now();
        match &self.db {
            Database::Sqlite(db) => sqlite::apply(db, self.kind, job, now, &self.trap).await?,
            Database::Postgres(db) => postgres::apply(db, self.kind, job, now, &self.trap).await?,
        }
        Ok(())
    }
}

impl Effect {
    /// Hangs, without a sign of life, until another has long taken over.
    #[expect(clippy::disallowed_methods, reason = "the pause is the point: a lease runs out")]
    async fn fall_silent(&self, job: &Job) {
        super::point::say(&format!("silent {}", job.id));
        self.silent.lock().unwrap().insert(job.id);
        tokio::time::sleep(LEASE * 3 / 2 / self.clock.factor).await;
    }
}

porter_kernel::for_both_engines! {
    /// Makes the table.
    pub(in crate::drill) async fn prepare(db: &engine::Db) {
        let mut tx = db.write().await.unwrap();
        for statement in [
            "CREATE TABLE drill_effect (job_id UUID NOT NULL, attempt BIGINT NOT NULL)",
            "CREATE TABLE drill_key (job_id UUID NOT NULL PRIMARY KEY)",
        ] {
            sqlx::query(statement).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Puts these jobs into the queue, all at once. Those that are there already stay as they are.
    pub(in crate::drill) async fn enqueue(db: &engine::Db, jobs: &[NewJob], now: Timestamp) -> Result<(), DbError> {
        let mut tx = db.write().await?;
        for job in jobs {
            tx.enqueue(job, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    pub(in crate::drill) async fn apply(
        db: &engine::Db,
        kind: &str,
        job: &Job,
        now: Timestamp,
        trap: &Trap,
    ) -> Result<(), JobError> {
        let mut tx = db.write().await?;
        if kind != UNFENCED {
            tx.fence(job, now).await?;
        }
        let new = if kind == KEYED {
            let key = sqlx::query("INSERT INTO drill_key (job_id) VALUES ($1) ON CONFLICT DO NOTHING").bind(job.id);
            key.execute(&mut *tx).await?.rows_affected() == 1
        } else {
            true
        };
        if new {
            let effect = sqlx::query("INSERT INTO drill_effect (job_id, attempt) VALUES ($1, $2)");
            effect.bind(job.id).bind(job.attempt).execute(&mut *tx).await?;
        }
        trap.at(Point::BehindFence);
        if kind == FINISHED {
            tx.finish(job, now).await?;
        }
        tx.commit().await.map_err(DbError::from)?;
        Ok(())
    }

    /// Every job that somebody holds, with the attempt.
    pub(in crate::drill) async fn running(db: &engine::Db) -> Result<HashSet<(Uuid, i64)>, DbError> {
        let rows: Vec<(Uuid, i64)> =
            sqlx::query_as("SELECT id, attempt FROM job WHERE state = 'running'").fetch_all(db.read_fresh()).await?;
        Ok(rows.into_iter().collect())
    }

    /// How many rows a statement counts.
    pub(in crate::drill) async fn count(db: &engine::Db, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(db.read_fresh()).await.unwrap()
    }
}

/// Puts these jobs into the queue of either engine.
pub(super) async fn enqueue(db: &Database, jobs: &[NewJob], now: Timestamp) -> Result<(), DbError> {
    match db {
        Database::Sqlite(db) => sqlite::enqueue(db, jobs, now).await,
        Database::Postgres(db) => postgres::enqueue(db, jobs, now).await,
    }
}

/// Every job that somebody holds, on either engine.
pub(super) async fn running(db: &Database) -> Result<HashSet<(Uuid, i64)>, DbError> {
    match db {
        Database::Sqlite(db) => sqlite::running(db).await,
        Database::Postgres(db) => postgres::running(db).await,
    }
}

/// Makes the table on either engine.
pub(super) async fn prepare(db: &Database) {
    match db {
        Database::Sqlite(db) => sqlite::prepare(db).await,
        Database::Postgres(db) => postgres::prepare(db).await,
    }
}

/// Counts on either engine.
pub(super) async fn count(db: &Database, sql: &'static str) -> i64 {
    match db {
        Database::Sqlite(db) => sqlite::count(db, sql).await,
        Database::Postgres(db) => postgres::count(db, sql).await,
    }
}

/// The handlers of all kinds.
pub(super) fn handlers(db: &Database, clock: FastClock, trap: &Trap, silent: &Silent) -> Vec<Arc<dyn Handler>> {
    let effect = |kind| -> Arc<dyn Handler> {
        Arc::new(Effect { kind, db: db.clone(), clock, trap: trap.clone(), silent: Arc::clone(silent) })
    };
    [FINISHED, KEYED, UNFENCED].map(effect).to_vec()
}
