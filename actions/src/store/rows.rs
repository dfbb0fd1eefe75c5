//! Rows as both engines give them.

use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{NewRun, RunRow, RunState};
use crate::{ActionName, Outcome};

/// The columns of [`Record`].
macro_rules! columns {
    () => {
        "idempotency_key, action, learner, conversation, argument, target, state, failure, outcome, begun_at, ended_at"
    };
}
pub(super) use columns;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct Record {
    idempotency_key: Uuid,
    action: String,
    learner: Option<Uuid>,
    conversation: Uuid,
    argument: Option<String>,
    pub(super) target: Option<Uuid>,
    state: String,
    failure: Option<String>,
    outcome: Option<Json<Value>>,
    begun_at: Timestamp,
    ended_at: Option<Timestamp>,
}

impl Record {
    /// Whether this is the same request.
    pub(super) fn is(&self, run: &NewRun) -> bool {
        self.action == run.action.as_str()
            && self.learner == run.learner
            && self.conversation == run.conversation
            && self.argument == run.argument
    }

    /// The stored outcome, if the run is done.
    pub(super) fn outcome(self) -> Result<Option<Outcome>, DbError> {
        let Some(Json(value)) = self.outcome else { return Ok(None) };
        serde_json::from_value(value).map(Some).map_err(DbError::unreadable)
    }
}

impl TryFrom<Record> for RunRow {
    type Error = DbError;

    fn try_from(record: Record) -> Result<Self, DbError> {
        let Some(action) = ActionName::ALL.iter().copied().find(|action| action.as_str() == record.action) else {
            return Err(unknown("action", &record.action));
        };
        let state = match record.state.as_str() {
            "begun" => RunState::Begun,
            "done" => RunState::Done,
            "failed" => RunState::Failed,
            other => return Err(unknown("state of a run", other)),
        };
        Ok(Self {
            key: record.idempotency_key,
            action,
            learner: record.learner,
            conversation: record.conversation,
            argument: record.argument.clone(),
            state,
            failure: record.failure.clone(),
            begun_at: record.begun_at,
            ended_at: record.ended_at,
            outcome: record.outcome()?,
        })
    }
}

#[derive(Debug, thiserror::Error)]
#[error("{word:?} is not a known {set}")]
struct UnknownWord {
    set: &'static str,
    word: String,
}

fn unknown(set: &'static str, word: &str) -> DbError {
    DbError::unreadable(UnknownWord { set, word: word.to_owned() })
}

/// An outcome that both engines store alike: the LMS's words may hold any character.
pub(super) fn storable_outcome(outcome: &Outcome) -> Result<Json<Value>, DbError> {
    fn clean(value: &mut Value) {
        match value {
            Value::String(text) => *text = storable(text).into_owned(),
            Value::Array(items) => items.iter_mut().for_each(clean),
            // Names of fields are this crate's own.
            Value::Object(fields) => fields.values_mut().for_each(clean),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(outcome).map_err(DbError::unreadable)?;
    clean(&mut value);
    Ok(Json(value))
}
