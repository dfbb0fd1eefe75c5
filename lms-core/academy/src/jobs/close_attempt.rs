//! The time of a quiz is up and nobody submitted: what was saved is graded.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, payload};
use crate::store::jobs as queue;

pub(super) struct CloseAttempt(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for CloseAttempt {
    fn kind(&self) -> &'static str {
        queue::CLOSE_ATTEMPT
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let _: queue::CloseAttempt = payload(job)?;
        Ok(self.0.store.close_attempt(job, self.0.clock.now()).await?)
    }
}
