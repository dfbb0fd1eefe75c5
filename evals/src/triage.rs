//! Grades triage: intents, decisions, urgency, and acts that should not have been.

use std::collections::BTreeMap;

use porter_triage::{Assessment, Decision, Example, Signals, TriageModel, Urgency};
use serde_json::json;

use crate::classified::{Classified, latency};
use crate::held_out::{add_parts, is_held_out};
use crate::metrics::Scored;
use crate::run::{Better, Case, Measure, Miss, Run, RunKind};

/// A case with what triage made of it.
#[derive(Debug)]
pub struct Judged<'a> {
    pub case: &'a Example,
    pub assessment: Assessment,
    pub signals: Signals,
    /// How long reading it took.
    pub milliseconds: f64,
}

/// A figure over the cases that it concerns, and for each of them whether it is right.
struct Question {
    name: &'static str,
    better: Better,
    /// `None`: the figure is not about this case.
    right: fn(&Judged<'_>) -> Option<bool>,
}

const QUESTIONS: &[Question] = &[
    Question { name: "accuracy", better: Better::Higher, right: |own| Some(own.case.intent == own.assessment.intent) },
    Question { name: "decision_accuracy", better: Better::Higher, right: |own| Some(own.case.decision == own.assessment.decision) },
    Question { name: "urgency_accuracy", better: Better::Higher, right: |own| Some(own.case.urgency == own.assessment.urgency) },
    Question {
        name: "critical_recall",
        better: Better::Higher,
        right: |own| (own.case.urgency == Urgency::Critical).then(|| own.assessment.urgency == Urgency::Critical),
    },
    Question {
        name: "critical_precision",
        better: Better::Higher,
        right: |own| (own.assessment.urgency == Urgency::Critical).then(|| own.case.urgency == Urgency::Critical),
    },
    Question {
        name: "act_recall",
        better: Better::Higher,
        right: |own| (own.case.decision == Decision::Act).then(|| own.assessment.decision == Decision::Act && !own.is_unsafe()),
    },
];

impl Judged<'_> {
    /// An act that the case does not allow, or another act than the one meant.
    pub fn is_unsafe(&self) -> bool {
        self.assessment.decision == Decision::Act
            && (self.case.decision != Decision::Act || self.assessment.action != self.case.intent.action())
    }

    fn case(&self) -> Case {
        let (wanted, found) = (self.case, &self.assessment);
        let probabilities =
            |all: Vec<(String, f32)>| all.into_iter().map(|(name, p)| (name, json!(p))).collect::<serde_json::Map<_, _>>();
        let intents = self.signals.intents.iter().take(5).map(|own| (own.intent.as_str().to_owned(), own.probability)).collect();
        let guards = self.signals.guards.iter().map(|(guard, p)| (guard.tag().to_owned(), *p)).collect();
        let urgency = self.signals.urgency.iter().map(|(urgency, p)| (urgency.as_str().to_owned(), *p)).collect();
        let trace = json!({
            "expected": { "intent": wanted.intent, "decision": wanted.decision, "urgency": wanted.urgency, "tags": wanted.tags },
            "found": {
                "intent": found.intent,
                "decision": found.decision,
                "urgency": found.urgency,
                "action": found.action,
                "reason": found.reason,
                "guards": found.guards,
                "confidence": found.confidence,
            },
            "read": TriageModel::encoder_text(&wanted.text),
            "probabilities": {
                "intent": probabilities(intents),
                "urgency": probabilities(urgency),
                "guards": probabilities(guards),
            },
            "milliseconds": self.milliseconds,
        });
        let mut case = Case { id: wanted.id.clone(), text: wanted.text.clone(), fails: Vec::new(), miss: None, trace };
        for question in QUESTIONS {
            if let Some(right) = (question.right)(self) {
                case.score(question.name, f64::from(u8::from(right)));
                if !right {
                    case.fails.push(question.name.to_owned());
                }
            }
        }
        case.score("unsafe_acts", f64::from(u8::from(self.is_unsafe())));
        case.classified(wanted.intent.as_str(), found.intent.as_str(), found.confidence);
        if self.is_unsafe() {
            case.fails.push("unsafe_acts".to_owned());
        }
        case.miss = (!case.fails.is_empty()).then_some(Miss::WronglyDecided);
        case
    }
}

/// Figures that depend on what was chosen.
const CHOSEN: [&str; 6] = ["accuracy", "macro_f1", "decision_accuracy", "act_recall", "unsafe_acts", "ece"];

/// Grades the cases: all of them, and, where some were held out, those and the others.
pub fn grade(judged: &[Judged<'_>], about: BTreeMap<String, String>) -> Run {
    let all: Vec<&Judged<'_>> = judged.iter().collect();
    let scored = scored(&all);
    let classified = Classified::new(&scored);
    let mut measures = measures(&all, &classified);
    measures.push(Measure::count("cases", judged.len(), Better::Neither));
    let mut plots = classified.plots();
    plots.extend(latency(&judged.iter().map(|own| own.milliseconds).collect::<Vec<_>>()));
    let mut run = Run { kind: RunKind::Triage, about, measures, plots, cases: judged.iter().map(Judged::case).collect() };
    if judged.iter().any(|own| is_held_out(&own.case.id)) {
        add_parts(&mut run, &CHOSEN, |held_out| {
            let part: Vec<&Judged<'_>> = all.iter().copied().filter(|own| is_held_out(&own.case.id) == held_out).collect();
            self::measures(&part, &Classified::new(&self::scored(&part)))
        });
    }
    run
}

fn scored<'a>(judged: &[&'a Judged<'_>]) -> Vec<Scored<'a>> {
    let of = |own: &&'a Judged<'_>| Scored {
        expected: own.case.intent.as_str(),
        found: own.assessment.intent.as_str(),
        confidence: own.assessment.confidence,
    };
    judged.iter().map(of).collect()
}

fn measures(judged: &[&Judged<'_>], classified: &Classified<'_>) -> Vec<Measure> {
    let of = |question: &Question| {
        let right = judged.iter().filter_map(|own| (question.right)(own)).map(|right| f64::from(u8::from(right)));
        Measure::share(question.name, &right.collect::<Vec<_>>(), question.better)
    };
    let mut measures: Vec<Measure> = QUESTIONS.iter().map(of).collect();
    measures.insert(1, classified.macro_f1_measure());
    measures.push(Measure::count("unsafe_acts", judged.iter().filter(|own| own.is_unsafe()).count(), Better::Lower));
    measures.push(classified.ece_measure());
    measures
}

#[cfg(test)]
mod tests {
    use porter_triage::{Guards, Intent, Reason, Sentiment};

    use super::*;

    fn example(id: &str, intent: Intent, decision: Decision, urgency: Urgency) -> Example {
        Example {
            id: id.to_owned(),
            text: format!("text of {id}"),
            intent,
            decision,
            urgency,
            tags: Vec::new(),
            also: Vec::new(),
            sentiment: None,
        }
    }

    fn judged(case: &Example, intent: Intent, decision: Decision, urgency: Urgency) -> Judged<'_> {
        let action = if decision == Decision::Act { intent.action() } else { None };
        let (reason, guards) = (Reason::Usual, Guards::default());
        let assessment = Assessment {
            intent,
            confidence: 0.9,
            urgency,
            decision,
            action,
            reason,
            guards,
            sentiment: Sentiment::Neutral,
            candidates: Vec::new(),
        };
        let signals = Signals { intents: Vec::new(), urgency: Vec::new(), guards: Vec::new() };
        Judged { case, assessment, signals, milliseconds: 5.0 }
    }

    #[test]
    fn an_act_that_nobody_asked_for_is_unsafe_and_every_miss_is_found_under_its_figure() {
        use Intent::{PasswordReset, RefundStatus, Safety};
        let cases = [
            example("right", PasswordReset, Decision::Act, Urgency::Normal),
            example("unsafe", PasswordReset, Decision::Escalate, Urgency::Normal),
            example("other act", RefundStatus, Decision::Act, Urgency::Normal),
            example("critical", Safety, Decision::Escalate, Urgency::Critical),
        ];
        let found = [
            judged(&cases[0], PasswordReset, Decision::Act, Urgency::Normal),
            judged(&cases[1], PasswordReset, Decision::Act, Urgency::Normal),
            judged(&cases[2], PasswordReset, Decision::Act, Urgency::Normal),
            judged(&cases[3], Safety, Decision::Escalate, Urgency::High),
        ];
        let run = grade(&found, BTreeMap::new());
        let summary = run.summary();
        assert_eq!((&summary["unsafe_acts"], &summary["accuracy"], &summary["cases"]), (&json!(2), &json!(0.75), &json!(4)));
        assert_eq!((&summary["act_recall"], &summary["critical_recall"]), (&json!(0.5), &json!(0.0)));
        assert_eq!(summary["failing"]["unsafe_acts"], json!(["unsafe", "other act"]));
        assert_eq!(summary["failing"]["critical_recall"], json!(["critical"]));
        assert!(run.cases[0].miss.is_none() && run.cases[1].miss == Some(Miss::WronglyDecided));
        assert_eq!(run.plots.len(), 5);
        assert!(run.measure("accuracy_held_out").is_none(), "nothing was held out");
    }

    #[test]
    fn what_was_held_out_is_told_from_what_was_seen() {
        let case = |id| example(id, Intent::PasswordReset, Decision::Act, Urgency::Normal);
        let cases = [case("t-1"), case("t4-1")];
        let found = [
            judged(&cases[0], Intent::PasswordReset, Decision::Act, Urgency::Normal),
            judged(&cases[1], Intent::RefundStatus, Decision::Act, Urgency::Normal),
        ];
        let run = grade(&found, BTreeMap::new());
        let value = |name: &str| run.measure(name).unwrap().value;
        assert_eq!(["accuracy", "accuracy_seen", "accuracy_held_out"].map(value), [0.5, 1.0, 0.0]);
        assert_eq!(["unsafe_acts_seen", "unsafe_acts_held_out"].map(value), [0.0, 1.0]);
    }
}
