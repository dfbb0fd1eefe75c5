//! Mails as people and programs send them, and what is understood of each.

mod hostile;
mod table;
