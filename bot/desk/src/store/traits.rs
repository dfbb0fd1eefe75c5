//! The seam: what a desk store does, whatever it stands on.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use porter_kernel::{
    clock::Timestamp,
    ids::TokenHash,
    jobs::{Job, JobError},
};
use uuid::Uuid;

#[cfg(doc)]
use super::DeskError;
use super::{Added, Bound, Changed, Credentials, HandedOff, NewStaff, Result, TicketView};
use crate::domain::{
    BotReply, Card, Conversation, ConversationId, Correspondence, Counts, EvalCase, EvalRunRow, Identity, Message, NewEvalCase,
    NewLetter, NewTicket, Outgoing, Progress, Received, StaffId, StaffMember, State, StoredEval, TicketDetail, TicketId, TicketRow,
    Turn,
};

/// The student's side: conversations and their messages.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Opens a conversation, held by the bot, whose first message is the bot's greeting.
    async fn create_conversation(
        &self,
        id: ConversationId,
        token_hash: &TokenHash,
        greeting: &str,
        now: Timestamp,
    ) -> Result<(Conversation, Message)>;

    /// The conversation, if the token opens it. Fresh.
    async fn conversation_by_token(&self, id: ConversationId, token_hash: &TokenHash) -> Result<Option<Conversation>>;

    /// Up to `limit` messages whose `seq` is greater than `after`, oldest first. Fresh.
    async fn messages_after(&self, conversation: ConversationId, after: i64, limit: i64) -> Result<Vec<Message>>;

    /// The message at this place. Fresh.
    async fn message(&self, conversation: ConversationId, seq: i64) -> Result<Option<Message>>;

    /// Appends what the student wrote. The same `client_id` again returns the same message.
    /// A closed conversation is reopened with the bot, one epoch on.
    async fn add_student_message(&self, conversation: ConversationId, client_id: Uuid, text: &str, now: Timestamp)
    -> Result<Added>;

    /// The notice that was appended under this key. Fresh.
    async fn notice(&self, conversation: ConversationId, key: Uuid) -> Result<Option<Message>>;

    /// Appends a notice of the desk with a card, whoever holds the conversation. The same `key` again returns the same message.
    async fn add_notice(&self, conversation: ConversationId, key: Uuid, text: &str, card: &Card, now: Timestamp) -> Result<Added>;

    /// Who holds the conversation, and its place in the queue. Fresh.
    async fn state(&self, conversation: ConversationId) -> Result<State>;

    /// Puts the conversation into the queue at the student's wish: holder, epoch, ticket, and a
    /// system message of `announcement`, whose `{place}` becomes the place in the queue.
    /// When a person is already on the way, returns the present state and changes nothing.
    async fn student_hand_off(
        &self,
        conversation: ConversationId,
        ticket: &NewTicket,
        announcement: &str,
        now: Timestamp,
    ) -> Result<HandedOff>;
}

/// Who is behind a conversation.
#[async_trait]
pub trait Visitors: Send + Sync {
    /// Makes the conversation this person's own and keeps what vouches for them. When the bot's newest answer is a sign-in card, the turn
    /// before it is to be answered again, and a turn that a worker has taken for nobody is void: all in one transaction.
    /// Errors: [`DeskError::SomebodyElses`].
    async fn bind(&self, conversation: ConversationId, identity: &Identity, now: Timestamp) -> Result<Bound>;

    /// The learner whose conversation it is. Fresh.
    async fn learner_of(&self, conversation: ConversationId) -> Result<Option<Uuid>>;

    /// Removes what vouched for people and has run out; how many there were.
    async fn forget_identities(&self, now: Timestamp) -> Result<u64>;
}

/// The bot's side. Nothing is written for a turn whose conversation has changed hands or whose
/// lease another worker has.
#[async_trait]
pub trait Turns: Send + Sync {
    /// Takes the conversation that has waited longest for the bot, for the length of `lease`.
    /// `None`: nobody waits.
    async fn take_turn(&self, owner: Uuid, now: Timestamp, lease: Duration) -> Result<Option<Turn>>;

    /// Whether the turn is still its worker's: asked before an effect, which has its own key and can be asked for twice.
    /// Errors: [`DeskError::TakenOver`], [`DeskError::LeaseLost`].
    async fn still_mine(&self, turn: &Turn) -> Result<()>;

    /// Sends the bot's answer to the turn's messages and gives the lease back.
    /// Errors: [`DeskError::TakenOver`], [`DeskError::LeaseLost`].
    async fn bot_reply(&self, turn: &Turn, reply: &BotReply, now: Timestamp) -> Result<Message>;

    /// As [`Conversations::student_hand_off`], at the bot's wish. `reply`: what the bot says just before the announcement. When a person is
    /// already on the way, returns the present state.
    /// Errors: [`DeskError::TakenOver`] (closed, or reopened since), [`DeskError::LeaseLost`].
    async fn bot_hand_off(
        &self,
        turn: &Turn,
        reply: Option<&BotReply>,
        ticket: &NewTicket,
        announcement: &str,
        now: Timestamp,
    ) -> Result<HandedOff>;
}

/// The agents' side.
#[async_trait]
pub trait Tickets: Send + Sync {
    /// Up to `limit` tickets of a view. Fresh.
    async fn tickets(&self, view: TicketView, limit: i64) -> Result<Vec<TicketRow>>;

    /// How many wait, and how many are this agent's. Fresh.
    async fn counts(&self, staff: StaffId) -> Result<Counts>;

    /// One ticket with its conversation. Fresh.
    async fn ticket(&self, id: TicketId) -> Result<Option<TicketDetail>>;

    /// The ticket of this conversation that is not resolved. Fresh.
    async fn open_ticket(&self, conversation: ConversationId) -> Result<Option<TicketId>>;

    /// Gives a queued ticket to this agent, who then holds the conversation. Claiming what one
    /// already has changes nothing.
    /// Errors: [`DeskError::AlreadyHeld`], [`DeskError::AlreadyResolved`].
    async fn claim(&self, ticket: TicketId, staff: StaffId, now: Timestamp) -> Result<Changed>;

    /// Puts a ticket back where it was in the queue. Releasing a queued one changes nothing.
    /// Errors: [`DeskError::AlreadyHeld`], [`DeskError::AlreadyResolved`].
    async fn release(&self, ticket: TicketId, staff: StaffId, now: Timestamp) -> Result<Changed>;

    /// Ends the case and closes the conversation. Resolving what one has resolved changes nothing.
    /// Errors: [`DeskError::AlreadyHeld`], [`DeskError::NotClaimed`], [`DeskError::AlreadyResolved`]
    /// (by somebody else).
    async fn resolve(&self, ticket: TicketId, staff: StaffId, now: Timestamp) -> Result<Changed>;

    /// Appends what the agent wrote. The same `client_id` again returns the same message.
    /// Errors: [`DeskError::AlreadyHeld`], [`DeskError::NotClaimed`], [`DeskError::AlreadyResolved`].
    async fn agent_reply(&self, ticket: TicketId, staff: StaffId, client_id: Uuid, text: &str, now: Timestamp) -> Result<Added>;
}

/// What comes in by mail or over the API, and the mails that answer it.
///
/// What the bot, the desk or an agent says in such a conversation is written down as a mail to be sent, with its job, in the very transaction that
/// adds the message. Of *automatic* ones there are only so many, to one address and to all: see [`AUTOMATIC_AN_HOUR`](super::AUTOMATIC_AN_HOUR).
#[async_trait]
pub trait Letters: Send + Sync {
    /// Keeps a letter: as a message of the conversation whose mails it answers, else as the first of a conversation of its own, with this id, that
    /// the bot is to answer and that no token opens. The same letter again changes nothing.
    async fn receive(&self, letter: &NewLetter, id: ConversationId, token_hash: &TokenHash, now: Timestamp) -> Result<Received>;

    /// How many letters came from this address since then. Fresh.
    async fn letters_since(&self, address: &str, since: Timestamp) -> Result<i64>;

    /// What an agent is shown of it; `None` for a chat. Fresh.
    async fn correspondence(&self, conversation: ConversationId) -> Result<Option<Correspondence>>;

    /// How far the case of a letter is; `None` when the conversation is a chat or is not there. Fresh.
    async fn progress(&self, conversation: ConversationId) -> Result<Option<Progress>>;

    /// The mail of this id. Fresh.
    async fn outgoing(&self, mail: Uuid) -> Result<Option<Outgoing>>;

    /// Notes that the mail server has the mail, and that the job is done.
    async fn reply_sent(&self, job: &Job, mail: Uuid, now: Timestamp) -> std::result::Result<(), JobError>;

    /// Notes why a mail was not sent, or that it came back. `false` when there is no such mail.
    async fn reply_failed(&self, mail: Uuid, why: &str) -> Result<bool>;
}

/// Who the agents are and whether they are signed in. Always fresh.
#[async_trait]
pub trait Staff: Send + Sync {
    /// The member with this address, in any case, and what their password is compared with.
    async fn staff_by_email(&self, email: &str) -> Result<Option<Credentials>>;

    /// How many members there are.
    async fn staff_count(&self) -> Result<i64>;

    /// Adds a member. Errors: [`DeskError::EmailTaken`].
    async fn create_staff(&self, staff: &NewStaff, now: Timestamp) -> Result<StaffMember>;

    /// Signs a member in until `expires_at`.
    async fn create_session(&self, token_hash: &TokenHash, staff: StaffId, now: Timestamp, expires_at: Timestamp) -> Result<()>;

    /// The member whom a live session belongs to.
    async fn staff_by_session(&self, token_hash: &TokenHash, now: Timestamp) -> Result<Option<StaffMember>>;

    /// Signs out. An unknown session is no error.
    async fn delete_session(&self, token_hash: &TokenHash) -> Result<()>;

    /// Removes sessions that have run out; how many there were.
    async fn delete_expired(&self, now: Timestamp) -> Result<u64>;
}

/// What evaluations have found, and the cases that agents have made of conversations. Always fresh: several processes show the same.
#[async_trait]
pub trait Evals: Send + Sync {
    /// Keeps a run.
    async fn keep_eval_run(&self, stored: &StoredEval) -> Result<()>;

    /// Up to `limit` runs, of one kind or of all, the newest first.
    async fn eval_runs(&self, kind: Option<&str>, limit: i64) -> Result<Vec<EvalRunRow>>;

    /// One run.
    async fn eval_run(&self, id: Uuid) -> Result<Option<StoredEval>>;

    /// Makes a conversation a case. It is one case: making it one again replaces what was expected before.
    async fn keep_eval_case(&self, case: &NewEvalCase, now: Timestamp) -> Result<()>;

    /// All cases, the newest first.
    async fn eval_cases(&self) -> Result<Vec<EvalCase>>;

    /// The conversation is no case any more. One that is none is no error.
    async fn drop_eval_case(&self, conversation: ConversationId) -> Result<()>;
}

/// The whole desk. `Arc<dyn DeskStore>` upcasts to an `Arc` of any of its parts.
pub trait DeskStore: Conversations + Visitors + Turns + Tickets + Letters + Staff + Evals + fmt::Debug {}
