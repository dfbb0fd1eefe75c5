//! The seam: what a record of actions does, whatever it stands on.

use std::fmt;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use uuid::Uuid;

use super::{Begun, Finished, NewRun, RunRow};
use crate::{ActionError, Budget, Outcome};

/// The record of actions. Every method is one transaction; times are arguments.
#[async_trait]
pub trait Runs: Send + Sync + fmt::Debug {
    /// Writes the run down, if its key is new and its budget allows it. The key of an unfinished run goes on, and costs no budget again.
    /// Concurrent calls for one learner come one after another, so that a budget is never exceeded.
    async fn begin(&self, run: &NewRun, budget: Budget, now: Timestamp) -> Result<Begun, DbError>;

    /// Writes down what the effect will concern, before it. The first target stays, and is returned; `None` when the run is done: no effect then.
    async fn aim(&self, key: Uuid, target: Uuid) -> Result<Option<Uuid>, DbError>;

    /// Stores the outcome, unless there is one.
    async fn finish(&self, key: Uuid, outcome: &Outcome, now: Timestamp) -> Result<Finished, DbError>;

    /// Stores that an attempt failed, unless the run is done: then returns its outcome.
    async fn fail(&self, key: Uuid, error: ActionError, now: Timestamp) -> Result<Option<Outcome>, DbError>;

    /// The runs of a conversation, the oldest first. Fresh.
    async fn of_conversation(&self, conversation: Uuid) -> Result<Vec<RunRow>, DbError>;
}
