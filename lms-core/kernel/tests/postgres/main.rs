//! PostgreSQL's own ways to fail, and its replicas.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests report by panicking")]

mod outage;
mod replicas;

use porter_kernel::db::{DbError, PostgresUrl, postgres::Db};

#[tokio::test]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let url: PostgresUrl = "postgres://ann:secret@127.0.0.1:1/porter".parse().unwrap();
    let error = Db::open(&url, None).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot open the database postgres://ann:***@127.0.0.1:1/porter: "), "{error}");
    assert!(error.contains("refused") && !error.contains("secret"), "{error}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    let url = porter_testkit::postgres().fresh_database().await;
    let (server, _) = url.reveal().rsplit_once('/').unwrap();
    let missing: PostgresUrl = format!("{server}/nothing").parse().unwrap();
    let error = Db::open(&missing, None).await.unwrap_err().to_string();
    assert!(error.contains("\"nothing\" does not exist"), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_unavailable_and_the_next_one_works() {
    let db = porter_testkit::postgres_db().await;
    let mut tx = db.write().await.unwrap();
    let cut = sqlx::query("SELECT pg_terminate_backend(pg_backend_pid())").execute(&mut *tx).await.unwrap_err();
    let cut = DbError::from(cut);
    assert!(cut.is_transient(), "{cut:?}");
    drop(tx);
    let mut tx = db.write().await.unwrap();
    let one: i32 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(one, 1);
}

#[tokio::test]
async fn processes_that_start_together_migrate_once() {
    let url = porter_testkit::postgres().fresh_database().await;
    let tasks: Vec<_> = (0..6)
        .map(|_| {
            let url = url.clone();
            async move {
                let db = Db::open(&url, None).await.unwrap();
                let sql = sqlx::SqlSafeStr::into_sql_str("CREATE TABLE once (id BIGINT)");
                let step = sqlx::migrate::Migration::new(1, "once".into(), sqlx::migrate::MigrationType::Simple, sql, false);
                db.migrate("once", &sqlx::migrate::Migrator::with_migrations(vec![step])).await
            }
        })
        .collect();
    for migrated in futures::future::join_all(tasks).await {
        migrated.unwrap();
    }
}

/// Waits until it is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut ticks = tokio::time::interval(std::time::Duration::from_millis(20));
    let waiting = async {
        while !is_so().await {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(60), waiting)
        .await
        .unwrap_or_else(|_| panic!("in a minute it was not so: {what}"));
}

/// Notes a name in a table of one column.
async fn note(db: &Db, name: &str) -> Result<(), DbError> {
    let mut tx = db.write().await?;
    sqlx::query("INSERT INTO noted (name) VALUES ($1)").bind(name).execute(&mut *tx).await?;
    Ok(tx.commit().await?)
}

/// What was noted.
async fn noted(reader: &mut porter_kernel::db::postgres::Reader) -> Result<Vec<String>, DbError> {
    Ok(sqlx::query_scalar("SELECT name FROM noted ORDER BY name").fetch_all(&mut **reader).await?)
}
