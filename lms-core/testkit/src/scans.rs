//! How much of tables was read without an index.

use porter_kernel::db::PostgresUrl;
use sqlx::{Connection as _, PgConnection};

/// A table, how many rows it has, and how many were read by going through it since the database was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanned {
    /// The table.
    pub table: String,
    /// As the last ANALYZE has counted them.
    pub rows: i64,
    /// Rows that sequential scans of any statement of anybody have read. One that asks whether there is any row at all reads one.
    pub read: i64,
}

/// The tables with so many rows at least. What a connection has done counts when it is closed, or a few seconds later.
pub async fn scans(database: &PostgresUrl, at_least: i64) -> Vec<Scanned> {
    let mut connection = PgConnection::connect(database.reveal()).await.expect("connecting to the database");
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT s.relname::text, c.reltuples::bigint, s.seq_tup_read FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid \
         WHERE c.reltuples >= $1 ORDER BY s.relname",
    )
    .bind(at_least)
    .fetch_all(&mut connection)
    .await
    .expect("reading the statistics");
    connection.close().await.expect("leaving the database");
    rows.into_iter().map(|(table, rows, read)| Scanned { table, rows, read }).collect()
}
