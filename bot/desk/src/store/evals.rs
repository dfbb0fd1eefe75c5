//! What evaluations have found, and agents' own cases.

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use serde_json::Value;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Evals, Result, rows::storable_json};
use crate::domain::{ConversationId, EvalCase, EvalFigure, EvalRunRow, NewEvalCase, Purpose, StoredEval};

#[derive(Debug, sqlx::FromRow)]
struct RunRecord {
    id: Uuid,
    kind: String,
    release: String,
    created_at: Timestamp,
    measures: Json<Vec<EvalFigure>>,
}

impl From<RunRecord> for EvalRunRow {
    fn from(record: RunRecord) -> Self {
        let RunRecord { id, kind, release, created_at, measures: Json(figures) } = record;
        Self { id, kind, release, created_at, figures }
    }
}

#[derive(Debug, sqlx::FromRow)]
struct CaseRecord {
    conversation_id: Uuid,
    purpose: String,
    text: String,
    intent: String,
    decision: String,
    urgency: String,
    articles: Json<Vec<String>>,
    made_by: String,
    created_at: Timestamp,
}

impl From<CaseRecord> for EvalCase {
    fn from(record: CaseRecord) -> Self {
        Self {
            conversation: record.conversation_id.into(),
            // The table has no other words.
            purpose: Purpose::from_word(&record.purpose).unwrap_or(Purpose::Check),
            text: record.text,
            intent: record.intent,
            decision: record.decision,
            urgency: record.urgency,
            articles: record.articles.0,
            made_by: record.made_by,
            created_at: record.created_at,
        }
    }
}

porter_kernel::for_both_engines! {
    siblings desk;

    #[async_trait]
    impl Evals for desk::Desk {
        async fn keep_eval_run(&self, stored: &StoredEval) -> Result<()> {
            let row = &stored.row;
            let mut tx = self.db.write().await?;
            sqlx::query(
                "INSERT INTO eval_run (id, kind, release, created_at, measures, run) VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(row.id)
            .bind(storable(&row.kind))
            .bind(storable(&row.release))
            .bind(row.created_at)
            .bind(Json(&row.figures))
            .bind(storable_json(&stored.run))
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn eval_runs(&self, kind: Option<&str>, limit: i64) -> Result<Vec<EvalRunRow>> {
            const ALL: &str =
                "SELECT id, kind, release, created_at, measures FROM eval_run ORDER BY created_at DESC, kind, id LIMIT $1";
            const OF_KIND: &str = "SELECT id, kind, release, created_at, measures FROM eval_run WHERE kind = $2 \
                 ORDER BY created_at DESC, id LIMIT $1";
            let query = match kind {
                Some(kind) => sqlx::query_as(OF_KIND).bind(limit).bind(storable(kind).into_owned()),
                None => sqlx::query_as(ALL).bind(limit),
            };
            let records: Vec<RunRecord> = query.fetch_all(self.db.read_fresh()).await?;
            Ok(records.into_iter().map(Into::into).collect())
        }

        async fn eval_run(&self, id: Uuid) -> Result<Option<StoredEval>> {
            let record: Option<RunRecord> =
                sqlx::query_as("SELECT id, kind, release, created_at, measures FROM eval_run WHERE id = $1")
                    .bind(id)
                    .fetch_optional(self.db.read_fresh())
                    .await?;
            let run: Option<Json<Value>> =
                sqlx::query_scalar("SELECT run FROM eval_run WHERE id = $1").bind(id).fetch_optional(self.db.read_fresh()).await?;
            Ok(record.zip(run).map(|(record, Json(run))| StoredEval { row: record.into(), run }))
        }

        async fn keep_eval_case(&self, case: &NewEvalCase, now: Timestamp) -> Result<()> {
            let articles: Vec<String> = case.articles.iter().map(|slug| storable(slug).into_owned()).collect();
            let mut tx = self.db.write().await?;
            sqlx::query(
                "INSERT INTO eval_case (conversation_id, text, intent, decision, urgency, articles, made_by, created_at, purpose) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
                 ON CONFLICT (conversation_id) DO UPDATE SET text = excluded.text, intent = excluded.intent, \
                 decision = excluded.decision, urgency = excluded.urgency, articles = excluded.articles, \
                 made_by = excluded.made_by, created_at = excluded.created_at, purpose = excluded.purpose",
            )
            .bind(case.conversation.0)
            .bind(storable(&case.text))
            .bind(case.intent.as_str())
            .bind(case.decision.as_str())
            .bind(case.urgency.as_str())
            .bind(Json(articles))
            .bind(case.made_by.0)
            .bind(now)
            .bind(case.purpose.as_str())
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn eval_cases(&self) -> Result<Vec<EvalCase>> {
            let records: Vec<CaseRecord> = sqlx::query_as(
                "SELECT e.conversation_id, e.purpose, e.text, e.intent, e.decision, e.urgency, e.articles, s.name AS made_by, e.created_at \
                 FROM eval_case e JOIN staff s ON s.id = e.made_by ORDER BY e.created_at DESC, e.conversation_id",
            )
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(records.into_iter().map(Into::into).collect())
        }

        async fn drop_eval_case(&self, conversation: ConversationId) -> Result<()> {
            let mut tx = self.db.write().await?;
            sqlx::query("DELETE FROM eval_case WHERE conversation_id = $1").bind(conversation.0).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }
    }
}
