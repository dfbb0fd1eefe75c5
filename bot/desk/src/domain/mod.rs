//! The nouns of the desk: conversations, messages, tickets and the staff who take them over.
//!
//! Nothing here knows a database. The stores map these types to rows; the HTTP handlers serialise
//! [`Message`], [`State`] and [`TicketRow`] as they stand.

mod card;
mod eval;
mod letter;
mod visitor;
mod words;

use porter_actions::IdentityToken;
use porter_kernel::clock::Timestamp;
pub use porter_triage::Urgency;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use card::{Card, Wish};
pub use eval::{EvalCase, EvalFigure, EvalInterval, EvalRunRow, NewEvalCase, Purpose, StoredEval};
pub use letter::{Before, Correspondence, Correspondent, Letter, LetterFile, NewLetter, Outgoing, Progress, Received, ReplyState};
pub use visitor::{Assured, Identity, Subject};
pub use words::{Author, Channel, ConversationId, Holder, Role, StaffId, TicketId, TicketStatus, UnknownWord};

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
    /// What is shown besides the text.
    pub card: Option<Card>,
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
    /// Whose it is; `None` while only people who are not signed in have used it.
    pub subject: Option<Subject>,
    /// What the subject was last vouched for with, until it runs out. Never serialised.
    pub identity: Option<IdentityToken>,
    /// When that runs out.
    pub identity_until: Option<Timestamp>,
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
    /// Whose conversation it is.
    pub subject: Option<Subject>,
    /// What the LMS is shown when the bot acts for the subject.
    pub identity: Option<IdentityToken>,
    /// Who wrote, when it came by mail or over the API: nobody is in a session then, and nobody can be asked back.
    pub correspondent: Option<Correspondent>,
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
    /// What is shown besides the text.
    pub card: Option<Card>,
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
    /// How it came in.
    pub channel: Channel,
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
    /// Who it is; `None`: nobody vouches for who it is.
    pub student: Option<Assured>,
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
