//! An account that nobody has confirmed is forgotten after some days.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload};
use crate::store::jobs::accounts as queue;

pub(super) struct ForgetUnverified(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for ForgetUnverified {
    fn kind(&self) -> &'static str {
        queue::FORGET_UNVERIFIED
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(20)
    }

    /// One conditional statement, which may be repeated.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::OfAccount { account } = payload(job)?;
        if self.0.store.forget_unverified(account, self.0.clock.now()).await.map_err(failure)? {
            tracing::info!(%account, "an account that nobody confirmed was forgotten");
        }
        Ok(())
    }
}
