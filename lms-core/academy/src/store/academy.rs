//! The store itself, once for each engine, and its migrations.

use sqlx::migrate::Migrator;

use super::AcademyStore;

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

    impl AcademyStore for Academy {}
}
