//! Measures Porter: labelled cases in, numbers that can be read and trusted out.

mod answers;
mod bootstrap;
mod cached;
mod dataset;
mod intents;
mod metrics;
mod novelty;
mod overlap;
mod plots;
mod ranking;
mod retrieval;
mod run;
mod triage;
mod vectors;

pub use answers::{
    AnswerCase, ArticleText, CaseError, FoundArticle, Given, Section, Shelf, grade_answers, is_fitted, own_answer_cases,
    parse_answer_cases,
};
pub use bootstrap::Interval;
pub use cached::CachedEncoder;
pub use dataset::{Beir, DatasetError, LabelledSet, Passage, Query, Row};
pub use intents::{IntentData, evaluate_intents};
pub use metrics::{Scored, accuracy, expected_calibration_error, macro_f1};
pub use overlap::{Overlap, shared_five_grams, too_close};
pub use plots::classifier_plots;
pub use ranking::fuse;
pub use retrieval::grade_retrieval;
pub use run::{Better, Case, ConfusionCell, LabelRow, Measure, Miss, Plot, ReliabilityBin, RiskPoint, Run, RunKind, Unit};
pub use triage::{Judged, TriageReport, grade};
pub use vectors::VectorCache;

/// The project's own triage cases, written and frozen before the training text.
pub const OWN_TRIAGE_CASES: &str = include_str!("../cases/triage.jsonl");
