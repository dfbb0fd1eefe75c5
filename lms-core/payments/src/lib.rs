//! Taking and giving back money through a provider. The seam is [`PaymentProvider`]; behind it stands an HTTP client for the sandbox that ships here
//! ([`HttpProvider`] and [`sandbox`]). [`Guarded`] keeps a provider that hangs or fails from taking anything else with it.
//!
//! Amounts are in minor units (cents) of an ISO 4217 currency. Nothing here decides who pays what.

mod event;
mod guarded;
mod http;
mod provider;
pub mod sandbox;
mod signature;

pub use event::{EventKind, ProviderEvent};
pub use guarded::{Guard, Guarded};
pub use http::HttpProvider;
pub use provider::{Amount, CheckoutRequest, PaymentProvider, ProviderError, RefundRequest};
pub use signature::{Secrets, SignatureError};

/// The header that carries a webhook's signature.
pub const SIGNATURE_HEADER: &str = "porter-signature";
