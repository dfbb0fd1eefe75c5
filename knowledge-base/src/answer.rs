//! The extractive answer: the few sentences of the best article that answer, word for word and in their order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use porter_embeddings::{Embedding, EncodeError, EncoderService, Priority, cosine};

use crate::document::{Unit, UnitKind, units};
use crate::knowledge::Found;

/// An answer is at most this long.
const MAX_WORDS: usize = 120;
/// Below this nearness of the best article nothing is answered.
const ANSWERABLE: f32 = 0.45;
/// Sentences further than this from the question, relative to the nearest one, are left out.
const RELATIVE: f32 = 0.45;
/// Passages whose blocks are kept; about 10 KB each.
const KEPT: usize = 2_048;

/// An answer made of an article's own sentences.
#[derive(Debug, Clone, PartialEq)]
pub struct Extract {
    /// Sentences and lists in order; each can be shown as soon as it is there.
    pub pieces: Vec<String>,
    pub title: String,
    pub url: String,
    pub slug: String,
    /// Nearness of the article to the question.
    pub score: f32,
}

impl Extract {
    /// The whole answer as plain text: sentences run on, lists stand on lines of their own.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for piece in &self.pieces {
            let list = is_list(piece);
            if !text.is_empty() {
                let after_list = text.lines().next_back().is_some_and(is_list);
                text.push_str(if list {
                    "\n"
                } else if after_list {
                    "\n\n"
                } else {
                    " "
                });
            }
            text.push_str(piece);
        }
        text
    }
}

fn is_list(piece: &str) -> bool {
    piece.starts_with("- ") || piece.split_once(". ").is_some_and(|(number, _)| number.parse::<u64>().is_ok())
}

/// A sentence, or a list with the sentence that introduces it: what may be quoted by itself.
#[derive(Debug, Clone, PartialEq)]
struct Block {
    pieces: Vec<String>,
    words: usize,
}

impl Block {
    fn text(&self) -> String {
        self.pieces.join(" ")
    }
}

/// A passage cut into blocks, each with its vector.
#[derive(Debug)]
struct Quotable {
    blocks: Vec<Block>,
    vectors: Vec<Embedding>,
}

/// Quotes passages. Blocks and their vectors are kept for the passages asked for most: they depend on the text alone.
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
        let Some(best) = found.first().filter(|best| best.score >= ANSWERABLE) else { return Ok(None) };
        let mut candidates: Vec<(Block, f32)> = Vec::new();
        // Of the article's opening only its first sentence is a candidate beside the passage itself.
        if let Some(lead) = best.lead.as_deref().filter(|lead| *lead != best.text) {
            candidates.extend(self.scored(encoder, question, lead).await?.into_iter().take(1));
        }
        candidates.extend(self.scored(encoder, question, &best.text).await?);
        let pieces = choose(candidates);
        Ok((!pieces.is_empty()).then(|| Extract {
            pieces,
            title: best.title.clone(),
            url: best.url(),
            slug: best.slug.clone(),
            score: best.score,
        }))
    }

    async fn scored(&self, encoder: &EncoderService, question: &[f32], text: &str) -> Result<Vec<(Block, f32)>, EncodeError> {
        let quotable = self.quotable(encoder, text).await?;
        let scores = quotable.vectors.iter().map(|vector| cosine(vector, question));
        Ok(quotable.blocks.iter().cloned().zip(scores).collect())
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

/// The nearest blocks that fit, in the article's order.
fn choose(candidates: Vec<(Block, f32)>) -> Vec<String> {
    let (blocks, scores): (Vec<Block>, Vec<f32>) = candidates.into_iter().unzip();
    let mut ranked: Vec<(usize, f32)> = scores.into_iter().enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let nearest = ranked.first().map_or(0.0, |(_, score)| *score);
    let mut kept = vec![false; blocks.len()];
    let mut left = MAX_WORDS;
    for (index, score) in ranked {
        let (Some(block), Some(keep)) = (blocks.get(index), kept.get_mut(index)) else { continue };
        if score >= nearest * RELATIVE && block.words <= left {
            left -= block.words;
            *keep = true;
        }
    }
    blocks.into_iter().zip(kept).filter(|(_, keep)| *keep).flat_map(|(block, _)| block.pieces).collect()
}

/// Groups units into blocks: a list stays whole, together with a sentence before it that ends in a colon.
fn blocks(units: &[Unit]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut list = None;
    for unit in units {
        let (text, own_list) = match unit.kind {
            UnitKind::Sentence => (unit.text.clone(), None),
            UnitKind::ListItem => (
                match unit.ordered {
                    Some(number) => format!("{number}. {}", unit.text),
                    None => format!("- {}", unit.text),
                },
                unit.list,
            ),
            UnitKind::TableRow => (format!("- {}", unit.text), None),
        };
        let words = text.split_whitespace().count();
        let introduced =
            own_list.is_some() && blocks.last().is_some_and(|block| block.pieces.iter().all(|piece| piece.ends_with(':')));
        match blocks.last_mut().filter(|_| introduced || (own_list.is_some() && own_list == list)) {
            Some(block) => {
                block.words += words;
                block.pieces.push(text);
            }
            None => blocks.push(Block { pieces: vec![text], words }),
        }
        list = own_list;
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: &str = "You can download it at any time. To save it:\n\n1. Open **Certificates**.\n2. Choose the course.\n3. Select *Download*.\n\nIt stays there. Ask us when it does not.";

    #[test]
    fn a_list_keeps_its_introduction_its_order_and_its_numbers() {
        let made = blocks(&units(STEPS));
        assert_eq!(made.len(), 4, "{made:?}");
        assert_eq!(made[1].pieces, ["To save it:", "1. Open Certificates.", "2. Choose the course.", "3. Select Download."]);
    }

    #[test]
    fn the_nearest_blocks_are_taken_in_the_order_of_the_article() {
        let pieces = choose(blocks(&units(STEPS)).into_iter().zip([0.3, 0.8, 0.1, 0.7]).collect());
        assert_eq!(pieces.first().map(String::as_str), Some("To save it:"));
        assert_eq!(pieces.last().map(String::as_str), Some("Ask us when it does not."));
        assert!(!pieces.contains(&"It stays there.".to_owned()));
    }

    #[test]
    fn an_answer_never_exceeds_its_length() {
        let long = "This sentence has exactly seven words here. ".repeat(40);
        let made = blocks(&units(&long)).into_iter().map(|block| (block, 0.5)).collect();
        let words: usize = choose(made).iter().map(|piece| piece.split_whitespace().count()).sum();
        assert!(words <= MAX_WORDS && words > MAX_WORDS - 8, "{words}");
    }

    #[test]
    fn text_sets_lists_on_lines_of_their_own() {
        let extract = Extract {
            pieces: ["A.", "B:", "1. C", "2. D", "E."].map(str::to_owned).to_vec(),
            title: String::new(),
            url: String::new(),
            slug: String::new(),
            score: 1.0,
        };
        assert_eq!(extract.text(), "A. B:\n1. C\n2. D\n\nE.");
    }
}
