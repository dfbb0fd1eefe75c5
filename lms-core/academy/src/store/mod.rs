//! Accounts, courses, orders, certificates and mail on SQLite and PostgreSQL.

//!
//! Every method is one transaction. Times and ids are arguments. Work that is done later is a job in the same transaction: see [`jobs`].
//! It is written once and stamped for both engines; one suite of tests runs on both.

mod academy;
mod accounts;
mod buying;
mod certificates;
mod completing;
mod enrolling;
mod error;
mod events;
mod invoices;
pub mod jobs;
mod learning;
mod mails;
mod money;
mod paying;
mod purchases;
mod recovery;
mod rows;
mod seed;
mod seeding;
mod sql;
mod teaching;
mod traits;

use std::fmt;
use std::sync::Arc;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::Database;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::{Account, AccountId, CertificateId, IssuedCertificate, OrderId};

pub use error::{AcademyError, Result};
pub use money::{Buying, Decision, Invoice, OrderView, Paying, Placed, Quote, Received, RefundTask, StrayEvent};
pub use seed::{
    Seed, SeedAccount, SeedAttempt, SeedCertificate, SeedCertificateRequest, SeedCharge, SeedCourse, SeedEnrolment, SeedLesson,
    SeedOrder, SeedProgress, SeedRefund,
};
pub use traits::{AcademyStore, Accounts, Certificates, Events, Learning, Mails, Recovery, Seeding, Teaching};

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
    Certificate {
        certificate: CertificateId,
        again: bool,
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
