//! Mail: out over SMTP, and a sink that catches it where there is no mail server.
//!
//! [`SmtpMailer`] sends. [`sink::Sink`] is an SMTP server for development and tests that keeps what it gets in a folder, and
//! [`mailbox::router`] shows that folder on a page and as JSON.

mod folder;
pub mod mailbox;
pub mod sink;
mod smtp;

use std::fmt;

use async_trait::async_trait;

pub use folder::{Caught, CaughtAttachment, Folder, Summary};
pub use smtp::{SmtpMailer, SmtpSetting, SmtpSettingError};

/// A mail as it goes out. Who gets it is decided by the caller, who reads the address from the accounts table.
///
/// Does not print what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Without angle brackets, such as `0190….@northlight.example`; the same over all attempts.
    pub message_id: String,
    /// How the person is called; any text, empty for none.
    pub to_name: String,
    /// One address, and never more than one.
    pub to_address: String,
    pub subject: String,
    pub text: String,
    /// Empty for a mail of text alone.
    pub html: String,
    pub attachments: Vec<Attachment>,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("message_id", &self.message_id).field("attachments", &self.attachments).finish_non_exhaustive()
    }
}

/// A file that comes with a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    pub file_name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("media_type", &self.media_type).field("size", &self.bytes.len()).finish_non_exhaustive()
    }
}

/// Whether a failed mail may be tried again. The reasons name codes and causes, and no person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The server cannot be reached or says "later" (4xx).
    #[error("the mail server cannot take the mail now: {0}")]
    Later(String),
    /// The server refuses it for good (5xx), or it is no mail.
    #[error("the mail server refuses the mail: {0}")]
    Never(String),
}

/// Sends mail. `Ok` means that the server has taken responsibility for it.
#[async_trait]
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Sends one mail once. A mail that failed in a way that leaves open whether the server has it counts as
    /// [`MailError::Later`]: it may arrive twice, with the same `Message-ID`, and is never lost.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
