//! Comparison of the schemas that the twin migrations make.

mod postgres;
mod sqlite;

use std::collections::{BTreeMap, BTreeSet};

use porter_kernel::db;

/// A database's tables by name, in terms that both engines have in common.
pub type Schema = BTreeMap<String, Table>;

/// A table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// By name.
    pub columns: BTreeMap<String, Column>,
    /// Columns in their order.
    pub primary_key: Vec<String>,
    /// Besides the primary key's, and unique constraints among them.
    pub indexes: BTreeSet<Index>,
    /// To other tables.
    pub foreign_keys: BTreeSet<ForeignKey>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The SQLite type that stands for it: INTEGER, REAL, TEXT or BLOB.
    pub class: String,
    /// Whether it may be null.
    pub nullable: bool,
}

/// An index. Names are not compared: each engine names a constraint's index itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Index {
    /// In order, with ` desc` after those that descend.
    pub columns: Vec<String>,
    /// Whether it forbids duplicates.
    pub unique: bool,
    /// The condition of a partial index, without white space, brackets and casts.
    pub predicate: String,
}

/// A reference to another table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ForeignKey {
    /// Our columns.
    pub columns: Vec<String>,
    /// The other table.
    pub table: String,
    /// Its columns.
    pub references: Vec<String>,
    /// `no action`, `cascade`, `set null`, …
    pub on_delete: String,
}

/// Asserts that both databases have the same tables, columns (name, class, nullability), primary
/// keys, indexes and foreign keys. Tables of migrations are left out.
pub async fn assert_same_schema(sqlite: &db::sqlite::Db, postgres: &db::postgres::Db) {
    let (sqlite, postgres) = read(sqlite, postgres).await;
    assert!(!sqlite.is_empty(), "there are no tables: were the migrations applied?");
    let differences = differences(&sqlite, &postgres);
    assert!(differences.is_empty(), "the schemas differ:\n{}", differences.join("\n"));
}

/// Both schemas.
pub async fn read(sqlite: &db::sqlite::Db, postgres: &db::postgres::Db) -> (Schema, Schema) {
    (
        sqlite::read(sqlite.read_fresh()).await.expect("reading SQLite's schema"),
        postgres::read(postgres.read_fresh()).await.expect("reading PostgreSQL's schema"),
    )
}

/// What differs, a line each.
pub fn differences(sqlite: &Schema, postgres: &Schema) -> Vec<String> {
    let mut found = Vec::new();
    for name in sqlite.keys().chain(postgres.keys()).collect::<BTreeSet<_>>() {
        match (sqlite.get(name), postgres.get(name)) {
            (Some(left), Some(right)) => compare(name, left, right, &mut found),
            (left, _) => {
                let only = if left.is_some() { "SQLite" } else { "PostgreSQL" };
                found.push(format!("{name}: only on {only}"));
            }
        }
    }
    found
}

fn compare(name: &str, sqlite: &Table, postgres: &Table, found: &mut Vec<String>) {
    let mut note = |what: &str, left: &dyn std::fmt::Debug, right: &dyn std::fmt::Debug| {
        found.push(format!("{name}: {what}:\n  SQLite     {left:?}\n  PostgreSQL {right:?}"));
    };
    for column in sqlite.columns.keys().chain(postgres.columns.keys()).collect::<BTreeSet<_>>() {
        let (left, right) = (sqlite.columns.get(column), postgres.columns.get(column));
        if left != right {
            note(&format!("column {column}"), &left, &right);
        }
    }
    if sqlite.primary_key != postgres.primary_key {
        note("primary key", &sqlite.primary_key, &postgres.primary_key);
    }
    if sqlite.indexes != postgres.indexes {
        note(
            "indexes that the other has not",
            &sqlite.indexes.difference(&postgres.indexes).collect::<Vec<_>>(),
            &postgres.indexes.difference(&sqlite.indexes).collect::<Vec<_>>(),
        );
    }
    if sqlite.foreign_keys != postgres.foreign_keys {
        note(
            "foreign keys that the other has not",
            &sqlite.foreign_keys.difference(&postgres.foreign_keys).collect::<Vec<_>>(),
            &postgres.foreign_keys.difference(&sqlite.foreign_keys).collect::<Vec<_>>(),
        );
    }
}

/// The predicate of a partial index in a form that both engines share.
fn normalise(predicate: &str) -> String {
    let lower = predicate.to_lowercase().replace("::text", "").replace("!=", "<>");
    lower.chars().filter(|c| !c.is_whitespace() && !"()\"".contains(*c)).collect()
}
