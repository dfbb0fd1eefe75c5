//! Which blocks of an article answer.

use super::blocks::Block;

/// An answer is at most this long.
const MAX_WORDS: usize = 120;

/// A block with what is known of it.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    pub(super) block: Block,
    /// Cosine of the block and the question.
    pub(super) nearness: f32,
    /// In the section that answers best.
    pub(super) best: bool,
    /// Before the first heading, where an article says in short what it is about.
    pub(super) opening: bool,
}

/// The section that answers best, and the article's opening where there is room for it, in the article's order. Of what does not fit the nearest blocks are said.
/// Measured on the academy's own questions: a second section would say three facts more of a hundred, and fifteen irrelevant sentences more.
pub(super) fn choose(candidates: Vec<Candidate>) -> Vec<String> {
    let mut kept = vec![false; candidates.len()];
    let mut left = MAX_WORDS;
    for wanted in [|own: &Candidate| own.best, |own: &Candidate| own.opening && !own.best] {
        let mut group: Vec<(usize, &Candidate)> = candidates.iter().enumerate().filter(|(_, own)| wanted(own)).collect();
        group.sort_by(|(_, a), (_, b)| b.nearness.total_cmp(&a.nearness));
        for (place, own) in group {
            if own.block.words <= left
                && let Some(keep) = kept.get_mut(place)
            {
                left -= own.block.words;
                *keep = true;
            }
        }
    }
    candidates.into_iter().zip(kept).filter(|(_, keep)| *keep).flat_map(|(own, _)| own.block.pieces).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::blocks::blocks;
    use crate::document::units;

    fn candidates(text: &str, nearness: impl Fn(usize) -> f32, best: bool, opening: bool) -> Vec<Candidate> {
        let with = |(place, block): (usize, Block)| Candidate { block, nearness: nearness(place), best, opening };
        blocks(&units(text)).into_iter().enumerate().map(with).collect()
    }

    const STEPS: &str = "You can download it at any time. To save it:\n\n1. Open **Certificates**.\n2. Choose the course.\n3. Select *Download*.\n\nIt stays there.";

    #[test]
    fn the_best_section_is_said_whole_after_the_opening_and_no_other() {
        let mut all = candidates("Here is how to get it.", |_| 0.1, false, true);
        all.extend(candidates("Somewhere else.", |_| 0.9, false, false));
        all.extend(candidates(STEPS, |_| 0.2, true, false));
        let pieces = choose(all);
        assert_eq!((pieces.first().map(String::as_str), pieces.len()), (Some("Here is how to get it."), 7), "{pieces:?}");
        assert!(!pieces.contains(&"Somewhere else.".to_owned()));
        assert_eq!(choose(candidates(STEPS, |_| 0.2, true, true)).len(), 6, "an opening that answers itself is said once");
    }

    #[test]
    fn of_what_does_not_fit_the_nearest_is_said_in_its_order() {
        let long = "This sentence has exactly seven words here. ".repeat(40);
        let pieces = choose(candidates(&long, |place| if place % 2 == 0 { 0.9 } else { 0.1 }, true, false));
        let words: usize = pieces.iter().map(|piece| piece.split_whitespace().count()).sum();
        assert!(words <= MAX_WORDS && words > MAX_WORDS - 8, "{words}");
        let mut both = candidates("First sentence is short. Second one too.", |place| place as f32, true, false);
        both.extend(candidates(&long, |_| 0.5, false, true));
        assert_eq!(choose(both)[..2], ["First sentence is short.", "Second one too."]);
        assert!(choose(Vec::new()).is_empty());
    }
}
