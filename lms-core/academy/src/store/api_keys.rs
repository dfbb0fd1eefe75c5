//! Keys with which services call the academy. Only hashes are stored.

use std::time::Duration;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::storable;
use porter_kernel::ids::TokenHash;
use uuid::Uuid;

use super::{AcademyError, Result};
use crate::domain::{AccountId, ApiKey, ApiScope};

/// How exactly it is kept when a key was used last.
const SEEN: Duration = Duration::from_hours(1);

/// A key to be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub token: TokenHash,
    pub scopes: Vec<ApiScope>,
    pub made_by: AccountId,
    pub expires_at: Option<Timestamp>,
}

/// Keys of services.
#[async_trait]
pub trait ApiKeys: Send + Sync {
    /// Every key, the newest first, 500 at most.
    async fn api_keys(&self) -> Result<Vec<ApiKey>>;

    /// Adds a key. The same id again changes nothing.
    async fn add_api_key(&self, key: &NewApiKey, now: Timestamp) -> Result<()>;

    /// Ends a key for good. Errors: [`AcademyError::NotFound`] when there is none that is not revoked.
    async fn revoke_api_key(&self, id: Uuid, now: Timestamp) -> Result<()>;

    /// The live key with this hash and scope; notes once an hour that it is used.
    async fn use_api_key(&self, token: &TokenHash, scope: ApiScope, now: Timestamp) -> Result<Option<Uuid>>;
}

#[derive(sqlx::FromRow)]
struct Row {
    id: Uuid,
    name: String,
    prefix: String,
    scopes: String,
    made_by: String,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    used_at: Option<Timestamp>,
}

impl From<Row> for ApiKey {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            name: row.name,
            prefix: row.prefix,
            // A word that this version does not know opens nothing.
            scopes: row.scopes.split(' ').filter_map(|word| word.parse().ok()).collect(),
            made_by: row.made_by,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            used_at: row.used_at,
        }
    }
}

porter_kernel::for_both_engines! {
    siblings academy;

    #[async_trait]
    impl ApiKeys for academy::Academy {
        async fn api_keys(&self) -> Result<Vec<ApiKey>> {
            let rows: Vec<Row> = sqlx::query_as(
                "SELECT k.id, k.name, k.prefix, k.scopes, a.name AS made_by, k.created_at, k.expires_at, k.revoked_at, k.used_at \
                 FROM api_key k JOIN account a ON a.id = k.made_by ORDER BY k.created_at DESC, k.id DESC LIMIT 500",
            )
            .fetch_all(self.db.read_fresh())
            .await?;
            Ok(rows.into_iter().map(Into::into).collect())
        }

        async fn add_api_key(&self, key: &NewApiKey, now: Timestamp) -> Result<()> {
            let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
            let mut tx = self.db.write().await?;
            sqlx::query(
                "INSERT INTO api_key (id, name, prefix, token_hash, scopes, made_by, created_at, expires_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING",
            )
            .bind(key.id)
            .bind(storable(&key.name))
            .bind(&key.prefix)
            .bind(key.token.as_str())
            .bind(scopes.join(" "))
            .bind(key.made_by.0)
            .bind(now)
            .bind(key.expires_at)
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            Ok(())
        }

        async fn revoke_api_key(&self, id: Uuid, now: Timestamp) -> Result<()> {
            let mut tx = self.db.write().await?;
            let revoked = sqlx::query("UPDATE api_key SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
                .bind(id)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            if revoked.rows_affected() == 1 { Ok(()) } else { Err(AcademyError::NotFound) }
        }

        async fn use_api_key(&self, token: &TokenHash, scope: ApiScope, now: Timestamp) -> Result<Option<Uuid>> {
            let row: Option<(Uuid, String, Option<Timestamp>)> = sqlx::query_as(
                "SELECT id, scopes, used_at FROM api_key \
                 WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)",
            )
            .bind(token.as_str())
            .bind(now)
            .fetch_optional(self.db.read_fresh())
            .await?;
            let Some((id, _, used_at)) = row.filter(|(_, scopes, _)| scopes.split(' ').any(|word| word == scope.as_str())) else {
                return Ok(None);
            };
            if used_at.is_none_or(|used| now.since(used) >= SEEN) {
                let mut tx = self.db.write().await?;
                sqlx::query("UPDATE api_key SET used_at = $2 WHERE id = $1").bind(id).bind(now).execute(&mut *tx).await?;
                tx.commit().await?;
            }
            Ok(Some(id))
        }
    }
}
