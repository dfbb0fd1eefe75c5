//! Figures of a classifier. Each is a share from 0 to 1.

use std::collections::BTreeSet;

/// One graded prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored<'a> {
    pub expected: &'a str,
    pub found: &'a str,
    /// The probability that the classifier gave to `found`.
    pub confidence: f32,
}

/// Share of right predictions; 0 when there are none to grade.
pub fn accuracy(scored: &[Scored<'_>]) -> f64 {
    share(scored.iter().filter(|case| case.expected == case.found).count(), scored.len())
}

/// Mean over the expected labels of the harmonic mean of precision and recall.
pub fn macro_f1(scored: &[Scored<'_>]) -> f64 {
    let labels: BTreeSet<&str> = scored.iter().map(|case| case.expected).collect();
    let sum: f64 = labels
        .iter()
        .map(|label| {
            let hits = scored.iter().filter(|case| case.expected == *label && case.found == *label).count();
            let named = scored.iter().filter(|case| case.found == *label).count();
            let there = scored.iter().filter(|case| case.expected == *label).count();
            share(2 * hits, named + there)
        })
        .sum();
    sum / labels.len().max(1) as f64
}

/// Expected calibration error over ten equal-width bins (Naeini et al. 2015): by how much confidence and accuracy differ.
pub fn expected_calibration_error(scored: &[Scored<'_>]) -> f64 {
    (0_u8..10)
        .map(|bin| {
            let (low, high) = (f32::from(bin) / 10.0, f32::from(bin + 1) / 10.0);
            let inside: Vec<&Scored<'_>> = scored
                .iter()
                .filter(|case| case.confidence > low && case.confidence <= high || (bin == 0 && case.confidence <= 0.0))
                .collect();
            let right = inside.iter().filter(|case| case.expected == case.found).count() as f64;
            let confidence: f64 = inside.iter().map(|case| f64::from(case.confidence)).sum();
            (right - confidence).abs()
        })
        .sum::<f64>()
        / scored.len().max(1) as f64
}

pub(crate) fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case<'a>(expected: &'a str, found: &'a str, confidence: f32) -> Scored<'a> {
        Scored { expected, found, confidence }
    }

    #[test]
    fn figures_of_a_small_table() {
        let scored = [case("a", "a", 0.9), case("a", "b", 0.6), case("b", "b", 0.8), case("b", "b", 1.0)];
        assert!((accuracy(&scored) - 0.75).abs() < 1e-9);
        // a: precision 1, recall 1/2 -> 2/3; b: precision 2/3, recall 1 -> 4/5
        assert!((macro_f1(&scored) - (2.0 / 3.0 + 0.8) / 2.0).abs() < 1e-9);
        // bins: 0.6 alone and wrong (0.6), 0.8 alone and right (0.2), 0.9 alone and right (0.1), 1.0 right (0)
        assert!((expected_calibration_error(&scored) - 0.9 / 4.0).abs() < 1e-6);
    }

    #[test]
    fn nothing_to_grade_is_zero_and_not_a_division_by_zero() {
        assert!(accuracy(&[]).abs() < 1e-9 && macro_f1(&[]).abs() < 1e-9 && expected_calibration_error(&[]).abs() < 1e-9);
    }
}
