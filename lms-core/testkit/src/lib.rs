//! What the tests of the two-engine stores stand on: a PostgreSQL server of their own, fresh
//! databases of both engines, one conformance suite for both, and a comparison of schemas.
//!
//! For `[dev-dependencies]` only: everything here panics instead of returning errors.
#![expect(clippy::panic, clippy::expect_used, reason = "a test helper reports by panicking")]

mod cluster;
mod engines;
mod scans;
pub mod schema;
mod server;
mod system;

pub use cluster::{Cluster, Node};
pub use engines::{Engine, TestDb, databases, postgres_db, run, sqlite};
pub use scans::{Scanned, scans};
pub use schema::assert_same_schema;
pub use server::{PgServer, postgres};
