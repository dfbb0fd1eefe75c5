//! What evaluations have found, and the conversations that became cases of them.

use porter_kernel::clock::Timestamp;
use porter_triage::{Decision, Intent, Urgency};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{ConversationId, StaffId};

/// A figure of a run, as far as a list and a trend need it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EvalFigure {
    pub name: String,
    pub value: f64,
    /// Where it lies in 95 of 100 samples.
    pub interval: Option<EvalInterval>,
    /// `higher`, `lower` or `neither`.
    pub better: String,
    /// `share`, `count` or `milliseconds`.
    pub unit: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct EvalInterval {
    pub low: f64,
    pub high: f64,
}

/// A run without its cases.
#[derive(Debug, Clone, PartialEq)]
pub struct EvalRunRow {
    pub id: Uuid,
    /// `triage`, `answers`, …
    pub kind: String,
    /// The version that was measured.
    pub release: String,
    pub created_at: Timestamp,
    pub figures: Vec<EvalFigure>,
}

/// A run as it is kept: what was found is the evals' own form, and is not read here.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEval {
    pub row: EvalRunRow,
    pub run: Value,
}

/// What a conversation that an agent has judged is for. It is never for both: what is learnt by heart measures nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Evals ask for it.
    Check,
    /// `porter train` learns it.
    Teach,
}

impl Purpose {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::Check, Self::Teach];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Teach => "teach",
        }
    }

    /// The purpose of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|own| own.as_str() == word)
    }
}

/// A conversation that is a case from now on.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvalCase {
    pub conversation: ConversationId,
    pub purpose: Purpose,
    /// What the student wrote, without what names a person.
    pub text: String,
    pub intent: Intent,
    pub decision: Decision,
    pub urgency: Urgency,
    /// Articles that a right answer comes from.
    pub articles: Vec<String>,
    pub made_by: StaffId,
}

/// The same as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct EvalCase {
    pub conversation: ConversationId,
    pub purpose: Purpose,
    pub text: String,
    pub intent: String,
    pub decision: String,
    pub urgency: String,
    pub articles: Vec<String>,
    /// The name of who made it.
    pub made_by: String,
    pub created_at: Timestamp,
}

impl EvalCase {
    /// A line of the files that `porter eval triage --input` and `porter train --data` read.
    #[must_use]
    pub fn line(&self) -> Value {
        serde_json::json!({
            "id": format!("own-{}", self.conversation),
            "text": self.text,
            "intent": self.intent,
            "decision": self.decision,
            "urgency": self.urgency,
            "tags": ["own"],
        })
    }
}
