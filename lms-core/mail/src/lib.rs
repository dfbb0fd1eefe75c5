//! Mail: out over SMTP, what came in read, and a sink that catches it where there is no mail server.
//!
//! [`SmtpMailer`] sends. [`inbound`] reads what somebody has sent, down to what they wrote themselves. [`sink::Sink`] is an SMTP server for development and tests that keeps what it gets in a folder, and
//! [`mailbox::router`] shows that folder on a page and as JSON.

mod folder;
pub mod inbound;
mod line;
pub mod mailbox;
pub mod report;
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
    /// More headers, such as `List-Unsubscribe`, with one line of text each. The usual ones are made of the other fields.
    pub headers: Vec<(&'static str, String)>,
    pub written_by: WrittenBy,
}

/// Who has written a mail, as RFC 3834 tells it to the programs that get it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WrittenBy {
    /// Something happened, and a program tells of it.
    #[default]
    Program,
    /// A program answers a mail.
    Answering,
    /// A person.
    Person,
}

impl WrittenBy {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Program => "auto-generated",
            Self::Answering => "auto-replied",
            Self::Person => "no",
        }
    }
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

/// Whether a text is one address that mail could go to.
#[must_use]
pub fn is_address(text: &str) -> bool {
    text.parse::<lettre::Address>().is_ok()
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

impl MailError {
    /// Whether the server refuses because of the recipient's address: there is no such mailbox, or it is closed. A refusal of what the mail says, or of
    /// who sends it, is not.
    #[must_use]
    pub fn is_about_the_address(&self) -> bool {
        let Self::Never(why) = self else { return false };
        let mut words = why.split_whitespace().skip_while(|word| !is_code(word));
        match (words.next(), words.next()) {
            // RFC 3463: 5.1 is the address, 5.2.1 a mailbox that is disabled.
            (Some(_), Some(status)) if status.starts_with("5.") => status.starts_with("5.1.") || status == "5.2.1",
            (Some(code), _) => matches!(code, "550" | "551" | "553"),
            _ => false,
        }
    }
}

/// Three digits of a refusal.
fn is_code(word: &str) -> bool {
    word.len() == 3 && word.starts_with('5') && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Sends mail. `Ok` means that the server has taken responsibility for it.
#[async_trait]
pub trait Mailer: Send + Sync + fmt::Debug {
    /// Sends one mail once. A mail that failed in a way that leaves open whether the server has it counts as
    /// [`MailError::Later`]: it may arrive twice, with the same `Message-ID`, and is never lost.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_the_address_is_told_from_others() {
        for (why, about) in [
            ("it answered 550 5.1.1", true),
            ("it answered 550", true),
            ("it answered 553", true),
            ("it answered 554 5.2.1", true),
            ("it answered 554 5.7.1", false),
            ("it answered 552 5.2.2", false),
            ("it answered 554", false),
            ("the recipient is no address", false),
        ] {
            assert_eq!(MailError::Never(why.to_owned()).is_about_the_address(), about, "{why}");
        }
        assert!(!MailError::Later("it answered 550 5.1.1".to_owned()).is_about_the_address());
    }
}
