//! The academy's work in the background: links for new passwords, certificates, and the mail that carries both. One file a kind of job.

mod about_account;
mod announce;
mod close_attempt;
mod drop_files;
mod erase_account;
mod forget_unverified;
mod issue_certificate;
mod reconcile_order;
mod reset_by_address;
mod reset_for_account;
mod reset_links;
mod send_invitation;
mod send_mail;
mod send_refund;
mod sign_up;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use porter_kernel::clock::Clock;
use porter_kernel::files::Files;
use porter_kernel::ids::Ids;
use porter_kernel::jobs::{Failure, Handler, Job};
use porter_mail::Mailer;
use porter_payments::PaymentProvider;
use serde::de::DeserializeOwned;

use crate::policy::Policy;
use crate::store::{AcademyError, AcademyStore};
use crate::tokens::SigningKey;

/// What the handlers are put together from.
#[derive(Clone)]
pub struct WorkerParts {
    pub store: Arc<dyn AcademyStore>,
    pub mailer: Arc<dyn Mailer>,
    /// `None`: payment is not set up.
    pub payments: Option<Arc<dyn PaymentProvider>>,
    pub policy: Policy,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    /// The same as the pages', which take them in.
    pub files: Arc<dyn Files>,
    /// The same as the pages', which check the links that it makes.
    pub key: SigningKey,
    /// How learners reach the academy, without a slash at the end; links in mails begin with it.
    pub public_url: String,
}

impl fmt::Debug for WorkerParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkerParts").field("public_url", &self.public_url).field("mailer", &self.mailer).finish_non_exhaustive()
    }
}

/// A handler for every kind of job that the academy's store enqueues.
#[must_use]
pub fn handlers(parts: WorkerParts) -> Vec<Arc<dyn Handler>> {
    let parts = Arc::new(parts);
    vec![
        Arc::new(reset_by_address::ResetByAddress(Arc::clone(&parts))),
        Arc::new(reset_for_account::ResetForAccount(Arc::clone(&parts))),
        Arc::new(send_mail::SendMail(Arc::clone(&parts))),
        Arc::new(close_attempt::CloseAttempt(Arc::clone(&parts))),
        Arc::new(announce::Announce(Arc::clone(&parts))),
        Arc::new(send_invitation::SendInvitation(Arc::clone(&parts))),
        Arc::new(sign_up::SignUp(Arc::clone(&parts))),
        Arc::new(sign_up::VerifyAgain(Arc::clone(&parts))),
        Arc::new(forget_unverified::ForgetUnverified(Arc::clone(&parts))),
        Arc::new(erase_account::EraseAccount(Arc::clone(&parts))),
        Arc::new(drop_files::DropFiles(Arc::clone(&parts))),
        Arc::new(send_refund::SendRefund(Arc::clone(&parts))),
        Arc::new(reconcile_order::ReconcileOrder(Arc::clone(&parts))),
        Arc::new(issue_certificate::IssueCertificate(parts)),
    ]
}

/// What the job was given. A form that this version does not know will not be known on the next attempt either.
fn payload<P: DeserializeOwned>(job: &Job) -> Result<P, Failure> {
    serde_json::from_value(job.payload.clone()).map_err(|_| Failure::Fail("the payload has not the expected form".to_owned()))
}

/// A database that fails may work later; what is not there will not come.
fn failure(error: AcademyError) -> Failure {
    match error {
        AcademyError::Database(error) => error.into(),
        other => Failure::Fail(other.to_string()),
    }
}
