//! What belongs to an account: sessions, a second factor, a change of address; and what administrators see of people and keys.

use std::fmt;
use std::str::FromStr;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Account, UnknownWord};

words!(
    /// What a service may do with its key.
    ApiScope as "scope" {
        /// The support API.
        Support = "support",
        Reports = "reports",
        /// Bringing things in from outside.
        Inbound = "inbound",
    }
);

impl fmt::Display for ApiScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A session as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFacts {
    pub id: Uuid,
    /// In plain words, such as `Firefox on Windows`; empty when it is not known.
    pub device: String,
    pub created_at: Timestamp,
    /// To the hour.
    pub seen_at: Timestamp,
}

/// The second factor of an account.
#[derive(Clone, PartialEq, Eq)]
pub struct TwoFactor {
    /// The secret, as [`crate::tokens::SigningKey::seal`] has made it.
    pub sealed: String,
    /// The last step of 30 seconds of which a code was taken.
    pub last_step: i64,
    /// `None`: being set up.
    pub enabled_at: Option<Timestamp>,
    /// Recovery codes that are left.
    pub codes_left: i64,
}

impl fmt::Debug for TwoFactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TwoFactor").field("enabled_at", &self.enabled_at).finish_non_exhaustive()
    }
}

/// A change of address that is under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailChangeState {
    pub id: Uuid,
    pub account: Account,
    pub old_email: String,
    pub new_email: String,
    pub expires_at: Timestamp,
    /// Whether each of the two has said yes.
    pub old_said: bool,
    pub new_said: bool,
    pub done: bool,
}

/// An account as an administrator sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub account: Account,
    pub two_factor: bool,
}

/// What an administrator changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonChange {
    /// Name of who did it: untrusted text.
    pub by: String,
    /// `role` or `status`.
    pub what: String,
    pub was: String,
    pub now_is: String,
    pub changed_at: Timestamp,
}

/// A service's key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    pub id: Uuid,
    /// Written by an administrator.
    pub name: String,
    /// The beginning of the key.
    pub prefix: String,
    pub scopes: Vec<ApiScope>,
    /// Name of who made it.
    pub made_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// To the hour.
    pub used_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether it opens anything at this moment.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }
}
