//! The two database engines behind one surface.
//!
//! [`sqlite`] and [`postgres`] have the same names with the same meaning, so that
//! [`for_both_engines!`](crate::for_both_engines) can stamp one text for both. Freshness is named
//! at the call site:
//!
//! * `write()` begins a transaction that may change things;
//! * `read_fresh()` sees everything that was committed: whatever is *decided* is read here;
//! * `read_stale()` may lag (a replica, when one is configured): for pages and lists;
//! * `read(freshness)` leaves it to the caller, who may also say [`Freshness::Since`]: at least what this person wrote.
//!
//! None of these can write.

mod codec;
mod contents;
mod error;
mod freshness;
mod macros;
pub mod postgres;
mod replicas;
mod setting;
pub mod sqlite;

use std::time::Duration;

use sqlx::migrate::Migrator;

pub use codec::storable;
pub use contents::{Contents, TableChange};
pub use error::DbError;
pub use freshness::{Freshness, NoPosition, Position};
pub use replicas::{MAX_LAG, Traffic};
pub use setting::{DatabaseSetting, PostgresUrl, ReplicaSettings, SettingError};

/// An open database. Only the composition root and the stores' `open` functions look inside.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file of this process.
    Sqlite(sqlite::Db),
    /// A server, perhaps with a replica.
    Postgres(postgres::Db),
}

impl Database {
    /// As [`Self::open_within`], with a bound of [`MAX_LAG`].
    pub async fn open<'s>(
        primary: &DatabaseSetting,
        replicas: impl IntoIterator<Item = &'s DatabaseSetting>,
    ) -> Result<Self, DbError> {
        Self::open_within(primary, replicas, MAX_LAG).await
    }

    /// Opens what the configuration names. Replicas are for PostgreSQL only; one that is more than `max_lag` behind is not read.
    pub async fn open_within<'s>(
        primary: &DatabaseSetting,
        replicas: impl IntoIterator<Item = &'s DatabaseSetting>,
        max_lag: Duration,
    ) -> Result<Self, DbError> {
        let replicas: Vec<&DatabaseSetting> = replicas.into_iter().collect();
        let servers: Vec<&PostgresUrl> = replicas
            .iter()
            .filter_map(|replica| match replica {
                DatabaseSetting::Postgres(url) => Some(url),
                DatabaseSetting::Sqlite(_) => None,
            })
            .collect();
        match primary {
            DatabaseSetting::Sqlite(path) if replicas.is_empty() => Ok(Self::Sqlite(sqlite::Db::open(path).await?)),
            DatabaseSetting::Postgres(url) if servers.len() == replicas.len() => {
                Ok(Self::Postgres(postgres::Db::open_within(url, servers, max_lag).await?))
            }
            _ => Err(DbError::Open {
                what: "a read replica".to_owned(),
                cause: "only PostgreSQL has read replicas: give both addresses as postgres://…, or \
                        take the replica out of the configuration"
                    .into(),
            }),
        }
    }

    /// A position that includes everything committed before the call; `None` where nothing lags.
    pub async fn position(&self) -> Result<Option<Position>, DbError> {
        match self {
            Self::Sqlite(db) => db.position().await,
            Self::Postgres(db) => db.position().await,
        }
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), DbError> {
        match self {
            Self::Sqlite(db) => db.ping().await,
            Self::Postgres(db) => db.ping().await,
        }
    }

    /// Closes every connection, once their work is done.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(db) => db.close().await,
            Self::Postgres(db) => db.close().await,
        }
    }
}

/// The same migrations under the component's own table, `_migrations_<component>`.
fn own_table(component: &'static str, migrator: &Migrator) -> Migrator {
    let mut own = Migrator::with_migrations(migrator.iter().cloned().collect());
    own.dangerous_set_table_name(format!("_migrations_{component}"));
    own
}
