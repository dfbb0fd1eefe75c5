//! The payment provider is asked what became of an order: webhooks get lost.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::jobs::{Failure, Handler, Job};

use super::{WorkerParts, failure, payload};
use crate::store::jobs as queue;

pub(super) struct ReconcileOrder(pub(super) Arc<WorkerParts>);

#[async_trait]
impl Handler for ReconcileOrder {
    fn kind(&self) -> &'static str {
        queue::RECONCILE_ORDER
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// What the provider tells is taken in like its webhooks, each event once. A provider that does not answer is asked in the next round.
    async fn run(&self, job: &Job) -> Result<(), Failure> {
        let queue::Reconcile { order, round } = payload(job)?;
        if let Some(provider) = &self.0.payments {
            match provider.events(order.0).await {
                Ok(events) => {
                    for event in events.iter().filter(|event| event.order == order.0) {
                        self.0.store.receive(event, self.0.clock.now()).await.map_err(failure)?;
                    }
                }
                Err(error) => tracing::info!(%order, round, %error, "an order could not be asked after"),
            }
        }
        let now = self.0.clock.now();
        let next = queue::reconcile_after(round.saturating_add(1), now);
        Ok(self.0.store.reconciled(job, order, round, next, now).await?)
    }
}
