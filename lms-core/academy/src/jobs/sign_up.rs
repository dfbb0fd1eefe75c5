//! Somebody filled in the form for a new account, or wants its link once more.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload};
use crate::address::stored_form;
use crate::domain::{AccountId, AccountStatus};
use crate::store::NewVerification;
use crate::store::jobs::{ResetByAddress, accounts as queue};

pub(super) struct SignUp(pub(super) Arc<WorkerParts>);
pub(super) struct VerifyAgain(pub(super) Arc<WorkerParts>);

fn link(parts: &WorkerParts, address: &str) -> NewVerification {
    let id = parts.ids.uuid();
    NewVerification {
        id,
        account: AccountId(parts.ids.uuid()),
        token: parts.key.verification_token(id).hash(),
        mail: parts.ids.uuid(),
        limit_key: parts.key.limit_key(&["sign-up letters", address]),
    }
}

#[async_trait]
impl Handler for SignUp {
    fn kind(&self) -> &'static str {
        queue::SIGN_UP
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(20)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::SignUp { sign_up } = payload(job)?;
        let Some(address) = self.0.store.waiting_sign_up(sign_up).await.map_err(failure)? else { return Ok(()) };
        Ok(self.0.store.finish_sign_up(job, sign_up, &link(&self.0, &address), self.0.clock.now()).await?)
    }
}

#[async_trait]
impl Handler for VerifyAgain {
    fn kind(&self) -> &'static str {
        queue::VERIFY_AGAIN
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(20)
    }

    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let ResetByAddress { address } = payload(job)?;
        let Some(address) = stored_form(&address) else { return Ok(()) };
        let found = self.0.store.account_by_email(&address).await.map_err(failure)?;
        match found.filter(|found| found.account.status == AccountStatus::Unverified) {
            Some(found) => {
                let link = link(&self.0, &address);
                Ok(self.0.store.finish_verify_again(job, found.account.id, &link, self.0.clock.now()).await?)
            }
            None => Ok(()),
        }
    }
}
