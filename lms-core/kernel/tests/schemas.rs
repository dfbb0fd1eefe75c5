//! The comparison of schemas sees what it must see.
#![expect(clippy::unwrap_used, reason = "helpers of tests report by panicking")]

use porter_testkit::schema::{Schema, differences};

const SQLITE: &str = "
    CREATE TABLE parent (id BLOB NOT NULL PRIMARY KEY, at INTEGER NOT NULL) STRICT;
    CREATE TABLE child (a TEXT NOT NULL, b INTEGER NOT NULL, parent BLOB REFERENCES parent (id) ON DELETE CASCADE,
        weight REAL, UNIQUE (a, parent), PRIMARY KEY (b, a)) STRICT;
    CREATE INDEX child_open ON child (b DESC, a) WHERE a <> 'done';";
const POSTGRES: &str = "
    CREATE TABLE parent (id UUID NOT NULL PRIMARY KEY, at TIMESTAMPTZ NOT NULL);
    CREATE TABLE child (a TEXT NOT NULL, b BIGINT NOT NULL, parent UUID REFERENCES parent (id) ON DELETE CASCADE,
        weight DOUBLE PRECISION, UNIQUE (a, parent), PRIMARY KEY (b, a));
    CREATE INDEX child_open ON child (b DESC, a) WHERE a <> 'done';";

async fn read(sqlite: &str, postgres: &str) -> (Schema, Schema) {
    let (_folder, left) = porter_testkit::sqlite().await;
    let right = porter_testkit::postgres_db().await;
    let (mut one, mut other) = (left.write().await.unwrap(), right.write().await.unwrap());
    sqlx::raw_sql(sqlx::AssertSqlSafe(sqlite)).execute(&mut *one).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(postgres)).execute(&mut *other).await.unwrap();
    one.commit().await.unwrap();
    other.commit().await.unwrap();
    porter_testkit::schema::read(&left, &right).await
}

#[tokio::test]
async fn the_same_schema_is_the_same() {
    let (sqlite, postgres) = read(SQLITE, POSTGRES).await;
    assert_eq!(differences(&sqlite, &postgres), Vec::<String>::new());
    assert_eq!((sqlite.len(), sqlite["child"].columns.len(), sqlite["child"].indexes.len()), (2, 4, 2));
    assert_eq!(sqlite["child"].primary_key, ["b", "a"]);
}

#[tokio::test]
async fn each_difference_is_seen() {
    for (from, to, expected) in [
        ("weight DOUBLE PRECISION", "weight TEXT", "child: column weight"),
        ("at TIMESTAMPTZ NOT NULL", "at TIMESTAMPTZ", "parent: column at"),
        ("weight DOUBLE PRECISION,", "", "child: column weight"),
        ("PRIMARY KEY (b, a)", "PRIMARY KEY (a, b)", "child: primary key"),
        ("UNIQUE (a, parent),", "", "child: indexes"),
        ("(b DESC, a)", "(b, a)", "child: indexes"),
        ("WHERE a <> 'done'", "WHERE a <> 'open'", "child: indexes"),
        ("CREATE INDEX", "CREATE UNIQUE INDEX", "child: indexes"),
        ("ON DELETE CASCADE", "", "child: foreign keys"),
        ("CREATE TABLE child", "CREATE TABLE extra (id BIGINT); CREATE TABLE child", "extra: only on PostgreSQL"),
    ] {
        assert!(POSTGRES.contains(from), "{from}");
        let (sqlite, postgres) = read(SQLITE, &POSTGRES.replace(from, to)).await;
        let found = differences(&sqlite, &postgres);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{from} -> {to}: {found:?}");
    }
}
