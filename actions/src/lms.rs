//! The seam to the LMS: what Porter asks of it. Whom a request concerns is in the principal's token; an address is only in the form that a person fills in.

use std::fmt;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use crate::{Finding, IdentityToken, OrderNumber, Principal};

/// An address that a person typed into a form card. Code hands it to the LMS; it is not stored, not logged and not shown to a model.
#[derive(Clone, PartialEq, Eq)]
pub struct AddressForm(String);

impl AddressForm {
    /// Anything of 3 to 254 bytes without control characters: whether it is an account's address is for the LMS to know.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let fits = (3..=254).contains(&text.len()) && text.contains('@') && !text.chars().any(char::is_control);
        fits.then(|| Self(text.to_owned()))
    }

    /// The text, for the LMS alone.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for AddressForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressForm(…)")
    }
}

/// What can be diagnosed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Certificate,
    Access,
    Progress,
    Charge,
    Refund,
}

impl Topic {
    /// The last part of the path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Access => "access",
            Self::Progress => "progress",
            Self::Charge => "charge",
            Self::Refund => "refund",
        }
    }
}

/// A link was asked for by a signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetSent {
    /// The address on file, masked: `a•••@example.com`.
    pub sent_to: String,
    pub link_minutes: u64,
    pub asked_at: Timestamp,
}

/// A certificate of the principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateOnFile {
    pub id: Uuid,
    pub course: String,
    pub issued_at: Timestamp,
    pub code: String,
}

/// A certificate was sent again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateSent {
    pub certificate: CertificateOnFile,
    pub sent_to: String,
    pub asked_at: Timestamp,
}

/// Why the LMS did not do it. In every case nothing happened, or what the same key asks again will find done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LmsError {
    /// The token is not good any more: run out, signed out, locked.
    #[error("the person is not signed in any more")]
    SignedOut,
    /// There is none, or it is somebody else's.
    #[error("there is no such thing, or it belongs to somebody else")]
    NotFound,
    /// Too many requests for now.
    #[error("the LMS asks to wait")]
    Busy,
    /// The key was used for another request.
    #[error("the key belongs to another request")]
    KeyUsed,
    /// Not reachable, too slow, or failing: nothing happened.
    #[error("the LMS does not work: {0}")]
    Down(String),
    /// It was asked for an effect, and no answer came that can be read: it may have happened.
    #[error("the LMS was asked and did not answer: {0}")]
    Unclear(String),
}

/// The LMS.
#[async_trait]
pub trait Lms: Send + Sync + fmt::Debug {
    /// Whose token this is.
    async fn identify(&self, token: &IdentityToken) -> Result<Principal, LmsError>;

    /// Asks for a link to the account with this address, if there is one: the LMS does not say.
    async fn send_reset_to(&self, form: &AddressForm, key: Uuid) -> Result<u64, LmsError>;

    /// Asks for a link to the principal's address on file.
    async fn send_reset(&self, principal: &Principal, key: Uuid) -> Result<ResetSent, LmsError>;

    /// The principal's certificates, the newest first.
    async fn certificates(&self, principal: &Principal) -> Result<Vec<CertificateOnFile>, LmsError>;

    /// Sends one of them again to the principal's address on file.
    async fn resend_certificate(&self, principal: &Principal, certificate: Uuid, key: Uuid) -> Result<CertificateSent, LmsError>;

    /// What the facts say, the most relevant first; never empty.
    async fn diagnose(&self, principal: &Principal, topic: Topic, order: Option<&OrderNumber>) -> Result<Vec<Finding>, LmsError>;
}
