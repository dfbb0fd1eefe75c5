//! Measures Porter: labelled cases in, numbers that can be read and trusted out.

mod answers;
mod attacks;
mod bootstrap;
mod cached;
mod classified;
mod compare;
mod dataset;
mod dialogues;
mod held_out;
mod intents;
mod metrics;
mod novelty;
mod overlap;
mod ranking;
mod rephrase;
mod report;
mod retrieval;
mod run;
mod saved;
mod triage;
mod vectors;

pub use answers::{
    AnswerCase, ArticleText, CaseError, FoundArticle, Given, Section, Shelf, grade_answers, own_answer_cases, parse_answer_cases,
};
pub use attacks::{AttackText, AttackTextsError, Flagged, OWN_ATTACK_TEXTS, grade_attacks, parse_attack_texts};
pub use bootstrap::Interval;
pub use cached::CachedEncoder;
pub use compare::{CaseChange, Change, Comparison, Verdict, compare};
pub use dataset::{Beir, DatasetError, LabelledSet, Passage, Query, Row};
pub use dialogues::{
    Button, Chance, Dialogue, DialogueError, EndState, EndTicket, Expected, ExpectedHolder, ExpectedTicket, Faults, FormCard,
    OWN_DIALOGUES, Played, Repeated, Sent, Step, Verdict as EndVerdict, grade_dialogues, judge, parse_dialogues,
};
pub use intents::{IntentData, evaluate_intents};
pub use metrics::{Scored, accuracy, expected_calibration_error, macro_f1};
pub use overlap::{Overlap, shared_five_grams, too_close};
pub use ranking::fuse;
pub use rephrase::{Asked, HostileModel, Worded, grade_rephrasing, own_questions, read_questions, unsupported};
pub use report::{Page, render};
pub use retrieval::grade_retrieval;
pub use run::{Better, Case, ConfusionCell, LabelRow, Measure, Miss, Plot, ReliabilityBin, RiskPoint, Run, RunKind, Unit};
pub use saved::{Saved, SavedError};
pub use triage::{Judged, grade};
pub use vectors::VectorCache;

/// The project's own triage cases: written and frozen before the training text; more of them by another hand (quoted text, negation, several wishes in one message); and two
/// more lots of what learners write every day, the last written when everything had been chosen.
const OWN_TRIAGE_CASES: [&str; 4] = [
    include_str!("../cases/triage.jsonl"),
    include_str!("../cases/triage-second.jsonl"),
    include_str!("../cases/triage-third.jsonl"),
    include_str!("../cases/triage-fourth.jsonl"),
];

/// The project's own triage cases, a line each.
pub fn own_triage_cases() -> String {
    OWN_TRIAGE_CASES.join("\n")
}
