//! Letters: reading what came in by mail, and writing and sending what answers it.

mod compose;
mod incoming;
mod send;

pub use incoming::{Incoming, incoming};
pub use send::{ReplyParts, reply_handler};
