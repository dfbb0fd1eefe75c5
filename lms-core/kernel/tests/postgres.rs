//! PostgreSQL's own ways to fail.

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
async fn stale_reads_go_to_the_replica() {
    let server = porter_testkit::postgres();
    let (primary, replica) = (server.fresh_database().await, server.fresh_database().await);
    let db = Db::open(&primary, Some(&replica)).await.unwrap();
    let name = |pool| sqlx::query_scalar::<_, String>("SELECT current_database()::text").fetch_one(pool);
    let (fresh, stale) = (name(db.read_fresh()).await.unwrap(), name(db.read_stale()).await.unwrap());
    assert!(primary.reveal().ends_with(&fresh), "{fresh}");
    assert!(replica.reveal().ends_with(&stale), "{stale}");
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
