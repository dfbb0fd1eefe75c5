//! What changed between two runs: figures that moved, and the cases that moved them. Both runs read the same cases, so differences are taken case
//! by case, which sees much smaller changes than two intervals side by side would.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use crate::bootstrap::{Interval, interval, interval_of, mean};
use crate::classified::Classified;
use crate::metrics::Scored;
use crate::run::{Better, Case, Measure, Run, Unit};

/// Figures of which a single one more is a regression, whatever chance says.
const NEVER_MORE: [&str; 2] = ["unsafe_acts", "unsupported_sentences"];
/// Differences that are rounding.
const NOTHING: f64 = 1e-9;

/// Whether a figure moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Better,
    Worse,
    /// It differs by no more than chance explains, or nothing can be said.
    Unclear,
    Same,
}

/// A figure before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    pub name: String,
    pub unit: Unit,
    pub before: f64,
    pub after: f64,
    /// Where the difference lies in 95 of 100 draws of the cases that both runs have; `None` when it is not made of cases.
    pub interval: Option<Interval>,
    pub verdict: Verdict,
}

/// A case that was right and is not any more, or the other way round.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CaseChange {
    pub id: String,
    /// The figures concerned.
    pub measures: Vec<String>,
}

/// One run beside an earlier one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    pub changes: Vec<Change>,
    pub newly_failing: Vec<CaseChange>,
    pub newly_right: Vec<CaseChange>,
    /// Cases that both runs have.
    pub common: usize,
    /// Cases that only the later run has.
    pub added: usize,
    /// Cases that only the earlier run has.
    pub removed: usize,
}

impl Comparison {
    /// The figures that got worse.
    pub fn regressions(&self) -> impl Iterator<Item = &Change> {
        self.changes.iter().filter(|change| change.verdict == Verdict::Worse)
    }
}

/// Compares a run with an earlier one of the same kind.
pub fn compare(baseline: &Run, run: &Run) -> Comparison {
    let before: HashMap<&str, &Case> = baseline.cases.iter().map(|case| (case.id.as_str(), case)).collect();
    let pairs: Vec<(&Case, &Case)> = run.cases.iter().filter_map(|after| Some((*before.get(after.id.as_str())?, after))).collect();
    let changes = run
        .measures
        .iter()
        .filter_map(|measure| Some(change(baseline.measure(&measure.name)?, measure, baseline, run, &pairs)))
        .collect();
    let moved = |from: fn(&(&Case, &Case)) -> Vec<String>| {
        let changed = pairs.iter().map(|pair| CaseChange { id: pair.1.id.clone(), measures: from(pair) });
        changed.filter(|own| !own.measures.is_empty()).collect::<Vec<_>>()
    };
    Comparison {
        changes,
        newly_failing: moved(|(before, after)| without(&after.fails, &before.fails)),
        newly_right: moved(|(before, after)| without(&before.fails, &after.fails)),
        common: pairs.len(),
        added: run.cases.len() - pairs.len(),
        removed: baseline.cases.len().saturating_sub(pairs.len()),
    }
}

fn without(these: &[String], those: &[String]) -> Vec<String> {
    these.iter().filter(|own| !those.contains(own)).cloned().collect()
}

fn change(old: &Measure, new: &Measure, baseline: &Run, run: &Run, pairs: &[(&Case, &Case)]) -> Change {
    let paired = difference(old, new, baseline, run, pairs);
    let (difference, interval) = paired.map_or((new.value - old.value, None), |(value, interval)| (value, Some(interval)));
    let worse_by = |value: f64| match new.better {
        Better::Higher => -value,
        Better::Lower => value,
        Better::Neither => 0.0,
    };
    let more = NEVER_MORE.contains(&new.name.as_str()) && new.value > old.value + NOTHING;
    let verdict = match interval {
        _ if more => Verdict::Worse,
        // Counts of acts that must not be have no interval that could excuse them, nor one that is needed to praise their fall.
        _ if NEVER_MORE.contains(&new.name.as_str()) && new.value < old.value - NOTHING => Verdict::Better,
        _ if difference.abs() < NOTHING => Verdict::Same,
        Some(Interval { low, high }) if worse_by(low).min(worse_by(high)) > NOTHING => Verdict::Worse,
        Some(Interval { low, high }) if worse_by(low).max(worse_by(high)) < -NOTHING => Verdict::Better,
        _ => Verdict::Unclear,
    };
    Change { name: new.name.clone(), unit: new.unit, before: old.value, after: new.value, interval, verdict }
}

/// By how much the figure differs over the cases that both runs have, and where that lies.
fn difference(old: &Measure, new: &Measure, baseline: &Run, run: &Run, pairs: &[(&Case, &Case)]) -> Option<(f64, Interval)> {
    if pairs.is_empty() || new.unit != Unit::Share || new.better == Better::Neither {
        return None;
    }
    match new.name.as_str() {
        "macro_f1" => of_classifier(pairs, |own, drawn| own.macro_f1(drawn)),
        "ece" => of_classifier(pairs, |own, drawn| own.ece(drawn)),
        _ => {
            let (before, after) = (scores(baseline, old)?, scores(run, new)?);
            if subset(pairs, &before, &after) {
                return of_subset(pairs, &before, &after);
            }
            let differences: Vec<f64> =
                pairs.iter().filter_map(|(old, new)| Some(after.get(new.id.as_str())? - before.get(old.id.as_str())?)).collect();
            (!differences.is_empty()).then(|| (mean(&differences), interval(&differences)))
        }
    }
}

type Scores<'a> = BTreeMap<&'a str, f64>;

/// What each case counted for the figure: as noted with the case, or 1 where it does not fail, if that is what the figure is the mean of.
fn scores<'a>(run: &'a Run, measure: &Measure) -> Option<Scores<'a>> {
    let noted: Scores<'_> = run.cases.iter().filter_map(|case| Some((case.id.as_str(), case.score_of(&measure.name)?))).collect();
    if !noted.is_empty() {
        return Some(noted);
    }
    let flat: Scores<'_> =
        run.cases.iter().map(|case| (case.id.as_str(), f64::from(u8::from(!case.fails.contains(&measure.name))))).collect();
    let mean = flat.values().sum::<f64>() / flat.len().max(1) as f64;
    if (mean - measure.value).abs() < 1e-6 {
        Some(flat)
    } else if (1.0 - mean - measure.value).abs() < 1e-6 {
        Some(flat.into_iter().map(|(id, value)| (id, 1.0 - value)).collect())
    } else {
        None
    }
}

/// Whether the figure is about other cases in one run than in the other, as precision is.
fn subset(pairs: &[(&Case, &Case)], before: &Scores<'_>, after: &Scores<'_>) -> bool {
    pairs.iter().any(|(old, new)| before.contains_key(old.id.as_str()) != after.contains_key(new.id.as_str()))
}

/// The difference of two means over different parts of the same cases.
fn of_subset(pairs: &[(&Case, &Case)], before: &Scores<'_>, after: &Scores<'_>) -> Option<(f64, Interval)> {
    let values: Vec<(Option<f64>, Option<f64>)> =
        pairs.iter().map(|(old, new)| (before.get(old.id.as_str()).copied(), after.get(new.id.as_str()).copied())).collect();
    let figure = |drawn: &[usize]| {
        let part = |pick: fn(&(Option<f64>, Option<f64>)) -> Option<f64>| {
            mean(&drawn.iter().filter_map(|place| values.get(*place).and_then(pick)).collect::<Vec<_>>())
        };
        part(|(_, after)| *after) - part(|(before, _)| *before)
    };
    let all: Vec<usize> = (0..values.len()).collect();
    Some((figure(&all), interval_of(values.len(), figure)))
}

fn of_classifier(pairs: &[(&Case, &Case)], figure: fn(&Classified<'_>, &[usize]) -> f64) -> Option<(f64, Interval)> {
    let old: Vec<Scored<'_>> = pairs.iter().map(|(old, _)| old.as_classified()).collect::<Option<_>>()?;
    let new: Vec<Scored<'_>> = pairs.iter().map(|(_, new)| new.as_classified()).collect::<Option<_>>()?;
    let (old, new) = (Classified::new(&old), Classified::new(&new));
    let difference = |drawn: &[usize]| figure(&new, drawn) - figure(&old, drawn);
    let everything: Vec<usize> = (0..pairs.len()).collect();
    Some((difference(&everything), interval_of(pairs.len(), difference)))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::run::RunKind;

    /// A run of a hundred cases of which the first `wrong` are wrong, and which has acted `unsafe_acts` times when it should not have.
    fn run(wrong: usize, unsafe_acts: usize) -> Run {
        let cases: Vec<Case> = (0..100)
            .map(|place| {
                let fails = if place < wrong { vec!["accuracy".to_owned()] } else { Vec::new() };
                let mut case = Case { id: format!("c{place}"), text: String::new(), fails, miss: None, trace: Value::Null };
                case.score("accuracy", f64::from(u8::from(place >= wrong)));
                case.classified("a", if place < wrong { "b" } else { "a" }, 0.9);
                case
            })
            .collect();
        let values: Vec<f64> = (0..100).map(|place| f64::from(u8::from(place >= wrong))).collect();
        let measures = vec![
            Measure::share("accuracy", &values, Better::Higher),
            Measure::count("unsafe_acts", unsafe_acts, Better::Lower),
            Measure::count("cases", 100, Better::Neither),
        ];
        Run { kind: RunKind::Triage, about: BTreeMap::new(), measures, plots: Vec::new(), cases }
    }

    fn verdicts(before: &Run, after: &Run) -> Vec<(String, Verdict)> {
        compare(before, after).changes.into_iter().map(|change| (change.name, change.verdict)).collect()
    }

    #[test]
    fn a_fall_beyond_chance_is_a_regression_and_one_within_it_is_not() {
        assert_eq!(verdicts(&run(5, 0), &run(20, 0))[0], ("accuracy".to_owned(), Verdict::Worse));
        assert_eq!(verdicts(&run(20, 0), &run(5, 0))[0], ("accuracy".to_owned(), Verdict::Better));
        assert_eq!(verdicts(&run(5, 0), &run(6, 0))[0], ("accuracy".to_owned(), Verdict::Unclear));
        assert_eq!(verdicts(&run(5, 0), &run(5, 0))[0], ("accuracy".to_owned(), Verdict::Same));
        assert_eq!(compare(&run(5, 0), &run(6, 0)).regressions().count(), 0);
    }

    #[test]
    fn one_unsafe_act_more_is_a_regression_however_good_the_rest_is() {
        let comparison = compare(&run(50, 0), &run(0, 1));
        assert_eq!(comparison.regressions().map(|change| change.name.as_str()).collect::<Vec<_>>(), ["unsafe_acts"]);
        assert_eq!(compare(&run(0, 2), &run(0, 1)).regressions().count(), 0);
    }

    #[test]
    fn cases_that_changed_are_named_once() {
        let (mut before, after) = (run(2, 0), run(1, 0));
        before.cases.pop();
        let comparison = compare(&before, &after);
        assert_eq!((comparison.common, comparison.added, comparison.removed), (99, 1, 0));
        assert_eq!(comparison.newly_right, [CaseChange { id: "c1".to_owned(), measures: vec!["accuracy".to_owned()] }]);
        assert!(comparison.newly_failing.is_empty());
    }

    #[test]
    fn runs_without_a_case_in_common_are_compared_by_nothing() {
        let (mut before, after) = (run(0, 0), run(30, 0));
        for case in &mut before.cases {
            case.id.insert(0, 'x');
        }
        let comparison = compare(&before, &after);
        assert_eq!((comparison.common, comparison.changes[0].interval, comparison.changes[0].verdict), (0, None, Verdict::Unclear));
    }

    #[test]
    fn a_figure_over_a_part_of_the_cases_is_compared_over_that_part() {
        let part = |wrong: usize, of: usize| {
            let mut run = run(0, 0);
            let mut values = Vec::new();
            for (place, case) in run.cases.iter_mut().enumerate().take(of) {
                let value = f64::from(u8::from(place >= wrong));
                case.score("critical_precision", value);
                values.push(value);
            }
            run.measures = vec![Measure::share("critical_precision", &values, Better::Higher)];
            run
        };
        let change = compare(&part(0, 50), &part(25, 40)).changes.remove(0);
        assert_eq!(change.verdict, Verdict::Worse, "{change:?}");
        assert!(change.interval.is_some_and(|own| own.low < -0.625 && own.high > -0.625), "{change:?}");
    }

    #[test]
    fn a_figure_that_is_no_mean_is_drawn_anew() {
        let with = |wrong: usize| {
            let mut run = run(wrong, 0);
            let scored: Vec<Scored<'_>> = run.cases.iter().filter_map(Case::as_classified).collect();
            let measure = Classified::new(&scored).ece_measure();
            run.measures = vec![measure];
            run
        };
        assert_eq!(verdicts(&with(10), &with(40))[0].1, Verdict::Worse);
    }
}
