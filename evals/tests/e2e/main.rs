//! The stories of Porter, told to the built program from outside: through its commands, its HTTP, and a browser.
//!
//! `cargo xtask test` builds the program and says where it is (`PORTER_TEST_BIN`). Pictures are kept where `PORTER_TEST_SHOTS` says.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test and its helpers report by panicking; an absent JSON field is null and fails the comparison"
)]

mod api;
mod asked_back;
mod attack;
mod configuration;
mod evals;
mod grounded_answer;
mod hand_off;
mod harness;
mod hostile;
mod hostile_actions;
mod ingest_killed;
mod knowledge;
mod lifecycle;
mod lms;
mod looks;
mod lookups;
mod mail_channel;
mod model_file;
mod models;
mod outage;
mod postgres;
mod resend;
mod reset;
mod scale;
mod sign_in_card;
mod stream;
mod training;
mod triage;
mod worded;
mod worker_killed;
