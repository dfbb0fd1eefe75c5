//! One file a role. `porter up` runs them all in one process; each also runs alone.

pub(crate) mod academy;
pub(crate) mod articles;
pub(crate) mod bot;
pub(crate) mod mailbox;
pub(crate) mod models;
pub(crate) mod sandbox;
pub(crate) mod worker;
