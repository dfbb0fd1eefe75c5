//! Keeps a source of articles and the knowledge base alike while Porter runs: what an author changes or removes is changed or gone in answers at the
//! next look.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use porter_embeddings::NoProgress;
use porter_kernel::shutdown::Shutdown;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::document::Facts;
use crate::fingerprint::of_parts;
use crate::ingest::{Document, IngestReport};
use crate::knowledge::{KnowledgeBase, KnowledgeError};

/// How often a source is looked at. An edit is in answers after this and the time that its article takes, a second at most: well below ten seconds.
pub const PERIOD: Duration = Duration::from_secs(5);

/// Where articles come from, and the facts that they name.
#[async_trait]
pub trait Source: Send + Sync + fmt::Debug {
    /// What is there now, or why that cannot be said.
    async fn read(&self) -> Result<(Facts, Vec<Document>), String>;
}

/// Looks at a source time and again.
#[derive(Debug)]
pub struct Watch {
    knowledge: Arc<KnowledgeBase>,
    source: Arc<dyn Source>,
    name: String,
    /// What was taken in last.
    seen: Option<String>,
    /// What went wrong last, so that it is told once.
    told: Option<String>,
    looks: watch::Sender<u64>,
}

/// What a look has brought.
#[derive(Debug)]
pub enum Look {
    /// Nothing has changed.
    Same,
    Taken(IngestReport),
    /// The source cannot be read, or looks as if it could not; what was taken in before stays.
    Kept(String),
}

impl Watch {
    /// Watches `source` as the source of that name in the knowledge base.
    pub fn new(knowledge: Arc<KnowledgeBase>, name: &str, source: Arc<dyn Source>) -> Self {
        Self { knowledge, source, name: name.to_owned(), seen: None, told: None, looks: watch::Sender::new(0) }
    }

    /// How many looks are over, for whoever waits for one.
    pub fn looks(&self) -> watch::Receiver<u64> {
        self.looks.subscribe()
    }

    /// Looks at every `period` until shutdown. What fails is logged once and tried again.
    pub async fn run(mut self, period: Duration, shutdown: Shutdown) {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.triggered() => return,
                _ = ticks.tick() => {}
            }
            let trouble = match self.look().await {
                Ok(Look::Same) => None,
                Ok(Look::Taken(report)) => {
                    tell(&report);
                    None
                }
                Ok(Look::Kept(why)) => Some(why),
                Err(error) => Some(error.to_string()),
            };
            if trouble != self.told
                && let Some(why) = &trouble
            {
                tracing::warn!(source = self.name, %why, "the articles could not be looked at; those known stay, and it is tried again");
            }
            self.told = trouble;
            self.looks.send_modify(|looks| *looks += 1);
        }
    }

    /// Looks once.
    pub async fn look(&mut self) -> Result<Look, KnowledgeError> {
        let (facts, documents) = match self.source.read().await {
            Ok(read) => read,
            Err(why) => return Ok(Look::Kept(why)),
        };
        // A folder that is not mounted is empty too, and nobody takes all articles down by removing their files.
        if documents.is_empty() {
            return Ok(Look::Kept("there is not a single article".to_owned()));
        }
        let now = digest(&facts, &documents);
        if self.seen.as_ref() == Some(&now) {
            return Ok(Look::Same);
        }
        self.knowledge.set_facts(facts);
        let report = self.knowledge.take_over(&self.name, documents, &NoProgress).await?;
        self.seen = Some(now);
        if report.has_changed() {
            // What is new is found already; the next edit is not to wait until it is learnt too.
            let knowledge = Arc::clone(&self.knowledge);
            tokio::spawn(async move {
                if let Err(error) = knowledge.learn().await {
                    tracing::warn!(%error, "what articles answer is not learnt anew");
                }
            });
        }
        Ok(Look::Taken(report))
    }
}

fn tell(report: &IngestReport) {
    for rejected in &report.rejected {
        tracing::warn!(path = rejected.path, why = rejected.why, "an article was not taken in");
    }
    if report.has_changed() {
        tracing::info!(added = report.added, changed = report.changed, removed = report.removed, "articles have changed");
    }
}

fn digest(facts: &Facts, documents: &[Document]) -> String {
    let facts = facts.iter().flat_map(|(key, fact)| [key.as_bytes(), fact.as_bytes()]);
    of_parts(facts.chain(documents.iter().flat_map(|document| [document.path.as_bytes(), &document.bytes])))
}

#[cfg(test)]
mod tests;
