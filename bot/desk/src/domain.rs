//! The nouns of the desk: conversations, messages, tickets and the staff who take them over.
//!
//! Nothing here knows a database. The stores map these types to rows; the HTTP handlers serialise
//! [`Message`], [`State`] and [`TicketRow`] as they stand.

use std::{fmt, str::FromStr};

use porter_kernel::clock::Timestamp;
pub use porter_triage::Urgency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id!(
    /// A student's conversation with the desk.
    ConversationId
);
id!(
    /// A case in the agents' queue. Its `number` is what people say to each other.
    TicketId
);
id!(
    /// An agent or an administrator.
    StaffId
);

/// A word that is not one of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{word:?} is not a {set}")]
pub struct UnknownWord {
    /// The set that was meant, for example `holder`.
    pub set: &'static str,
    /// What was found.
    pub word: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident as $set:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// The word that is stored and sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err(UnknownWord { set: $set, word: other.to_owned() }),
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;

            fn try_from(word: String) -> Result<Self, UnknownWord> {
                word.parse()
            }
        }
    };
}

words!(
    /// Who may speak to the student now. Every change raises the conversation's epoch.
    Holder as "holder" {
        /// The bot answers.
        Bot = "bot",
        /// Waiting for a person; the bot is silent.
        Queue = "queue",
        /// A person holds the conversation; the bot is silent.
        Agent = "agent",
        /// Over. The student's next message reopens it with the bot.
        Closed = "closed",
    }
);
words!(
    /// Who wrote a message.
    Author as "author" {
        /// The person asking.
        Student = "student",
        /// The bot.
        Bot = "bot",
        /// A person of the staff.
        Agent = "agent",
        /// A fixed text of the desk itself.
        System = "system",
    }
);
words!(
    /// Where a ticket is.
    TicketStatus as "ticket status" {
        /// Nobody has it.
        Queued = "queued",
        /// Somebody has it.
        Claimed = "claimed",
        /// Done.
        Resolved = "resolved",
    }
);
words!(
    /// What a member of staff may do.
    Role as "role" {
        /// Works the inbox.
        Agent = "agent",
        /// Works the inbox and reads the reports.
        Admin = "admin",
    }
);

/// An article that a message rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The article's title.
    pub title: String,
    /// Where the article opens.
    pub url: String,
}

/// One line of a conversation. `seq` counts from 1 without gaps in each conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Position in the conversation.
    pub seq: i64,
    /// Who wrote it.
    pub author: Author,
    /// The agent's name when an agent wrote it.
    pub agent_name: Option<String>,
    /// Plain text, never HTML.
    pub text: String,
    /// The articles it rests on.
    pub citations: Vec<Citation>,
    /// Show a button that fetches a person.
    pub offer_person: bool,
    /// The id under which the writer's client sent it; sending it again is harmless.
    pub client_id: Option<Uuid>,
    /// When it was written.
    pub created_at: Timestamp,
}

/// A conversation without its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// Its id.
    pub id: ConversationId,
    /// Who may speak.
    pub holder: Holder,
    /// The agent, when the holder is [`Holder::Agent`].
    pub agent: Option<StaffId>,
    /// Rises with every change of holder.
    pub epoch: i64,
    /// The newest message's `seq`.
    pub last_seq: i64,
    /// Messages up to here need no answer of the bot any more.
    pub answered_seq: i64,
    /// The bot has asked once for more.
    pub clarified: bool,
    /// When it began.
    pub created_at: Timestamp,
    /// When anything in it last changed.
    pub updated_at: Timestamp,
}

/// What the widget shows above the messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct State {
    /// Who may speak.
    pub holder: Holder,
    /// The agent's name when one holds the conversation.
    pub agent_name: Option<String>,
    /// Place in the queue, from 1, while the holder is [`Holder::Queue`].
    pub place: Option<i64>,
}

/// Leave to answer: a lease on one conversation. [`crate::store::Turns::bot_reply`] checks it again.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The conversation to answer.
    pub conversation: ConversationId,
    /// The worker that holds the lease.
    pub owner: Uuid,
    /// The epoch when it was taken; the turn is void when the holder has changed since.
    pub epoch: i64,
    /// When another worker may take it.
    pub lease_until: Timestamp,
    /// The bot has already asked once for more.
    pub clarified: bool,
    /// The student's unanswered messages, oldest first; never empty.
    pub unanswered: Vec<Message>,
    /// The `seq` of the newest of them: what a reply answers up to.
    pub last_student_seq: i64,
}

/// What the bot wants to say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BotReply {
    /// Plain text.
    pub text: String,
    /// The articles it rests on.
    pub citations: Vec<Citation>,
    /// Show a button that fetches a person.
    pub offer_person: bool,
    /// The bot asks for more with this reply, or has done so before.
    pub clarified: bool,
    /// How the reply came about, for the evals; never shown to the student.
    pub trace: Option<serde_json::Value>,
}

/// A passage that an agent sees beside a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketPassage {
    /// The article's title.
    pub title: String,
    /// Where the article opens.
    pub url: String,
    /// The section's heading.
    pub heading: Option<String>,
    /// The section's text.
    pub text: String,
    /// The ranking's score; higher is nearer.
    pub score: f32,
}

/// A case as it is put into the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTicket {
    /// Its id, from the injected generator.
    pub id: TicketId,
    /// Orders the queue.
    pub urgency: Urgency,
    /// The intent that triage found.
    pub intent: Option<String>,
    /// Triage's calibrated confidence in it, 0 to 1.
    pub confidence: Option<f64>,
    /// Why it came to a person, one sentence.
    pub reason: String,
    /// The first words of the student's message.
    pub subject: String,
    /// What the student wants.
    pub summary: String,
    /// What the agent may send.
    pub proposed_reply: Option<String>,
    /// The evidence.
    pub passages: Vec<TicketPassage>,
}

/// A member of staff as colleagues see one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assignee {
    /// Their id.
    pub id: StaffId,
    /// Their name.
    pub name: String,
}

/// A ticket as a list shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketRow {
    /// Its id.
    pub id: TicketId,
    /// What people call it: 1, 2, 3, …
    pub number: i64,
    /// The first words of the student's message.
    pub subject: String,
    /// The intent that triage found.
    pub intent: Option<String>,
    /// Triage's calibrated confidence in it, 0 to 1.
    pub confidence: Option<f64>,
    /// Orders the queue.
    #[schema(value_type = String, example = "normal")]
    pub urgency: Urgency,
    /// Where it is.
    pub status: TicketStatus,
    /// Why it came to a person, one sentence.
    pub reason: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Who has it, or had it when it was resolved.
    pub assignee: Option<Assignee>,
}

/// A ticket with its evidence and the whole conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketDetail {
    /// The ticket as a list shows it.
    #[serde(flatten)]
    pub row: TicketRow,
    /// The conversation it belongs to.
    pub conversation_id: ConversationId,
    /// What the student wants.
    pub summary: String,
    /// The evidence.
    pub passages: Vec<TicketPassage>,
    /// What the agent may send.
    pub proposed_reply: Option<String>,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
}

/// How many tickets wait, and how many are the asking agent's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Tickets that nobody has.
    pub queue: i64,
    /// Tickets that this agent has.
    pub mine: i64,
}

/// An agent or an administrator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StaffMember {
    /// Their id.
    pub id: StaffId,
    /// Lower case.
    pub email: String,
    /// Shown to students.
    pub name: String,
    /// What they may do.
    pub role: Role,
}
