//! Measures Porter: labelled cases in, numbers that can be read and trusted out.

mod bootstrap;
mod dataset;
mod metrics;
mod overlap;
mod rephrase;
mod retrieval;
mod run;
mod triage;
mod vectors;

pub use bootstrap::Interval;
pub use dataset::{Beir, DatasetError, LabelledSet, Passage, Query, Row};
pub use metrics::{Scored, accuracy, expected_calibration_error, macro_f1};
pub use overlap::{Overlap, shared_five_grams, too_close};
pub use rephrase::{Asked, HostileModel, Worded, grade_rephrasing, own_questions, read_questions, unsupported};
pub use retrieval::{RetrievalIntervals, RetrievalReport, grade_retrieval};
pub use run::{Better, Case, ConfusionCell, LabelRow, Measure, Miss, Plot, ReliabilityBin, RiskPoint, Run, RunKind, Unit};
pub use triage::{Judged, TriageReport, grade};
pub use vectors::VectorCache;

/// The project's own triage cases, written and frozen before the training text.
pub const OWN_TRIAGE_CASES: &str = include_str!("../cases/triage.jsonl");
