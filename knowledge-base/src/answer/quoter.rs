//! Quotes articles. Blocks and their vectors are kept for the sections asked for most: they depend on the text alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use porter_embeddings::{Embedding, EncodeError, EncoderService, Priority, cosine};

use super::Extract;
use super::blocks::{Block, blocks};
use super::choice::{Candidate, choose};
use super::decision::answerable;
use crate::document::units;
use crate::knowledge::Found;

/// Sections whose blocks are kept; about 10 KB each.
const KEPT: usize = 2_048;

/// A section cut into blocks, each with its vector.
#[derive(Debug)]
struct Quotable {
    blocks: Vec<Block>,
    vectors: Vec<Embedding>,
}

#[derive(Debug, Default)]
pub(crate) struct Quoter {
    known: Mutex<HashMap<String, Arc<Quotable>>>,
}

impl Quoter {
    /// Answers a question, whose vector is `question`, from what was found; `None` when nothing found answers it.
    pub(crate) async fn extract(
        &self,
        encoder: &EncoderService,
        question: &[f32],
        found: &[Found],
    ) -> Result<Option<Extract>, EncodeError> {
        let Some(best) = answerable(found) else { return Ok(None) };
        let mut candidates = Vec::new();
        for section in &best.sections {
            let quotable = self.quotable(encoder, &section.text).await?;
            for (block, vector) in quotable.blocks.iter().zip(&quotable.vectors) {
                candidates.push(Candidate {
                    block: block.clone(),
                    nearness: cosine(vector, question),
                    best: section.anchor == best.anchor,
                    opening: section.heading.is_none(),
                });
            }
        }
        let pieces = choose(candidates);
        Ok((!pieces.is_empty()).then(|| Extract {
            pieces,
            title: best.title.clone(),
            url: best.url(),
            slug: best.slug.clone(),
            score: best.score,
        }))
    }

    async fn quotable(&self, encoder: &EncoderService, text: &str) -> Result<Arc<Quotable>, EncodeError> {
        if let Some(known) = self.lock().get(text) {
            return Ok(Arc::clone(known));
        }
        let blocks = blocks(&units(text));
        let vectors = encoder.embed(blocks.iter().map(Block::text).collect(), Priority::Interactive).await?;
        let quotable = Arc::new(Quotable { blocks, vectors });
        let mut known = self.lock();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(text.to_owned(), Arc::clone(&quotable));
        Ok(quotable)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Quotable>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
