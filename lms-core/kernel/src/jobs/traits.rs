//! The seam: a queue on one of the two engines.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{DeadJob, Failure, Job, JobError, NewJob, QueueDepth, Room, Unreported};
use crate::clock::Timestamp;
use crate::db::DbError;

/// What a transaction of either engine can do with jobs. Implemented for both engines' `Tx`.
#[async_trait]
pub trait JobTx: Send {
    /// Adds a job; `false` when one with its key or id is there already (the transaction goes on).
    async fn enqueue(&mut self, job: &NewJob, now: Timestamp) -> Result<bool, DbError>;

    /// Checks that this worker still holds the job, and keeps it so until the transaction ends. It is a sign of life too: the lease lasts
    /// for [`LEASE`](super::LEASE) from now at least.
    async fn fence(&mut self, job: &Job, now: Timestamp) -> Result<(), JobError>;

    /// As [`Self::fence`], and the job is done when the transaction commits.
    async fn finish(&mut self, job: &Job, now: Timestamp) -> Result<(), JobError>;
}

/// A queue.
#[async_trait]
pub trait JobStore: Send + Sync + fmt::Debug {
    /// Adds a job in a transaction of its own; `false` when it is there already.
    async fn enqueue(&self, job: &NewJob, now: Timestamp) -> Result<bool, DbError>;

    /// Takes up to `limit` jobs of these kinds that are due, for the length of `lease`: the most urgent first, then the oldest. A job whose lease
    /// has run out is due; one that was left so at its last attempt is buried instead.
    async fn take(&self, kinds: &[&str], owner: Uuid, now: Timestamp, lease: Duration, limit: i64) -> Result<Vec<Job>, DbError> {
        self.take_within(kinds, owner, now, lease, Room { any: limit, ordinary: limit }).await
    }

    /// As [`Self::take`], with some of the room for urgent jobs only.
    async fn take_within(
        &self,
        kinds: &[&str],
        owner: Uuid,
        now: Timestamp,
        lease: Duration,
        room: Room,
    ) -> Result<Vec<Job>, DbError>;

    /// Keeps the jobs of this worker for another `lease`; which of `jobs` it still holds. One that it has
    /// done by itself counts as held: nobody else has it.
    async fn beat(&self, owner: Uuid, jobs: &[Uuid], now: Timestamp, lease: Duration) -> Result<Vec<Uuid>, DbError>;

    /// The job is done. Done already by [`JobTx::finish`] under the same lease: no error.
    async fn done(&self, job: &Job, now: Timestamp) -> Result<(), JobError>;

    /// The job failed: waits for its next attempt, or is dead.
    async fn failed(&self, job: &Job, failure: &Failure, now: Timestamp) -> Result<(), JobError>;

    /// Dead jobs of these kinds that were not reported to their handler yet, the oldest first; for the length of `lease` nobody else gets them.
    async fn take_unreported(
        &self,
        kinds: &[&str],
        owner: Uuid,
        now: Timestamp,
        lease: Duration,
        limit: i64,
    ) -> Result<Vec<Unreported>, DbError>;

    /// The handler knows that the job is dead. [`JobError::LeaseLost`] when another worker reports it by now, or it was revived.
    async fn reported(&self, job: &Job, now: Timestamp) -> Result<(), JobError>;

    /// Jobs that were given up, the newest first.
    async fn dead(&self, limit: i64) -> Result<Vec<DeadJob>, DbError>;

    /// Gives a dead job all its attempts again; `false` when it is not dead.
    async fn revive(&self, id: Uuid, now: Timestamp) -> Result<bool, DbError>;

    /// The same for every dead job of a kind; how many there were. Not in one transaction, so that others write in between.
    async fn revive_kind(&self, kind: &str, now: Timestamp) -> Result<u64, DbError>;

    /// How much of each kind waits, runs and is dead.
    async fn depth(&self) -> Result<Vec<QueueDepth>, DbError>;

    /// Forgets jobs that were done before `before`, and their unique keys; how many.
    async fn forget_done(&self, before: Timestamp) -> Result<u64, DbError>;
}
