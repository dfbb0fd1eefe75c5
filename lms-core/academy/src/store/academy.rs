//! The store itself, once for each engine, and its migrations.

use async_trait::async_trait;
use porter_kernel::db::Position;
use sqlx::migrate::Migrator;

use super::{AcademyStore, Positions, Result};

pub(super) static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
pub(super) static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

porter_kernel::for_both_engines! {
    /// The academy on one engine.
    #[derive(Debug)]
    pub(in crate::store) struct Academy {
        pub(in crate::store) db: engine::Db,
    }

    impl Academy {
        pub(in crate::store) fn new(db: engine::Db) -> Self {
            Self { db }
        }
    }

    #[async_trait]
    impl Positions for Academy {
        async fn position(&self) -> Result<Option<Position>> {
            Ok(self.db.position().await?)
        }
    }

    impl AcademyStore for Academy {}
}
