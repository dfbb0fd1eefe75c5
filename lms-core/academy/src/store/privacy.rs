//! Everything that is kept about a person: given out on request, and erased on request.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use porter_kernel::jobs::{Job, JobError, JobTx as _};
use serde_json::{Map, Value};
use sqlx::{Column as _, Row as _, TypeInfo as _, ValueRef as _};
use uuid::Uuid;

use super::{Letter, NewMail, Result, jobs};
use crate::domain::event::Event;
use crate::domain::{AccountId, AccountStatus};

/// How long a person can change their mind: signing in cancels the erasure.
pub const GRACE: Duration = Duration::from_hours(14 * 24);
/// Rows of one table that an export has at most.
const MOST_ROWS: i64 = 10_000;

/// Whether a person gets the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Export {
    Yes,
    /// Secrets and bookkeeping that say nothing about the person.
    No,
}

/// What erasing a person does to the rows of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Erase {
    Delete,
    /// The law makes one keep it; it points to an account without a person.
    Keep,
}

/// A table that is about people. A test over the schema finds every table that is missing here.
#[derive(Debug)]
pub(super) struct Personal {
    pub(super) table: &'static str,
    /// Which rows are the person's: `$1` is the account's id.
    pub(super) whose: &'static str,
    pub(super) export: Export,
    pub(super) erase: Erase,
}

const OWN: &str = "account_id = $1";

const fn row(table: &'static str, whose: &'static str, export: Export, erase: Erase) -> Personal {
    Personal { table, whose, export, erase }
}

/// In the order in which rows are deleted: what refers to another table comes before it.
pub(super) const PERSONAL: &[Personal] = &[
    row("account", "id = $1", Export::Yes, Erase::Keep),
    row("session", OWN, Export::Yes, Erase::Delete),
    row("password_reset", OWN, Export::Yes, Erase::Delete),
    row("verification", OWN, Export::Yes, Erase::Delete),
    row("two_factor", OWN, Export::No, Erase::Delete),
    row("recovery_code", OWN, Export::No, Erase::Delete),
    row("email_change", OWN, Export::Yes, Erase::Delete),
    row("erasure", OWN, Export::Yes, Erase::Delete),
    row("api_key", "made_by = $1", Export::No, Erase::Keep),
    row("account_change", OWN, Export::Yes, Erase::Delete),
    row("attempt_answer", "attempt_id IN (SELECT id FROM attempt WHERE account_id = $1)", Export::Yes, Erase::Delete),
    row("attempt", OWN, Export::Yes, Erase::Delete),
    row("quiz_allowance", OWN, Export::Yes, Erase::Delete),
    row("submission_file", "submission_id IN (SELECT id FROM submission WHERE account_id = $1)", Export::Yes, Erase::Delete),
    row("submission", OWN, Export::Yes, Erase::Delete),
    row("assignment_extension", OWN, Export::Yes, Erase::Delete),
    row("seat_hold", OWN, Export::No, Erase::Delete),
    row("invitation", "accepted_by = $1", Export::Yes, Erase::Delete),
    row(
        "certificate_revocation",
        "certificate_id IN (SELECT id FROM certificate WHERE account_id = $1)",
        Export::No,
        Erase::Delete,
    ),
    row("announcement_mail", OWN, Export::No, Erase::Delete),
    row("announcement_read", OWN, Export::No, Erase::Delete),
    row("mail_bounce", OWN, Export::Yes, Erase::Delete),
    row("mail_optout", OWN, Export::Yes, Erase::Delete),
    row("coupon_use", OWN, Export::Yes, Erase::Keep),
    row("invoice", OWN, Export::Yes, Erase::Keep),
    row("checkout", "order_id IN (SELECT id FROM orders WHERE account_id = $1)", Export::Yes, Erase::Keep),
    row("mail", OWN, Export::Yes, Erase::Delete),
    row("request_key", OWN, Export::No, Erase::Delete),
    row("lesson_progress", OWN, Export::Yes, Erase::Delete),
    row("quiz_attempt", OWN, Export::Yes, Erase::Delete),
    row("certificate_request", OWN, Export::Yes, Erase::Delete),
    row("certificate", OWN, Export::Yes, Erase::Delete),
    row("enrolment", OWN, Export::Yes, Erase::Delete),
    row("course_instructor", OWN, Export::Yes, Erase::Delete),
    row("orders", OWN, Export::Yes, Erase::Keep),
    row("charge", "order_id IN (SELECT id FROM orders WHERE account_id = $1)", Export::Yes, Erase::Keep),
    row("refund", "order_id IN (SELECT id FROM orders WHERE account_id = $1)", Export::Yes, Erase::Keep),
    // Ids, amounts and closed words; the id leads to nobody any more.
    row("event", OWN, Export::Yes, Erase::Keep),
];

/// One's own data.
#[async_trait]
pub trait Privacy: Send + Sync {
    /// Everything that is kept about the account, by table: rows as objects, at most 10,000 of each. No secrets.
    async fn export(&self, account: AccountId) -> Result<Value>;

    /// Notes that the person wants to be forgotten: ends every session, writes a mail, and the job `erase_account` for the end of [`GRACE`]. When it
    /// will be done.
    async fn ask_to_be_erased(&self, account: AccountId, mail_id: Uuid, now: Timestamp) -> Result<Timestamp>;

    /// In one transaction under the job's fence: erases the person, if that is still wanted and due, and ends `job`. Whether it did.
    async fn erase(&self, job: &Job, account: AccountId, now: Timestamp) -> std::result::Result<bool, JobError>;

    /// When the certificate with this code was erased with its learner.
    async fn erased_certificate(&self, code: &str) -> Result<Option<Timestamp>>;
}

porter_kernel::for_both_engines! {
    siblings academy, events, sql;

    #[async_trait]
    impl Privacy for academy::Academy {
        async fn export(&self, account: AccountId) -> Result<Value> {
            let mut all = Map::new();
            for personal in PERSONAL.iter().filter(|personal| personal.export == Export::Yes) {
                let text = format!("SELECT * FROM {} WHERE {} LIMIT {MOST_ROWS}", personal.table, personal.whose);
                // From constants alone.
                let rows = sqlx::query(sqlx::AssertSqlSafe(text)).bind(account.0).fetch_all(self.db.read_fresh()).await?;
                let rows = rows.iter().map(object).collect::<std::result::Result<Vec<_>, _>>()?;
                all.insert(personal.table.to_owned(), Value::Array(rows));
            }
            Ok(Value::Object(all))
        }

        async fn ask_to_be_erased(&self, account: AccountId, mail_id: Uuid, now: Timestamp) -> Result<Timestamp> {
            let mut tx = self.db.write().await?;
            sql::lock_account(&mut tx, account).await?;
            let due: Timestamp = sqlx::query_scalar(
                "INSERT INTO erasure (account_id, asked_at, due_at) VALUES ($1, $2, $3) \
                 ON CONFLICT (account_id) DO UPDATE SET due_at = erasure.due_at RETURNING due_at",
            )
            .bind(account.0)
            .bind(now)
            .bind(now + GRACE)
            .fetch_one(&mut *tx)
            .await?;
            tx.enqueue(&jobs::accounts::erase_account(account, due), now).await?;
            sqlx::query("DELETE FROM session WHERE account_id = $1").bind(account.0).execute(&mut *tx).await?;
            sql::void_resets(&mut tx, account, now).await?;
            sql::write_mail(&mut tx, &NewMail { id: mail_id, account, letter: Letter::DeletionAsked { due } }, now).await?;
            tx.commit().await?;
            Ok(due)
        }

        async fn erase(&self, job: &Job, account: AccountId, now: Timestamp) -> std::result::Result<bool, JobError> {
            let mut tx = self.db.write().await?;
            tx.fence(job, now).await?;
            sql::lock_account(&mut tx, account).await?;
            let due: Option<i64> = sqlx::query_scalar("SELECT COUNT(*) FROM erasure WHERE account_id = $1 AND due_at <= $2")
                .bind(account.0)
                .bind(now)
                .fetch_optional(&mut *tx)
                .await
                .map_err(DbError::from)?;
            let wanted = due.is_some_and(|due| due > 0);
            if wanted {
                forget(&mut tx, account, now).await?;
            }
            tx.finish(job, now).await?;
            tx.commit().await.map_err(DbError::from)?;
            Ok(wanted)
        }

        async fn erased_certificate(&self, code: &str) -> Result<Option<Timestamp>> {
            let at = sqlx::query_scalar("SELECT erased_at FROM erased_certificate WHERE code = $1");
            Ok(at.bind(code).fetch_optional(self.db.read_stale()).await?)
        }
    }

    async fn forget(tx: &mut engine::Tx, account: AccountId, now: Timestamp) -> std::result::Result<(), DbError> {
        sqlx::query("INSERT INTO erased_certificate (code, erased_at) SELECT code, $2 FROM certificate WHERE account_id = $1 ON CONFLICT DO NOTHING")
            .bind(account.0)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        sqlx::query("UPDATE api_key SET revoked_at = $2 WHERE made_by = $1 AND revoked_at IS NULL")
            .bind(account.0)
            .bind(now)
            .execute(&mut **tx)
            .await?;
        let files: Vec<Uuid> = sqlx::query_scalar(
            "SELECT DISTINCT stored FROM submission_file WHERE submission_id IN (SELECT id FROM submission WHERE account_id = $1)",
        )
        .bind(account.0)
        .fetch_all(&mut **tx)
        .await?;
        if !files.is_empty() {
            tx.enqueue(&jobs::files::drop_files(account.0, &files, now), now).await?;
        }
        for personal in PERSONAL.iter().filter(|personal| personal.erase == Erase::Delete) {
            let text = format!("DELETE FROM {} WHERE {}", personal.table, personal.whose);
            // From constants alone.
            sqlx::query(sqlx::AssertSqlSafe(text)).bind(account.0).execute(&mut **tx).await?;
        }
        sqlx::query(
            "UPDATE account SET email = $2, name = 'Erased account', role = 'learner', status = $3, password_hash = '!' WHERE id = $1",
        )
        .bind(account.0)
        // No address: it has no @, so nobody can sign up or ask for a link with it.
        .bind(format!("erased:{account}"))
        .bind(AccountStatus::Erased.as_str())
        .execute(&mut **tx)
        .await?;
        events::record(tx, &Event::AccountDeleted { account }, now).await
    }

    /// A row as an object: ids and times as text. Secrets are left out.
    fn object(row: &<engine::Engine as sqlx::Database>::Row) -> std::result::Result<Value, sqlx::Error> {
        let mut object = Map::new();
        for column in row.columns().iter().filter(|column| !is_secret(column.name())) {
            let (name, at) = (column.name(), column.ordinal());
            let kind = column.type_info().name().to_uppercase();
            let value = if row.try_get_raw(at)?.is_null() {
                Value::Null
            } else {
                match (kind.as_str(), is_time(name)) {
                    ("TIMESTAMPTZ", _) | ("INTEGER" | "INT8" | "BIGINT", true) => row.try_get::<Timestamp, _>(at)?.to_string().into(),
                    ("INTEGER" | "INT8" | "BIGINT", false) => row.try_get::<i64, _>(at)?.into(),
                    ("REAL" | "FLOAT8" | "DOUBLE PRECISION", _) => row.try_get::<f64, _>(at)?.into(),
                    ("BOOL" | "BOOLEAN", _) => row.try_get::<bool, _>(at)?.into(),
                    ("JSON" | "JSONB", _) => row.try_get::<Value, _>(at)?,
                    ("UUID" | "BLOB" | "BYTEA", _) => match row.try_get::<Uuid, _>(at) {
                        Ok(id) => id.to_string().into(),
                        // A file or a seal: how long it is says enough here.
                        Err(_) => format!("{} bytes", row.try_get::<Vec<u8>, _>(at)?.len()).into(),
                    },
                    _ => json_or_text(row.try_get::<String, _>(at)?),
                }
            };
            object.insert(name.to_owned(), value);
        }
        Ok(Value::Object(object))
    }
}

fn is_secret(column: &str) -> bool {
    column.ends_with("hash") || matches!(column, "sealed" | "secret" | "token")
}

/// SQLite keeps times as numbers.
fn is_time(column: &str) -> bool {
    column.ends_with("_at") || column.ends_with("_until")
}

/// SQLite keeps JSON as text.
fn json_or_text(text: String) -> Value {
    match serde_json::from_str::<Value>(&text) {
        Ok(value @ (Value::Object(_) | Value::Array(_))) => value,
        _ => Value::String(text),
    }
}
