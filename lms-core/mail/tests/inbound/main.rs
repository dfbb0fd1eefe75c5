//! Mails as people and programs send them, and what is understood of each.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod hostile;
mod table;
