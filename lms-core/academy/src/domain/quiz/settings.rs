//! A quiz: how it is taken, and its questions.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Question;
use crate::domain::UnknownWord;

/// Questions of one quiz.
pub const MAX_QUESTIONS: usize = 500;

words!(
    /// When a learner sees the right answers and the explanations. Which answers were right is always shown.
    AnswersShown as "time to show answers" {
        /// With the result of each attempt.
        AfterEach = "after_each",
        /// When the quiz is passed, or no attempt is left: the next attempt asks for understanding, not for memory.
        AfterLast = "after_last",
        Never = "never",
    }
);

/// So many questions of those with a tag; without a tag, of all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    pub tag: Option<String>,
    pub draw: i64,
}

/// How a quiz is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Without a pool, all questions are asked.
    pub pools: Vec<Pool>,
    /// The limit; `None`: take your time.
    pub seconds: Option<i64>,
    /// How often it may be taken; `None`: as the academy's policy says.
    pub attempts: Option<i64>,
    /// Whether questions and choices come in another order each time. The items of an ordering question always do.
    pub shuffle: bool,
    pub answers: AnswersShown,
}

impl Default for Settings {
    fn default() -> Self {
        Self { pools: Vec::new(), seconds: None, attempts: None, shuffle: true, answers: AnswersShown::AfterLast }
    }
}

/// A quiz as it is written down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quiz {
    pub settings: Settings,
    pub questions: Vec<Question>,
}
