//! Rows as both engines give them, and what is written into them.

use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{DeadJob, Job, Priority, QueueDepth, Unreported};
use crate::clock::Timestamp;
use crate::db::storable;

/// The columns of [`JobRow`].
macro_rules! job {
    () => {
        "id, kind, payload, priority, run_at, owner, attempt, max_attempts, enqueued_at, ended_at, last_failure"
    };
}
pub(super) use job;

#[derive(Debug, sqlx::FromRow)]
pub(super) struct JobRow {
    id: Uuid,
    kind: String,
    payload: Json<Value>,
    priority: i64,
    run_at: Timestamp,
    owner: Option<Uuid>,
    attempt: i64,
    max_attempts: i64,
    enqueued_at: Timestamp,
    ended_at: Option<Timestamp>,
    last_failure: Option<String>,
}

impl JobRow {
    /// `RETURNING` keeps no order; this is the one in which jobs of a priority are due.
    pub(super) fn due(&self) -> (Timestamp, Uuid) {
        (self.run_at, self.id)
    }

    /// The order in which dead jobs are reported.
    pub(super) fn died(&self) -> (Option<Timestamp>, Uuid) {
        (self.ended_at, self.id)
    }
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            payload: row.payload.0,
            priority: Priority::from_rank(row.priority),
            owner: row.owner.unwrap_or_default(),
            attempt: row.attempt,
            max_attempts: row.max_attempts,
            enqueued_at: row.enqueued_at,
        }
    }
}

impl From<JobRow> for Unreported {
    fn from(mut row: JobRow) -> Self {
        let reason = row.last_failure.take().unwrap_or_default();
        Self { job: row.into(), reason }
    }
}

/// What became of a job that a lost worker has left.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct RescuedRow {
    pub(super) id: Uuid,
    pub(super) kind: String,
    pub(super) attempt: i64,
    pub(super) state: String,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct DeadRow {
    id: Uuid,
    kind: String,
    attempt: i64,
    last_failure: Option<String>,
    ended_at: Timestamp,
}

impl From<DeadRow> for DeadJob {
    fn from(row: DeadRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            attempts: row.attempt,
            reason: row.last_failure.unwrap_or_default(),
            died_at: row.ended_at,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct DepthRow {
    kind: String,
    waiting: i64,
    running: i64,
    dead: i64,
    oldest_run_at: Option<Timestamp>,
}

impl From<DepthRow> for QueueDepth {
    fn from(row: DepthRow) -> Self {
        Self { kind: row.kind, waiting: row.waiting, running: row.running, dead: row.dead, oldest_run_at: row.oldest_run_at }
    }
}

impl Priority {
    /// From the most urgent.
    pub(super) const ALL: [Self; 3] = [Self::Urgent, Self::Normal, Self::Bulk];

    /// As it is stored: higher is more urgent.
    pub(super) fn rank(self) -> i64 {
        match self {
            Self::Bulk => 0,
            Self::Normal => 1,
            Self::Urgent => 2,
        }
    }

    fn from_rank(rank: i64) -> Self {
        match rank {
            ..=0 => Self::Bulk,
            1 => Self::Normal,
            2.. => Self::Urgent,
        }
    }
}

/// The longest reason that is kept, in characters: a row is no log file.
const REASON_LIMIT: usize = 500;

/// A reason as it is stored. Administrators read it, so what looks like an address goes, whatever a handler let through: servers like to
/// repeat one in their refusals.
pub(super) fn storable_reason(reason: &str) -> String {
    let storable = storable(reason);
    let words: Vec<&str> = storable.split(' ').map(|word| if word.contains('@') { "…" } else { word }).collect();
    words.join(" ").chars().take(REASON_LIMIT).collect()
}

/// A payload that both engines store alike: see [`storable`].
pub(super) fn storable_payload(payload: &Value) -> Json<Value> {
    Json(without_null(payload))
}

fn without_null(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(storable(text).into_owned()),
        Value::Array(items) => Value::Array(items.iter().map(without_null).collect()),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (storable(key).into_owned(), without_null(value))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ranks_keep_the_order_and_come_back() {
        assert!(Priority::ALL.windows(2).all(|pair| pair[0] > pair[1] && pair[0].rank() > pair[1].rank()));
        for priority in Priority::ALL {
            assert_eq!(Priority::from_rank(priority.rank()), priority);
        }
    }

    #[test]
    fn a_payload_loses_its_null_characters_only() {
        let payload = json!({"a\0": ["\0x", 1, null, {"b": "\0"}]});
        assert_eq!(storable_payload(&payload).0, json!({"a\u{fffd}": ["\u{fffd}x", 1, null, {"b": "\u{fffd}"}]}));
    }

    #[test]
    fn a_reason_holds_no_address() {
        assert_eq!(storable_reason("550 <anna@learner.example>: unknown  here"), "550 … unknown  here");
    }

    #[test]
    fn a_reason_is_cut_between_characters() {
        assert_eq!(storable_reason("é\0"), "é\u{fffd}");
        assert_eq!(storable_reason(&"é".repeat(600)).chars().count(), 500);
    }
}
