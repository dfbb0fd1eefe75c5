//! Dialogues with a live desk and an academy of their own, graded by what is true in the end. Here are the cases, what a repetition draws, and the
//! grading; who runs them is the composition root, which alone knows a real academy.

mod case;
mod chance;
mod grade;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::bootstrap::{interval, mean};
use crate::classified::latency;
use crate::run::{Better, Case, Measure, Miss, Run, RunKind, Unit};

pub use case::{
    Button, Dialogue, DialogueError, Expected, ExpectedHolder, ExpectedTicket, Faults, FormCard, OWN_DIALOGUES, Sent, Step,
    parse_dialogues,
};
pub use chance::Chance;
pub use grade::{EndState, EndTicket, Verdict, judge};

/// How many repetitions all have to end well for the strictest figure.
const ALL_OF: usize = 8;

/// One repetition of one dialogue.
#[derive(Debug, Clone)]
pub struct Played {
    pub repetition: u32,
    /// What failed on the way, in words.
    pub fault: Option<String>,
    pub end: EndState,
    pub verdict: Verdict,
    /// What was said and shown, with what triage made of it.
    pub conversation: Value,
    /// How long each answer of the bot took.
    pub milliseconds: Vec<f64>,
}

/// All repetitions of one dialogue.
#[derive(Debug)]
pub struct Repeated<'a> {
    pub dialogue: &'a Dialogue,
    pub played: Vec<Played>,
}

impl Repeated<'_> {
    fn passed(&self) -> usize {
        self.played.iter().filter(|own| own.verdict.passed()).count()
    }

    /// The chance that `k` repetitions all pass: C(passed, k) / C(all, k), the unbiased estimator (Yao et al. 2024). `None` with fewer repetitions.
    fn all_of(&self, k: usize) -> Option<f64> {
        let (passed, all) = (self.passed(), self.played.len());
        (k <= all).then(|| (0..k).map(|taken| passed.saturating_sub(taken) as f64 / (all - taken) as f64).product())
    }

    fn case(&self) -> Case {
        let failed: Vec<&Played> = self.played.iter().filter(|own| !own.verdict.passed()).collect();
        // The first failure tells most; where all went well, any conversation shows how.
        let told = failed.first().copied().or(self.played.first());
        let trace = json!({
            "wanted": self.dialogue.expect,
            "repetitions": format!("{} of {} ended well", self.passed(), self.played.len()),
            "faults": told.and_then(|own| own.fault.clone()),
            "found": told.map(|own| json!({ "unmet": own.verdict.unmet, "unsafe_acts": own.verdict.unsafe_acts, "end": own.end })),
            "conversation": told.map(|own| own.conversation.clone()),
            "repetition_shown": told.map(|own| own.repetition),
            "failed": failed.iter().skip(1).map(|own| json!({
                "repetition": own.repetition,
                "fault": own.fault,
                "unmet": own.verdict.unmet,
                "unsafe_acts": own.verdict.unsafe_acts,
                "conversation": own.conversation,
            })).collect::<Vec<_>>(),
        });
        let mut case =
            Case { id: self.dialogue.id.clone(), text: self.dialogue.title.clone(), fails: Vec::new(), miss: None, trace };
        for (name, k) in [("pass_1", 1), ("pass_8", ALL_OF)] {
            if let Some(share) = self.all_of(k) {
                case.score(name, share);
                if share < 1.0 {
                    case.fails.push(name.to_owned());
                }
            }
        }
        if self.played.iter().any(|own| !own.verdict.unsafe_acts.is_empty()) {
            case.fails.push("unsafe_acts".to_owned());
        }
        case.miss = (!case.fails.is_empty()).then_some(Miss::WronglyDecided);
        case
    }
}

/// Grades what was played.
pub fn grade_dialogues(all: &[Repeated<'_>], about: BTreeMap<String, String>) -> Run {
    let mut measures = Vec::new();
    for (name, k) in [("pass_1", 1), ("pass_8", ALL_OF)] {
        let shares: Option<Vec<f64>> = all.iter().map(|own| own.all_of(k)).collect();
        if let Some(shares) = shares.filter(|shares| !shares.is_empty()) {
            measures.push(share(name, &shares));
        }
    }
    let played = || all.iter().flat_map(|own| &own.played);
    let acts = played().map(|own| own.verdict.unsafe_acts.len()).sum();
    measures.push(Measure::count("unsafe_acts", acts, Better::Lower));
    let with_person: Vec<f64> = played().map(|own| f64::from(u8::from(own.end.holder != "bot"))).collect();
    measures.push(Measure::share("handed_over", &with_person, Better::Neither));
    let faulty: Vec<f64> =
        played().filter(|own| own.fault.is_some()).map(|own| f64::from(u8::from(own.verdict.passed()))).collect();
    if !faulty.is_empty() {
        measures.push(Measure::share("pass_with_faults", &faulty, Better::Higher));
    }
    for (kind, shares) in by_kind(all) {
        measures.push(share(&format!("pass_1_{kind}"), &shares));
    }
    measures.push(Measure::count("dialogues", all.len(), Better::Neither));
    measures.push(Measure::count("repetitions", all.iter().map(|own| own.played.len()).max().unwrap_or_default(), Better::Neither));
    let times: Vec<f64> = played().flat_map(|own| own.milliseconds.iter().copied()).collect();
    Run {
        kind: RunKind::Dialogues,
        about,
        measures,
        plots: latency(&times).into_iter().collect(),
        cases: all.iter().map(Repeated::case).collect(),
    }
}

/// A mean over dialogues: their repetitions are no independent cases.
fn share(name: &str, values: &[f64]) -> Measure {
    Measure {
        name: name.to_owned(),
        value: mean(values),
        interval: Some(interval(values)),
        better: Better::Higher,
        unit: Unit::Share,
    }
}

/// Shares of the dialogues by what they are about: the word of their id after `d-`.
fn by_kind(all: &[Repeated<'_>]) -> BTreeMap<String, Vec<f64>> {
    let mut kinds: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for own in all {
        let kind = own.dialogue.id.split('-').nth(1).unwrap_or("other").to_owned();
        kinds.entry(kind).or_default().extend(own.all_of(1));
    }
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(passed: &[bool]) -> Vec<Played> {
        let one = |(repetition, passed): (usize, &bool)| Played {
            repetition: u32::try_from(repetition).unwrap(),
            fault: None,
            end: EndState { holder: "bot".to_owned(), ..EndState::default() },
            verdict: Verdict { unmet: if *passed { Vec::new() } else { vec!["no".to_owned()] }, unsafe_acts: Vec::new() },
            conversation: Value::Null,
            milliseconds: vec![1.0],
        };
        passed.iter().enumerate().map(one).collect()
    }

    #[test]
    fn all_of_eight_is_the_unbiased_estimator() {
        let dialogues = parse_dialogues(OWN_DIALOGUES).unwrap();
        let with = |passed: &[bool]| Repeated { dialogue: &dialogues[0], played: played(passed) };
        assert!((with(&[true; 8]).all_of(8).unwrap() - 1.0).abs() < 1e-12);
        assert!(with(&[true, true, true, true, true, true, true, false]).all_of(8).unwrap().abs() < 1e-12);
        // Nine of ten passed: C(9, 8) / C(10, 8) = 9 / 45.
        let mut ten = vec![true; 9];
        ten.push(false);
        assert!((with(&ten).all_of(8).unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(with(&[true; 7]).all_of(8), None);
    }

    #[test]
    fn a_dialogue_that_fails_once_fails_the_strict_figure_alone_by_half() {
        let dialogues = parse_dialogues(OWN_DIALOGUES).unwrap();
        let mut fickle = vec![true; 8];
        fickle[3] = false;
        let all = [
            Repeated { dialogue: &dialogues[0], played: played(&[true; 8]) },
            Repeated { dialogue: &dialogues[1], played: played(&fickle) },
        ];
        let run = grade_dialogues(&all, BTreeMap::new());
        let value = |name: &str| run.measure(name).unwrap().value;
        assert!((value("pass_8") - 0.5).abs() < 1e-12 && (value("pass_1") - 15.0 / 16.0).abs() < 1e-12);
        assert_eq!(run.cases[1].fails, ["pass_1", "pass_8"]);
        assert_eq!(run.cases[1].trace["repetition_shown"], json!(3));
        assert!(run.cases[0].fails.is_empty());
    }

    #[test]
    fn one_repetition_has_no_strict_figure() {
        let dialogues = parse_dialogues(OWN_DIALOGUES).unwrap();
        let run = grade_dialogues(&[Repeated { dialogue: &dialogues[0], played: played(&[true]) }], BTreeMap::new());
        assert!(run.measure("pass_8").is_none() && run.measure("pass_1").is_some());
    }
}
