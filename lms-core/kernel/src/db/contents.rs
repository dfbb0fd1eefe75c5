//! What is in a SQLite file, row by row, so that two moments of it can be told apart. It reads everything: for copies of small databases, in evaluations.

use std::collections::{BTreeMap, BTreeSet};

use super::DbError;
use super::sqlite::Db;

/// Every row of every table as text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents(BTreeMap<String, BTreeSet<String>>);

/// What differs in one table. A row that was changed is one that went and one that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableChange {
    pub table: String,
    pub came: usize,
    pub went: usize,
}

impl Contents {
    /// The tables that differ from what they were.
    #[must_use]
    pub fn since(&self, before: &Self) -> Vec<TableChange> {
        let nothing = BTreeSet::new();
        let tables: BTreeSet<&String> = self.0.keys().chain(before.0.keys()).collect();
        tables
            .into_iter()
            .filter_map(|table| {
                let (now, then) = (self.0.get(table).unwrap_or(&nothing), before.0.get(table).unwrap_or(&nothing));
                let change =
                    TableChange { table: table.clone(), came: now.difference(then).count(), went: then.difference(now).count() };
                (change.came + change.went > 0).then_some(change)
            })
            .collect()
    }
}

impl Db {
    /// Reads it all, without the tables of SQLite and of migrations.
    pub async fn contents(&self) -> Result<Contents, DbError> {
        let tables: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' \
             AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_%' ESCAPE '\\'",
        )
        .fetch_all(self.read_fresh())
        .await?;
        let mut contents = BTreeMap::new();
        for table in tables {
            let columns: Vec<String> = sqlx::query_scalar("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info($1)")
                .bind(&table)
                .fetch_all(self.read_fresh())
                .await?;
            // Names of tables and columns are those of the migrations.
            let sql = sqlx::AssertSqlSafe(format!("SELECT {} FROM \"{table}\"", columns.join(" || ',' || ")));
            let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(self.read_fresh()).await?;
            contents.insert(table, rows.into_iter().collect());
        }
        Ok(Contents(contents))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(db: &Db, sql: &'static str) {
        let mut tx = db.write().await.unwrap();
        sqlx::query(sql).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }

    #[tokio::test]
    async fn every_kind_of_change_is_seen_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::open(&folder.path().join("one.db")).await.unwrap();
        run(&db, "CREATE TABLE person (id BLOB PRIMARY KEY, name TEXT, age INTEGER) STRICT").await;
        run(&db, "CREATE TABLE quiet (id INTEGER PRIMARY KEY)").await;
        run(&db, "INSERT INTO person VALUES (x'01', 'Anna', 3), (x'02', NULL, 4)").await;
        let before = db.contents().await.unwrap();
        assert!(db.contents().await.unwrap().since(&before).is_empty());
        run(&db, "UPDATE person SET name = 'Ben' WHERE id = x'02'").await;
        run(&db, "INSERT INTO person VALUES (x'03', 'it''s, me', 5)").await;
        let changes = db.contents().await.unwrap().since(&before);
        assert_eq!(changes, [TableChange { table: "person".to_owned(), came: 2, went: 1 }]);
        run(&db, "DROP TABLE quiet").await;
        run(&db, "DELETE FROM person").await;
        assert_eq!(db.contents().await.unwrap().since(&before), [TableChange { table: "person".to_owned(), came: 0, went: 2 }]);
    }
}
