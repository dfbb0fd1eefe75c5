//! The jobs that the store's changes cause: their names, what they carry, and how urgent they are.

pub mod accounts;
pub mod files;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use porter_kernel::jobs::{Job, NewJob, Priority};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

use super::{Letter, NewMail};
use crate::domain::catalogue::InvitationId;
use crate::domain::{AccountId, AttemptId, CourseId, OrderId};

/// Find the account with an address, and send it a link. Carries [`ResetByAddress`].
pub const PASSWORD_RESET_BY_ADDRESS: &str = "password_reset_by_address";
/// Send a signed-in person a link. Carries [`ResetForAccount`].
pub const PASSWORD_RESET_FOR_ACCOUNT: &str = "password_reset_for_account";
/// Send a mail that is written down. Carries [`SendMail`].
pub const SEND_MAIL: &str = "send_mail";
/// Send an invitation to a course. Carries [`SendInvitation`].
pub const SEND_INVITATION: &str = "send_invitation";
/// Make a certificate. Carries [`IssueCertificate`].
pub const ISSUE_CERTIFICATE: &str = "issue_certificate";
/// Hand a refund to the payment provider. Carries [`SendRefund`].
pub const SEND_REFUND: &str = "send_refund";
/// Ask the payment provider what became of an order. Carries [`Reconcile`].
pub const RECONCILE_ORDER: &str = "reconcile_order";

/// An order is asked after for about three weeks, in pauses that grow to a day.
pub(crate) const RECONCILE_ROUNDS: i64 = 30;
/// As with mail: a provider may be away for days, and the money is owed all the same.
const REFUND_ATTEMPTS: i64 = 700;

/// End an attempt whose time is up. Carries [`CloseAttempt`].
pub const CLOSE_ATTEMPT: &str = "close_attempt";
/// Write the mails of an announcement down, for one page of learners. Carries [`Announce`].
pub const ANNOUNCE: &str = "announce";

/// With the longest pause of a few minutes: a mail server may be away for two days.
const MAIL_ATTEMPTS: i64 = 700;
const ATTEMPTS: i64 = 12;

/// The ids of jobs that follow from what causes them, so that the same cause cannot have two.
pub(super) const NAMESPACE: Uuid = uuid!("0c6f1d0e-2b0f-4d54-9b7c-2f6a4c1d8e11");

/// What [`PASSWORD_RESET_BY_ADDRESS`] carries.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetByAddress {
    /// As somebody typed it: perhaps nobody's.
    pub address: String,
}

/// Without the address: what is printed ends in logs.
impl std::fmt::Debug for ResetByAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResetByAddress").finish_non_exhaustive()
    }
}

/// What [`PASSWORD_RESET_FOR_ACCOUNT`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetForAccount {
    pub account: AccountId,
}

/// What [`SEND_MAIL`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendMail {
    pub mail: Uuid,
}

/// What [`SEND_INVITATION`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendInvitation {
    pub invitation: InvitationId,
}

/// What [`ISSUE_CERTIFICATE`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCertificate {
    pub account: AccountId,
    pub course: CourseId,
}

/// What [`CLOSE_ATTEMPT`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CloseAttempt {
    pub attempt: AttemptId,
}

/// What [`ANNOUNCE`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    pub announcement: Uuid,
    /// The last learner of the page before.
    pub after: Option<AccountId>,
    /// Of the live session.
    pub reminder: bool,
}

/// What [`SEND_REFUND`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRefund {
    pub refund: Uuid,
    /// From 1.
    pub attempt: i64,
}

/// What [`RECONCILE_ORDER`] carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconcile {
    pub order: OrderId,
    /// From 1.
    pub round: i64,
}

/// What a job carries.
///
/// # Errors
/// [`DbError::Internal`] for what is not the payload of such a job: it was written by another version.
pub fn payload<P: DeserializeOwned>(job: &Job) -> Result<P, DbError> {
    serde_json::from_value(job.payload.clone()).map_err(DbError::unreadable)
}

pub(super) fn reset_by_address(key: Uuid, address: &str, now: Timestamp) -> NewJob {
    reset(PASSWORD_RESET_BY_ADDRESS, key, json!({ "address": storable(address) }), now)
}

pub(super) fn reset_for_account(key: Uuid, account: AccountId, now: Timestamp) -> NewJob {
    reset(PASSWORD_RESET_FOR_ACCOUNT, key, json!({ "account": account }), now)
}

fn reset(kind: &'static str, key: Uuid, payload: serde_json::Value, now: Timestamp) -> NewJob {
    let unique_key = format!("reset:{key}");
    NewJob {
        // The key itself comes from outside and may be any id.
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind,
        payload,
        priority: Priority::Urgent,
        run_at: now,
        unique_key: Some(unique_key),
        max_attempts: ATTEMPTS,
    }
}

pub(super) fn send_mail(mail: &NewMail, now: Timestamp) -> NewJob {
    let unique_key = format!("mail:{}", mail.id);
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind: SEND_MAIL,
        payload: json!({ "mail": mail.id }),
        priority: match mail.letter {
            Letter::PasswordReset { .. }
            | Letter::PasswordChanged
            | Letter::VerifyEmail { .. }
            | Letter::AccountExists
            | Letter::EmailChangeOld { .. }
            | Letter::EmailChangeNew { .. }
            | Letter::EmailChanged { .. }
            | Letter::TwoFactorChanged { .. }
            | Letter::DeletionAsked { .. }
            | Letter::DeletionCancelled => Priority::Urgent,
            Letter::Announcement { .. } => Priority::Bulk,
            Letter::Certificate { .. }
            | Letter::OrderPaid { .. }
            | Letter::PaymentFailed { .. }
            | Letter::RefundDecided { .. }
            | Letter::RefundSettled { .. }
            | Letter::AssignmentDecided { .. }
            | Letter::CertificateRevoked { .. }
            | Letter::CertificateRestored { .. } => Priority::Normal,
        },
        run_at: now,
        unique_key: Some(unique_key),
        max_attempts: MAIL_ATTEMPTS,
    }
}

pub(super) fn send_invitation(invitation: InvitationId, now: Timestamp) -> NewJob {
    let unique_key = format!("invitation:{invitation}");
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind: SEND_INVITATION,
        payload: json!({ "invitation": invitation }),
        priority: Priority::Normal,
        run_at: now,
        unique_key: Some(unique_key),
        max_attempts: MAIL_ATTEMPTS,
    }
}

/// The id of the job that makes the certificate of a course that was completed now.
pub(super) fn on_completion(account: AccountId, course: CourseId, now: Timestamp) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("completed:{account}:{course}:{}", now.micros()).as_bytes())
}

pub(super) fn announce(page: &Announce, run_at: Timestamp) -> NewJob {
    let after = page.after.map(|account| account.to_string()).unwrap_or_default();
    let unique_key = format!("announce:{}:{}:{after}", page.announcement, page.reminder);
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind: ANNOUNCE,
        payload: json!(page),
        priority: Priority::Bulk,
        run_at,
        unique_key: Some(unique_key),
        max_attempts: ATTEMPTS,
    }
}

pub(super) fn issue_certificate(id: Uuid, account: AccountId, course: CourseId, now: Timestamp) -> NewJob {
    NewJob {
        id,
        kind: ISSUE_CERTIFICATE,
        payload: json!({ "account": account, "course": course }),
        priority: Priority::Normal,
        run_at: now,
        // A failed one may be asked for again: the request's row sees to it that there is one at a time.
        unique_key: None,
        max_attempts: ATTEMPTS,
    }
}

/// A job whose id follows from its unique key.
fn job(kind: &'static str, unique_key: String, payload: Value, priority: Priority, run_at: Timestamp) -> NewJob {
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind,
        payload,
        priority,
        run_at,
        unique_key: Some(unique_key),
        max_attempts: ATTEMPTS,
    }
}

/// `run_at` is the deadline with its grace.
pub(super) fn close_attempt(attempt: AttemptId, run_at: Timestamp) -> NewJob {
    job(CLOSE_ATTEMPT, format!("attempt:{attempt}"), json!({ "attempt": attempt }), Priority::Normal, run_at)
}

pub(super) fn send_refund(refund: Uuid, attempt: i64, now: Timestamp) -> NewJob {
    let unique_key = format!("send_refund:{refund}:{attempt}");
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind: SEND_REFUND,
        payload: json!({ "refund": refund, "attempt": attempt }),
        priority: Priority::Normal,
        run_at: now,
        unique_key: Some(unique_key),
        max_attempts: REFUND_ATTEMPTS,
    }
}

/// The first round.
pub(super) fn reconcile(order: OrderId, round: i64, run_at: Timestamp) -> NewJob {
    reconciling(order, &format!("{}:{round}", order.0), round, run_at)
}

/// A round for a reason of its own.
pub(super) fn reconcile_named(order: OrderId, name: &str, run_at: Timestamp) -> NewJob {
    reconciling(order, name, 2, run_at)
}

fn reconciling(order: OrderId, name: &str, round: i64, run_at: Timestamp) -> NewJob {
    let unique_key = format!("reconcile:{name}");
    NewJob {
        id: Uuid::new_v5(&NAMESPACE, unique_key.as_bytes()),
        kind: RECONCILE_ORDER,
        payload: json!({ "order": order, "round": round }),
        priority: Priority::Normal,
        run_at,
        unique_key: Some(unique_key),
        max_attempts: ATTEMPTS,
    }
}

/// When a round begins: after 2, 4, 8, … minutes, and each day at last.
pub(crate) fn reconcile_after(round: i64, now: Timestamp) -> Timestamp {
    let minutes = 1_u64.checked_shl(u32::try_from(round.clamp(1, 11)).unwrap_or(11)).unwrap_or(u64::MAX).min(1_440);
    now + std::time::Duration::from_mins(minutes)
}
