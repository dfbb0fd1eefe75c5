//! Rows before any engine's form.

use std::borrow::Cow;

use async_trait::async_trait;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::{DbError, storable};
use uuid::Uuid;

/// One value of a row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) enum Cell<'a> {
    Null,
    Id(Uuid),
    Number(i64),
    Text(Cow<'a, str>),
    Time(Timestamp),
}

/// Rows for one table, each as long as `columns`.
#[derive(Debug)]
pub(in crate::store) struct Table<'a> {
    pub(in crate::store) name: &'static str,
    pub(in crate::store) columns: &'static [&'static str],
    pub(in crate::store) rows: Vec<Vec<Cell<'a>>>,
}

/// How an engine takes many rows at once.
#[async_trait]
pub(in crate::store) trait Loading: sqlx::Database {
    /// Adds the rows, in the transaction.
    async fn load(tx: &mut sqlx::Transaction<'static, Self>, table: &Table<'_>) -> Result<(), DbError>;
}

impl<'a> Cell<'a> {
    pub(in crate::store) fn text(text: &'a str) -> Self {
        Self::Text(storable(text))
    }
}

impl From<Uuid> for Cell<'_> {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(time: Timestamp) -> Self {
        Self::Time(time)
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::text(text)
    }
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
