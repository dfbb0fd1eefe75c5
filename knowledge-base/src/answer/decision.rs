//! Whether what was found answers at all.

use crate::knowledge::Found;

/// Below this nearness of the best article nothing is answered. On one half of the academy's own questions nine of ten lie above it, and all that has nothing to do with an
/// academy below; what is close to an article and answered by none cannot be told apart by nearness (ARCHITECTURE.md, "Retrieval").
const ANSWERABLE: f32 = 0.44;

/// The article that answers; `None` when none does.
pub(super) fn answerable(found: &[Found]) -> Option<&Found> {
    found.first().filter(|best| best.score >= ANSWERABLE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_article_answers_if_it_is_near_enough() {
        let found = |score: f32| Found {
            slug: "a".to_owned(),
            title: String::new(),
            anchor: None,
            heading: None,
            text: String::new(),
            score,
            rank: score,
            sections: Vec::new(),
        };
        assert!(answerable(&[found(0.6), found(0.1)]).is_some());
        assert!(answerable(&[found(0.3), found(0.9)]).is_none(), "the first is the best, by all that is known of it");
        assert!(answerable(&[]).is_none());
    }
}
