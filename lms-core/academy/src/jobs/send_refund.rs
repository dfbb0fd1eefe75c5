//! A refund that was approved is handed to the payment provider.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};
use porter_payments::{Amount, ProviderError, RefundRequest};
use uuid::Uuid;

use super::{WorkerParts, failure, payload};
use crate::domain::RefundStatus;
use crate::store::jobs as queue;

pub(super) struct SendRefund(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for SendRefund {
    fn kind(&self) -> &'static str {
        queue::SEND_REFUND
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// A worker that is killed between the provider's yes and the note of it makes the next attempt ask again, with the same key: one refund.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::SendRefund { refund, attempt } = payload(job)?;
        let Some(provider) = &self.0.payments else { return Err(Failure::Retry("no payment provider is set up".to_owned())) };
        let Some(task) = self.0.store.refund_task(refund).await.map_err(failure)? else {
            return Err(Failure::Fail("there is no such refund".to_owned()));
        };
        if task.status != RefundStatus::Approved || task.attempt >= attempt {
            return Ok(());
        }
        let request = RefundRequest {
            key: Uuid::new_v5(&refund, attempt.to_string().as_bytes()),
            order: task.order.0,
            refund,
            attempt,
            amount: Amount { minor: task.amount.minor, currency: task.amount.currency },
        };
        match provider.refund(&request).await {
            Ok(()) => Ok(self.0.store.refund_sent(job, refund, attempt, self.0.clock.now()).await?),
            Err(ProviderError::Never(why)) => Err(Failure::Fail(why)),
            Err(error) => Err(Failure::Retry(error.to_string())),
        }
    }

    /// The refund stays approved: the money is owed, and a person sees to it.
    async fn buried(&self, job: &Job, reason: &str) -> Result<(), Failure> {
        let Ok(queue::SendRefund { refund, attempt }) = payload(job) else { return Ok(()) };
        tracing::warn!(job = %job.id, %refund, reason, "the payment provider refuses a refund");
        self.0.store.refund_refused(refund, attempt, reason, self.0.clock.now()).await.map_err(failure)
    }
}
