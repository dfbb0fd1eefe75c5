//! Whether what was found answers at all.

use crate::knowledge::Found;

/// Below this nearness of the best article nothing is answered: what has nothing to do with an academy lies below.
const NEAR_ENOUGH: f32 = 0.44;
/// Nor where the question is not by this much more like the article's own than like those that no article answers. Chosen on the academy's own questions, answerable or not
/// (ARCHITECTURE.md, "Retrieval").
const LEAST_STANDING: f32 = 0.0;

/// The article that answers; `None` when none does.
pub(super) fn answerable(found: &[Found]) -> Option<&Found> {
    found.first().filter(|best| best.score >= NEAR_ENOUGH && best.standing.is_none_or(|standing| standing >= LEAST_STANDING))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_article_answers_if_it_is_near_enough_and_the_question_is_not_one_that_nobody_answers() {
        let found = |score: f32, standing: Option<f32>| Found {
            slug: "a".to_owned(),
            title: String::new(),
            anchor: None,
            heading: None,
            text: String::new(),
            score,
            rank: score,
            standing,
            sections: Vec::new(),
        };
        assert!(answerable(&[found(0.6, None), found(0.1, None)]).is_some());
        assert!(answerable(&[found(0.3, None), found(0.9, None)]).is_none(), "the first is the best, by all that is known of it");
        assert!(answerable(&[found(0.6, Some(0.2))]).is_some());
        assert!(answerable(&[found(0.6, Some(-0.2))]).is_none());
        assert!(answerable(&[]).is_none());
    }
}
