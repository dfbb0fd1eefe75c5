//! What an action came to, as the widget and the inbox show it. Texts from the LMS (titles, names) are data and are never read as links or markup.

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ActionName;

/// A label and its value: “Sent to”, “a•••@example.com”.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fact {
    pub label: String,
    pub value: String,
}

/// What was done, for the student and for the audit. The same for every repetition of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Follows from the request's idempotency key.
    pub id: Uuid,
    pub action: ActionName,
    /// One sentence: “The certificate is on its way to you.”
    pub title: String,
    pub facts: Vec<Fact>,
    pub done_at: Timestamp,
}

/// Whether a finding is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// All is well, or done.
    Good,
    /// Under way: only time is needed.
    Waiting,
    /// Something is missing; the remedy says what.
    Problem,
}

/// What can be done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Remedy {
    pub text: String,
    /// Where it is done: a page of the academy.
    pub url: Option<String>,
}

/// A reason found in the facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Finding {
    /// What it is about: a course's title or an order's number.
    pub about: String,
    /// A word of the LMS's closed set, such as `quiz_below_pass`.
    pub reason: String,
    pub mood: Mood,
    /// The reason in one or two sentences, with the figures.
    pub sentence: String,
    pub evidence: Vec<Fact>,
    pub remedy: Option<Remedy>,
    /// Only a person can put it right: the case goes to the queue with this finding.
    pub needs_person: bool,
}

/// A question with a closed set of answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub action: ActionName,
    pub prompt: String,
    pub options: Vec<ChoiceOption>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChoiceOption {
    pub id: Uuid,
    pub label: String,
    pub detail: String,
}

/// What an action came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// An effect, with its receipt.
    Done { receipt: Receipt },
    /// A look at the facts, with what was found; never empty.
    Explained { receipt: Receipt, findings: Vec<Finding> },
    /// Which one is meant?
    Choose { choice: Choice },
}

impl Outcome {
    /// One word for metrics and logs.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Explained { .. } => "explained",
            Self::Choose { .. } => "choose",
        }
    }

    /// What was done or looked at; none for a question.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        match self {
            Self::Done { receipt } | Self::Explained { receipt, .. } => Some(receipt),
            Self::Choose { .. } => None,
        }
    }
}
