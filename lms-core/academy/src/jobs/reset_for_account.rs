//! A person who is signed in asked for a link for a new password.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload, reset_links};
use crate::store::jobs as queue;

pub(super) struct ResetForAccount(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for ResetForAccount {
    fn kind(&self) -> &'static str {
        queue::PASSWORD_RESET_FOR_ACCOUNT
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(20)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::ResetForAccount { account } = payload(job)?;
        match self.0.store.account(account).await.map_err(failure)? {
            Some(account) => reset_links::issue(&self.0, job, &account).await,
            None => Ok(()),
        }
    }
}
