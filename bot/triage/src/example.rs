//! Labelled messages: the training set, and the calibration set that training never sees.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::guards::Guard;
use crate::intent::{Decision, Intent, Sentiment, Urgency};

/// The training files, each by a hand of its own so that no one habit of wording rules.
pub(crate) const TRAINING: &[&str] = &[
    include_str!("../data/train-a.jsonl"),
    include_str!("../data/train-b.jsonl"),
    include_str!("../data/train-c.jsonl"),
    include_str!("../data/train-d.jsonl"),
    include_str!("../data/train-e.jsonl"),
    include_str!("../data/train-f.jsonl"),
    include_str!("../data/train-g.jsonl"),
    include_str!("../data/train-h.jsonl"),
    include_str!("../data/train-i.jsonl"),
];
/// Moods of messages whose own files name none, by id.
pub(crate) const SENTIMENT: &str = include_str!("../data/sentiment.jsonl");
pub(crate) const CALIBRATION: &str = include_str!("../data/calibration.jsonl");

/// One labelled message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    pub id: String,
    pub text: String,
    pub intent: Intent,
    pub decision: Decision,
    pub urgency: Urgency,
    #[serde(default)]
    pub tags: Vec<String>,
    /// The writer's mood, where somebody has judged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Sentiment>,
    /// What else the same message asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Intent>,
}

impl Example {
    /// True when the example carries that tag.
    pub fn has(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }

    /// True when the guard is to keep the bot from acting. "I don't want a refund, I want my course" has a negation, and is to be acted upon.
    pub(crate) fn trips(&self, guard: Guard) -> bool {
        self.has(guard.tag()) && (guard != Guard::Negation || self.decision != Decision::Act)
    }
}

/// A line of a data file that is not an example.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    #[error("line {line}: {cause}")]
    Line { line: usize, cause: String },
    #[error("line {line}: the id {id} occurs twice")]
    Twice { line: usize, id: String },
}

/// Reads JSON Lines of [`Example`]; empty lines are skipped.
pub fn parse_examples(text: &str) -> Result<Vec<Example>, DataError> {
    let mut ids = HashSet::new();
    let mut examples = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let example: Example =
            serde_json::from_str(line).map_err(|error| DataError::Line { line: index + 1, cause: error.to_string() })?;
        if !ids.insert(example.id.clone()) {
            return Err(DataError::Twice { line: index + 1, id: example.id });
        }
        examples.push(example);
    }
    Ok(examples)
}

/// What the heads learn from.
pub fn training_examples() -> Result<Vec<Example>, DataError> {
    let mut all = Vec::new();
    for file in TRAINING {
        all.extend(parse_examples(file)?);
    }
    with_moods(all)
}

/// What confidence and thresholds are set on; never trained on.
pub fn calibration_examples() -> Result<Vec<Example>, DataError> {
    with_moods(parse_examples(CALIBRATION)?)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mood {
    id: String,
    sentiment: Sentiment,
}

/// The examples with the moods that are listed apart.
fn with_moods(mut examples: Vec<Example>) -> Result<Vec<Example>, DataError> {
    let mut moods = HashMap::new();
    for (index, line) in SENTIMENT.lines().enumerate() {
        let mood: Mood =
            serde_json::from_str(line).map_err(|error| DataError::Line { line: index + 1, cause: error.to_string() })?;
        moods.insert(mood.id, mood.sentiment);
    }
    for example in &mut examples {
        example.sentiment = example.sentiment.or_else(|| moods.get(&example.id).copied());
    }
    Ok(examples)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_intent_has_at_least_sixty_training_utterances() {
        let training = training_examples().unwrap();
        for intent in Intent::ALL {
            let count = training.iter().filter(|example| example.intent == *intent).count();
            assert!(count >= 60, "{intent} has {count}");
        }
    }

    #[test]
    fn no_text_occurs_twice_in_training_and_calibration() {
        let mut seen = HashSet::new();
        for example in training_examples().unwrap().into_iter().chain(calibration_examples().unwrap()) {
            assert!(seen.insert(example.text.trim().to_lowercase()), "{} repeats a text", example.id);
        }
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = parse_examples("\n{\"id\":\"x\"}\n").unwrap_err().to_string();
        assert!(error.starts_with("line 2: missing field"), "{error}");
    }

    #[test]
    fn acting_is_only_labelled_where_the_catalogue_has_an_action() {
        for example in training_examples().unwrap().into_iter().chain(calibration_examples().unwrap()) {
            assert!(example.decision != Decision::Act || example.intent.action().is_some(), "{}", example.id);
        }
    }
}
