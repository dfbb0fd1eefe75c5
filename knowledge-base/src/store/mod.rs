//! Articles and their passages on SQLite and PostgreSQL.
//!
//! These tables are the truth about what is ingested; the vector index is rebuilt from them.
//! What ingestion decides on is read fresh; pages and citations may come from a replica.

mod articles;
mod embedding;
mod rows;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use porter_kernel::{
    clock::Timestamp,
    db::{Database, DbError},
};
use uuid::Uuid;

use crate::audience::Audience;

/// Why the store did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ArticleError {
    /// Another source owns the slug.
    #[error("the article \"{slug}\" already comes from the source \"{owner}\": rename one of them")]
    SlugTaken {
        /// The slug that both want.
        slug: String,
        /// The source that has it.
        owner: String,
    },
    /// The database failed.
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What the methods of this module return.
pub type Result<T> = std::result::Result<T, ArticleError>;

impl From<sqlx::Error> for ArticleError {
    fn from(error: sqlx::Error) -> Self {
        Self::Db(error.into())
    }
}

/// The article tables on an open database. Apply [`migrate`] first.
pub fn open(db: &Database) -> Arc<dyn ArticleStore> {
    match db {
        Database::Sqlite(db) => Arc::new(articles::sqlite::Articles::new(db.clone())),
        Database::Postgres(db) => Arc::new(articles::postgres::Articles::new(db.clone())),
    }
}

/// Brings the article tables to the form that this version needs.
pub async fn migrate(db: &Database) -> Result<()> {
    match db {
        Database::Sqlite(db) => db.migrate("articles", &articles::SQLITE).await?,
        Database::Postgres(db) => db.migrate("articles", &articles::POSTGRES).await?,
    }
    Ok(())
}

/// The kind of a question that no article answers: it is learnt from, and no part of the index.
pub const UNANSWERED: &str = "unanswered";

/// An article as ingestion writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleRow {
    /// Its name in addresses; unique over all sources.
    pub slug: String,
    /// Which collection it comes from, for example `help`.
    pub source: String,
    /// Its file, relative to the source; unique within it.
    pub path: String,
    /// Changes when anything that was ingested changes.
    pub fingerprint: String,
    /// What it is called.
    pub title: String,
    /// One sentence that answers the title.
    pub summary: Option<String>,
    /// Its shelf, for example `billing`.
    pub category: Option<String>,
    /// The intents that it serves.
    pub intents: Vec<String>,
    /// The author's date of the last change, as written: `2026-11-20`.
    pub updated: Option<String>,
    /// The whole text, facts filled in.
    pub markdown: String,
    /// Who may read it.
    pub audience: Audience,
    /// The fingerprint of the encoder that its passages' vectors come from.
    pub encoder: String,
}

/// A stored article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// What ingestion wrote.
    pub row: ArticleRow,
    /// When.
    pub ingested_at: Timestamp,
}

/// A stored article without its text, for lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleHead {
    /// Its name in addresses.
    pub slug: String,
    /// Which collection it comes from.
    pub source: String,
    /// What it is called.
    pub title: String,
    /// One sentence that answers the title.
    pub summary: Option<String>,
    /// Its shelf.
    pub category: Option<String>,
    /// The intents that it serves.
    pub intents: Vec<String>,
    /// The author's date of the last change.
    pub updated: Option<String>,
    /// When it was ingested.
    pub ingested_at: Timestamp,
    /// Who may read it.
    pub audience: Audience,
}

/// A piece of an article as ingestion writes it. Its ordinal is its place in the slice.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageRow {
    /// Its id in the vector index; unique over all articles.
    pub point_id: Uuid,
    /// What sort of piece it is, for example `section` or `question`.
    pub kind: String,
    /// The fragment that opens the article at it.
    pub anchor: Option<String>,
    /// The heading above it.
    pub heading: Option<String>,
    /// What is shown and quoted.
    pub text: String,
    /// What was embedded.
    pub embed_text: String,
    /// The vector of `embed_text`.
    pub embedding: Vec<f32>,
}

/// A stored piece of an article, without its vector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// The article.
    pub slug: String,
    /// The article's title.
    pub title: String,
    /// Its place in the article, from 0.
    pub ordinal: i32,
    /// Its id in the vector index.
    pub point_id: Uuid,
    /// What sort of piece it is.
    pub kind: String,
    /// The fragment that opens the article at it.
    pub anchor: Option<String>,
    /// The heading above it.
    pub heading: Option<String>,
    /// What is shown and quoted.
    pub text: String,
    /// What was embedded.
    pub embed_text: String,
    /// Who may read the article.
    pub audience: Audience,
}

/// A passage as the index wants it.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// Its id in the vector index.
    pub point_id: Uuid,
    /// The article.
    pub slug: String,
    /// What sort of piece it is.
    pub kind: String,
    /// The fragment that opens the article at its section.
    pub anchor: Option<String>,
    /// What was embedded.
    pub embed_text: String,
    /// Who may read the article.
    pub audience: Audience,
    /// The vector of `embed_text`.
    pub embedding: Vec<f32>,
}

/// What ingestion compares a file with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// The file, relative to the source.
    pub path: String,
    /// The article it became.
    pub slug: String,
    /// Of what was ingested.
    pub fingerprint: String,
}

/// Articles and passages. Every method is one transaction.
#[async_trait]
pub trait ArticleStore: Send + Sync + fmt::Debug {
    /// Writes an article with its passages in place of what its slug, or its path in its source,
    /// held before. Returns the point ids that are gone from the tables and must leave the index.
    /// Errors: [`ArticleError::SlugTaken`].
    async fn replace_article(&self, article: &ArticleRow, passages: &[PassageRow], now: Timestamp) -> Result<Vec<Uuid>>;

    /// Removes articles of this source; slugs that it does not have are passed over. Returns the
    /// point ids that must leave the index.
    async fn delete_articles(&self, source: &str, slugs: &[String]) -> Result<Vec<Uuid>>;

    /// What this source holds, by path. Fresh.
    async fn fingerprints(&self, source: &str) -> Result<Vec<Fingerprint>>;

    /// The source that has this slug. Fresh.
    async fn slug_owner(&self, slug: &str) -> Result<Option<String>>;

    /// One article.
    async fn article(&self, slug: &str) -> Result<Option<Article>>;

    /// All articles without their text, by category and title.
    async fn articles(&self) -> Result<Vec<ArticleHead>>;

    /// The passages of these points in the order asked for; unknown ones are left out.
    async fn passages_by_point(&self, points: &[Uuid]) -> Result<Vec<Passage>>;

    /// An article's passages in order.
    async fn passages_of(&self, slug: &str) -> Result<Vec<Passage>>;

    /// Every point id with its article's slug: what the index must hold. Fresh.
    async fn all_points(&self) -> Result<Vec<(Uuid, String)>>;

    /// Everything that can be learnt from, by article and place. Fresh.
    async fn lessons(&self) -> Result<Vec<Embedded>>;

    /// What the index wants to know of these points, in the order asked for; unknown ones are left out. Fresh.
    async fn embedded(&self, points: &[Uuid]) -> Result<Vec<Embedded>>;

    /// The articles whose passages' vectors come from another encoder. Fresh.
    async fn of_other_encoders(&self, encoder: &str) -> Result<Vec<String>>;

    /// Puts vectors of this encoder in the place of an article's present ones; passages that are not there are passed over.
    async fn embed_again(&self, slug: &str, encoder: &str, vectors: &[(Uuid, Vec<f32>)]) -> Result<()>;
}

#[cfg(test)]
mod tests;
