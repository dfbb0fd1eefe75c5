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
    let old: Vec<Option<f64>> = pairs.iter().map(|(old, _)| before.get(old.id.as_str()).copied()).collect();
    let new: Vec<Option<f64>> = pairs.iter().map(|(_, new)| after.get(new.id.as_str()).copied()).collect();
    let part = |values: &[Option<f64>], drawn: &[usize]| {
        mean(&drawn.iter().filter_map(|place| values.get(*place).copied().flatten()).collect::<Vec<_>>())
    };
    let figure = |drawn: &[usize]| part(&new, drawn) - part(&old, drawn);
    let all: Vec<usize> = (0..pairs.len()).collect();
    Some((figure(&all), interval_of(pairs.len(), figure)))
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
mod tests;
