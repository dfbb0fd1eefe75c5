//! Taking and giving back money through a provider. The seam is [`PaymentProvider`]; behind it stands an HTTP client for the sandbox that ships here
//! ([`HttpProvider`] and [`sandbox`]). [`Guarded`] keeps a provider that hangs or fails from taking anything else with it.
//!
//! Amounts are in minor units (cents) of an ISO 4217 currency. Nothing here decides who pays what.

mod event;
mod guarded;
mod http;
mod provider;
pub mod sandbox;

pub use event::{EventKind, ProviderEvent};
pub use guarded::{Guard, Guarded};
pub use http::HttpProvider;
pub use porter_kernel::http::{SIGNATURE_HEADER, Secrets, SignatureError};
pub use provider::{Amount, CheckoutRequest, PaymentProvider, ProviderError, RefundRequest};
