//! The two engines behind one surface.
#![expect(clippy::unwrap_used, reason = "helpers of tests report by panicking")]

use std::{borrow::Cow, time::Duration};

use porter_kernel::{
    clock::{Clock as _, ManualClock, Timestamp},
    db::{Database, DatabaseSetting, DbError},
};
use porter_testkit::TestDb;
use sqlx::{
    SqlSafeStr as _,
    migrate::{Migration, MigrationType, Migrator},
};

fn migrator(sql: &'static str) -> Migrator {
    let name = Cow::Borrowed("things");
    Migrator::with_migrations(vec![Migration::new(1, name, MigrationType::Simple, sql.into_sql_str(), false)])
}

/// One table in each engine's own words.
struct Things(TestDb);

impl Things {
    async fn open(db: TestDb) -> Self {
        match &db.db {
            Database::Sqlite(db) => {
                let sql = "CREATE TABLE thing (id BLOB NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, \
                           parent BLOB REFERENCES thing (id)) STRICT";
                db.migrate("things", &migrator(sql)).await.unwrap();
            }
            Database::Postgres(db) => {
                let sql = "CREATE TABLE thing (id UUID NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE, at TIMESTAMPTZ NOT NULL, \
                           parent UUID REFERENCES thing (id))";
                db.migrate("things", &migrator(sql)).await.unwrap();
            }
        }
        Self(db)
    }
}

mod statements {
    use super::*;
    use uuid::Uuid;

    porter_kernel::for_both_engines! {
        pub(crate) async fn insert(db: &engine::Db, name: &str, at: Timestamp, parent: Option<Uuid>) -> Result<(), DbError> {
            let mut tx = db.write().await?;
            sqlx::query("INSERT INTO thing (id, name, at, parent) VALUES ($1, $2, $3, $4)")
                .bind(Uuid::from_u128(u128::from(name.len() as u64)))
                .bind(name)
                .bind(at)
                .bind(parent)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        }

        pub(crate) async fn times(pool: &engine::Pool) -> Result<Vec<Timestamp>, DbError> {
            Ok(sqlx::query_scalar("SELECT at FROM thing ORDER BY at").fetch_all(pool).await?)
        }

        pub(crate) async fn write_by_reading(pool: &engine::Pool) -> Result<(), DbError> {
            sqlx::query("DELETE FROM thing").execute(pool).await?;
            Ok(())
        }

        /// Reads, waits, writes: what fails on SQLite unless the transaction begins as a writer.
        pub(crate) async fn rename(db: &engine::Db, suffix: &str) -> Result<(), DbError> {
            let mut tx = db.write().await?;
            let name: String = sqlx::query_scalar("UPDATE thing SET at = at RETURNING name").fetch_one(&mut *tx).await?;
            tokio::task::yield_now().await;
            sqlx::query("UPDATE thing SET name = $1").bind(name + suffix).execute(&mut *tx).await?;
            tx.commit().await?;
            Ok(())
        }

        pub(crate) async fn names(pool: &engine::Pool) -> Result<Vec<String>, DbError> {
            Ok(sqlx::query_scalar("SELECT name FROM thing").fetch_all(pool).await?)
        }
    }
}

/// Calls the engine's half of a statement.
macro_rules! on {
    ($things:expr, |$db:ident| $body:expr) => {
        match &$things.0.db {
            Database::Sqlite($db) => $body,
            Database::Postgres($db) => $body,
        }
    };
    ($things:expr, |$db:ident, $half:ident| $body:expr) => {
        match &$things.0.db {
            Database::Sqlite($db) => {
                use statements::sqlite as $half;
                $body
            }
            Database::Postgres($db) => {
                use statements::postgres as $half;
                $body
            }
        }
    };
}

async fn a_time_is_stored_to_the_microsecond(things: Things) {
    let clock = ManualClock::default();
    let early = Timestamp::from_micros(-1).unwrap();
    let fine = clock.advance(Duration::from_nanos(1_001_999));
    on!(things, |db, half| {
        half::insert(db, "a", fine, None).await.unwrap();
        half::insert(db, "bb", early, None).await.unwrap();
        for pool in [db.read_fresh(), db.read_stale()] {
            assert_eq!(half::times(pool).await.unwrap(), [early, fine]);
        }
    });
}

async fn a_read_pool_cannot_write(things: Things) {
    let now = ManualClock::default().now();
    on!(things, |db, half| {
        half::insert(db, "a", now, None).await.unwrap();
        for pool in [db.read_fresh(), db.read_stale()] {
            assert!(half::write_by_reading(pool).await.is_err());
        }
        assert_eq!(half::names(db.read_fresh()).await.unwrap(), ["a"]);
    });
}

async fn a_broken_rule_is_a_conflict(things: Things) {
    let now = ManualClock::default().now();
    on!(things, |db, half| {
        half::insert(db, "a", now, None).await.unwrap();
        let same = half::insert(db, "a", now, None).await;
        assert!(matches!(&same, Err(DbError::Conflict { constraint }) if constraint.contains("thing")), "{same:?}");
        let orphan = half::insert(db, "bbb", now, Some(uuid::Uuid::from_u128(77))).await;
        assert!(matches!(&orphan, Err(DbError::Conflict { .. })), "{orphan:?}");
    });
}

async fn writers_wait_for_one_another(things: Things) {
    let now = ManualClock::default().now();
    on!(things, |db, half| {
        half::insert(db, "a", now, None).await.unwrap();
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { half::rename(&db, "x").await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(half::names(db.read_fresh()).await.unwrap(), [format!("a{}", "x".repeat(20))]);
    });
}

async fn migrations_are_kept_apart_by_component(things: Things) {
    let again = "CREATE TABLE other (id BIGINT NOT NULL PRIMARY KEY)";
    on!(things, |db| {
        db.migrate("others", &migrator(again)).await.unwrap();
        db.migrate("others", &migrator(again)).await.unwrap();
        let changed = migrator("CREATE TABLE other (id BIGINT NOT NULL PRIMARY KEY, more TEXT)");
        for _ in 0..2 {
            let error = db.migrate("others", &changed).await.unwrap_err();
            assert!(matches!(error, DbError::Migration { component: "others", .. }), "{error}");
        }
        // Nothing is left locked.
        db.migrate("others", &migrator(again)).await.unwrap();
    });
    things.0.db.ping().await.unwrap();
}

async fn a_closed_database_is_unavailable(things: Things) {
    things.0.db.close().await;
    let error = things.0.db.ping().await.unwrap_err();
    assert!(error.is_transient(), "{error}");
}

porter_testkit::both_engines!(
    Things::open;
    a_time_is_stored_to_the_microsecond,
    a_read_pool_cannot_write,
    a_broken_rule_is_a_conflict,
    writers_wait_for_one_another,
    migrations_are_kept_apart_by_component,
    a_closed_database_is_unavailable,
);

#[tokio::test]
async fn a_replica_is_for_postgres_only() {
    let setting = |text: &str| text.parse::<DatabaseSetting>().unwrap();
    let error = Database::open(&setting("sqlite:/tmp/p.db"), Some(&setting("sqlite:/tmp/q.db"))).await.unwrap_err();
    assert!(error.to_string().contains("only PostgreSQL has read replicas"), "{error}");
}
