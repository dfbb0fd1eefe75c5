//! The seam.

use std::fmt;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ProviderEvent;

/// Money: minor units of an ISO 4217 currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    pub minor: i64,
    pub currency: String,
}

/// What somebody is to pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckoutRequest {
    /// The order. Asking again with the same key gives the same checkout and charges nobody twice.
    pub key: Uuid,
    /// What the buyer knows it by, such as `NL-700001`.
    pub reference: String,
    /// What it is for.
    pub description: String,
    pub amount: Amount,
    /// Where the buyer goes afterwards, whatever came of it.
    pub return_url: String,
}

/// What is to be paid back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequest {
    /// The same key is one refund, however often it is asked for.
    pub key: Uuid,
    /// The key of the checkout that was paid.
    pub order: Uuid,
    /// Our refund and which attempt at it this is; both come back in the events.
    pub refund: Uuid,
    pub attempt: i64,
    pub amount: Amount,
}

/// Why the provider did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// It was not asked at all: it failed often just now, or too many wait for it. Nothing happened.
    #[error("the payment provider is not asked at the moment: {0}")]
    Unavailable(String),
    /// It may work later. It may also have happened: ask again with the same key.
    #[error("the payment provider did not answer as it should: {0}")]
    Later(String),
    /// It refused, and would refuse again.
    #[error("the payment provider refuses: {0}")]
    Never(String),
}

/// A payment provider. Every call has an end: implementations set time-outs.
#[async_trait]
pub trait PaymentProvider: Send + Sync + fmt::Debug {
    /// Prepares a payment and gives the address of the page where the buyer pays.
    ///
    /// # Errors
    /// See [`ProviderError`].
    async fn checkout(&self, request: &CheckoutRequest) -> Result<String, ProviderError>;

    /// Pays money back. How it ends comes as an event.
    ///
    /// # Errors
    /// See [`ProviderError`].
    async fn refund(&self, request: &RefundRequest) -> Result<(), ProviderError>;

    /// Everything that has happened to this order at the provider: the same events, with the same ids, that it sends or has sent as webhooks. Empty
    /// for an order that it does not know.
    ///
    /// # Errors
    /// See [`ProviderError`].
    async fn events(&self, order: Uuid) -> Result<Vec<ProviderEvent>, ProviderError>;
}
