//! Reads PostgreSQL's schema.

use porter_kernel::db::postgres::Pool;
use sqlx::Row as _;

use super::{Column, ForeignKey, Index, Schema, normalise};

pub(super) async fn read(pool: &Pool) -> Result<Schema, sqlx::Error> {
    let mut schema = Schema::new();
    columns(pool, &mut schema).await?;
    indexes(pool, &mut schema).await?;
    foreign_keys(pool, &mut schema).await?;
    Ok(schema)
}

/// The SQLite type that takes the values of a PostgreSQL type.
fn class(data_type: &str) -> &str {
    match data_type {
        "bigint" | "integer" | "smallint" | "boolean" | "timestamp with time zone" => "INTEGER",
        "double precision" | "real" => "REAL",
        "text" | "jsonb" => "TEXT",
        "uuid" | "bytea" => "BLOB",
        other => other,
    }
}

async fn columns(pool: &Pool, schema: &mut Schema) -> Result<(), sqlx::Error> {
    for row in sqlx::query(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable = 'YES' AS nullable
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name NOT LIKE '\\_%'",
    )
    .fetch_all(pool)
    .await?
    {
        let table = schema.entry(row.try_get("table_name")?).or_default();
        let class = class(&row.try_get::<String, _>("data_type")?).to_owned();
        let column = Column { class, nullable: row.try_get("nullable")? };
        table.columns.insert(row.try_get("column_name")?, column);
    }
    Ok(())
}

async fn indexes(pool: &Pool, schema: &mut Schema) -> Result<(), sqlx::Error> {
    for row in sqlx::query(
        "SELECT t.relname::text AS table_name, i.indisprimary AS is_primary, i.indisunique AS is_unique,
         coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
         ARRAY(SELECT pg_get_indexdef(i.indexrelid, n, true)
               || CASE WHEN i.indoption[n - 1] & 1 = 1 THEN ' desc' ELSE '' END
               FROM generate_series(1, i.indnkeyatts) AS n ORDER BY n) AS columns
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relname NOT LIKE '\\_%'",
    )
    .fetch_all(pool)
    .await?
    {
        let table = schema.entry(row.try_get("table_name")?).or_default();
        let columns: Vec<String> = row.try_get("columns")?;
        if row.try_get("is_primary")? {
            table.primary_key = columns;
        } else {
            let predicate = normalise(&row.try_get::<String, _>("predicate")?);
            table.indexes.insert(Index { columns, unique: row.try_get("is_unique")?, predicate });
        }
    }
    Ok(())
}

async fn foreign_keys(pool: &Pool, schema: &mut Schema) -> Result<(), sqlx::Error> {
    for row in sqlx::query(
        "SELECT t.relname::text AS table_name, p.relname::text AS parent,
         CASE c.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default'
              WHEN 'r' THEN 'restrict' ELSE 'no action' END AS on_delete,
         ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (n, place)
               JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.place) AS columns,
         ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY AS k (n, place)
               JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.place) AS parents
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class p ON p.oid = c.confrelid
         WHERE c.contype = 'f' AND t.relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(pool)
    .await?
    {
        let table = schema.entry(row.try_get("table_name")?).or_default();
        table.foreign_keys.insert(ForeignKey {
            columns: row.try_get("columns")?,
            table: row.try_get("parent")?,
            references: row.try_get("parents")?,
            on_delete: row.try_get("on_delete")?,
        });
    }
    Ok(())
}
