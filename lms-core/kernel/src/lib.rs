//! What every part of Porter stands on: time and ids that tests can hold still, the two database
//! engines, the HTTP kit, configuration, telemetry and shutdown.
//!
//! The kernel knows nothing of students, tickets or articles.

pub mod breaker;
pub mod clock;
pub mod config;
pub mod db;
pub mod files;
pub mod http;
pub mod ids;
pub mod jobs;
pub mod passwords;
pub mod shutdown;
pub mod telemetry;

pub use db::{Database, DatabaseSetting, DbError};
