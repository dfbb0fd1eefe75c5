//! Which blocks of an article answer.

use super::blocks::Block;

/// An answer is at most this long.
const MAX_WORDS: usize = 120;
/// A block whose log-odds of holding what is asked for are below this is left out, unless it is the best one.
const WORTH_SAYING: f32 = -2.5;

/// A block with what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) block: Block,
    /// Cosine of the block and the question.
    pub(super) nearness: f32,
    /// Nearness of the section that it stands in, its own questions counted.
    pub(super) section: f32,
    /// Before the first heading, where an article says in short what it is about.
    pub(super) opening: bool,
    /// The first of its section.
    pub(super) first: bool,
}

/// Weights of a logistic regression that tells blocks which hold a fact of a right answer from those that do not. It was fitted on that half of the academy's own
/// questions whose SHA-256 of the id begins with an odd byte; `porter eval answers` reports both halves.
const NEARNESS: f32 = 0.5;
const BEHIND_NEAREST: f32 = 8.4;
const SECTION: f32 = 2.9;
const BEHIND_BEST_SECTION: f32 = 5.8;
const OPENING: f32 = 1.65;
const FIRST: f32 = 0.36;
const LIST: f32 = 0.68;
const LOG_WORDS: f32 = 0.34;
const BIAS: f32 = -3.2;

/// The blocks that are worth saying and fit, in the article's order.
pub(super) fn choose(candidates: Vec<Candidate>) -> Vec<String> {
    let nearest = candidates.iter().map(|own| own.nearness).fold(f32::MIN, f32::max);
    let best_section = candidates.iter().map(|own| own.section).fold(f32::MIN, f32::max);
    let flag = |truth: bool| f32::from(u8::from(truth));
    let odds = |own: &Candidate| {
        BIAS + NEARNESS * own.nearness
            + BEHIND_NEAREST * (own.nearness - nearest)
            + SECTION * own.section
            + BEHIND_BEST_SECTION * (own.section - best_section)
            + OPENING * flag(own.opening)
            + FIRST * flag(own.first)
            + LIST * flag(own.block.pieces.len() > 1)
            + LOG_WORDS * (own.block.words.max(1) as f32).ln()
    };
    let mut ranked: Vec<(usize, f32)> = candidates.iter().map(odds).enumerate().collect();
    ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let mut kept = vec![false; candidates.len()];
    let mut left = MAX_WORDS;
    for (index, odds) in ranked {
        let (Some(own), Some(keep)) = (candidates.get(index), kept.get_mut(index)) else { continue };
        if odds < WORTH_SAYING && left < MAX_WORDS {
            break;
        }
        if own.block.words <= left {
            left -= own.block.words;
            *keep = true;
        }
    }
    candidates.into_iter().zip(kept).filter(|(_, keep)| *keep).flat_map(|(own, _)| own.block.pieces).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::blocks::blocks;
    use crate::document::units;

    fn candidates(text: &str, nearness: &[f32], section: f32) -> Vec<Candidate> {
        let made = blocks(&units(text));
        assert_eq!(made.len(), nearness.len(), "{made:?}");
        let with =
            |(block, nearness): (Block, &f32)| Candidate { block, nearness: *nearness, section, opening: false, first: false };
        made.into_iter().zip(nearness).map(with).collect()
    }

    const STEPS: &str = "You can download it at any time. To save it:\n\n1. Open **Certificates**.\n2. Choose the course.\n3. Select *Download*.\n\nIt stays there. Ask us when it does not.";

    #[test]
    fn the_nearest_blocks_are_taken_in_the_order_of_the_article() {
        let pieces = choose(candidates(STEPS, &[0.3, 0.8, 0.1, 0.7], 0.6));
        assert_eq!(pieces.first().map(String::as_str), Some("To save it:"));
        assert_eq!(pieces.last().map(String::as_str), Some("Ask us when it does not."));
        assert!(!pieces.contains(&"It stays there.".to_owned()));
    }

    #[test]
    fn of_equally_near_blocks_the_better_section_is_quoted() {
        let mut both = candidates("Here it is.", &[0.5], 0.3);
        both.extend(candidates("There it is.", &[0.5], 0.8));
        assert_eq!(choose(both), ["There it is."]);
    }

    #[test]
    fn an_answer_never_exceeds_its_length() {
        let long = "This sentence has exactly seven words here. ".repeat(40);
        let words: usize = choose(candidates(&long, &[0.9; 40], 0.9)).iter().map(|piece| piece.split_whitespace().count()).sum();
        assert!(words <= MAX_WORDS && words > MAX_WORDS - 8, "{words}");
    }

    #[test]
    fn something_is_said_even_when_nothing_is_near() {
        assert_eq!(choose(candidates("One thing. Another thing.", &[-0.9, -1.0], -1.0)).len(), 1);
        assert!(choose(Vec::new()).is_empty());
    }
}
