//! Reads SQLite's schema.

use porter_kernel::db::sqlite::Pool;
use sqlx::Row as _;

use super::{Column, ForeignKey, Index, Schema, Table, normalise};

pub(super) async fn read(pool: &Pool) -> Result<Schema, sqlx::Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table'
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    .fetch_all(pool)
    .await?;
    let mut schema = Schema::new();
    for name in names {
        let mut table = columns(pool, &name).await?;
        indexes(pool, &name, &mut table).await?;
        foreign_keys(pool, &name, &mut table).await?;
        schema.insert(name, table);
    }
    Ok(schema)
}

async fn columns(pool: &Pool, name: &str) -> Result<Table, sqlx::Error> {
    let mut table = Table::default();
    let mut key: Vec<(i64, String)> = Vec::new();
    for row in sqlx::query("SELECT name, type, \"notnull\", pk FROM pragma_table_info($1)").bind(name).fetch_all(pool).await? {
        let column: String = row.try_get("name")?;
        let place: i64 = row.try_get("pk")?;
        if place > 0 {
            key.push((place, column.clone()));
        }
        let class = row.try_get::<String, _>("type")?.to_uppercase();
        table.columns.insert(column, Column { class, nullable: row.try_get::<i64, _>("notnull")? == 0 });
    }
    key.sort_unstable();
    table.primary_key = key.into_iter().map(|(_, column)| column).collect();
    Ok(table)
}

async fn indexes(pool: &Pool, name: &str, table: &mut Table) -> Result<(), sqlx::Error> {
    for row in sqlx::query("SELECT name, \"unique\", origin FROM pragma_index_list($1)").bind(name).fetch_all(pool).await? {
        if row.try_get::<String, _>("origin")? == "pk" {
            continue;
        }
        let index: String = row.try_get("name")?;
        let columns = sqlx::query_scalar(
            "SELECT name || CASE WHEN \"desc\" THEN ' desc' ELSE '' END
             FROM pragma_index_xinfo($1) WHERE key ORDER BY seqno",
        )
        .bind(&index)
        .fetch_all(pool)
        .await?;
        let sql: Option<String> =
            sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = $1").bind(&index).fetch_one(pool).await?;
        let sql = sql.unwrap_or_default();
        let predicate = sql.to_uppercase().find("WHERE").and_then(|at| sql.get(at + 5..)).unwrap_or_default();
        let unique = row.try_get::<i64, _>("unique")? == 1;
        table.indexes.insert(Index { columns, unique, predicate: normalise(predicate) });
    }
    Ok(())
}

async fn foreign_keys(pool: &Pool, name: &str, table: &mut Table) -> Result<(), sqlx::Error> {
    let rows = sqlx::query(
        "SELECT \"table\", lower(on_delete) AS on_delete,
         group_concat(\"from\") AS columns, group_concat(\"to\") AS parents
         FROM (SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq) GROUP BY id",
    )
    .bind(name)
    .fetch_all(pool)
    .await?;
    let list = |text: String| text.split(',').map(ToOwned::to_owned).collect();
    for row in rows {
        table.foreign_keys.insert(ForeignKey {
            columns: list(row.try_get("columns")?),
            table: row.try_get("table")?,
            references: list(row.try_get("parents")?),
            on_delete: row.try_get("on_delete")?,
        });
    }
    Ok(())
}
