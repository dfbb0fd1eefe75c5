//! The seam: what an academy's store does, whatever it stands on. Every method is one transaction; times and ids are arguments.

use std::fmt;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{Freshness, Position};
use porter_kernel::ids::TokenHash;
use porter_kernel::jobs::{Job, JobError};
use uuid::Uuid;

use super::announcements::Announcements;
use super::reach::Reach;
use super::revocations::Revocations;
use super::{Authoring, Catalogue, Inviting, Progressing};
use super::{Credentials, MailRow, NewMail, NewReset, Redeemed, Resent, Result};
use crate::domain::event::RecordedEvent;
use crate::domain::{Account, AccountId, CatalogueCourse, CertificateId, CourseFacts, CourseId, IssuedCertificate, OrderFacts};

/// Who people are. Always fresh.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// The account with this address, which must be in the stored form: see [`crate::address::stored_form`].
    async fn account_by_email(&self, email: &str) -> Result<Option<Credentials>>;

    /// The account.
    async fn account(&self, id: AccountId) -> Result<Option<Account>>;

    /// Signs in until `expires_at`, when the password that was checked is still the account's and the account is active; `false` when not. Checking
    /// a password takes long enough for a new one to be set meanwhile, and that must end the old one's sessions. `id` names the session where its
    /// secret must not appear. An account with a second factor is refused: see [`super::TwoFactors::sign_in_with_proof`]. A wish to be erased is
    /// cancelled by it.
    async fn sign_in(
        &self,
        id: Uuid,
        token: &TokenHash,
        checked: &Credentials,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<bool>;

    /// As [`Self::sign_in`] without a password, for who has proved otherwise who they are. Errors: [`super::AcademyError::NotFound`] when there is no
    /// such account, or it is locked.
    async fn create_session(
        &self,
        id: Uuid,
        token: &TokenHash,
        account: AccountId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<()>;

    /// The session's id and the account, when the session lives and the account is active.
    async fn session(&self, token: &TokenHash, now: Timestamp) -> Result<Option<(Uuid, Account)>>;

    /// As [`Self::session`], by the session's id: what an identity token names.
    async fn session_by_id(&self, id: Uuid, now: Timestamp) -> Result<Option<Account>>;

    /// Signs out. An unknown session is no error.
    async fn delete_session(&self, token: &TokenHash) -> Result<()>;

    /// How many accounts there are.
    async fn account_count(&self) -> Result<i64>;
}

/// A new password for who has lost the old one.
#[async_trait]
pub trait Recovery: Send + Sync {
    /// Notes that somebody asked for a link to this address, whether or not an account has it: the same writes in both cases, a job
    /// `password_reset_by_address`. The same `key` again changes nothing.
    async fn ask_by_address(&self, key: Uuid, address: &str, now: Timestamp) -> Result<()>;

    /// Notes that a signed-in person asked for a link: a job `password_reset_for_account`. When the same `key` was used before (by this
    /// account) returns the time of the first; of another account: [`super::AcademyError::KeyReused`].
    async fn ask_for_account(&self, key: Uuid, account: AccountId, now: Timestamp) -> Result<Timestamp>;

    /// How many links this account was sent since `since`.
    async fn resets_since(&self, account: AccountId, since: Timestamp) -> Result<i64>;

    /// In one transaction under the job's fence: voids the account's older links, adds this one, writes the mail and its job, ends `job`.
    async fn issue_reset(&self, job: &Job, reset: &NewReset, mail: &NewMail, now: Timestamp) -> std::result::Result<(), JobError>;

    /// The account whose link this is, when it is live: for the page; using it is [`Self::redeem_reset`].
    async fn live_reset(&self, token: &TokenHash, now: Timestamp) -> Result<Option<Account>>;

    /// Uses the link: sets the password, ends all sessions of the account, voids other links. Exactly one of many parallel calls succeeds.
    /// `mail` tells the account that its password was changed.
    async fn redeem_reset(&self, token: &TokenHash, password_hash: &str, mail_id: Uuid, now: Timestamp) -> Result<Redeemed>;
}

/// What learners have done and paid. Whoever decides on it reads it fresh.
#[async_trait]
pub trait Learning: Send + Sync {
    /// Every course that the account is or was enrolled in, the newest enrolment first.
    async fn courses(&self, account: AccountId, freshness: Freshness) -> Result<Vec<CourseFacts>>;

    /// Every order of the account, the newest first.
    async fn orders(&self, account: AccountId, freshness: Freshness) -> Result<Vec<OrderFacts>>;

    /// The courses that everybody may see, by title.
    async fn catalogue(&self, freshness: Freshness) -> Result<Vec<CatalogueCourse>>;
}

/// Certificates.
#[async_trait]
pub trait Certificates: Send + Sync {
    /// All of the account, the newest first.
    async fn certificates(&self, account: AccountId, freshness: Freshness) -> Result<Vec<IssuedCertificate>>;

    /// One, if it is this account's; somebody else's is as none.
    async fn certificate(&self, account: AccountId, id: CertificateId) -> Result<Option<IssuedCertificate>>;

    /// One by the code that stands on it: public.
    async fn certificate_by_code(&self, code: &str) -> Result<Option<IssuedCertificate>>;

    /// One for the job that makes its mail, which has the id from a row that was checked when it was written.
    async fn certificate_for_mail(&self, id: CertificateId) -> Result<Option<IssuedCertificate>>;

    /// Writes the mail with the certificate, and its job. The same `key` of the same account again returns the first outcome and sends nothing; with
    /// another certificate or by another account: [`super::AcademyError::KeyReused`]. Not this account's certificate: [`super::AcademyError::NotFound`].
    async fn resend(&self, key: Uuid, account: AccountId, id: CertificateId, mail_id: Uuid, now: Timestamp) -> Result<Resent>;

    /// Puts the making of a certificate into the queue (job `issue_certificate`), also after it had failed. Issued or queued already: changes nothing.
    /// Errors: [`super::AcademyError::NotFound`] for a course that the account was never enrolled in.
    async fn request_certificate(&self, account: AccountId, course: CourseId, job: Uuid, now: Timestamp) -> Result<()>;

    /// In one transaction under the job's fence: issues the certificate (once for an account and course), writes its mail and the mail's job, ends `job`.
    /// When the learner has not completed the course the request fails with a reason.
    async fn issue(
        &self,
        job: &Job,
        certificate: CertificateId,
        code: &str,
        mail_id: Uuid,
        now: Timestamp,
    ) -> std::result::Result<(), JobError>;

    /// The making has failed for good: kept as a fact for the diagnosis.
    async fn issue_failed(&self, account: AccountId, course: CourseId, reason: &str, now: Timestamp) -> Result<()>;
}

/// Mail that waits or was sent. A row names an account, never an address.
#[async_trait]
pub trait Mails: Send + Sync {
    /// The mail, with the account as it is now: the address is read at the time of sending.
    async fn mail(&self, id: Uuid) -> Result<Option<(MailRow, Account)>>;

    /// The server took it: in one transaction under the job's fence, which ends the job.
    async fn mail_sent(&self, job: &Job, id: Uuid, now: Timestamp) -> std::result::Result<(), JobError>;

    /// The server refused it for good.
    async fn mail_refused(&self, id: Uuid, reason: &str, now: Timestamp) -> Result<()>;

    /// How many wait to be sent.
    async fn mails_waiting(&self) -> Result<i64>;
}

/// Filling an academy, in one transaction.
#[async_trait]
pub trait Seeding: Send + Sync {
    /// Adds everything of `seed`, or nothing; certificates get their code and id from it.
    async fn seed(&self, seed: &super::Seed) -> Result<()>;
}

/// What happened, for whoever subscribes: see [`crate::domain::event`].
#[async_trait]
pub trait Events: Send + Sync {
    /// The events after `seq` in their order, `limit` at most; 0 begins at the beginning. An event that was committed before the call is there, and
    /// none will ever appear before one that was given.
    async fn events_after(&self, seq: i64, limit: i64) -> Result<Vec<RecordedEvent>>;
}

/// Who teaches what. Always fresh.
#[async_trait]
pub trait Teaching: Send + Sync {
    /// Whether this account teaches this course.
    async fn teaches(&self, account: AccountId, course: CourseId) -> Result<bool>;

    /// The courses that this account teaches, by title: id, slug and title.
    async fn courses_taught(&self, account: AccountId) -> Result<Vec<(CourseId, String, String)>>;

    /// Lets an account teach a course; it does already: no error.
    async fn let_teach(&self, account: AccountId, course: CourseId) -> Result<()>;
}

/// Read-your-writes.
#[async_trait]
pub trait Positions: Send + Sync {
    /// Where the database is now: a read since there sees everything that was written before. `None`: nothing lags.
    async fn position(&self) -> Result<Option<Position>>;
}

/// The whole academy. `Arc<dyn AcademyStore>` upcasts to an `Arc` of any of its parts.
pub trait AcademyStore:
    Accounts
    + Recovery
    + Learning
    + Certificates
    + Mails
    + Seeding
    + Events
    + Teaching
    + super::Bulk
    + Catalogue
    + Progressing
    + Authoring
    + Inviting
    + super::Quizzes
    + super::Attempts
    + Revocations
    + Announcements
    + Reach
    + super::SigningUp
    + super::Sessions
    + super::TwoFactors
    + super::EmailChanges
    + super::ApiKeys
    + super::People
    + super::Privacy
    + super::RateLimits
    + super::Assignments
    + Positions
    + super::Buying
    + super::Paying
    + fmt::Debug
{
}
