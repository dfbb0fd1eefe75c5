//! A question, and what makes it a good one.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::text::normalised;
use super::{Decimal, Fault};

/// Choices or items of one question.
pub(super) const MAX_PARTS: usize = 20;
/// Characters of a question, an explanation or a choice.
const LONGEST: usize = 4_000;
/// What one question can be worth.
pub const MAX_POINTS: u32 = 100;

/// A question of a bank, in one version. All text is untrusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Markdown.
    pub text: String,
    #[serde(flatten)]
    pub kind: Kind,
    /// Markdown; shown with the result.
    pub explanation: Option<String>,
    /// From 1 to [`MAX_POINTS`].
    pub points: u32,
    /// What pools draw by.
    pub tags: Vec<String>,
}

/// What is asked for. Indices count from 0 in the order that is written here, which is not the order on the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// One of the choices is right.
    Single { choices: Vec<String>, correct: usize },
    /// Some of the choices are right.
    Multiple { choices: Vec<String>, correct: BTreeSet<usize> },
    /// A number near enough to the answer.
    Numeric { answer: Decimal, tolerance: Tolerance, unit: Option<String> },
    /// One of some words, however they are spelt in case, accents and spaces.
    ShortText { accepted: Vec<String> },
    /// The items in their right order.
    Ordering { items: Vec<String> },
}

/// How far a number may be from the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tolerance {
    Absolute(Decimal),
    /// Of the answer.
    Percent(Decimal),
}

impl Kind {
    /// The word of files and pages.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Single { .. } => "single",
            Self::Multiple { .. } => "multiple",
            Self::Numeric { .. } => "numeric",
            Self::ShortText { .. } => "short_text",
            Self::Ordering { .. } => "ordering",
        }
    }

    /// How many parts it has that can be shuffled.
    #[must_use]
    pub fn parts(&self) -> &[String] {
        match self {
            Self::Single { choices, .. } | Self::Multiple { choices, .. } => choices,
            Self::Ordering { items } => items,
            Self::Numeric { .. } | Self::ShortText { .. } => &[],
        }
    }
}

impl Question {
    /// What is wrong with it; nothing: it can be asked.
    #[must_use]
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut check = |good: bool, fault: Fault| {
            if !good {
                faults.push(fault);
            }
        };
        check(!self.text.trim().is_empty(), Fault::NoText);
        check((1..=MAX_POINTS).contains(&self.points), Fault::Points);
        let texts = [Some(&self.text), self.explanation.as_ref()].into_iter().flatten().chain(self.kind.parts());
        check(texts.clone().all(|text| text.chars().count() <= LONGEST), Fault::TooLong);
        check(self.tags.iter().all(|tag| !tag.trim().is_empty() && tag.chars().count() <= 60), Fault::Tag);
        let parts = self.kind.parts();
        let distinct = parts.iter().map(|part| part.trim()).collect::<BTreeSet<_>>().len() == parts.len();
        match &self.kind {
            Kind::Single { choices, correct } => {
                check((2..=MAX_PARTS).contains(&choices.len()), Fault::Choices);
                check(*correct < choices.len(), Fault::CorrectOutside);
            }
            Kind::Multiple { choices, correct } => {
                check((2..=MAX_PARTS).contains(&choices.len()), Fault::Choices);
                check(!correct.is_empty(), Fault::NothingCorrect);
                check(correct.iter().all(|index| *index < choices.len()), Fault::CorrectOutside);
            }
            Kind::Numeric { tolerance: Tolerance::Absolute(tolerance), .. } => check(*tolerance >= Decimal::ZERO, Fault::Tolerance),
            Kind::Numeric { tolerance: Tolerance::Percent(percent), .. } => {
                check((Decimal::ZERO..=Decimal::HUNDRED).contains(percent), Fault::Tolerance);
            }
            Kind::ShortText { accepted } => {
                check(!accepted.is_empty(), Fault::NothingAccepted);
                check(
                    accepted.iter().all(|text| !normalised(text).is_empty() && text.chars().count() <= super::answer::LONGEST),
                    Fault::AcceptedEmpty,
                );
            }
            Kind::Ordering { items } => check((2..=MAX_PARTS).contains(&items.len()), Fault::Items),
        }
        check(distinct && parts.iter().all(|part| !part.trim().is_empty()), Fault::PartsAlike);
        faults
    }
}
