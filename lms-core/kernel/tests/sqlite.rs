//! SQLite's own ways to fail.
#![expect(clippy::unwrap_used, reason = "helpers of tests report by panicking")]

use std::{fs, path::Path};

use porter_kernel::db::{DbError, sqlite::Db};

async fn pragma(db: &Db, name: &str) -> (String, String) {
    let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
    let mut tx = db.write().await.unwrap();
    let writer = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())).fetch_one(&mut *tx).await.unwrap();
    let reader = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(db.read_fresh()).await.unwrap();
    (writer, reader)
}

#[tokio::test]
async fn the_file_is_made_with_its_folder_and_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/er/porter.db");
    let db = Db::open(&path).await.unwrap();
    assert_eq!(pragma(&db, "journal_mode").await, ("wal".to_owned(), "wal".to_owned()));
    assert_eq!(pragma(&db, "foreign_keys").await, ("1".to_owned(), "1".to_owned()));
    assert_eq!(pragma(&db, "synchronous").await.0, "2", "FULL");
    let mut tx = db.write().await.unwrap();
    let busy: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(busy, 5000);
    drop(tx);

    db.close().await;
    let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(left, ["porter.db"], "the log is folded in");
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing_and_frees_the_writer() {
    let (_folder, db) = porter_testkit::sqlite().await;
    let mut tx = db.write().await.unwrap();
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *tx).await.unwrap();
    drop(tx);
    let mut tx = db.write().await.unwrap();
    let tables: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sqlite_schema").fetch_one(&mut *tx).await.unwrap();
    assert_eq!(tables, 0);
}

#[tokio::test]
async fn a_path_that_cannot_be_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    let error = Db::open(&file.join("porter.db")).await.unwrap_err().to_string();
    assert!(error.contains("file/porter.db: its folder cannot be made"), "{error}");
    let error = Db::open(folder.path()).await.unwrap_err().to_string();
    assert!(error.starts_with("cannot open the database file"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_called_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("porter.db");
    fs::write(&path, "not a database at all, and long enough to be looked at".repeat(100)).unwrap();
    let error = Db::open(&path).await.unwrap_err();
    assert!(matches!(error, DbError::Corrupt(_)), "{error:?}");
    assert!(error.to_string().contains("restore the database from a backup"), "{error}");
}

#[tokio::test]
async fn a_full_disk_is_told_as_such_and_loses_nothing() {
    let (_folder, db) = porter_testkit::sqlite().await;
    let mut tx = db.write().await.unwrap();
    sqlx::query("CREATE TABLE t (text TEXT)").execute(&mut *tx).await.unwrap();
    sqlx::query("INSERT INTO t VALUES ('kept')").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();

    // As if the disk ended here.
    let mut tx = db.write().await.unwrap();
    sqlx::query("PRAGMA max_page_count = 3").execute(&mut *tx).await.unwrap();
    let error = sqlx::query("INSERT INTO t VALUES ($1)").bind("x".repeat(100_000)).execute(&mut *tx).await.unwrap_err();
    let error = DbError::from(error);
    assert!(matches!(error, DbError::FullDisk(_)), "{error:?}");
    drop(tx);
    let kept: Vec<String> = sqlx::query_scalar("SELECT text FROM t").fetch_all(db.read_fresh()).await.unwrap();
    assert_eq!(kept, ["kept"]);
}

#[tokio::test]
async fn two_processes_may_have_the_file_open() {
    let folder = tempfile::tempdir().unwrap();
    let path: &Path = &folder.path().join("porter.db");
    let (one, other) = (Db::open(path).await.unwrap(), Db::open(path).await.unwrap());
    let mut tx = one.write().await.unwrap();
    sqlx::query("CREATE TABLE t (n INTEGER)").execute(&mut *tx).await.unwrap();
    let waiting = tokio::spawn({
        let other = other.clone();
        async move {
            let mut tx = other.write().await.unwrap();
            sqlx::query("INSERT INTO t VALUES (1)").execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    });
    tx.commit().await.unwrap();
    waiting.await.unwrap();
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM t").fetch_one(one.read_fresh()).await.unwrap();
    assert_eq!(count, 1);
}
