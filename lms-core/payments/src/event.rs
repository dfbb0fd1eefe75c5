//! What a provider tells.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Amount;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The bank holds the money.
    ChargeAuthorised,
    ChargeCaptured,
    ChargeDeclined,
    /// A hold ended without a charge.
    ChargeReleased,
    RefundSettled,
    RefundFailed,
    /// Of a newer version of the provider.
    #[serde(other)]
    Unknown,
}

impl EventKind {
    /// The word that is stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChargeAuthorised => "charge_authorised",
            Self::ChargeCaptured => "charge_captured",
            Self::ChargeDeclined => "charge_declined",
            Self::ChargeReleased => "charge_released",
            Self::RefundSettled => "refund_settled",
            Self::RefundFailed => "refund_failed",
            Self::Unknown => "unknown",
        }
    }
}

/// Something that happened at the provider. It may come late, twice, or before what happened earlier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderEvent {
    /// The provider's id of the event: the same event has the same id.
    pub id: String,
    pub kind: EventKind,
    /// The key of the checkout.
    pub order: Uuid,
    /// The provider's id of the charge.
    pub charge: String,
    pub amount: Amount,
    /// Such as `Visa ending 4242`.
    pub method: String,
    /// For a refund: ours, and the attempt.
    #[serde(default)]
    pub refund: Option<Uuid>,
    #[serde(default)]
    pub attempt: i64,
    /// Why it was declined or failed: one of the provider's words.
    #[serde(default)]
    pub reason: Option<String>,
}
