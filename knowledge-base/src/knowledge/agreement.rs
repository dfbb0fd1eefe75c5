//! Index and tables made equal: at every start, whatever a crash, another encoder or a lost index has left.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use porter_embeddings::Priority;
use uuid::Uuid;

use super::{KnowledgeBase, KnowledgeError};
use crate::head::Head;
use crate::index::{Point, document_weights};
use crate::store::Embedded;

/// Points added to the index in one step while it is compared with the tables.
const STEP: usize = 512;

impl KnowledgeBase {
    /// Computes the vectors anew that come from another encoder. Texts and ids stay, so what is cut off goes on at the next start.
    pub(super) async fn embed_again(&self) -> Result<(), KnowledgeError> {
        let encoder = self.encoder.fingerprint();
        let slugs = self.store.of_other_encoders(encoder).await?;
        if slugs.is_empty() {
            return Ok(());
        }
        tracing::info!(articles = slugs.len(), encoder, "computing vectors anew for another encoder");
        for slug in &slugs {
            let passages = self.store.passages_of(slug).await?;
            let (points, texts) = passages.into_iter().map(|passage| (passage.point_id, passage.embed_text)).unzip();
            let vectors = self.encoder.embed(texts, Priority::Bulk).await?;
            let points: Vec<Uuid> = points;
            let vectors: Vec<_> = points.into_iter().zip(vectors).collect();
            self.store.embed_again(slug, encoder, &vectors).await?;
        }
        Ok(())
    }

    /// Removes points that no passage has and adds those that the index lacks. Needs no encoder: vectors are kept in the table.
    pub(super) async fn reconcile(&self) -> Result<(), KnowledgeError> {
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
            let points = self.store.embedded(part).await?.into_iter().map(point_of).collect();
            self.index.apply(Vec::new(), points).await?;
        }
        self.index.settle().await?;
        Ok(())
    }

    /// Learns anew which article and section answers what, and what none does. Calls that wait for one another are one.
    pub(crate) async fn learn(&self) -> Result<(), KnowledgeError> {
        let asked_at = self.lessons.fetch_add(1, Ordering::SeqCst) + 1;
        let mut learnt_at = self.learning.lock().await;
        // Whoever learnt meanwhile has read the tables after this call.
        if *learnt_at >= asked_at {
            return Ok(());
        }
        let covers = self.lessons.load(Ordering::SeqCst);
        let (lessons, kept, encoder) = (self.store.lessons().await?, self.kept.clone(), self.encoder.fingerprint().to_owned());
        match tokio::task::spawn_blocking(move || Head::obtain(kept.as_deref(), &encoder, &lessons)).await {
            Ok(head) => *self.head.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(head),
            Err(error) => tracing::error!(%error, "articles are ranked by their nearest points alone"),
        }
        *learnt_at = covers;
        Ok(())
    }
}

fn point_of(passage: Embedded) -> Point {
    let sparse = document_weights(&passage.embed_text);
    let Embedded { point_id, slug, kind, audience, embedding, .. } = passage;
    Point { id: point_id, dense: embedding, sparse, slug, kind, audience }
}
