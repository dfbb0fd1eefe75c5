//! Conversations, tickets and staff on SQLite and PostgreSQL.
//!
//! Every method is one transaction. Times and ids are arguments. A method that changes who holds a
//! conversation raises its epoch, and what the bot may write is checked in the insert's own
//! transaction: see [`Turns`].

mod claim;
mod conversations;
mod desk;
mod error;
mod evals;
mod held;
mod letter_rows;
mod letters;
mod queue;
mod replies;
mod rows;
mod sql;
mod staff;
mod tickets;
mod traits;
mod turns;
mod visitors;

use std::{fmt, sync::Arc};

use porter_kernel::db::Database;

use crate::domain::{Conversation, ConversationId, Message, Role, StaffId, StaffMember, State, TicketId};

pub(crate) use error::NOT_YOURS;
pub use error::{DeskError, Result};
pub(crate) use replies::ours;
pub use replies::{AUTOMATIC_A_MINUTE, AUTOMATIC_AN_HOUR, SEND_REPLY, SendReply};
pub use traits::{Conversations, DeskStore, Evals, Letters, Staff, Tickets, Turns, Visitors};

/// The desk's tables on an open database. Apply [`migrate`] first.
pub fn open(db: &Database) -> Arc<dyn DeskStore> {
    match db {
        Database::Sqlite(db) => Arc::new(desk::sqlite::Desk::new(db.clone())),
        Database::Postgres(db) => Arc::new(desk::postgres::Desk::new(db.clone())),
    }
}

/// Brings the desk's tables, and the queue's beside them, to the form that this version needs.
pub async fn migrate(db: &Database) -> Result<()> {
    porter_kernel::jobs::migrate(db).await?;
    match db {
        Database::Sqlite(db) => db.migrate("desk", &desk::SQLITE).await?,
        Database::Postgres(db) => db.migrate("desk", &desk::POSTGRES).await?,
    }
    Ok(())
}

/// A message that was written, or had been before.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// The message as it stands.
    pub message: Message,
    /// It had been written before under the same client id; nothing changed.
    pub duplicate: bool,
}

/// A conversation that is somebody's.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The conversation as it stands.
    pub conversation: Conversation,
    /// A turn waits for the bot: wake a worker.
    pub waits: bool,
}

/// The outcome of a hand-off.
#[derive(Debug, Clone, PartialEq)]
pub struct HandedOff {
    /// The conversation's state now.
    pub state: State,
    /// Its open ticket: the new one, or the one that was already there.
    pub ticket: TicketId,
    /// The fixed text that announced it; `None` when a person was already on the way.
    pub message: Option<Message>,
}

/// The outcome of a change to a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Whose widget to wake.
    pub conversation: ConversationId,
    /// The system message that told the student; `None` when nothing changed.
    pub message: Option<Message>,
}

/// Which tickets a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketView {
    /// Those that nobody has, in queue order: most urgent first, then oldest.
    Queue,
    /// Those that this agent has, in queue order.
    Mine(StaffId),
    /// Those that are done, newest first.
    Resolved,
}

/// A member of staff to be.
#[derive(Debug, Clone)]
pub struct NewStaff {
    /// Their id, from the injected generator.
    pub id: StaffId,
    /// Stored in lower case.
    pub email: String,
    /// Shown to students.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// A PHC string; the store never sees the password.
    pub password_hash: String,
}

/// What a sign-in compares with.
#[derive(Clone)]
pub struct Credentials {
    /// Who it is.
    pub member: StaffMember,
    /// A PHC string.
    pub password_hash: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("member", &self.member).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
