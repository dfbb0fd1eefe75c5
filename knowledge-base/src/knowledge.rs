//! The knowledge base: taking articles in, keeping index and tables equal, and finding passages.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use porter_embeddings::{EncodeError, EncoderService, Priority, Progress, cosine};
use porter_kernel::clock::Clock;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::answer::{Extract, Quoter};
use crate::document::{DocumentError, Facts, chunk, parse};
use crate::index::{IndexError, Point, VectorIndex};
use crate::ingest::{Document, IngestReport, Rejected, article_row, fingerprint, passage_rows, qualified};
use crate::store::{Article, ArticleError, ArticleHead, ArticleStore, Passage};

/// Points looked at for every article that is wanted: an article is several points.
const POINTS_PER_ARTICLE: usize = 8;
/// Points added to the index in one step while it is compared with the tables.
const STEP: usize = 512;

/// Why the knowledge base did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum KnowledgeError {
    #[error(transparent)]
    Store(#[from] ArticleError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

/// An article that fits a question, with its best passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub slug: String,
    pub title: String,
    pub anchor: Option<String>,
    pub heading: Option<String>,
    /// Markdown of the passage.
    pub text: String,
    /// Cosine of the question with the article's nearest point, -1 to 1.
    pub score: f32,
    /// All body passages of the article in order, for the answer's opening.
    pub lead: Option<String>,
}

impl Found {
    /// Address of the passage on this server.
    pub fn url(&self) -> String {
        match &self.anchor {
            Some(anchor) => format!("/help/{}#{anchor}", self.slug),
            None => format!("/help/{}", self.slug),
        }
    }
}

/// Articles, their vectors, and the search over both.
#[derive(Debug)]
pub struct KnowledgeBase {
    store: Arc<dyn ArticleStore>,
    index: Arc<dyn VectorIndex>,
    encoder: EncoderService,
    clock: Arc<dyn Clock>,
    facts: Facts,
    quoter: Quoter,
    /// One ingest at a time: two would each see the other's half-written source.
    ingesting: Mutex<()>,
}

impl KnowledgeBase {
    /// Puts the parts together and makes the index hold exactly what the tables hold.
    pub async fn open(
        store: Arc<dyn ArticleStore>,
        index: Arc<dyn VectorIndex>,
        encoder: EncoderService,
        clock: Arc<dyn Clock>,
        facts: Facts,
    ) -> Result<Self, KnowledgeError> {
        let knowledge = Self { store, index, encoder, clock, facts, quoter: Quoter::default(), ingesting: Mutex::new(()) };
        knowledge.reconcile().await?;
        Ok(knowledge)
    }

    /// Removes points that no passage has and adds those that the index lacks. Needs no encoder: vectors are kept in the table.
    async fn reconcile(&self) -> Result<(), KnowledgeError> {
        let wanted: HashSet<Uuid> = self.store.all_points().await?.into_iter().map(|(id, _)| id).collect();
        let present: HashSet<Uuid> = self.index.ids().await?.into_iter().collect();
        let surplus: Vec<Uuid> = present.difference(&wanted).copied().collect();
        let mut missing: Vec<Uuid> = wanted.difference(&present).copied().collect();
        if surplus.is_empty() && missing.is_empty() {
            return Ok(());
        }
        tracing::info!(surplus = surplus.len(), missing = missing.len(), "bringing the vector index up to date");
        missing.sort_unstable();
        self.index.apply(surplus, Vec::new()).await?;
        for part in missing.chunks(STEP) {
            let points = self.store.embeddings(part).await?.into_iter().map(|(id, vector)| Point { id, vector }).collect();
            self.index.apply(Vec::new(), points).await?;
        }
        self.index.settle().await?;
        Ok(())
    }

    /// Makes the source consist of exactly these documents: new and changed ones are taken in, others left alone, missing ones removed.
    ///
    /// A document that cannot be read is reported and its present version, if any, stays. Each article changes at once or not at all,
    /// so a crash leaves some articles new and some old, and the next ingest does the rest.
    pub async fn ingest(
        &self,
        source: &str,
        documents: Vec<Document>,
        progress: &dyn Progress,
    ) -> Result<IngestReport, KnowledgeError> {
        let _one = self.ingesting.lock().await;
        let mut known: HashMap<String, (String, String)> =
            self.store.fingerprints(source).await?.into_iter().map(|entry| (entry.path, (entry.slug, entry.fingerprint))).collect();
        let mut report = IngestReport::default();
        let mut slugs = HashMap::new();
        progress.start(&format!("Ingesting {source}"), Some(documents.len() as u64));
        for document in documents {
            let fresh = fingerprint(&document, &self.facts.fingerprint(), self.encoder.fingerprint());
            let present = known.remove(&document.path);
            let path = document.path.clone();
            let taken = match &present {
                Some((slug, fingerprint)) if *fingerprint == fresh => {
                    report.unchanged += 1;
                    slugs.insert(slug.clone(), path);
                    progress.advance(1);
                    continue;
                }
                _ => self.take_in(source, &document, &fresh, &slugs).await?,
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
        fresh: &str,
        slugs: &HashMap<String, String>,
    ) -> Result<Taken, KnowledgeError> {
        let article = match parse(&document.path, &document.bytes, &self.facts) {
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
        let points = passages.iter().map(|row| Point { id: row.point_id, vector: row.embedding.clone() }).collect();
        let row = article_row(source, &document.path, fresh, &article);
        match self.store.replace_article(&row, &passages, self.clock.now()).await {
            Ok(stale) => {
                self.index.apply(stale, points).await?;
                Ok(Taken::In { slug, passages: passages.len() })
            }
            Err(error @ ArticleError::SlugTaken { .. }) => Ok(Taken::Not(error.to_string())),
            Err(error) => Err(error.into()),
        }
    }

    /// The articles that fit a question best, the best first, each with its best passage.
    pub async fn search(&self, question: &str, limit: usize) -> Result<Vec<Found>, KnowledgeError> {
        let vector = self.encoder.embed_one(question).await?;
        self.search_vector(&vector, limit).await
    }

    /// [`KnowledgeBase::search`] for a question that is already a vector.
    pub async fn search_vector(&self, vector: &[f32], limit: usize) -> Result<Vec<Found>, KnowledgeError> {
        let hits = self.index.search(vector.to_vec(), limit * POINTS_PER_ARTICLE).await?;
        let scores: HashMap<Uuid, f32> = hits.iter().map(|hit| (hit.id, hit.score)).collect();
        let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
        let mut best: Vec<(String, f32)> = Vec::new();
        for passage in self.store.passages_by_point(&ids).await? {
            let score = scores.get(&passage.point_id).copied().unwrap_or(-1.0);
            match best.iter_mut().find(|(slug, _)| *slug == passage.slug) {
                Some((_, present)) => *present = present.max(score),
                None => best.push((passage.slug, score)),
            }
        }
        best.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        best.truncate(limit);
        let mut found = Vec::with_capacity(best.len());
        for (slug, score) in best {
            found.extend(self.best_passage(vector, &slug, score).await?);
        }
        Ok(found)
    }

    /// The body passage of an article that is nearest to the question. A question point finds the article; a body passage answers.
    async fn best_passage(&self, vector: &[f32], slug: &str, score: f32) -> Result<Option<Found>, KnowledgeError> {
        let bodies: Vec<Passage> =
            self.store.passages_of(slug).await?.into_iter().filter(|passage| passage.kind == "body").collect();
        let ids: Vec<Uuid> = bodies.iter().map(|passage| passage.point_id).collect();
        let vectors: HashMap<Uuid, Vec<f32>> = self.store.embeddings(&ids).await?.into_iter().collect();
        let nearness = |passage: &Passage| vectors.get(&passage.point_id).map_or(-1.0, |own| cosine(own, vector));
        let lead = bodies.first().map(|passage| passage.text.clone());
        Ok(bodies.into_iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b))).map(|passage| Found {
            slug: passage.slug,
            title: passage.title,
            anchor: passage.anchor,
            heading: passage.heading,
            text: passage.text,
            score,
            lead,
        }))
    }

    /// The answer in an article's own words; `None` when nothing found answers the question whose vector is given.
    pub async fn extract(&self, question: &[f32], found: &[Found]) -> Result<Option<Extract>, KnowledgeError> {
        Ok(self.quoter.extract(&self.encoder, question, found).await?)
    }

    /// One article.
    pub async fn article(&self, slug: &str) -> Result<Option<Article>, KnowledgeError> {
        Ok(self.store.article(slug).await?)
    }

    /// All articles without their text.
    pub async fn articles(&self) -> Result<Vec<ArticleHead>, KnowledgeError> {
        Ok(self.store.articles().await?)
    }

    /// The encoder that the vectors come from.
    pub fn encoder(&self) -> &EncoderService {
        &self.encoder
    }
}

enum Taken {
    In { slug: String, passages: usize },
    Empty,
    Not(String),
}
