//! The figures and pictures of a classifier, over any choice of its cases: a bootstrap draws cases and asks again.

use std::collections::BTreeMap;

use crate::bootstrap::{Interval, interval_of};
use crate::metrics::{Scored, share};
use crate::run::{Better, ConfusionCell, LabelRow, Measure, Plot, ReliabilityBin, RiskPoint, Unit};

const BINS: usize = 10;
/// Points of a risk-coverage curve: more than a picture can show.
const POINTS: usize = 50;

/// Predictions with their labels as numbers, so that a thousand draws take no time.
#[derive(Debug)]
pub(crate) struct Classified<'a> {
    labels: Vec<&'a str>,
    expected: Vec<usize>,
    found: Vec<usize>,
    confidence: Vec<f64>,
}

impl<'a> Classified<'a> {
    pub(crate) fn new(scored: &[Scored<'a>]) -> Self {
        let mut labels: Vec<&str> = scored.iter().flat_map(|case| [case.expected, case.found]).collect();
        labels.sort_unstable();
        labels.dedup();
        let place = |label: &str| labels.binary_search(&label).unwrap_or_default();
        Self {
            expected: scored.iter().map(|case| place(case.expected)).collect(),
            found: scored.iter().map(|case| place(case.found)).collect(),
            confidence: scored.iter().map(|case| f64::from(case.confidence)).collect(),
            labels,
        }
    }

    fn pairs(&self, drawn: &[usize]) -> impl Iterator<Item = (usize, usize, f64)> {
        drawn
            .iter()
            .filter_map(|place| Some((*self.expected.get(*place)?, *self.found.get(*place)?, *self.confidence.get(*place)?)))
    }

    /// Hits, predictions and cases of every label.
    fn counts(&self, drawn: &[usize]) -> Vec<[usize; 3]> {
        let mut counts = vec![[0; 3]; self.labels.len()];
        for (expected, found, _) in self.pairs(drawn) {
            if let Some([hits, _, there]) = counts.get_mut(expected) {
                *hits += usize::from(expected == found);
                *there += 1;
            }
            if let Some([_, named, _]) = counts.get_mut(found) {
                *named += 1;
            }
        }
        counts
    }

    /// As [`crate::macro_f1`].
    pub(crate) fn macro_f1(&self, drawn: &[usize]) -> f64 {
        let counts = self.counts(drawn);
        let there = counts.iter().filter(|[_, _, there]| *there > 0);
        let sum: f64 = there.clone().map(|[hits, named, there]| share(2 * hits, named + there)).sum();
        sum / there.count().max(1) as f64
    }

    /// As [`crate::expected_calibration_error`].
    pub(crate) fn ece(&self, drawn: &[usize]) -> f64 {
        let mut gaps = [0.0; BINS];
        for (expected, found, confidence) in self.pairs(drawn) {
            if let Some(gap) = gaps.get_mut(bin(confidence)) {
                *gap += f64::from(u8::from(expected == found)) - confidence;
            }
        }
        gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / drawn.len().max(1) as f64
    }

    fn all(&self) -> Vec<usize> {
        (0..self.expected.len()).collect()
    }

    fn interval(&self, figure: impl Fn(&[usize]) -> f64) -> Interval {
        interval_of(self.expected.len(), figure)
    }

    /// Macro-F1 with its interval.
    pub(crate) fn macro_f1_measure(&self) -> Measure {
        let (value, interval) = (self.macro_f1(&self.all()), self.interval(|drawn| self.macro_f1(drawn)));
        Measure { name: "macro_f1".to_owned(), value, interval: Some(interval), better: Better::Higher, unit: Unit::Share }
    }

    /// Calibration error with its interval.
    pub(crate) fn ece_measure(&self) -> Measure {
        let (value, interval) = (self.ece(&self.all()), self.interval(|drawn| self.ece(drawn)));
        Measure { name: "ece".to_owned(), value, interval: Some(interval), better: Better::Lower, unit: Unit::Share }
    }

    /// Confusions, reliability, risk and coverage, and F1 by label.
    pub(crate) fn plots(&self) -> Vec<Plot> {
        vec![self.confusion(), self.reliability(), self.risk_coverage(), self.per_label()]
    }

    fn label(&self, place: usize) -> String {
        self.labels.get(place).copied().unwrap_or_default().to_owned()
    }

    fn confusion(&self) -> Plot {
        let mut cells: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (expected, found, _) in self.pairs(&self.all()) {
            *cells.entry((expected, found)).or_default() += 1;
        }
        let cell = |((expected, found), count)| ConfusionCell { expected: self.label(expected), found: self.label(found), count };
        Plot::Confusion { cells: cells.into_iter().map(cell).collect() }
    }

    fn reliability(&self) -> Plot {
        let mut bins = [(0_usize, 0_usize, 0.0_f64); BINS];
        for (expected, found, confidence) in self.pairs(&self.all()) {
            if let Some((count, right, sum)) = bins.get_mut(bin(confidence)) {
                *count += 1;
                *right += usize::from(expected == found);
                *sum += confidence;
            }
        }
        let width = 1.0 / BINS as f64;
        let filled = bins.iter().enumerate().filter(|(_, (count, ..))| *count > 0);
        Plot::Reliability {
            bins: filled
                .map(|(place, (count, right, sum))| ReliabilityBin {
                    low: place as f64 * width,
                    high: (place + 1) as f64 * width,
                    confidence: sum / *count as f64,
                    accuracy: share(*right, *count),
                    count: *count,
                })
                .collect(),
        }
    }

    fn risk_coverage(&self) -> Plot {
        let mut surest: Vec<(f64, bool)> =
            self.pairs(&self.all()).map(|(expected, found, sure)| (sure, expected == found)).collect();
        surest.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let step = surest.len().div_ceil(POINTS).max(1);
        let mut wrong = 0;
        let mut points = Vec::new();
        for (place, (_, right)) in surest.iter().enumerate() {
            wrong += usize::from(!right);
            let taken = place + 1;
            if taken % step == 0 || taken == surest.len() {
                points.push(RiskPoint { coverage: share(taken, surest.len()), risk: share(wrong, taken) });
            }
        }
        Plot::RiskCoverage { points }
    }

    fn per_label(&self) -> Plot {
        let counts = self.counts(&self.all());
        let there = counts.iter().enumerate().filter(|(_, [_, _, there])| *there > 0);
        Plot::PerLabel {
            rows: there
                .map(|(place, [hits, named, there])| LabelRow {
                    label: self.label(place),
                    precision: share(*hits, *named),
                    recall: share(*hits, *there),
                    f1: share(2 * hits, named + there),
                    count: *there,
                })
                .collect(),
        }
    }
}

/// The bin of a confidence: above its lower end and at most its upper one.
fn bin(confidence: f64) -> usize {
    (0..BINS).find(|place| confidence <= (place + 1) as f64 / BINS as f64).unwrap_or(BINS - 1)
}

/// The percentiles of what cases took, by nearest rank; `None` without cases.
pub(crate) fn latency(milliseconds: &[f64]) -> Option<Plot> {
    let mut sorted = milliseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |percent: usize| sorted.get((sorted.len() * percent).div_ceil(100).saturating_sub(1)).copied();
    Some(Plot::Latency { p50: at(50)?, p90: at(90)?, p95: at(95)?, p99: at(99)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{expected_calibration_error, macro_f1};

    fn scored() -> Vec<Scored<'static>> {
        [("a", "a", 0.9), ("a", "b", 0.6), ("b", "b", 0.8), ("b", "b", 1.0), ("c", "a", 0.05)]
            .map(|(expected, found, confidence)| Scored { expected, found, confidence })
            .to_vec()
    }

    #[test]
    fn figures_over_all_cases_are_those_of_the_plain_formulas() {
        let (scored, all) = (scored(), [0, 1, 2, 3, 4]);
        let classified = Classified::new(&scored);
        assert!((classified.macro_f1(&all) - macro_f1(&scored)).abs() < 1e-9);
        assert!((classified.ece(&all) - expected_calibration_error(&scored)).abs() < 1e-6);
        assert!((classified.macro_f1(&[2, 3]) - 1.0).abs() < 1e-9, "only b was drawn, and b is always right");
    }

    #[test]
    fn pictures_count_every_case_once() {
        let scored = scored();
        let plots = Classified::new(&scored).plots();
        let Plot::Confusion { cells } = &plots[0] else { panic!("{plots:?}") };
        assert_eq!(cells.iter().map(|cell| cell.count).sum::<usize>(), 5);
        assert!(cells.contains(&ConfusionCell { expected: "c".to_owned(), found: "a".to_owned(), count: 1 }));
        let Plot::Reliability { bins } = &plots[1] else { panic!("{plots:?}") };
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), 5);
        let Plot::RiskCoverage { points } = &plots[2] else { panic!("{plots:?}") };
        let ends = (points.first().unwrap(), points.last().unwrap());
        assert!(ends.0.risk.abs() < 1e-9 && (ends.1.risk - 0.4).abs() < 1e-9 && (ends.1.coverage - 1.0).abs() < 1e-9, "{points:?}");
        let Plot::PerLabel { rows } = &plots[3] else { panic!("{plots:?}") };
        assert!(
            (rows[0].precision - 0.5).abs() < 1e-9 && (rows[0].recall - 0.5).abs() < 1e-9 && rows[2].f1.abs() < 1e-9,
            "{rows:?}"
        );
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let times: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(latency(&times), Some(Plot::Latency { p50: 50.0, p90: 90.0, p95: 95.0, p99: 99.0 }));
        assert_eq!(latency(&[7.0]), Some(Plot::Latency { p50: 7.0, p90: 7.0, p95: 7.0, p99: 7.0 }));
        assert_eq!(latency(&[]), None);
    }
}
