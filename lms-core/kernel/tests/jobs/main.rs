//! The queue and its worker: one conformance suite on both engines, random histories, and workers with handlers that misbehave.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of tests report by panicking")]

mod crowd;
mod failures;
mod leases;
mod properties;
mod queueing;
mod races;
mod reports;
mod schema;
mod transactions;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock, Timestamp};
use porter_kernel::db::Database;
use porter_kernel::ids::{Ids as _, SequentialIds};
use porter_kernel::jobs::{Job, JobStore, LEASE, NewJob, Priority, migrate, open};
use porter_testkit::TestDb;
use serde_json::json;
use uuid::Uuid;

/// One text for a transaction of either engine: `in_tx!(queue, tx => …)` commits and gives the body's value.
macro_rules! in_tx {
    ($queue:expr, $tx:ident => $body:expr) => {
        match &$queue.db.db {
            porter_kernel::db::Database::Sqlite(db) => {
                let mut $tx = db.write().await.unwrap();
                let value = $body;
                $tx.commit().await.unwrap();
                value
            }
            porter_kernel::db::Database::Postgres(db) => {
                let mut $tx = db.write().await.unwrap();
                let value = $body;
                $tx.commit().await.unwrap();
                value
            }
        }
    };
}
pub(crate) use in_tx;

const KIND: &str = "bake";

/// A fresh queue with everything that a test asks of it.
pub(crate) struct Queue {
    pub(crate) store: Arc<dyn JobStore>,
    pub(crate) clock: ManualClock,
    pub(crate) ids: SequentialIds,
    pub(crate) db: TestDb,
}

/// A job as it is stored.
#[derive(Debug, Clone, PartialEq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) state: String,
    pub(crate) run_at: Timestamp,
    pub(crate) owner: Option<Uuid>,
    pub(crate) lease_until: Option<Timestamp>,
    pub(crate) attempt: i64,
    pub(crate) max_attempts: i64,
    pub(crate) last_failure: Option<String>,
    pub(crate) ended_at: Option<Timestamp>,
    pub(crate) reported_at: Option<Timestamp>,
}

impl Queue {
    pub(crate) async fn open(db: TestDb) -> Self {
        migrate(&db.db).await.unwrap();
        Self { store: open(&db.db), clock: ManualClock::default(), ids: SequentialIds::default(), db }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A second later than the last time it was asked.
    pub(crate) fn tick(&self) -> Timestamp {
        self.clock.advance(Duration::from_secs(1))
    }

    pub(crate) fn uuid(&self) -> Uuid {
        self.ids.uuid()
    }

    /// A job that is due now and has three attempts.
    pub(crate) fn job(&self) -> NewJob {
        NewJob {
            id: self.uuid(),
            kind: KIND,
            payload: json!({"bread": "rye"}),
            priority: Priority::Normal,
            run_at: self.now(),
            unique_key: None,
            max_attempts: 3,
        }
    }

    /// Enqueues it.
    pub(crate) async fn add(&self, job: NewJob) -> Uuid {
        assert!(self.store.enqueue(&job, self.now()).await.unwrap());
        job.id
    }

    /// Enqueues a job as [`Self::job`] makes it.
    pub(crate) async fn added(&self) -> Uuid {
        self.add(self.job()).await
    }

    pub(crate) async fn take(&self, owner: Uuid, limit: i64) -> Vec<Job> {
        self.store.take(&[KIND], owner, self.now(), LEASE, limit).await.unwrap()
    }

    /// Takes the one job that is due.
    pub(crate) async fn take_one(&self, owner: Uuid) -> Job {
        let mut taken = self.take(owner, 10).await;
        assert_eq!(taken.len(), 1, "{taken:?}");
        taken.remove(0)
    }

    /// Adds a job and takes it.
    pub(crate) async fn taken(&self, owner: Uuid) -> Job {
        let id = self.added().await;
        let job = self.take_one(owner).await;
        assert_eq!(job.id, id);
        job
    }

    /// Every job, in the order of their ids.
    pub(crate) async fn rows(&self) -> Vec<Row> {
        const SQL: &str = "SELECT id, state, run_at, owner, lease_until, attempt, max_attempts, last_failure, ended_at, reported_at \
                           FROM job ORDER BY id";
        match &self.db.db {
            Database::Sqlite(db) => sqlx::query_as(SQL).fetch_all(db.read_fresh()).await.unwrap(),
            Database::Postgres(db) => sqlx::query_as(SQL).fetch_all(db.read_fresh()).await.unwrap(),
        }
    }

    pub(crate) async fn row(&self, id: Uuid) -> Row {
        let rows = self.rows().await;
        rows.into_iter().find(|row| row.id == id).unwrap_or_else(|| panic!("the job {id} is lost"))
    }

    pub(crate) async fn state(&self, id: Uuid) -> String {
        self.row(id).await.state
    }
}
