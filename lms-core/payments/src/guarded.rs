//! A provider behind a wall: few at a time, each with an end, and nobody while it keeps failing.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use metrics::counter;
use porter_kernel::breaker::Breaker;
use porter_kernel::clock::Clock;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::{CheckoutRequest, PaymentProvider, ProviderError, ProviderEvent, RefundRequest};

/// How far a provider's trouble may reach.
#[derive(Debug, Clone, Copy)]
pub struct Guard {
    /// Calls in progress at the same time; one more is refused at once rather than made to wait.
    pub at_once: usize,
    /// For one call.
    pub timeout: Duration,
    /// Failures in a row after which nobody asks for `pause`.
    pub threshold: u32,
    pub pause: Duration,
}

impl Default for Guard {
    fn default() -> Self {
        Self { at_once: 16, timeout: Duration::from_secs(5), threshold: 5, pause: Duration::from_secs(15) }
    }
}

/// See the module.
#[derive(Debug)]
pub struct Guarded {
    inner: Arc<dyn PaymentProvider>,
    clock: Arc<dyn Clock>,
    permits: Semaphore,
    breaker: Breaker,
    timeout: Duration,
}

impl Guarded {
    #[must_use]
    pub fn new(inner: Arc<dyn PaymentProvider>, clock: Arc<dyn Clock>, guard: Guard) -> Self {
        Self {
            inner,
            clock,
            permits: Semaphore::new(guard.at_once),
            breaker: Breaker::new(guard.threshold, guard.pause),
            timeout: guard.timeout,
        }
    }

    async fn call<T>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, ProviderError>>,
    ) -> Result<T, ProviderError> {
        let outcome = self.bounded(call).await;
        let word = match &outcome {
            Ok(_) => "ok",
            Err(ProviderError::Unavailable(_)) => "not_asked",
            Err(ProviderError::Later(_)) => "failed",
            Err(ProviderError::Never(_)) => "refused",
        };
        counter!("porter_payment_calls_total", "operation" => operation, "outcome" => word).increment(1);
        outcome
    }

    async fn bounded<T>(&self, call: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
        let Ok(_permit) = self.permits.try_acquire() else {
            return Err(ProviderError::Unavailable("too many wait for it".to_owned()));
        };
        if !self.breaker.allows(self.clock.now()) {
            return Err(ProviderError::Unavailable("it has failed several times in a row".to_owned()));
        }
        let outcome = match tokio::time::timeout(self.timeout, call).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ProviderError::Later("it took too long".to_owned())),
        };
        // A refusal is an answer: the provider works.
        self.breaker.note(!matches!(outcome, Err(ProviderError::Later(_) | ProviderError::Unavailable(_))), self.clock.now());
        outcome
    }
}

#[async_trait]
impl PaymentProvider for Guarded {
    async fn checkout(&self, request: &CheckoutRequest) -> Result<String, ProviderError> {
        self.call("checkout", self.inner.checkout(request)).await
    }

    async fn refund(&self, request: &RefundRequest) -> Result<(), ProviderError> {
        self.call("refund", self.inner.refund(request)).await
    }

    async fn events(&self, order: Uuid) -> Result<Vec<ProviderEvent>, ProviderError> {
        self.call("events", self.inner.events(order)).await
    }
}
