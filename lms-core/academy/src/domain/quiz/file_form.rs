//! A quiz's file as TOML has it, and how a quiz is written into one.

use serde::{Deserialize, Serialize};

use super::{AnswersShown, Decimal, Kind, Pool, Question, Quiz, Settings, Tolerance};

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File<Q> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) draw: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minutes: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attempts: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) shuffle: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answers: Option<String>,
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub(super) pool: Vec<PoolEntry>,
    #[serde(default = "Vec::new")]
    pub(super) question: Vec<Q>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PoolEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tag: Option<String>,
    pub(super) draw: i64,
}

/// A number as it may stand in a file. A binary fraction prints as it was written, and is read again from there.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Number {
    Whole(i64),
    Fraction(f64),
    Text(String),
}

impl Number {
    pub(super) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Whole(number) => number.to_string().parse().ok(),
            Self::Fraction(number) => number.to_string().parse().ok(),
            Self::Text(text) => text.trim().parse().ok(),
        }
    }

    /// As a number where TOML's binary fractions print it as it is.
    fn of(decimal: Decimal) -> Self {
        let text = decimal.to_string();
        match (text.parse::<i64>(), text.parse::<f64>()) {
            (Ok(whole), _) => Self::Whole(whole),
            (_, Ok(fraction)) if fraction.to_string() == text => Self::Fraction(fraction),
            _ => Self::Text(text),
        }
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) kind: String,
    pub(super) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) choices: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correct: Option<Vec<usize>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tolerance: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tolerance_percent: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) accepted: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) items: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) points: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tags: Option<Vec<String>>,
}

/// Writes a quiz as [`super::parse`] reads it.
#[must_use]
pub fn write(quiz: &Quiz) -> String {
    let Settings { pools, seconds, attempts, shuffle, answers } = &quiz.settings;
    // Rounded up to hundredths, so that reading gives the same seconds.
    let hundredths = |rest: i64| rest * 100 / 60 + i64::from(rest * 100 % 60 > 0);
    let minutes = seconds.map(|seconds| format!("{}.{:02}", seconds / 60, hundredths(seconds % 60)));
    let minutes = minutes.and_then(|text| text.parse().ok()).map(Number::of);
    let (draw, pool) = match pools.as_slice() {
        [Pool { tag: None, draw }] => (Some(*draw), Vec::new()),
        pools => (None, pools.iter().map(|pool| PoolEntry { tag: pool.tag.clone(), draw: pool.draw }).collect()),
    };
    let file = File {
        draw,
        minutes,
        attempts: *attempts,
        shuffle: (!shuffle).then_some(false),
        answers: (*answers != AnswersShown::AfterLast).then(|| answers.as_str().to_owned()),
        pool,
        question: quiz.questions.iter().map(entry).collect(),
    };
    // Strings, numbers and lists always become TOML.
    toml::to_string_pretty(&file).unwrap_or_default()
}

fn entry(question: &Question) -> Entry {
    let mut entry = Entry {
        kind: question.kind.word().to_owned(),
        text: question.text.clone(),
        explanation: question.explanation.clone(),
        points: (question.points != 1).then_some(question.points),
        tags: (!question.tags.is_empty()).then(|| question.tags.clone()),
        ..Entry::default()
    };
    match &question.kind {
        Kind::Single { choices, correct } => {
            (entry.choices, entry.correct) = (Some(choices.clone()), Some(vec![*correct]));
        }
        Kind::Multiple { choices, correct } => {
            (entry.choices, entry.correct) = (Some(choices.clone()), Some(correct.iter().copied().collect()));
        }
        Kind::Numeric { answer, tolerance, unit } => {
            (entry.answer, entry.unit) = (Some(Number::of(*answer)), unit.clone());
            match tolerance {
                Tolerance::Absolute(tolerance) => entry.tolerance = Some(Number::of(*tolerance)),
                Tolerance::Percent(percent) => entry.tolerance_percent = Some(Number::of(*percent)),
            }
        }
        Kind::ShortText { accepted } => entry.accepted = Some(accepted.clone()),
        Kind::Ordering { items } => entry.items = Some(items.clone()),
    }
    entry
}
