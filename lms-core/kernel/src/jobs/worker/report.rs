//! Tells a handler that a job of its kind is dead.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::jobs::{Handler, JobError, JobStore, Unreported};

pub(super) struct Report {
    pub(super) store: Arc<dyn JobStore>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) handler: Arc<dyn Handler>,
    pub(super) unreported: Unreported,
    /// How long it may take: the lease, after which another worker reports it.
    pub(super) limit: Duration,
}

impl Report {
    pub(super) async fn run(self) {
        let Unreported { job, reason } = self.unreported;
        let (kind, id) = (self.handler.kind(), job.id);
        let mut task = JoinSet::new();
        let (handler, dead) = (self.handler, job.clone());
        task.spawn(async move { handler.buried(&dead, &reason).await });
        let failed = match timeout(self.limit, task.join_next()).await {
            Ok(Some(Ok(Ok(())))) => match self.store.reported(&job, self.clock.now()).await {
                // Another has reported it too, or somebody has revived it.
                Ok(()) | Err(JobError::LeaseLost) => return,
                Err(JobError::Database(error)) => error.to_string(),
            },
            Ok(Some(Ok(Err(failure)))) => failure.reason().to_owned(),
            Ok(Some(Err(_)) | None) => "its handler panicked".to_owned(),
            Err(_) => format!("it took longer than {:?}", self.limit),
        };
        tracing::warn!(kind, %id, reason = failed, "a dead job could not be reported; it is tried again");
    }
}
