//! Keeps training text and test cases apart: no shared run of five words, no near-identical meaning.

use std::collections::HashMap;

use porter_embeddings::cosine;
use porter_triage::Example;

use crate::held_out::is_everyday;

/// Cosine from which two texts count as the same.
const SAME: f32 = 0.92;
const RUN: usize = 5;

/// A training utterance and a test case that are too alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Overlap {
    pub training: String,
    pub case: String,
    /// The shared words, or the cosine.
    pub why: String,
}

/// Pairs that share a run of five words, whatever the case and punctuation.
///
/// The later cases are what learners write every day, and share every day's words ("how long does it take"): there, shared runs count when they make up half of the case.
pub fn shared_five_grams(training: &[Example], cases: &[Example]) -> Vec<Overlap> {
    let mut runs: HashMap<Vec<String>, &str> = HashMap::new();
    for example in training {
        for run in words(&example.text).windows(RUN) {
            runs.entry(run.to_vec()).or_insert(&example.id);
        }
    }
    let mut found = Vec::new();
    for case in cases {
        let words = words(&case.text);
        let shared: Vec<usize> =
            (0..).zip(words.windows(RUN)).filter(|(_, run)| runs.contains_key(*run)).map(|(at, _)| at).collect();
        let covered = (0..words.len()).filter(|word| shared.iter().any(|at| (*at..at + RUN).contains(word))).count();
        if is_everyday(&case.id) && covered * 2 < words.len() {
            continue;
        }
        if let Some((run, training)) =
            shared.first().and_then(|at| words.get(*at..at + RUN)).and_then(|run| Some((run, *runs.get(run)?)))
        {
            found.push(Overlap { training: training.to_owned(), case: case.id.clone(), why: run.join(" ") });
        }
    }
    found
}

/// Pairs whose vectors are nearer than cosine 0.92. The vectors stand in the order of the examples.
pub fn too_close(training: (&[Example], &[Vec<f32>]), cases: (&[Example], &[Vec<f32>])) -> Vec<Overlap> {
    let mut found = Vec::new();
    for (case, own) in cases.0.iter().zip(cases.1) {
        for (example, other) in training.0.iter().zip(training.1) {
            let nearness = cosine(own, other);
            if nearness >= SAME {
                found.push(Overlap { training: example.id.clone(), case: case.id.clone(), why: format!("cosine {nearness:.3}") });
            }
        }
    }
    found
}

fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use porter_triage::parse_examples;

    fn example(id: &str, text: &str) -> Vec<Example> {
        let line = serde_json::json!({"id": id, "text": text, "intent": "smalltalk", "decision": "answer", "urgency": "low"});
        parse_examples(&line.to_string()).unwrap()
    }

    #[test]
    fn a_run_of_five_words_is_found_through_punctuation_and_case() {
        let (training, case) = (example("a", "Where is my money, please? Thanks"), example("b", "so WHERE IS my money — please"));
        let found = shared_five_grams(&training, &case);
        assert_eq!(found[0].why, "where is my money please");
        assert!(shared_five_grams(&training, &example("b", "where is my money now please")).is_empty());
    }

    #[test]
    fn everyday_cases_may_share_a_small_part() {
        let training = example("a", "how long does it take until I hear from you");
        let case = |id, text| shared_five_grams(&training, &example(id, text)).len();
        let (short, long) = ("how long does it take please", "how long does it take until somebody has looked at my student card");
        assert_eq!([case("t-1", long), case("t3-1", short), case("t3-1", long), case("t4-1", long)], [1, 1, 0, 0]);
    }

    #[test]
    fn near_vectors_are_found() {
        let (training, case) = (example("a", "x"), example("b", "y"));
        assert_eq!(too_close((&training, &[vec![1.0, 0.0]]), (&case, &[vec![0.96, 0.28]])).len(), 1);
        assert!(too_close((&training, &[vec![1.0, 0.0]]), (&case, &[vec![0.8, 0.6]])).is_empty());
    }
}
