//! Jobs: work that is written down in the transaction that causes it, and done later by a worker.
//!
//! A job belongs to the worker whose lease it carries: its id, the worker's id and the attempt. What a handler changes it changes in a
//! transaction that begins with [`JobTx::fence`] and, where the change is the whole work, ends with [`JobTx::finish`]: then a worker that
//! is killed, hung or overtaken can change nothing twice. Effects outside the database (mail) are repeated at most once a kill.
//!
//! ```text
//!                take: attempt + 1, owner, lease            finish, done
//! enqueue ──▶ waiting ───────────────────────────▶ running ─────────────▶ done ──▶ forgotten
//!             ▲     ▲                                │   │
//!             │     │ a retry (after the backoff), or│   │ the last attempt failed or was left,
//!             │     │ left by its worker (at once)   │   │ or the handler says never
//!             │     └────────────────────────────────┘   ▼
//!             └──────────────── revive ──────────────── dead, then reported to its handler
//! ```
//!
//! * A lease that has run out is still its worker's until another `take` finds it: a late worker may then finish what it has begun, and
//!   which of the two was first is decided by the row.
//! * The attempt never goes down, not even for a revived job, so an old holder's fence fails for ever.
//! * A job that died is reported to [`Handler::buried`] at least once, whoever buried it: see there.

mod backoff;
mod claim;
mod handler;
mod queue;
mod rows;
mod traits;
mod tx;
mod wake;
mod worker;

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::Timestamp;
use crate::db::{Database, DbError};

pub use handler::Handler;
pub use traits::{JobStore, JobTx};
pub use wake::Wake;
pub use worker::{Timing, Worker};

/// The queue on an open database. Apply [`migrate`] first.
#[must_use]
pub fn open(db: &Database) -> Arc<dyn JobStore> {
    match db {
        Database::Sqlite(db) => Arc::new(queue::sqlite::Queue::new(db.clone())),
        Database::Postgres(db) => Arc::new(queue::postgres::Queue::new(db.clone())),
    }
}

/// Brings the queue's table to the form that this version needs.
///
/// # Errors
/// [`DbError::Migration`] when it cannot, and whatever the database has to say.
pub async fn migrate(db: &Database) -> Result<(), DbError> {
    match db {
        Database::Sqlite(db) => db.migrate("jobs", &queue::SQLITE).await,
        Database::Postgres(db) => db.migrate("jobs", &queue::POSTGRES).await,
    }
}

/// What runs first. Bulk work never delays what a person is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Announcements, recomputations.
    Bulk,
    /// Most work.
    Normal,
    /// A person is waiting: a password reset.
    Urgent,
}

/// A job to be.
#[derive(Debug, Clone, PartialEq)]
pub struct NewJob {
    pub id: Uuid,
    /// Names the handler, such as `send_mail`.
    pub kind: &'static str,
    /// What the handler needs; small, and without secrets.
    pub payload: serde_json::Value,
    pub priority: Priority,
    /// Not before.
    pub run_at: Timestamp,
    /// At most one job with this key exists, finished ones included: a second one is not added.
    pub unique_key: Option<String>,
    /// After so many attempts it is dead.
    pub max_attempts: i64,
}

/// A job that this worker holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: Uuid,
    pub kind: String,
    pub payload: serde_json::Value,
    pub priority: Priority,
    /// The worker process; new at each start of one.
    pub owner: Uuid,
    /// From 1; rises each time the job is taken.
    pub attempt: i64,
    /// The attempt after which it is dead; a revived job has a higher one than before.
    pub max_attempts: i64,
    pub enqueued_at: Timestamp,
}

/// A job that is given up.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadJob {
    pub id: Uuid,
    pub kind: String,
    pub attempts: i64,
    /// The last failure, without personal data.
    pub reason: String,
    pub died_at: Timestamp,
}

/// A dead job whose handler does not know yet that it is dead. This worker holds it for the report.
#[derive(Debug, Clone, PartialEq)]
pub struct Unreported {
    /// Without a fence: the job itself is over.
    pub job: Job,
    /// As in [`DeadJob::reason`].
    pub reason: String,
}

/// How many jobs a worker has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// Jobs of any priority.
    pub any: i64,
    /// How many of them may be less than urgent: the rest is kept free for those who wait.
    pub ordinary: i64,
}

/// How much waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueDepth {
    pub kind: String,
    pub waiting: i64,
    pub running: i64,
    pub dead: i64,
    /// When the oldest waiting job could have run.
    pub oldest_run_at: Option<Timestamp>,
}

/// How a job ends when it does not end well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Again later; after its last attempt it is dead. The backoff is in the row, not in memory.
    Retry(String),
    /// Never again: dead at once.
    Fail(String),
}

impl Failure {
    /// What went wrong, without personal data.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry(reason) | Self::Fail(reason) => reason,
        }
    }

    /// Whether a job that fails so in this attempt is dead.
    #[must_use]
    pub fn is_final(&self, job: &Job) -> bool {
        matches!(self, Self::Fail(_)) || job.attempt >= job.max_attempts
    }
}

/// So that handlers can write `?`: a database that fails may work later.
impl From<DbError> for Failure {
    fn from(error: DbError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// As for [`DbError`]; a failure after a lost lease is ignored anyway.
impl From<JobError> for Failure {
    fn from(error: JobError) -> Self {
        Self::Retry(error.to_string())
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The lease ran out and another worker has the job, or it is done.
    #[error("another worker has this job, or it is done")]
    LeaseLost,
    #[error(transparent)]
    Database(#[from] DbError),
}

/// So that stores can write `?` behind a fence.
impl From<sqlx::Error> for JobError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error.into())
    }
}

/// How long a worker may be silent before its jobs go to another. Workers beat four times in it.
pub const LEASE: Duration = Duration::from_secs(20);
