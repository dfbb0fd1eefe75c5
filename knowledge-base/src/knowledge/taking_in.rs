//! Taking articles in: the tables first, then the index.

use std::collections::HashMap;

use porter_embeddings::{Priority, Progress};

use super::{KnowledgeBase, KnowledgeError};
use crate::audience::Audience;
use crate::document::{DocumentError, Facts, chunk, parse};
use crate::index::{Point, document_weights};
use crate::ingest::{Document, IngestReport, Rejected, article_row, fingerprint, passage_rows, qualified};
use crate::store::{ArticleError, PassageRow, UNANSWERED};

impl KnowledgeBase {
    /// Makes the source consist of exactly these documents: new and changed ones are taken in, others left alone, missing ones removed.
    ///
    /// A document that cannot be read is reported and its present version, if any, stays. Each article changes at once or not at all,
    /// so a crash leaves some articles new and some old, and the next ingest does the rest.
    /// What is learnt from articles is learnt anew at the end.
    pub async fn ingest(
        &self,
        source: &str,
        documents: Vec<Document>,
        progress: &dyn Progress,
    ) -> Result<IngestReport, KnowledgeError> {
        let report = self.take_over(source, documents, progress).await?;
        if report.has_changed() {
            progress.start("Learning what the articles answer", None);
            self.learn().await?;
            progress.finish();
        }
        Ok(report)
    }

    /// [`KnowledgeBase::ingest`] without learning: what is new is found at once.
    pub(crate) async fn take_over(
        &self,
        source: &str,
        documents: Vec<Document>,
        progress: &dyn Progress,
    ) -> Result<IngestReport, KnowledgeError> {
        let _one = self.ingesting.lock().await;
        let facts = self.facts();
        let mut known: HashMap<String, (String, String)> =
            self.store.fingerprints(source).await?.into_iter().map(|entry| (entry.path, (entry.slug, entry.fingerprint))).collect();
        let mut report = IngestReport::default();
        let mut slugs = HashMap::new();
        progress.start(&format!("Ingesting {source}"), Some(documents.len() as u64));
        for document in documents {
            let fresh = fingerprint(&document, &facts);
            let present = known.remove(&document.path);
            let path = document.path.clone();
            let taken = match &present {
                Some((slug, fingerprint)) if *fingerprint == fresh => {
                    report.unchanged += 1;
                    slugs.insert(slug.clone(), path);
                    progress.advance(1);
                    continue;
                }
                _ => self.take_in(source, &document, &facts, &fresh, &slugs).await?,
            };
            match taken {
                Taken::In { slug, passages } => {
                    report.passages += passages;
                    if present.is_some() {
                        report.changed += 1
                    } else {
                        report.added += 1
                    }
                    slugs.insert(slug, path);
                }
                Taken::Empty => {
                    report.empty += 1;
                    if let Some(entry) = present {
                        known.insert(path, entry);
                    }
                }
                Taken::Not(why) => report.rejected.push(Rejected { path, why }),
            }
            progress.advance(1);
        }
        let gone: Vec<String> = known.into_values().map(|(slug, _)| slug).filter(|slug| !slugs.contains_key(slug)).collect();
        report.removed = gone.len();
        let points = self.store.delete_articles(source, &gone).await?;
        self.index.apply(points, Vec::new()).await?;
        self.index.settle().await?;
        progress.finish();
        Ok(report)
    }

    async fn take_in(
        &self,
        source: &str,
        document: &Document,
        facts: &Facts,
        fresh: &str,
        slugs: &HashMap<String, String>,
    ) -> Result<Taken, KnowledgeError> {
        let article = match parse(&document.path, &document.bytes, facts) {
            Ok(article) => article,
            Err(DocumentError::Empty { .. }) => return Ok(Taken::Empty),
            Err(error) => return Ok(Taken::Not(error.to_string())),
        };
        let slug = qualified(source, &article.slug);
        if let Some(other) = slugs.get(&slug) {
            return Ok(Taken::Not(format!(
                "{} has the same slug \"{slug}\" as {other}: set `slug:` in one of them",
                document.path
            )));
        }
        let chunks = chunk(&article);
        let texts = chunks.iter().map(|chunk| chunk.embed_text.clone()).collect();
        let vectors = self.encoder.embed(texts, Priority::Bulk).await?;
        let passages = passage_rows(&slug, fresh, chunks, vectors);
        let found = passages.iter().filter(|row| row.kind != UNANSWERED);
        let points = found.map(|row| point_of(row, &slug, article.audience)).collect();
        let row = article_row(source, &document.path, fresh, self.encoder.fingerprint(), &article);
        match self.store.replace_article(&row, &passages, self.clock.now()).await {
            Ok(stale) => {
                self.index.apply(stale, points).await?;
                Ok(Taken::In { slug, passages: passages.len() })
            }
            Err(error @ ArticleError::SlugTaken { .. }) => Ok(Taken::Not(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }
}

fn point_of(row: &PassageRow, slug: &str, audience: Audience) -> Point {
    Point {
        id: row.point_id,
        dense: row.embedding.clone(),
        sparse: document_weights(&row.embed_text),
        slug: slug.to_owned(),
        kind: row.kind.clone(),
        audience,
    }
}

enum Taken {
    In { slug: String, passages: usize },
    Empty,
    Not(String),
}
