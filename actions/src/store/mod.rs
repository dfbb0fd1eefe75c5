//! The record of actions: what was asked for, by whom and where, and what it came to. It bounds how often, makes a request repeatable, and is the
//! audit. No address is in it.

mod rows;
mod runs;
mod traits;

use std::sync::Arc;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{Database, DbError};
use serde::Serialize;
use uuid::Uuid;

use crate::{ActionName, At, Outcome, Principal};

pub use traits::Runs;

/// The record on an open database. Apply [`migrate`] first.
#[must_use]
pub fn open(db: &Database) -> Arc<dyn Runs> {
    match db {
        Database::Sqlite(db) => Arc::new(runs::sqlite::Record::new(db.clone())),
        Database::Postgres(db) => Arc::new(runs::postgres::Record::new(db.clone())),
    }
}

/// Brings the tables of actions to the form that this version needs.
pub async fn migrate(db: &Database) -> Result<(), DbError> {
    match db {
        Database::Sqlite(db) => db.migrate("actions", &runs::SQLITE).await,
        Database::Postgres(db) => db.migrate("actions", &runs::POSTGRES).await,
    }
}

/// A run to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    pub key: Uuid,
    pub action: ActionName,
    /// For whom; none when it was asked for by form.
    pub learner: Option<Uuid>,
    pub conversation: Uuid,
    /// What else the request said: an order's number or a chosen option. Never an address.
    pub argument: Option<String>,
}

impl NewRun {
    pub(crate) fn of(principal: &Principal, action: ActionName, argument: Option<String>, at: At) -> Self {
        Self { key: at.key, action, learner: Some(principal.learner()), conversation: at.conversation, argument }
    }

    pub(crate) fn by_form(action: ActionName, at: At) -> Self {
        Self { key: at.key, action, learner: None, conversation: at.conversation, argument: None }
    }

    /// Whose budget it is taken from.
    fn lane(&self) -> Uuid {
        self.learner.unwrap_or(self.conversation)
    }
}

/// Whether a run may go on.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// It is written down: go on. `target` is what an earlier attempt had chosen.
    Go { target: Option<Uuid> },
    /// It was done before: nothing to do.
    Done(Outcome),
    /// Too many in the last hour.
    OverBudget { again_at: Timestamp },
    /// The key is another request's.
    KeyTaken,
}

/// What is stored at a run's end.
#[derive(Debug, Clone, PartialEq)]
pub enum Finished {
    /// This outcome, or the one that was stored before it.
    Stored(Outcome),
    /// Nothing: the outcome is one without an effect, and another attempt has chosen this target for one.
    Aimed(Uuid),
}

/// Where a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Under way, or cut off.
    Begun,
    Done,
    Failed,
}

/// A run as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RunRow {
    pub key: Uuid,
    pub action: ActionName,
    pub learner: Option<Uuid>,
    pub conversation: Uuid,
    /// An order's number or a chosen option.
    pub argument: Option<String>,
    pub state: RunState,
    /// Why it failed: a word of [`crate::ActionError::as_str`].
    pub failure: Option<String>,
    /// What it came to, once it is done.
    pub outcome: Option<Outcome>,
    pub begun_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests;
