//! The pictures of a classifier's run, from its graded predictions.

use std::collections::BTreeMap;

use crate::metrics::{Scored, share};
use crate::run::{ConfusionCell, LabelRow, Plot, ReliabilityBin, RiskPoint};

/// Points of a risk-coverage curve.
const POINTS: usize = 40;

/// Confusion, reliability, risk over coverage and figures by label.
pub fn classifier_plots(scored: &[Scored<'_>]) -> Vec<Plot> {
    vec![confusion(scored), reliability(scored), risk_coverage(scored), per_label(scored)]
}

fn confusion(scored: &[Scored<'_>]) -> Plot {
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for case in scored {
        *counts.entry((case.expected, case.found)).or_default() += 1;
    }
    let cell = |((expected, found), count): ((&str, &str), usize)| ConfusionCell {
        expected: expected.to_owned(),
        found: found.to_owned(),
        count,
    };
    Plot::Confusion { cells: counts.into_iter().map(cell).collect() }
}

fn reliability(scored: &[Scored<'_>]) -> Plot {
    let bins = (0_u8..10).filter_map(|bin| {
        let (low, high) = (f32::from(bin) / 10.0, f32::from(bin + 1) / 10.0);
        let inside: Vec<&Scored<'_>> =
            scored.iter().filter(|case| (case.confidence > low || bin == 0) && case.confidence <= high).collect();
        (!inside.is_empty()).then(|| ReliabilityBin {
            low: f64::from(low),
            high: f64::from(high),
            confidence: inside.iter().map(|case| f64::from(case.confidence)).sum::<f64>() / inside.len() as f64,
            accuracy: share(inside.iter().filter(|case| case.expected == case.found).count(), inside.len()),
            count: inside.len(),
        })
    });
    Plot::Reliability { bins: bins.collect() }
}

fn risk_coverage(scored: &[Scored<'_>]) -> Plot {
    let mut surest: Vec<&Scored<'_>> = scored.iter().collect();
    surest.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let points = (1..=POINTS).filter_map(|point| {
        let count = (surest.len() * point / POINTS).max(1);
        let part = surest.get(..count)?;
        let wrong = part.iter().filter(|case| case.expected != case.found).count();
        Some(RiskPoint { coverage: share(count, surest.len()), risk: share(wrong, count) })
    });
    Plot::RiskCoverage { points: points.collect() }
}

fn per_label(scored: &[Scored<'_>]) -> Plot {
    let mut labels: Vec<&str> = scored.iter().map(|case| case.expected).collect();
    labels.sort_unstable();
    labels.dedup();
    let rows = labels.into_iter().map(|label| {
        let count = |test: &dyn Fn(&Scored<'_>) -> bool| scored.iter().filter(|case| test(case)).count();
        let hits = count(&|case| case.expected == label && case.found == label);
        let (there, named) = (count(&|case| case.expected == label), count(&|case| case.found == label));
        LabelRow {
            label: label.to_owned(),
            precision: share(hits, named),
            recall: share(hits, there),
            f1: share(2 * hits, there + named),
            count: there,
        }
    });
    Plot::PerLabel { rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plots_of_a_small_table() {
        let case = |expected, found, confidence| Scored { expected, found, confidence };
        let plots = classifier_plots(&[case("a", "a", 0.95), case("a", "b", 0.55), case("b", "b", 0.85), case("b", "b", 0.92)]);
        let Plot::Confusion { cells } = &plots[0] else { panic!("{plots:?}") };
        assert_eq!(cells.iter().map(|cell| cell.count).collect::<Vec<_>>(), [1, 1, 2]);
        let Plot::Reliability { bins } = &plots[1] else { panic!("{plots:?}") };
        assert_eq!(bins.iter().map(|bin| (bin.count, bin.accuracy)).collect::<Vec<_>>(), [(1, 0.0), (1, 1.0), (2, 1.0)]);
        let Plot::RiskCoverage { points } = &plots[2] else { panic!("{plots:?}") };
        assert_eq!((points[0].risk, points.last().map(|point| (point.coverage, point.risk))), (0.0, Some((1.0, 0.25))));
        let Plot::PerLabel { rows } = &plots[3] else { panic!("{plots:?}") };
        assert_eq!((rows[0].recall, rows[1].precision), (0.5, 2.0 / 3.0));
    }
}
