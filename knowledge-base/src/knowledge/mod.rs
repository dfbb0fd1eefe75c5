//! The knowledge base: taking articles in, keeping index and tables equal, and finding passages.

mod agreement;
mod finding;
mod taking_in;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};

use porter_embeddings::{EncodeError, EncoderService};
use porter_kernel::clock::Clock;
use tokio::sync::Mutex;

pub use self::finding::{Found, FoundSection, Question};
use crate::answer::Quoter;
use crate::audience::Audience;
use crate::document::Facts;
use crate::head::Head;
use crate::index::{IndexError, VectorIndex};
use crate::store::{Article, ArticleError, ArticleHead, ArticleStore};

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

/// Articles, their vectors, and the search over both.
#[derive(Debug)]
pub struct KnowledgeBase {
    store: Arc<dyn ArticleStore>,
    index: Arc<dyn VectorIndex>,
    encoder: EncoderService,
    clock: Arc<dyn Clock>,
    facts: RwLock<Arc<Facts>>,
    quoter: Quoter,
    head: RwLock<Arc<Head>>,
    /// Where what was learnt is kept.
    kept: Option<PathBuf>,
    /// How often learning was asked for.
    lessons: AtomicU64,
    /// The last call of them that what is learnt covers; one at a time.
    learning: Mutex<u64>,
    /// One ingest at a time: two would each see the other's half-written source.
    ingesting: Mutex<()>,
}

impl KnowledgeBase {
    /// Puts the parts together, brings vectors to this encoder, and makes the index hold exactly what the tables hold.
    pub async fn open(
        store: Arc<dyn ArticleStore>,
        index: Arc<dyn VectorIndex>,
        encoder: EncoderService,
        clock: Arc<dyn Clock>,
        facts: Facts,
    ) -> Result<Self, KnowledgeError> {
        Self::open_keeping(None, store, index, encoder, clock, facts).await
    }

    /// [`KnowledgeBase::open`]; what is learnt from articles is kept in that folder, since it takes seconds.
    pub async fn open_keeping(
        kept: Option<PathBuf>,
        store: Arc<dyn ArticleStore>,
        index: Arc<dyn VectorIndex>,
        encoder: EncoderService,
        clock: Arc<dyn Clock>,
        facts: Facts,
    ) -> Result<Self, KnowledgeError> {
        let facts = RwLock::new(Arc::new(facts));
        let knowledge = Self {
            store,
            index,
            encoder,
            clock,
            facts,
            quoter: Quoter::default(),
            head: RwLock::default(),
            kept,
            lessons: AtomicU64::new(0),
            learning: Mutex::new(0),
            ingesting: Mutex::new(()),
        };
        knowledge.embed_again().await?;
        knowledge.reconcile().await?;
        knowledge.learn().await?;
        Ok(knowledge)
    }

    /// The facts that articles are filled with when they are taken in.
    fn facts(&self) -> Arc<Facts> {
        Arc::clone(&self.facts.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Facts for the next ingest. Articles that name one which has changed are then taken in anew.
    pub fn set_facts(&self, facts: Facts) {
        *self.facts.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(facts);
    }

    /// One article, if this reader may see it.
    pub async fn article(&self, slug: &str, reader: Audience) -> Result<Option<Article>, KnowledgeError> {
        Ok(self.store.article(slug).await?.filter(|article| reader.reads(article.row.audience)))
    }

    /// The articles that this reader may see, without their text.
    pub async fn articles(&self, reader: Audience) -> Result<Vec<ArticleHead>, KnowledgeError> {
        let mut articles = self.store.articles().await?;
        articles.retain(|article| reader.reads(article.audience));
        Ok(articles)
    }

    /// The encoder that the vectors come from.
    pub fn encoder(&self) -> &EncoderService {
        &self.encoder
    }
}
