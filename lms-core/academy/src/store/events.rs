//! The outbox: see [`crate::domain::event`].

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Events, Result};
use crate::domain::event::{Event, RecordedEvent, VERSION};

/// Rows numbered in one transaction: others write between two of them.
const BATCH: i64 = 1_000;

#[derive(Debug, sqlx::FromRow)]
struct EventRow {
    seq: i64,
    id: Uuid,
    version: i64,
    occurred_at: Timestamp,
    body: Json<Event>,
}

impl From<EventRow> for RecordedEvent {
    fn from(row: EventRow) -> Self {
        Self { seq: row.seq, id: row.id, version: row.version, occurred_at: row.occurred_at, event: row.body.0 }
    }
}

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl Events for academy::Academy {
        async fn events_after(&self, seq: i64, limit: i64) -> Result<Vec<RecordedEvent>> {
            while number(&self.db).await? == BATCH {}
            let rows: Vec<EventRow> =
                sqlx::query_as("SELECT seq, id, version, occurred_at, body FROM event WHERE seq > $1 ORDER BY seq LIMIT $2")
                    .bind(seq)
                    .bind(limit)
                    .fetch_all(self.db.read_fresh())
                    .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }
    }

    /// Numbers what was committed and has no number yet; how many rows.
    async fn number(db: &engine::Db) -> std::result::Result<i64, DbError> {
        let waiting: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM (SELECT 1 AS one FROM event WHERE seq IS NULL LIMIT 1) AS waiting").fetch_one(db.read_fresh()).await?;
        if waiting == 0 {
            return Ok(0);
        }
        let mut tx = db.write().await?;
        // Locks the head: one numbers at a time.
        let last: i64 = sqlx::query_scalar("UPDATE event_head SET last = last WHERE one = 1 RETURNING last").fetch_one(&mut *tx).await?;
        let numbered = sqlx::query(
            "UPDATE event SET seq = n.place + $1 FROM \
             (SELECT id, ROW_NUMBER() OVER (ORDER BY occurred_at, id) AS place FROM \
             (SELECT id, occurred_at FROM event WHERE seq IS NULL ORDER BY occurred_at, id LIMIT $2) AS w) AS n WHERE event.id = n.id",
        )
        .bind(last)
        .bind(BATCH)
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let numbered = i64::try_from(numbered).unwrap_or(i64::MAX);
        sqlx::query("UPDATE event_head SET last = $1 WHERE one = 1").bind(last.saturating_add(numbered)).execute(&mut *tx).await?;
        tx.commit().await?;
        Ok(numbered)
    }

    /// Notes what happened, in the transaction that makes it so.
    pub(in crate::store) async fn record(tx: &mut engine::Tx, event: &Event, at: Timestamp) -> std::result::Result<(), DbError> {
        let kind = serde_json::to_value(event).ok().and_then(|json| json.get("kind")?.as_str().map(str::to_owned)).unwrap_or_default();
        sqlx::query("INSERT INTO event (id, version, kind, account_id, body, occurred_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING")
            .bind(event.id(at))
            .bind(VERSION)
            .bind(kind)
            .bind(event.account().map(|account| account.0))
            .bind(Json(event))
            .bind(at)
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
