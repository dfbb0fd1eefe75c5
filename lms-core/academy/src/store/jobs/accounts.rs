//! The jobs of signing up and of being forgotten.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::jobs::{NewJob, Priority};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::job;
use crate::domain::AccountId;

/// Make an account of a form, or write to who has one. Carries [`SignUp`].
pub const SIGN_UP: &str = "sign_up";
/// Send the link of a sign-up once more. Carries [`super::ResetByAddress`]: an address.
pub const VERIFY_AGAIN: &str = "verify_again";
/// Forget an account that nobody has confirmed. Carries [`OfAccount`].
pub const FORGET_UNVERIFIED: &str = "forget_unverified";
/// Erase who asked for it. Carries [`OfAccount`].
pub const ERASE_ACCOUNT: &str = "erase_account";

/// What [`SIGN_UP`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUp {
    /// The row that holds the form.
    pub sign_up: Uuid,
}

/// What a job about one account carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfAccount {
    pub account: AccountId,
}

pub(in crate::store) fn sign_up(key: Uuid, now: Timestamp) -> NewJob {
    job(SIGN_UP, format!("sign_up:{key}"), json!({ "sign_up": key }), Priority::Urgent, now)
}

pub(in crate::store) fn verify_again(key: Uuid, address: &str, now: Timestamp) -> NewJob {
    job(VERIFY_AGAIN, format!("verify:{key}"), json!({ "address": storable(address) }), Priority::Urgent, now)
}

pub(in crate::store) fn forget_unverified(account: AccountId, at: Timestamp) -> NewJob {
    job(FORGET_UNVERIFIED, format!("forget:{account}"), json!({ "account": account }), Priority::Normal, at)
}

/// A wish of another day is another job: the one before may have been cancelled.
pub(in crate::store) fn erase_account(account: AccountId, at: Timestamp) -> NewJob {
    job(ERASE_ACCOUNT, format!("erase:{account}:{}", at.micros()), json!({ "account": account }), Priority::Normal, at)
}
