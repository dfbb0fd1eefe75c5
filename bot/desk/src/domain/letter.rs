//! What comes in by mail or over the API, and what goes out to its writer. Everything in it that the writer says of themselves proves nothing.

use std::fmt;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Author, Channel, Citation, ConversationId, TicketId};

/// A letter to be kept. Does not print what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewLetter {
    /// The same when the same letter comes again.
    pub key: String,
    pub channel: Channel,
    /// Of the mail, without angle brackets.
    pub message_id: Option<String>,
    /// The Message-IDs that it answers, the nearest first.
    pub answers: Vec<String>,
    /// Where answers go, when it begins a conversation; `None`: nowhere.
    pub address: Option<String>,
    /// As the writer is called; empty for nobody knows.
    pub name: String,
    pub subject: String,
    /// As another system says, such as `de`.
    pub language: Option<String>,
    /// What the writer wrote; never empty.
    pub text: String,
    /// What else was in it.
    pub rest: String,
    pub files: Vec<LetterFile>,
}

impl fmt::Debug for NewLetter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewLetter").field("channel", &self.channel).finish_non_exhaustive()
    }
}

/// A file that came with a letter, as its sender describes it. It is not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LetterFile {
    /// Untrusted text; empty for none.
    pub name: String,
    #[schema(example = "image/png")]
    pub media_type: String,
    /// In bytes.
    pub size: u64,
}

/// Where a letter was put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    pub conversation: ConversationId,
    /// The message that it became.
    pub seq: i64,
    /// It had come before; nothing changed.
    pub duplicate: bool,
}

/// Who is at the other end of a turn, when it is a letter that is answered.
#[derive(Clone, PartialEq, Eq)]
pub struct Correspondent {
    pub channel: Channel,
    /// What the conversation began with.
    pub subject: String,
    /// The address, or everybody together, has had as many automatic answers as one may get: the next one comes from a person.
    pub exhausted: bool,
}

impl fmt::Debug for Correspondent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Correspondent").field("channel", &self.channel).field("exhausted", &self.exhausted).finish_non_exhaustive()
    }
}

/// A correspondence as an agent sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Correspondence {
    pub channel: Channel,
    /// Where answers go. It proves nothing about who wrote.
    pub address: Option<String>,
    /// Untrusted text.
    pub name: String,
    pub subject: String,
    /// As another system says.
    pub language: Option<String>,
    /// What came in, the oldest first.
    pub letters: Vec<Letter>,
    /// What became of the answers, the oldest first.
    pub replies: Vec<ReplyState>,
}

/// What came in beside the words of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Letter {
    /// The message that it became.
    pub seq: i64,
    /// Who it says it is from, when that is another address than answers go to.
    pub other_sender: Option<String>,
    pub subject: String,
    /// Quoted, forwarded, signed: not the writer's own words.
    pub rest: String,
    pub files: Vec<LetterFile>,
}

/// What became of an answer by mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReplyState {
    /// The message that it carries.
    pub seq: i64,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
    /// Why it was not sent, or did not arrive.
    pub failure: Option<String>,
}

/// An answer as it goes out.
#[derive(Clone, PartialEq)]
pub struct Outgoing {
    pub id: Uuid,
    pub conversation: ConversationId,
    pub sent_at: Option<Timestamp>,
    pub failure: Option<String>,
    pub address: String,
    pub subject: String,
    pub author: Author,
    pub agent_name: Option<String>,
    pub text: String,
    pub citations: Vec<Citation>,
    /// The mails and answers before it, the oldest first: Message-IDs of theirs, and ids of ours.
    pub before: Vec<Before>,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing").field("id", &self.id).field("author", &self.author).finish_non_exhaustive()
    }
}

/// A mail of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Before {
    Theirs(String),
    Ours(Uuid),
}

/// How far a case is that came over the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    /// It waits for the bot.
    pub waits: bool,
    /// The newest answer of the bot or of an agent.
    pub answer: Option<String>,
    /// The newest ticket: its id and number.
    pub ticket: Option<(TicketId, i64)>,
}
