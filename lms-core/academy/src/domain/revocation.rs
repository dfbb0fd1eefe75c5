//! Taking a certificate back.

use std::str::FromStr;
use std::time::Duration;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::UnknownWord;

/// How long a revocation can be taken back. Later, whoever has checked the certificate meanwhile has acted on it.
pub const RESTORABLE: Duration = Duration::from_hours(30 * 24);

words!(
    /// Why a certificate counts no more: public, so that it says no more than a stranger may know.
    RevocationReason as "reason of a revocation" {
        IssuedInError = "issued_in_error",
        Integrity = "integrity",
        Refunded = "refunded",
        Replaced = "replaced",
        Requested = "requested",
    }
);

impl RevocationReason {
    pub(crate) const ALL: [Self; 5] = [Self::IssuedInError, Self::Integrity, Self::Refunded, Self::Replaced, Self::Requested];

    /// As it is shown to everybody.
    #[must_use]
    pub fn said(self) -> &'static str {
        match self {
            Self::IssuedInError => "issued in error",
            Self::Integrity => "academic integrity",
            Self::Refunded => "the course was refunded",
            Self::Replaced => "replaced by another certificate",
            Self::Requested => "at its holder's request",
        }
    }
}

/// That a certificate counts no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revocation {
    pub reason: RevocationReason,
    pub at: Timestamp,
}

impl Revocation {
    /// Until when it can be taken back.
    #[must_use]
    pub fn restorable_until(self) -> Timestamp {
        self.at + RESTORABLE
    }
}
