//! `INSERT` with as many rows as a statement may have values.

use async_trait::async_trait;
use porter_kernel::db::DbError;
use sqlx::{AssertSqlSafe, QueryBuilder, Sqlite};

use super::cell::{Cell, Loading, Table};

/// Values in one statement. SQLite takes 32,766 (`SQLITE_MAX_VARIABLE_NUMBER`); beyond a thousand or two there is nothing to win.
const VALUES: usize = 4_000;

#[async_trait]
impl Loading for Sqlite {
    async fn load(tx: &mut sqlx::Transaction<'static, Self>, table: &Table<'_>) -> Result<(), DbError> {
        let head = format!("INSERT INTO {} ({}) ", table.name, table.columns.join(", "));
        for rows in table.rows.chunks((VALUES / table.columns.len().max(1)).max(1)) {
            let mut insert: QueryBuilder<Sqlite> = QueryBuilder::new(AssertSqlSafe(head.clone()).0);
            insert.push_values(rows, |mut values, row| {
                for cell in row {
                    match cell {
                        Cell::Null => values.push("NULL"),
                        Cell::Id(id) => values.push_bind(*id),
                        Cell::Number(number) => values.push_bind(*number),
                        Cell::Time(time) => values.push_bind(*time),
                        Cell::Text(words) => values.push_bind(words.to_string()),
                    };
                }
            });
            insert.build().execute(&mut **tx).await?;
        }
        Ok(())
    }
}
