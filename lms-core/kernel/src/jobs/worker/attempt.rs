//! One attempt at one job: the handler on a task of its own, and what became of it in the table.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use super::held::Hold;
use crate::clock::Clock;
use crate::jobs::{Failure, Handler, Job, JobError, JobStore};
use crate::shutdown::Shutdown;

/// How long a stopped handler may take to let go, before its job goes on without it.
const LETTING_GO: Duration = Duration::from_secs(1);
/// How often an outcome is tried to be written. After that the lease runs out, and another attempt is made.
const WRITES: u32 = 60;

pub(super) struct Attempt {
    pub(super) store: Arc<dyn JobStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) job: Job,
    pub(super) hold: Hold,
    /// Between two tries to write the outcome.
    pub(super) pause: Duration,
    pub(super) shutdown: Shutdown,
}

impl Attempt {
    /// Runs the handler and settles the job. The hold ends with it.
    pub(super) async fn run(self) {
        let outcome = match self.handle().await {
            Some(result) => self.settle(result).await,
            None => "lost",
        };
        let (kind, id, attempt) = (self.handler.kind(), self.job.id, self.job.attempt);
        metrics::counter!("porter_jobs_total", "kind" => kind, "outcome" => outcome).increment(1);
        match outcome {
            "lost" => tracing::warn!(kind, %id, attempt, "a job went to another worker"),
            "unsettled" => tracing::warn!(kind, %id, attempt, "what became of a job could not be written; it will be done again"),
            _ => tracing::debug!(kind, %id, attempt, outcome, "a job has ended"),
        }
    }

    /// What the handler says; `None` when the job was lost meanwhile.
    async fn handle(&self) -> Option<Result<(), Failure>> {
        // A task of its own: a panic or a handler that never yields stays in there. It is aborted when the set is dropped.
        let mut task = JoinSet::new();
        let (handler, job) = (self.handler.clone(), self.job.clone());
        task.spawn(async move { handler.run(&job).await });
        let ended = tokio::select! {
            ended = timeout(self.handler.timeout(), task.join_next()) => ended,
            () = self.hold.lost() => return None,
        };
        Some(match ended {
            Ok(Some(Ok(result))) => result,
            Ok(Some(Err(_))) => Err(Failure::Retry("its handler panicked".to_owned())),
            // A set with one task gives one result.
            Ok(None) => Err(Failure::Retry("its handler vanished".to_owned())),
            Err(_) => {
                task.abort_all();
                let _ = timeout(LETTING_GO, task.join_next()).await;
                Err(Failure::Retry(format!("it took longer than {:?}", self.handler.timeout())))
            }
        })
    }

    /// Writes the outcome, and says which it was.
    async fn settle(&self, result: Result<(), Failure>) -> &'static str {
        for _ in 0..WRITES {
            let now = self.clock.now();
            let written = match &result {
                Ok(()) => self.store.done(&self.job, now).await,
                Err(failure) => self.store.failed(&self.job, failure, now).await,
            };
            match written {
                Ok(()) => return self.tell(result.err().as_ref()),
                Err(JobError::LeaseLost) => return "lost",
                Err(JobError::Database(error)) => {
                    tracing::debug!(%error, id = %self.job.id, "what became of a job cannot be written yet");
                }
            }
            // The pause ends early when the process does: then the lease runs out instead.
            if timeout(self.pause, self.shutdown.triggered()).await.is_ok() {
                break;
            }
        }
        "unsettled"
    }

    fn tell(&self, failure: Option<&Failure>) -> &'static str {
        let Some(failure) = failure else { return "done" };
        let (kind, id, attempt, reason) = (self.handler.kind(), self.job.id, self.job.attempt, failure.reason());
        if failure.is_final(&self.job) {
            tracing::error!(kind, %id, attempt, reason, "a job is dead");
            "dead"
        } else {
            tracing::warn!(kind, %id, attempt, reason, "a job failed and will be tried again");
            "retried"
        }
    }
}
