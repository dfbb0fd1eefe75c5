//! PostgreSQL: a primary for writes and fresh reads, perhaps replicas for others.

use std::{sync::Arc, time::Duration};

use sqlx::{
    ConnectOptions, Connection,
    migrate::Migrator,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use super::{
    DbError, Freshness, Position, PostgresUrl, own_table,
    replicas::{MAX_LAG, Replicas, Traffic},
};

/// The engine, as sqlx names it.
pub type Engine = sqlx::Postgres;
/// A pool of connections.
pub type Pool = PgPool;
/// A transaction. Dropped without `commit`, it changes nothing.
pub type Tx = sqlx::Transaction<'static, Engine>;

/// A connection to read with.
pub type Reader = PoolConnection<Engine>;

/// How long a request waits for a connection. A server that is down or hangs is found out within it, since a connection is tried before it is
/// given out: long enough for a restart to pass unnoticed, short enough for a page to say so.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(3);
/// What the server itself puts an end to. A read is short; a write may load a million rows, but waits for nobody for long.
const READ_LIMITS: [(&str, &str); 3] =
    [("default_transaction_read_only", "on"), ("statement_timeout", "15s"), ("idle_in_transaction_session_timeout", "60s")];
const WRITE_LIMITS: [(&str, &str); 2] = [("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "60s")];
/// Of each of the primary's two pools; PostgreSQL's default limit is 100 for all processes.
const CONNECTIONS: u32 = 10;

/// An open PostgreSQL database. Clones share it.
#[derive(Debug, Clone)]
pub struct Db {
    primary: Pool,
    fresh: Pool,
    replicas: Arc<Replicas>,
}

impl Db {
    /// As [`Self::open_within`], with a bound of ten seconds.
    pub async fn open<'u>(primary: &PostgresUrl, replicas: impl IntoIterator<Item = &'u PostgresUrl>) -> Result<Self, DbError> {
        Self::open_within(primary, replicas, MAX_LAG).await
    }

    /// Connects to the primary once, to fail early; the pools connect when they are used. A replica that is more than `max_lag` behind is not read
    /// until it has caught up. A replica that cannot be reached is no error: it is used when it can. Needs a tokio runtime, for as long as the
    /// replicas are to be watched.
    pub async fn open_within<'u>(
        primary: &PostgresUrl,
        replicas: impl IntoIterator<Item = &'u PostgresUrl>,
        max_lag: Duration,
    ) -> Result<Self, DbError> {
        let replicas = replicas
            .into_iter()
            .map(|url| Ok((url.to_string(), self::options(url)?.options(READ_LIMITS))))
            .collect::<Result<Vec<_>, DbError>>()?;
        let options = options(primary)?;
        // A pool would wait for its timeout and hide why it cannot connect.
        let failed = |cause| DbError::Open { what: format!("the database {primary}"), cause };
        match tokio::time::timeout(ACQUIRE_TIMEOUT, options.connect()).await {
            Ok(Ok(connection)) => connection.close().await?,
            Ok(Err(error)) => return Err(failed(error.into())),
            Err(_) => {
                return Err(failed(format!("no answer within {ACQUIRE_TIMEOUT:?}").into()));
            }
        }
        let reading = options.clone().options(READ_LIMITS);
        let replicas = Arc::new(Replicas::open(&reading, replicas, max_lag));
        Ok(Self { primary: pool(options.options(WRITE_LIMITS)), fresh: pool(reading), replicas })
    }

    /// Begins a transaction that may write.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(self.primary.begin().await?)
    }

    /// Reads that see everything that was committed.
    #[must_use]
    pub fn read_fresh(&self) -> &Pool {
        &self.fresh
    }

    /// Reads that may lag behind the primary, which they go to when no replica is in rotation. Decide nothing on them.
    #[must_use]
    pub fn read_stale(&self) -> &Pool {
        self.replicas.pool().unwrap_or(&self.fresh)
    }

    /// A connection that sees at least what `freshness` asks for, for as long as it is held: to a replica that is known to have it, else to the
    /// primary. Decide nothing on it unless it is [`Freshness::Fresh`].
    pub async fn read(&self, freshness: Freshness) -> Result<Reader, DbError> {
        let position = match freshness {
            Freshness::Fresh => None,
            Freshness::Since(position) => Some(position),
            Freshness::Stale => Some(Position::default()),
        };
        if let Some(position) = position
            && let Some(reader) = self.replicas.reader(position).await
        {
            return Ok(reader);
        }
        self.replicas.count_primary();
        Ok(self.fresh.acquire().await?)
    }

    /// A position that includes everything committed before the call; `None` without replicas, where nothing lags.
    pub async fn position(&self) -> Result<Option<Position>, DbError> {
        if self.replicas.is_empty() {
            return Ok(None);
        }
        let lsn: String = sqlx::query_scalar("SELECT pg_current_wal_insert_lsn()::text").fetch_one(&self.fresh).await?;
        match Position::from_lsn(&lsn) {
            Some(position) => Ok(Some(position)),
            None => Err(DbError::Internal(sqlx::Error::Protocol(format!("{lsn} is no position")))),
        }
    }

    /// Where the reads by [`Self::read`] went.
    #[must_use]
    pub fn traffic(&self) -> Traffic {
        self.replicas.traffic()
    }

    /// How many replicas are in rotation.
    #[must_use]
    pub fn replicas_in_rotation(&self) -> usize {
        self.replicas.in_rotation()
    }

    /// Applies the migrations of one component that are not applied yet. Processes that start at
    /// the same time wait for one another.
    pub async fn migrate(&self, component: &'static str, migrator: &Migrator) -> Result<(), DbError> {
        let mut connection = self.primary.acquire().await?;
        let outcome = own_table(component, migrator).run(&mut *connection).await;
        if let Err(error) = outcome {
            // The advisory lock lives as long as the connection.
            let _ = connection.close().await;
            return Err(DbError::Migration { component, cause: error.into() });
        }
        Ok(())
    }

    /// Asks the primary for a sign of life.
    pub async fn ping(&self) -> Result<(), DbError> {
        sqlx::query("SELECT 1").execute(&self.fresh).await?;
        Ok(())
    }

    /// Closes every connection, once their work is done.
    pub async fn close(&self) {
        self.replicas.close().await;
        self.fresh.close().await;
        self.primary.close().await;
    }
}

fn options(url: &PostgresUrl) -> Result<PgConnectOptions, DbError> {
    let options = url.options().map_err(|error| DbError::Open { what: format!("the database {url}"), cause: error.into() })?;
    Ok(if options.get_application_name().is_none() { options.application_name("porter") } else { options })
}

fn pool(options: PgConnectOptions) -> Pool {
    PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(options)
}
