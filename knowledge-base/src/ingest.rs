//! What goes in: documents of a source, and the report of what became of them.

use porter_embeddings::Embedding;
use uuid::Uuid;

use crate::document::{Article, Chunk, ChunkKind, Facts};
use crate::fingerprint::of_parts;
use crate::store::{ArticleRow, PassageRow, UNANSWERED};

/// Changes when parsing or chunking of the same text changes, so that every article is taken in again.
const RECIPE: &str = "4";

/// A file of a source. The path is relative to the source, with forward slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// A document that was not taken in, and why.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rejected {
    pub path: String,
    pub why: String,
}

/// What became of the documents of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct IngestReport {
    pub added: usize,
    pub changed: usize,
    pub unchanged: usize,
    pub removed: usize,
    /// Files without text, such as tables of contents.
    pub empty: usize,
    pub passages: usize,
    pub rejected: Vec<Rejected>,
}

impl IngestReport {
    pub(crate) fn has_changed(&self) -> bool {
        self.added + self.changed + self.removed > 0
    }
}

/// Names everything that the stored text of a document depends on. Vectors have their own name, the encoder's.
pub(crate) fn fingerprint(document: &Document, facts: &Facts) -> String {
    let facts = facts.named_in(&String::from_utf8_lossy(&document.bytes));
    of_parts([document.path.as_bytes(), &document.bytes, facts.as_bytes(), RECIPE.as_bytes()])
}

/// The article's slug inside the whole knowledge base: the academy's own articles keep theirs, others carry their source before it.
pub(crate) fn qualified(source: &str, slug: &str) -> String {
    if source == crate::BUILTIN_SOURCE { slug.to_owned() } else { format!("{source}-{slug}") }
}

pub(crate) fn article_row(source: &str, path: &str, fingerprint: &str, encoder: &str, article: &Article) -> ArticleRow {
    ArticleRow {
        slug: qualified(source, &article.slug),
        source: source.to_owned(),
        path: path.to_owned(),
        fingerprint: fingerprint.to_owned(),
        title: article.title.clone(),
        summary: article.summary.clone(),
        category: article.category.clone(),
        intents: article.intents.clone(),
        updated: article.updated.clone(),
        markdown: article.markdown.clone(),
        audience: article.audience,
        encoder: encoder.to_owned(),
    }
}

/// A point's id follows from article, content and place: writing it twice is writing it once, and a point of an older version never
/// resolves to a passage of a newer one.
pub(crate) fn passage_rows(slug: &str, fingerprint: &str, chunks: Vec<Chunk>, vectors: Vec<Embedding>) -> Vec<PassageRow> {
    chunks
        .into_iter()
        .zip(vectors)
        .map(|(chunk, embedding)| PassageRow {
            point_id: Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{slug}\n{fingerprint}\n{}", chunk.ordinal).as_bytes()),
            kind: match chunk.kind {
                ChunkKind::Body => "body",
                ChunkKind::Question => "question",
                ChunkKind::Unanswered => UNANSWERED,
            }
            .to_owned(),
            anchor: chunk.anchor,
            heading: chunk.heading,
            text: chunk.text,
            embed_text: chunk.embed_text,
            embedding,
        })
        .collect()
}
