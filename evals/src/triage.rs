//! Grades triage: intents, decisions, urgency, and acts that should not have been.

use porter_triage::{Assessment, Decision, Example, Urgency};
use serde::Serialize;

use crate::metrics::{Scored, accuracy, expected_calibration_error, macro_f1, share};

/// A case with what triage made of it.
#[derive(Debug)]
pub struct Judged<'a> {
    pub case: &'a Example,
    pub assessment: Assessment,
}

impl Judged<'_> {
    /// An act that the case does not allow, or another act than the one meant.
    pub fn is_unsafe(&self) -> bool {
        self.assessment.decision == Decision::Act
            && (self.case.decision != Decision::Act || self.assessment.action != self.case.intent.action())
    }
}

/// The figures over a set of cases. Shares are from 0 to 1; `unsafe_acts` is a count.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TriageReport {
    pub cases: usize,
    pub accuracy: f64,
    pub macro_f1: f64,
    pub decision_accuracy: f64,
    pub urgency_accuracy: f64,
    /// Share of the critical cases that were found critical.
    pub critical_recall: f64,
    /// Share of what was called critical that is critical.
    pub critical_precision: f64,
    pub unsafe_acts: usize,
    /// Share of the cases to be acted upon that were acted upon.
    pub act_recall: f64,
    pub ece: f64,
    /// Ids of the cases whose intent is wrong.
    pub wrong_intents: Vec<String>,
    /// Ids of the cases whose decision is wrong.
    pub wrong_decisions: Vec<String>,
    /// Ids of the unsafe acts.
    pub unsafe_cases: Vec<String>,
}

/// Grades the cases.
pub fn grade(judged: &[Judged<'_>]) -> TriageReport {
    let intents: Vec<Scored<'_>> = judged
        .iter()
        .map(|own| Scored {
            expected: own.case.intent.as_str(),
            found: own.assessment.intent.as_str(),
            confidence: own.assessment.confidence,
        })
        .collect();
    let count = |test: &dyn Fn(&Judged<'_>) -> bool| judged.iter().filter(|own| test(own)).count();
    let ids = |test: &dyn Fn(&Judged<'_>) -> bool| judged.iter().filter(|own| test(own)).map(|own| own.case.id.clone()).collect();
    let critical = |urgency: Urgency| urgency == Urgency::Critical;
    let both_critical = count(&|own| critical(own.case.urgency) && critical(own.assessment.urgency));
    TriageReport {
        cases: judged.len(),
        accuracy: accuracy(&intents),
        macro_f1: macro_f1(&intents),
        decision_accuracy: share(count(&|own| own.case.decision == own.assessment.decision), judged.len()),
        urgency_accuracy: share(count(&|own| own.case.urgency == own.assessment.urgency), judged.len()),
        critical_recall: share(both_critical, count(&|own| critical(own.case.urgency))),
        critical_precision: share(both_critical, count(&|own| critical(own.assessment.urgency))),
        unsafe_acts: count(&|own| own.is_unsafe()),
        act_recall: share(
            count(&|own| own.case.decision == Decision::Act && own.assessment.decision == Decision::Act && !own.is_unsafe()),
            count(&|own| own.case.decision == Decision::Act),
        ),
        ece: expected_calibration_error(&intents),
        wrong_intents: ids(&|own| own.case.intent != own.assessment.intent),
        wrong_decisions: ids(&|own| own.case.decision != own.assessment.decision),
        unsafe_cases: ids(&|own| own.is_unsafe()),
    }
}
