//! The front desk: conversations, the bot's turns, hand-off to people, the agents' inbox, and the pages for all of them.

pub mod domain;
pub mod http;
pub mod letters;
mod live;
mod respond;
mod reword;
pub mod store;
#[cfg(test)]
mod testing;
mod texts;
mod ticket;
mod turns;

pub use live::{ConversationEvent, Live};
pub use respond::{Further, RespondError, Responder, Understand, Understood};
pub use reword::Reword;
pub use texts::wishes;
pub use turns::Turns;
