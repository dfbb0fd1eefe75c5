//! An announcement goes its way: one page of learners.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, payload};
use crate::store::jobs as queue;

pub(super) struct Announce(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for Announce {
    fn kind(&self) -> &'static str {
        queue::ANNOUNCE
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let _: queue::Announce = payload(job)?;
        Ok(self.0.store.fan_out(job, self.0.clock.now()).await?)
    }
}
