//! SQLite: one writer, several readers, write-ahead log.
//!
//! SQLite lets one transaction write at a time. A transaction that begins by reading and then
//! writes fails at once with `database is locked` when another has written in between, whatever the
//! busy timeout is. So every write begins with `BEGIN IMMEDIATE`, which waits for its turn, and all
//! writes of this process queue for one connection, where waiting is fair.

use std::{fs, path::Path, time::Duration};

use sqlx::{
    migrate::Migrator,
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous},
};

use super::{DbError, Freshness, Position, own_table};

/// The engine, as sqlx names it.
pub type Engine = sqlx::Sqlite;
/// A pool of connections.
pub type Pool = SqlitePool;
/// A transaction. Dropped without `commit`, it changes nothing.
pub type Tx = sqlx::Transaction<'static, Engine>;
/// A connection to read with.
pub type Reader = PoolConnection<Engine>;

/// How long another *process* may hold the write lock before we give up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a request waits for its turn.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Reads are short and the file is in memory: more connections than this do not make two cores faster.
const READERS: u32 = 4;

/// An open SQLite file. Clones share it.
#[derive(Debug, Clone)]
pub struct Db {
    writer: Pool,
    readers: Pool,
}

impl Db {
    /// Opens the file; makes it, and the folder that it lies in, when they are not there.
    pub async fn open(path: &Path) -> Result<Self, DbError> {
        let failed = |cause: Box<dyn std::error::Error + Send + Sync>| DbError::Open {
            what: format!("the database file {}", path.display()),
            cause,
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|error| failed(format!("its folder cannot be made: {error}").into()))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true);
        // The writer opens first and stays open, so the log that readers need is always there.
        let writer = SqlitePoolOptions::new()
            .min_connections(1)
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone().create_if_missing(true))
            .await
            .map_err(|error| match DbError::from(error) {
                error @ (DbError::Corrupt(_) | DbError::FullDisk(_)) => error,
                DbError::Unavailable(error) => failed(error.into()),
                error => failed(error.into()),
            })?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(SqliteConnectOptions::read_only(options, true));
        Ok(Self { writer, readers })
    }

    /// Begins a transaction that may write, when its turn has come.
    pub async fn write(&self) -> Result<Tx, DbError> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Reads that see everything that was committed.
    #[must_use]
    pub fn read_fresh(&self) -> &Pool {
        &self.readers
    }

    /// Reads that may lag. SQLite has no replica, so these do not.
    #[must_use]
    pub fn read_stale(&self) -> &Pool {
        &self.readers
    }

    /// A connection that sees everything that was committed, whatever is asked for: there is no replica.
    pub async fn read(&self, _: Freshness) -> Result<Reader, DbError> {
        Ok(self.readers.acquire().await?)
    }

    /// `None`: nothing lags, so no read needs to name what it must see.
    #[expect(clippy::unused_async, reason = "the same name with the same meaning as PostgreSQL's")]
    pub async fn position(&self) -> Result<Option<Position>, DbError> {
        Ok(None)
    }

    /// Applies the migrations of one component that are not applied yet.
    pub async fn migrate(&self, component: &'static str, migrator: &Migrator) -> Result<(), DbError> {
        let failed = |cause| DbError::Migration { component, cause };
        let mut connection = self.writer.acquire().await?;
        own_table(component, migrator).run(&mut *connection).await.map_err(|error| failed(error.into()))
    }

    /// Asks for a sign of life.
    pub async fn ping(&self) -> Result<(), DbError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }

    /// Closes every connection, once their work is done. The last one folds the log into the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
