//! The closed set of reasons why a store does not do what it is asked.

use porter_kernel::{db::DbError, http::Problem};

/// Why a store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// No conversation has this id.
    #[error("there is no such conversation")]
    NoConversation,
    /// No ticket has this id.
    #[error("there is no such ticket")]
    NoTicket,
    /// No member of staff has this id.
    #[error("there is no such member of staff")]
    NoStaff,
    /// A person holds the conversation, or the holder has changed since the turn was taken.
    #[error("the conversation has been taken over")]
    TakenOver,
    /// The turn's lease ran out and another worker has it, or the turn was already used.
    #[error("the turn's lease was lost")]
    LeaseLost,
    /// The conversation belongs to another learner.
    #[error("the conversation belongs to somebody else")]
    SomebodyElses,
    /// Somebody else has the ticket.
    #[error("{name} already has this ticket")]
    AlreadyHeld {
        /// Who.
        name: String,
    },
    /// Nobody has the ticket: claim it first.
    #[error("nobody has claimed this ticket")]
    NotClaimed,
    /// The ticket is done.
    #[error("this ticket is already resolved")]
    AlreadyResolved,
    /// Another member of staff has this e-mail address.
    #[error("another member of staff has this e-mail address")]
    EmailTaken,
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// Said to whoever is not the person that a conversation belongs to, whoever they are.
pub(crate) const NOT_YOURS: &str =
    "This conversation belongs to somebody who is signed in. Sign in again, or start a new conversation.";

/// What the methods of this module return.
pub type Result<T> = std::result::Result<T, DeskError>;

impl From<sqlx::Error> for DeskError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<DeskError> for Problem {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::NoConversation => Self::not_found("There is no such conversation."),
            DeskError::NoTicket => Self::not_found("There is no such ticket."),
            DeskError::NoStaff => Self::not_found("There is no such member of staff."),
            DeskError::TakenOver => Self::conflict("Somebody has taken over this conversation."),
            DeskError::LeaseLost => Self::conflict("Somebody else is answering this."),
            DeskError::SomebodyElses => Self::unauthorized(NOT_YOURS),
            DeskError::AlreadyHeld { name } => Self::conflict(format!("{name} already has this ticket.")),
            DeskError::NotClaimed => Self::conflict("Nobody has this ticket: claim it first."),
            DeskError::AlreadyResolved => Self::conflict("This ticket is already resolved."),
            DeskError::EmailTaken => Self::conflict("Another member of staff has this e-mail address."),
            DeskError::Db(error) => error.into(),
        }
    }
}
