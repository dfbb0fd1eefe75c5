//! Mail from the mailer over SMTP into the sink, and out of the mailbox's API.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test reports by panicking")]

mod harness;
mod pages;
mod sending;
mod sink;
