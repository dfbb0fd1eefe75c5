//! What does the work of one kind.

use std::time::Duration;

use async_trait::async_trait;

use super::{Failure, Job};

/// Does the jobs of one kind.
#[async_trait]
pub trait Handler: Send + Sync {
    /// The kind, as in [`NewJob::kind`](super::NewJob::kind).
    fn kind(&self) -> &'static str;

    /// An attempt that takes longer is stopped, and counts as one that failed and may be tried again.
    fn timeout(&self) -> Duration;

    /// Does the work. It may be done more than once and be stopped at any `await`, so what it changes it changes behind
    /// [`JobTx::fence`](super::JobTx::fence). After `Ok` the worker marks the job as done, unless the handler has done so itself in its own
    /// transaction. A panic counts as [`Failure::Retry`].
    ///
    /// # Errors
    /// Whether it may be tried again. The reason is stored and logged: no personal data.
    async fn run(&self, job: &Job) -> Result<(), Failure>;

    /// The job is dead and will not be tried again, so that this can become a fact that people see.
    ///
    /// Called for every job that dies, until it has returned `Ok` once: also for one whose worker was killed in the last attempt, and again
    /// after an error, a panic, an outage of the database or the death of the process that was about to call it. So it must be fit to be
    /// repeated. It is not behind a fence, for the job is over, and may be given as long as a lease.
    ///
    /// # Errors
    /// Either failure means: again, after the length of a lease.
    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        let (_, _) = (job, reason);
        Ok(())
    }
}
