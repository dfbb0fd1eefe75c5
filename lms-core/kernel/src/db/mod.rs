//! The two database engines behind one surface.
//!
//! [`sqlite`] and [`postgres`] have the same names with the same meaning, so that
//! [`for_both_engines!`](crate::for_both_engines) can stamp one text for both. Freshness is named
//! at the call site:
//!
//! * `write()` begins a transaction that may change things;
//! * `read_fresh()` sees everything that was committed: whatever is *decided* is read here;
//! * `read_stale()` may lag (a replica, when one is configured): for pages and lists.
//!
//! Neither of the two read pools can write.

mod codec;
mod error;
mod macros;
pub mod postgres;
mod setting;
pub mod sqlite;

use sqlx::migrate::Migrator;

pub use codec::storable;
pub use error::DbError;
pub use setting::{DatabaseSetting, PostgresUrl, SettingError};

/// An open database. Only the composition root and the stores' `open` functions look inside.
#[derive(Debug, Clone)]
pub enum Database {
    /// A file of this process.
    Sqlite(sqlite::Db),
    /// A server, perhaps with a replica.
    Postgres(postgres::Db),
}

impl Database {
    /// Opens what the configuration names. `replica` is for PostgreSQL only.
    pub async fn open(primary: &DatabaseSetting, replica: Option<&DatabaseSetting>) -> Result<Self, DbError> {
        match (primary, replica) {
            (DatabaseSetting::Sqlite(path), None) => Ok(Self::Sqlite(sqlite::Db::open(path).await?)),
            (DatabaseSetting::Postgres(url), None) => Ok(Self::Postgres(postgres::Db::open(url, None).await?)),
            (DatabaseSetting::Postgres(url), Some(DatabaseSetting::Postgres(replica))) => {
                Ok(Self::Postgres(postgres::Db::open(url, Some(replica)).await?))
            }
            (_, Some(_)) => Err(DbError::Open {
                what: "a read replica".to_owned(),
                cause: "only PostgreSQL has read replicas: give both addresses as postgres://…, or \
                        take the replica out of the configuration"
                    .into(),
            }),
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
