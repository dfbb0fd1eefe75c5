//! One file a command.

pub(crate) mod bot;
pub(crate) mod config;
pub(crate) mod eval;
pub(crate) mod files;
pub(crate) mod kb;
pub(crate) mod lms;
pub(crate) mod lms_seed;
pub(crate) mod mail;
pub(crate) mod mailbox;
pub(crate) mod models;
pub(crate) mod models_serve;
pub(crate) mod sandbox;
pub(crate) mod train;
pub(crate) mod triage;
pub(crate) mod up;
pub(crate) mod worker;
