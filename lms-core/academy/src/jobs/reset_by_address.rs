//! Somebody who is signed out asked for a link for a new password, and named an address.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload, reset_links};
use crate::address::stored_form;
use crate::store::jobs as queue;

pub(super) struct ResetByAddress(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for ResetByAddress {
    fn kind(&self) -> &'static str {
        queue::PASSWORD_RESET_BY_ADDRESS
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(20)
    }

    /// The mail goes to the address on file of the account that is found, never to the one that was typed. No account: done.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::ResetByAddress { address } = payload(job)?;
        let Some(address) = stored_form(&address) else { return Ok(()) };
        match self.0.store.account_by_email(&address).await.map_err(failure)? {
            Some(found) => reset_links::issue(&self.0, job, &found.account).await,
            None => Ok(()),
        }
    }
}
