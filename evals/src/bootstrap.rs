//! How sure a mean is.

use serde::{Deserialize, Serialize};

/// Resamples; the ends of an interval move by less than a hundredth of its width with more.
const RESAMPLES: usize = 1_000;

/// Where a mean lies in 95 of 100 samples of this size.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// The mean; 0 of nothing.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

/// The mean's 95 % interval by percentile bootstrap (Efron 1979). The same values give the same interval on every machine.
pub(crate) fn interval(values: &[f64]) -> Interval {
    interval_of(values.len(), |drawn| drawn.iter().filter_map(|place| values.get(*place)).sum::<f64>() / values.len() as f64)
}

/// The 95 % interval of any figure over `cases` cases; the figure is given the places of the cases that were drawn.
pub(crate) fn interval_of(cases: usize, figure: impl Fn(&[usize]) -> f64) -> Interval {
    if cases == 0 {
        return Interval { low: 0.0, high: 0.0 };
    }
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut drawn = vec![0; cases];
    let mut figures: Vec<f64> = (0..RESAMPLES)
        .map(|_| {
            drawn.fill_with(|| below(cases, &mut state));
            figure(&drawn)
        })
        .collect();
    figures.sort_by(f64::total_cmp);
    let at = |share: usize| figures.get(RESAMPLES * share / 1_000).copied().unwrap_or_default();
    Interval { low: at(25), high: at(975) }
}

/// A place below `end`, by splitmix64.
fn below(end: usize, state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    usize::try_from(mixed % end as u64).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_a_hundred_has_the_interval_of_the_binomial() {
        let values: Vec<f64> = (0..100).map(|place| f64::from(u8::from(place < 80))).collect();
        let found = interval(&values);
        // Normal approximation: 0.8 plus and minus 1.96 * sqrt(0.8 * 0.2 / 100) = 0.078.
        assert!((found.low - 0.722).abs() < 0.02 && (found.high - 0.878).abs() < 0.02, "{found:?}");
        assert_eq!(found, interval(&values));
    }

    #[test]
    fn what_does_not_vary_is_sure() {
        assert_eq!(interval(&[1.0; 20]), Interval { low: 1.0, high: 1.0 });
        assert_eq!(interval(&[]), Interval { low: 0.0, high: 0.0 });
        assert!(mean(&[]).abs() < 1e-12);
    }
}
