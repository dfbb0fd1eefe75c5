//! The two halves of the questions: weights and limits are fitted on one, and the other says what that is worth.

use sha2::{Digest, Sha256};

use super::grade::grade;
use super::{AnswerCase, Given, Shelf};
use crate::run::Run;

/// Figures that depend on what was fitted.
const FITTED: [&str; 5] = ["ndcg_at_10", "facts_present", "irrelevant_sentences", "answered", "abstention"];

/// Whether a case is of the half that weights and limits were fitted on.
pub fn is_fitted(id: &str) -> bool {
    Sha256::digest(id.as_bytes()).first().is_some_and(|byte| byte & 1 == 1)
}

/// Adds the figures of either half to a run of all cases.
pub(super) fn add_halves(run: &mut Run, cases: &[AnswerCase], given: &[Given], shelf: &Shelf) {
    for (fitted, suffix) in [(true, "fitted"), (false, "held_out")] {
        let (own, of_own): (Vec<AnswerCase>, Vec<Given>) =
            cases.iter().cloned().zip(given.iter().cloned()).filter(|(case, _)| is_fitted(&case.id) == fitted).unzip();
        let half = grade(&own, &of_own, shelf);
        for mut measure in FITTED.iter().filter_map(|name| half.measure(name).cloned()) {
            measure.name = format!("{}_{suffix}", measure.name);
            run.measures.push(measure);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answers::own_answer_cases;

    #[test]
    fn the_halves_are_about_equal() {
        let cases = own_answer_cases(&|text| Ok(text.to_owned())).unwrap();
        let fitted = cases.iter().filter(|case| is_fitted(&case.id)).count();
        assert!((160..=240).contains(&fitted), "{fitted} of 400");
    }
}
