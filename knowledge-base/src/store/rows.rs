//! Rows as both engines give them.

use porter_kernel::clock::Timestamp;
use sqlx::types::Json;
use uuid::Uuid;

use super::{Article, ArticleHead, ArticleRow, Embedded, Fingerprint, Passage, embedding::Embedding};
use crate::audience::Audience;

/// The audience of that name. One that this version does not know is kept from learners.
fn audience(text: &str) -> Audience {
    text.parse().unwrap_or(Audience::Staff)
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct ArticleRecord {
    #[sqlx(flatten)]
    head: HeadRecord,
    path: String,
    fingerprint: String,
    markdown: String,
    encoder: String,
}

impl From<ArticleRecord> for Article {
    fn from(record: ArticleRecord) -> Self {
        let head = record.head;
        Self {
            row: ArticleRow {
                slug: head.slug,
                source: head.source,
                path: record.path,
                fingerprint: record.fingerprint,
                title: head.title,
                summary: head.summary,
                category: head.category,
                intents: head.intents.0,
                updated: head.updated,
                markdown: record.markdown,
                audience: audience(&head.audience),
                encoder: record.encoder,
            },
            ingested_at: head.ingested_at,
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct HeadRecord {
    slug: String,
    source: String,
    title: String,
    summary: Option<String>,
    category: Option<String>,
    intents: Json<Vec<String>>,
    updated: Option<String>,
    ingested_at: Timestamp,
    audience: String,
}

impl From<HeadRecord> for ArticleHead {
    fn from(record: HeadRecord) -> Self {
        Self {
            slug: record.slug,
            source: record.source,
            title: record.title,
            summary: record.summary,
            category: record.category,
            intents: record.intents.0,
            updated: record.updated,
            ingested_at: record.ingested_at,
            audience: audience(&record.audience),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct PassageRecord {
    slug: String,
    title: String,
    ordinal: i32,
    point_id: Uuid,
    kind: String,
    anchor: Option<String>,
    heading: Option<String>,
    text: String,
    embed_text: String,
    audience: String,
}

impl From<PassageRecord> for Passage {
    fn from(record: PassageRecord) -> Self {
        Self {
            slug: record.slug,
            title: record.title,
            ordinal: record.ordinal,
            point_id: record.point_id,
            kind: record.kind,
            anchor: record.anchor,
            heading: record.heading,
            text: record.text,
            embed_text: record.embed_text,
            audience: audience(&record.audience),
        }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct FingerprintRecord {
    pub(super) path: String,
    slug: String,
    fingerprint: String,
}

impl From<FingerprintRecord> for Fingerprint {
    fn from(record: FingerprintRecord) -> Self {
        Self { path: record.path, slug: record.slug, fingerprint: record.fingerprint }
    }
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct EmbeddedRecord {
    point_id: Uuid,
    slug: String,
    kind: String,
    anchor: Option<String>,
    embed_text: String,
    audience: String,
    embedding: Embedding,
}

impl From<EmbeddedRecord> for Embedded {
    fn from(record: EmbeddedRecord) -> Self {
        Self {
            point_id: record.point_id,
            slug: record.slug,
            kind: record.kind,
            anchor: record.anchor,
            embed_text: record.embed_text,
            audience: audience(&record.audience),
            embedding: record.embedding.0,
        }
    }
}
