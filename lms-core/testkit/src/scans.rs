//! Whether tables were read from end to end.

use porter_kernel::db::PostgresUrl;
use sqlx::{Connection as _, PgConnection};

/// A table, how many rows it has, and how often it was read from end to end since the database was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The table.
    pub table: String,
    /// As the last ANALYZE has counted them.
    pub rows: i64,
    /// Sequential scans by any statement of anybody.
    pub scans: i64,
}

/// The tables with so many rows at least. What a connection has done counts when it is closed, or a few seconds later.
pub async fn scans(database: &PostgresUrl, at_least: i64) -> Vec<Scanned> {
    let mut connection = PgConnection::connect(database.reveal()).await.expect("connecting to the database");
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT s.relname::text, c.reltuples::bigint, s.seq_scan FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
         WHERE c.reltuples >= $1 ORDER BY s.relname",
    )
    .bind(at_least)
    .fetch_all(&mut connection)
    .await
    .expect("reading the statistics");
    connection.close().await.expect("leaving the database");
    rows.into_iter().map(|(table, rows, scans)| Scanned { table, rows, scans }).collect()
}
