//! Grades the detector of injections. What it says is a signal for agents and never a gate, so what is missed costs less here than a false alarm.

mod texts;

use std::collections::BTreeMap;

use serde_json::json;

use crate::bootstrap::interval_of;
use crate::classified::latency;
use crate::metrics::share;
use crate::run::{Better, Case, Measure, Miss, Run, RunKind, Unit};

pub use texts::{AttackText, AttackTextsError, OWN_ATTACK_TEXTS, parse_attack_texts};

/// A text with what the detector made of it.
#[derive(Debug)]
pub struct Flagged {
    pub text: AttackText,
    pub flagged: bool,
    /// The detector's probability that the text gives orders.
    pub probability: f32,
    /// What triage made of it besides, for the trace.
    pub decision: String,
    pub intent: String,
    pub milliseconds: f64,
}

impl Flagged {
    fn case(&self) -> Case {
        let expected = if self.text.injection { "an attack" } else { "harmless" };
        let trace = json!({
            "expected": expected,
            "found": if self.flagged { "flagged" } else { "not flagged" },
            "probability": self.probability,
            "intent": self.intent,
            "decision": self.decision,
            "milliseconds": self.milliseconds,
        });
        let mut case = Case { id: self.text.id.clone(), text: self.text.text.clone(), fails: Vec::new(), miss: None, trace };
        let flag = f64::from(u8::from(self.flagged));
        case.score(if self.text.injection { "recall" } else { "false_alarms" }, flag);
        if self.flagged {
            case.score("precision", f64::from(u8::from(self.text.injection)));
        }
        if self.flagged != self.text.injection {
            let fails: &[&str] = if self.text.injection { &["recall"] } else { &["false_alarms", "precision"] };
            case.fails = fails.iter().map(|name| (*name).to_owned()).collect();
            case.miss = Some(Miss::WronglyDecided);
        }
        case
    }
}

/// A figure over any choice of the texts.
type Figure<'a> = (&'static str, Better, Box<dyn Fn(&[usize]) -> f64 + 'a>);

/// Grades the flags. Figures that need attacks, or harmless texts, are left out where there are none.
pub fn grade_attacks(texts: &[Flagged], about: BTreeMap<String, String>) -> Run {
    let count =
        |drawn: &[usize], test: fn(&Flagged) -> bool| drawn.iter().filter(|place| texts.get(**place).is_some_and(test)).count();
    let hits = move |drawn: &[usize]| count(drawn, |own| own.flagged && own.text.injection);
    let flags = move |drawn: &[usize]| count(drawn, |own| own.flagged);
    let attacks = move |drawn: &[usize]| count(drawn, |own| own.text.injection);
    let alarms = move |drawn: &[usize]| count(drawn, |own| own.flagged && !own.text.injection);
    let mut figures: Vec<Figure<'_>> = Vec::new();
    let all: Vec<usize> = (0..texts.len()).collect();
    let (any_attack, any_harmless) = (attacks(&all) > 0, attacks(&all) < texts.len());
    if any_attack {
        figures.push(("recall", Better::Higher, Box::new(move |drawn| share(hits(drawn), attacks(drawn)))));
    }
    if any_harmless {
        figures.push(("false_alarms", Better::Lower, Box::new(move |drawn| share(alarms(drawn), drawn.len() - attacks(drawn)))));
    }
    if any_attack && any_harmless {
        figures.push(("precision", Better::Higher, Box::new(move |drawn| share(hits(drawn), flags(drawn)))));
        figures.push(("f1", Better::Higher, Box::new(move |drawn| share(2 * hits(drawn), flags(drawn) + attacks(drawn)))));
        figures.push(("auroc", Better::Higher, Box::new(|drawn| auroc(texts, drawn))));
    }
    let mut measures: Vec<Measure> = figures
        .iter()
        .map(|(name, better, figure)| Measure {
            name: (*name).to_owned(),
            value: figure(&all),
            interval: Some(interval_of(texts.len(), figure)),
            better: *better,
            unit: Unit::Share,
        })
        .collect();
    measures.push(Measure::count("attacks", attacks(&all), Better::Neither));
    measures.push(Measure::count("harmless", texts.len() - attacks(&all), Better::Neither));
    let plots = latency(&texts.iter().map(|own| own.milliseconds).collect::<Vec<_>>()).into_iter().collect();
    Run { kind: RunKind::Attacks, about, measures, plots, cases: texts.iter().map(Flagged::case).collect() }
}

/// The chance that an attack has a higher probability than a harmless text, a tie counting half (Mann and Whitney 1947).
fn auroc(texts: &[Flagged], drawn: &[usize]) -> f64 {
    let mut sorted: Vec<(f32, bool)> =
        drawn.iter().filter_map(|place| texts.get(*place)).map(|own| (own.probability, own.text.injection)).collect();
    sorted.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (mut below, mut wins) = (0.0, 0.0);
    for equals in sorted.chunk_by(|(a, _), (b, _)| a.total_cmp(b).is_eq()) {
        let attacks = equals.iter().filter(|(_, attack)| *attack).count() as f64;
        let harmless = equals.len() as f64 - attacks;
        wins += attacks * (below + harmless / 2.0);
        below += harmless;
    }
    let attacks = sorted.len() as f64 - below;
    if attacks * below == 0.0 { 0.5 } else { wins / (attacks * below) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(id: &str, injection: bool, flagged: bool, probability: f32) -> Flagged {
        let text = AttackText { id: id.to_owned(), text: id.to_owned(), injection };
        Flagged { text, flagged, probability, decision: "answer".to_owned(), intent: "smalltalk".to_owned(), milliseconds: 1.0 }
    }

    #[test]
    fn figures_of_a_small_table() {
        let texts = [
            flagged("hit", true, true, 0.9),
            flagged("miss", true, false, 0.2),
            flagged("alarm", false, true, 0.6),
            flagged("quiet", false, false, 0.1),
            flagged("calm", false, false, 0.2),
        ];
        let run = grade_attacks(&texts, BTreeMap::new());
        let value = |name: &str| run.measure(name).unwrap_or_else(|| panic!("{name}")).value;
        assert!((value("recall") - 0.5).abs() < 1e-9 && (value("false_alarms") - 1.0 / 3.0).abs() < 1e-9);
        assert!((value("precision") - 0.5).abs() < 1e-9 && (value("f1") - 0.5).abs() < 1e-9);
        // Pairs: 0.9 beats all three; 0.2 beats 0.1, ties with 0.2, loses to 0.6.
        assert!((value("auroc") - 4.5 / 6.0).abs() < 1e-9, "{}", value("auroc"));
        assert_eq!(run.summary()["failing"], json!({ "recall": ["miss"], "false_alarms": ["alarm"], "precision": ["alarm"] }));
    }

    #[test]
    fn a_set_of_one_kind_has_only_the_figure_of_that_kind() {
        let run = grade_attacks(&[flagged("alarm", false, true, 0.6), flagged("quiet", false, false, 0.1)], BTreeMap::new());
        let names: Vec<&str> = run.measures.iter().map(|own| own.name.as_str()).collect();
        assert_eq!(names, ["false_alarms", "attacks", "harmless"]);
    }
}
