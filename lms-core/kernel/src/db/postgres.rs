//! PostgreSQL: a primary for writes and fresh reads, perhaps a replica for stale ones.

use std::time::Duration;

use sqlx::{
    ConnectOptions, Connection,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use super::{DbError, PostgresUrl, own_table};

/// The engine, as sqlx names it.
pub type Engine = sqlx::Postgres;
/// A pool of connections.
pub type Pool = PgPool;
/// A transaction. Dropped without `commit`, it changes nothing.
pub type Tx = sqlx::Transaction<'static, Engine>;

/// How long a request waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Of each pool: three pools at most, and PostgreSQL's default limit is 100 for all processes.
const CONNECTIONS: u32 = 10;

/// An open PostgreSQL database. Clones share it.
#[derive(Debug, Clone)]
pub struct Db {
    primary: Pool,
    fresh: Pool,
    stale: Pool,
}

impl Db {
    /// Connects to the primary once, to fail early; the pools connect when they are used.
    pub async fn open(primary: &PostgresUrl, replica: Option<&PostgresUrl>) -> Result<Self, DbError> {
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
        let fresh = pool(read_only(options.clone()));
        let stale = match replica {
            Some(replica) => pool(read_only(self::options(replica)?)),
            None => fresh.clone(),
        };
        Ok(Self { primary: pool(options), fresh, stale })
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

    /// Reads that may lag behind the primary. Decide nothing on them.
    #[must_use]
    pub fn read_stale(&self) -> &Pool {
        &self.stale
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
        self.stale.close().await;
        self.fresh.close().await;
        self.primary.close().await;
    }
}

fn options(url: &PostgresUrl) -> Result<PgConnectOptions, DbError> {
    let options = url.options().map_err(|error| DbError::Open { what: format!("the database {url}"), cause: error.into() })?;
    Ok(if options.get_application_name().is_none() { options.application_name("porter") } else { options })
}

fn read_only(options: PgConnectOptions) -> PgConnectOptions {
    options.options([("default_transaction_read_only", "on")])
}

fn pool(options: PgConnectOptions) -> Pool {
    PgPoolOptions::new().max_connections(CONNECTIONS).acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy_with(options)
}
