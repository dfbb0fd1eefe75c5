//! The days in which one can change one's mind are over: the person is forgotten.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, payload};
use crate::store::jobs::accounts as queue;

pub(super) struct EraseAccount(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for EraseAccount {
    fn kind(&self) -> &'static str {
        queue::ERASE_ACCOUNT
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::OfAccount { account } = payload(job)?;
        let erased = self.0.store.erase(job, account, self.0.clock.now()).await?;
        tracing::info!(%account, erased, "the wish to be forgotten was looked at");
        Ok(())
    }

    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        tracing::error!(job = %job.id, reason, "an account could not be erased");
        Ok(())
    }
}
