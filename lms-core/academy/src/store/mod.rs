//! Accounts, courses, orders, certificates and mail on SQLite and PostgreSQL.

//!
//! Every method is one transaction. Times and ids are arguments. Work that is done later is a job in the same transaction: see [`jobs`].
//! It is written once and stamped for both engines; one suite of tests runs on both.

mod academy;
mod accounts;
mod announcements;
mod api_keys;
mod assigning;
mod assignment_store;
mod assignments;
mod attempts;
mod authoring;
mod bulk;
mod buying;
mod catalogue;
mod certificates;
mod completing;
mod email_change;
mod enrolling;
mod error;
mod events;
pub mod fan_out;
mod gradebooks;
mod grading;
mod inviting;
mod invoices;
pub mod jobs;
mod learning;
mod limits;
mod mails;
mod money;
mod paying;
mod people;
mod privacy;
mod progressing;
mod purchases;
mod quiz_seam;
mod quiz_statements;
mod quizzes;
mod reach;
mod recovery;
mod revocations;
mod rows;
mod seed;
mod seeding;
mod sessions;
mod sheets;
mod sign_up;
mod sql;
mod submitting;
mod teaching;
mod traits;
mod two_factor;

use std::fmt;
use std::sync::Arc;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::Database;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Account, AccountId, CertificateId, IssuedCertificate, OrderId};

pub use announcements::{Announcements, Notice};
pub use api_keys::{ApiKeys, NewApiKey};
pub use assignments::{Assignments, Claimed, Decided, Decision, Drafted, Submitted, Waiting, Work};
pub use authoring::Authoring;
pub use bulk::{Bulk, CrowdCourse};
pub use catalogue::Catalogue;
pub use email_change::{CHANGE_WITHIN, Consent, EmailChanges, NewEmailChange, Side};
pub use error::{AcademyError, Result};
pub use inviting::{Inviting, NewInvitation};
pub use limits::{RateLimits, Taking};
pub use money::{Buying, Invoice, MoneyDecision, OrderView, Paying, Placed, Quote, Received, RefundTask, StrayEvent};
pub use people::{People, PersonDecision};
pub use privacy::{GRACE, Privacy};
pub use progressing::{Progressing, Reached};
pub use quiz_seam::{
    Access, Allowance, AttemptFacts, Attempts, BankQuestion, CourseQuizzes, NewSave, PastResult, QuizDoor, QuizFacts, QuizSummary,
    Quizzes, SaveReport, SavedAnswer, SheetQuestion, StartedAttempt,
};
pub use reach::Reach;
pub use revocations::{Revocations, RevokedRow, Taken};
pub use seed::*;
pub use sessions::Sessions;
pub use sign_up::{NewSignUp, NewVerification, SigningUp, UNVERIFIED_KEPT, VERIFY_WITHIN, Verification};
pub use traits::{AcademyStore, Accounts, Certificates, Events, Learning, Mails, Positions, Recovery, Seeding, Teaching};
pub use two_factor::{Proof, TwoFactors};

/// The academy's tables on an open database. Apply [`migrate`] first.
#[must_use]
pub fn open(db: &Database) -> Arc<dyn AcademyStore> {
    match db {
        Database::Sqlite(db) => Arc::new(academy::sqlite::Academy::new(db.clone())),
        Database::Postgres(db) => Arc::new(academy::postgres::Academy::new(db.clone())),
    }
}

/// Brings the academy's tables to the form that this version needs. The queue's tables are beside them:
/// see [`porter_kernel::jobs::migrate`].
///
/// # Errors
/// [`AcademyError::Database`] when it cannot.
pub async fn migrate(db: &Database) -> Result<()> {
    match db {
        Database::Sqlite(db) => db.migrate("academy", &academy::SQLITE).await?,
        Database::Postgres(db) => db.migrate("academy", &academy::POSTGRES).await?,
    }
    Ok(())
}

/// What a sign-in compares with.
#[derive(Clone)]
pub struct Credentials {
    pub account: Account,
    /// A PHC string.
    pub password_hash: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("account", &self.account.id).finish_non_exhaustive()
    }
}

/// A link for a new password, to be. Only the hash of its secret is stored.
#[derive(Debug, Clone)]
pub struct NewReset {
    pub id: Uuid,
    pub account: AccountId,
    pub token: porter_kernel::ids::TokenHash,
    pub expires_at: Timestamp,
}

/// What a mail says. Links and files are made at the time of sending from what is named here, so no row holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// The link is derived from the reset's id.
    PasswordReset {
        reset: Uuid,
    },
    PasswordChanged,
    /// The link is derived from the verification's id.
    VerifyEmail {
        verification: Uuid,
    },
    /// Somebody signed up with an address that has an account.
    AccountExists,
    /// To the present address: may it be replaced?
    EmailChangeOld {
        change: Uuid,
    },
    /// To the new address, which the change names.
    EmailChangeNew {
        change: Uuid,
    },
    /// It was replaced; to the old address or to the new one.
    EmailChanged {
        change: Uuid,
        to_old: bool,
    },
    TwoFactorChanged {
        on: bool,
    },
    DeletionAsked {
        due: Timestamp,
    },
    DeletionCancelled,
    Certificate {
        certificate: CertificateId,
        again: bool,
    },
    /// That a certificate counts no more, and why.
    CertificateRevoked {
        certificate: CertificateId,
    },
    /// What an instructor tells; as a reminder, an hour before its live session.
    Announcement {
        announcement: Uuid,
        reminder: bool,
    },
    /// That it counts again.
    CertificateRestored {
        certificate: CertificateId,
    },
    /// An instructor has graded or returned what was handed in.
    AssignmentDecided {
        submission: crate::domain::SubmissionId,
    },
    /// With the invoice.
    OrderPaid {
        order: OrderId,
    },
    PaymentFailed {
        order: OrderId,
    },
    RefundDecided {
        refund: Uuid,
    },
    /// With the credit note.
    RefundSettled {
        refund: Uuid,
    },
}

/// A mail to be.
#[derive(Debug, Clone)]
pub struct NewMail {
    pub id: Uuid,
    pub account: AccountId,
    pub letter: Letter,
}

/// A mail as it is stored.
#[derive(Debug, Clone)]
pub struct MailRow {
    pub id: Uuid,
    pub account: AccountId,
    pub letter: Letter,
    pub created_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

/// What using a link came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redeemed {
    /// The password is set; how many sessions ended with it.
    Done { account: AccountId, sessions_ended: u64 },
    /// Unknown, used, voided or run out: all alike.
    NotLive,
}

/// What sending a certificate again came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resent {
    pub certificate: IssuedCertificate,
    pub asked_at: Timestamp,
    /// It had been asked for before under this key; nothing was sent now.
    pub duplicate: bool,
}

#[cfg(test)]
mod tests;
