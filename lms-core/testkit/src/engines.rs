//! Fresh databases, and one suite for both engines.

use porter_kernel::db::{Database, postgres, sqlite};
use tempfile::TempDir;

use crate::server;

/// Which engine a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of the shared test server.
    Postgres,
}

/// An empty database. A file goes with this value.
#[derive(Debug)]
pub struct TestDb {
    /// The database.
    pub db: Database,
    /// Which one it is.
    pub engine: Engine,
    _folder: Option<TempDir>,
}

impl TestDb {
    /// A database of a cluster, which goes with the cluster.
    pub(crate) fn of_cluster(db: postgres::Db) -> Self {
        Self { db: Database::Postgres(db), engine: Engine::Postgres, _folder: None }
    }
}

/// An empty database of the engine.
pub async fn databases(engine: Engine) -> TestDb {
    let (db, folder) = match engine {
        Engine::Sqlite => {
            let (folder, db) = sqlite().await;
            (Database::Sqlite(db), Some(folder))
        }
        Engine::Postgres => (Database::Postgres(postgres_db().await), None),
    };
    TestDb { db, engine, _folder: folder }
}

/// An empty SQLite file, and the folder that it lies in.
pub async fn sqlite() -> (TempDir, sqlite::Db) {
    let folder = tempfile::tempdir().expect("making a temporary folder");
    let db = sqlite::Db::open(&folder.path().join("test.db")).await.expect("opening SQLite");
    (folder, db)
}

/// An empty PostgreSQL database.
pub async fn postgres_db() -> postgres::Db {
    let url = server::postgres().fresh_database().await;
    postgres::Db::open(&url, None).await.expect("opening PostgreSQL")
}

/// Makes two tests of each named function, one on each engine, in modules `sqlite` and `postgres`.
///
/// ```ignore
/// async fn open(db: TestDb) -> Desk { … }
/// async fn a_message_is_kept(desk: Desk) { … }
///
/// porter_testkit::both_engines!(open; a_message_is_kept);
/// ```
#[macro_export]
macro_rules! both_engines {
    ($open:path; $($test:ident),+ $(,)?) => {
        $crate::both_engines!(@engine sqlite Sqlite $open; $($test),+);
        $crate::both_engines!(@engine postgres Postgres $open; $($test),+);
    };
    (@engine $module:ident $engine:ident $open:path; $($test:ident),+) => {
        mod $module {
            use super::*;
            $(
                #[test]
                fn $test() {
                    $crate::run(async {
                        let db = $crate::databases($crate::Engine::$engine).await;
                        super::$test($open(db).await).await;
                    });
                }
            )+
        }
    };
}

/// Runs a test's future on two threads, so that concurrent calls really are concurrent.
pub fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("starting a runtime").block_on(test);
}
