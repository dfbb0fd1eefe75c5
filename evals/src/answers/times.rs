//! How long a person waits.

use crate::run::{Better, Measure, Plot, Unit};

/// Percentiles of times in milliseconds, as figures and as a plot.
pub(super) fn times(milliseconds: &[f64]) -> (Vec<Measure>, Plot) {
    let mut sorted = milliseconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    let [p50, p90, p95, p99] = [50, 90, 95, 99].map(|percent| nearest_rank(&sorted, percent));
    let figure = |name: &str, value| Measure {
        name: name.to_owned(),
        value,
        interval: None,
        better: Better::Lower,
        unit: Unit::Milliseconds,
    };
    let figures = vec![figure("latency_p50_ms", p50), figure("latency_p95_ms", p95), figure("latency_p99_ms", p99)];
    (figures, Plot::Latency { p50, p90, p95, p99 })
}

/// The smallest value that so many percent of the values do not exceed; 0 of nothing.
fn nearest_rank(sorted: &[f64], percent: usize) -> f64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let (figures, plot) = times(&(1..=200).rev().map(f64::from).collect::<Vec<_>>());
        assert_eq!(figures.iter().map(|own| own.value.round()).collect::<Vec<_>>(), [100.0, 190.0, 198.0]);
        assert_eq!(plot, Plot::Latency { p50: 100.0, p90: 180.0, p95: 190.0, p99: 198.0 });
        assert_eq!(times(&[]).1, Plot::Latency { p50: 0.0, p90: 0.0, p95: 0.0, p99: 0.0 });
    }
}
