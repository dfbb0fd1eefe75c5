//! Reads a mail that somebody has sent, down to what they wrote themselves.
//!
//! Everything in it is data that a stranger wrote: headers prove nothing, a file's name and type are what the sender calls them, and files are neither
//! opened nor kept. What is quoted, forwarded, signed or hidden never counts as the writer's own words.

mod head;
mod html;
mod marks;
mod own;
mod tame;

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use mail_parser::{Message, MessageParser, MimeHeaders as _, PartType};
use serde::{Deserialize, Serialize};

use crate::line::one_line;
pub use head::Automatic;
use own::Parted;

/// The largest mail that is taken, in bytes.
pub const MAX_BYTES: usize = 25 << 20;
/// Of the text of a mail so much is read, in bytes, and so much of each side kept, in characters.
const READ_BYTES: usize = 1 << 20;
const KEPT_CHARS: usize = 20_000;
const SUBJECT_CHARS: usize = 250;
const FILE_NAME_CHARS: usize = 120;
const MOST_FILES: usize = 50;

/// A mail as it is understood. Does not print what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Inbound {
    /// Without angle brackets. `None` when it has none that could be kept.
    pub message_id: Option<String>,
    /// The ids of the mails that it answers, the nearest first.
    pub answers: Vec<String>,
    pub sender: Sender,
    /// One line.
    pub subject: String,
    /// Nobody waits for an answer to it, and it gets none.
    pub automatic: Option<Automatic>,
    /// What the writer wrote, in paragraphs; empty when they wrote nothing themselves.
    pub text: String,
    /// What else can be read in it: quoted, forwarded, signatures. Never the writer's own words.
    pub rest: String,
    pub files: Vec<AttachedFile>,
}

impl fmt::Debug for Inbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbound").field("automatic", &self.automatic).field("files", &self.files.len()).finish_non_exhaustive()
    }
}

/// Who a mail says it is from.
#[derive(Clone, PartialEq, Eq)]
pub struct Sender {
    /// As it was written; domains are the same in any case.
    pub address: String,
    /// One line; empty for none.
    pub name: String,
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sender(…)")
    }
}

/// A file that came with a mail: what its sender says of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttachedFile {
    /// One line; empty for none.
    pub name: String,
    /// Such as `image/png`.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
}

/// Why something is no mail that can be dealt with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InboundError {
    #[error("this is no mail: send the whole message as it was received, headers first (RFC 5322)")]
    NoMail,
    #[error("the mail has no sender that could be answered: it needs a header From with one address")]
    NoSender,
}

impl Inbound {
    /// Reads the bytes of a mail.
    ///
    /// # Errors
    /// See [`InboundError`].
    pub fn read(bytes: &[u8]) -> Result<Self, InboundError> {
        let bytes = bytes.get(..bytes.len().min(MAX_BYTES)).unwrap_or(bytes);
        // The parser promises not to panic; should it ever, this mail is not read, and the others are.
        let read = tame::reading(bytes, |bytes| catch_unwind(AssertUnwindSafe(|| Self::understand(bytes))));
        read.and_then(Result::ok).unwrap_or(Err(InboundError::NoMail))
    }

    fn understand(bytes: &[u8]) -> Result<Self, InboundError> {
        let message = MessageParser::default().parse(bytes).ok_or(InboundError::NoMail)?;
        let sender = head::sender(&message).ok_or(InboundError::NoSender)?;
        let Parted { own, rest } = texts(&message);
        Ok(Self {
            message_id: head::message_id(&message),
            answers: head::answers(&message),
            automatic: head::automatic(&message, &sender),
            sender,
            subject: one_line(message.subject().unwrap_or_default(), SUBJECT_CHARS),
            text: cut(own),
            rest: cut(rest),
            files: files(&message),
        })
    }

    /// As [`own_subject`], of this mail.
    #[must_use]
    pub fn own_subject(&self) -> &str {
        own_subject(&self.subject)
    }
}

/// The subject when the writer made it for this mail: not taken over from one that is answered or passed on. Empty otherwise.
#[must_use]
pub fn own_subject(subject: &str) -> &str {
    const TAKEN_OVER: &[&str] = &["re:", "re :", "aw:", "antw:", "sv:", "rv:", "res:", "fwd:", "fw:", "wg:", "tr:", "tr :", "enc:"];
    let lower = subject.trim_start().to_lowercase();
    if TAKEN_OVER.iter().any(|word| lower.starts_with(word)) { "" } else { subject }
}

fn cut(text: String) -> String {
    match text.char_indices().nth(KEPT_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// The text of all parts that are there to be read, and of what was forwarded as a file.
fn texts(message: &Message<'_>) -> Parted {
    let mut own = Vec::new();
    let mut rest = Vec::new();
    let mut left = READ_BYTES;
    for part in body_parts(message) {
        let Some(text) = readable(part, &mut left) else { continue };
        let parted = own::part(&text);
        own.push(parted.own);
        rest.push(parted.rest);
    }
    let mut waiting: Vec<&Message<'_>> = nested(message).collect();
    waiting.reverse();
    while let Some(inner) = waiting.pop() {
        rest.push(one_line(inner.subject().unwrap_or_default(), SUBJECT_CHARS));
        rest.extend(body_parts(inner).filter_map(|part| readable(part, &mut left)));
        waiting.extend(nested(inner));
    }
    let join = |texts: Vec<String>| {
        texts.into_iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
    };
    Parted { own: join(own), rest: join(rest) }
}

/// The parts that are the mail's text: the plain ones, or those of HTML where the plain ones are empty.
fn body_parts<'m>(message: &'m Message<'m>) -> impl Iterator<Item = &'m PartType<'m>> {
    let bodies = |ids: &'m [u32]| ids.iter().filter_map(|id| message.part(*id)).map(|part| &part.body);
    let plain = bodies(&message.text_body);
    let says = |part: &PartType<'_>| matches!(part, PartType::Text(text) | PartType::Html(text) if !text.trim().is_empty());
    let ids: &[u32] = if plain.clone().any(says) { &message.text_body } else { &message.html_body };
    bodies(ids)
}

fn readable(part: &PartType<'_>, left: &mut usize) -> Option<String> {
    let (text, is_html) = match part {
        PartType::Text(text) => (text, false),
        PartType::Html(text) => (text, true),
        _ => return None,
    };
    let mut end = text.len().min(*left);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let read = text.get(..end).unwrap_or_default();
    *left -= end;
    let text = if is_html { html::text(read) } else { read.to_owned() };
    // A lone carriage return would hide a line's end; a NUL cannot be kept.
    Some(text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n").replace(['\0', '\u{feff}'], ""))
}

fn nested<'m>(message: &'m Message<'m>) -> impl Iterator<Item = &'m Message<'m>> {
    message.parts.iter().filter_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    })
}

fn files(message: &Message<'_>) -> Vec<AttachedFile> {
    let shown: Vec<u32> = message.text_body.iter().chain(&message.html_body).copied().collect();
    message
        .attachments
        .iter()
        .filter(|id| !shown.contains(id) || message.part(**id).is_some_and(|part| part.is_binary()))
        .filter_map(|id| message.part(*id))
        .take(MOST_FILES)
        .map(|part| AttachedFile {
            name: one_line(part.attachment_name().unwrap_or_default(), FILE_NAME_CHARS),
            media_type: part.content_type().map_or_else(
                || "text/plain".to_owned(),
                |kind| {
                    let whole = format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream"));
                    one_line(&whole, FILE_NAME_CHARS)
                },
            ),
            size: u64::try_from(part.len()).unwrap_or(u64::MAX),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_that_was_taken_over_is_not_the_writers() {
        let subject = |subject: &str| {
            Inbound::read(format!("From: a@b.example\r\nSubject: {subject}\r\n\r\nx").as_bytes()).unwrap().own_subject().to_owned()
        };
        assert_eq!(subject("My certificate"), "My certificate");
        for taken in ["Re: x", "RE: x", "Aw: x", "WG: x", "Fwd: x", "TR : x", "Rv: x"] {
            assert_eq!(subject(taken), "", "{taken}");
        }
    }

    #[test]
    fn what_is_printed_holds_nobody() {
        let mail = Inbound::read(b"From: Anna <anna@learners.example>\r\n\r\nsecret").unwrap();
        assert!(!format!("{mail:?} {:?}", mail.sender).contains("anna") && !format!("{mail:?}").contains("secret"));
    }
}
