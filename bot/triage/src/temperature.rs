//! Scores to probabilities: one temperature, found on messages that training has not seen.

/// Finds the temperature that makes the right classes of unseen messages most likely (Guo et al. 2017), by golden-section search on its logarithm.
pub(crate) fn temperature<'a>(unseen: impl Iterator<Item = (&'a [f32], usize)>) -> f32 {
    let unseen: Vec<(&[f32], usize)> = unseen.collect();
    let loss = |log: f32| {
        let of = |(scores, class): &(&[f32], usize)| softmax(scores, log.exp()).get(*class).copied().unwrap_or(0.0).max(1e-9).ln();
        -unseen.iter().map(of).sum::<f32>()
    };
    let (mut low, mut high) = (-4.6_f32, 2.5_f32);
    let ratio = 0.618_034;
    for _ in 0..40 {
        let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(a) < loss(b) { high = b } else { low = a }
    }
    f32::midpoint(low, high).exp()
}

/// Probabilities from scores divided by a temperature.
pub(crate) fn softmax(scores: &[f32], temperature: f32) -> Vec<f32> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut values: Vec<f32> = scores.iter().map(|score| ((score - largest) / temperature).exp()).collect();
    let sum = values.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    for value in &mut values {
        *value /= sum;
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn softmax_sums_to_one_even_for_huge_scores() {
        assert!((softmax(&[1e30, 0.0, -1e30], 1.0).iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn the_temperature_makes_confidence_as_high_as_the_share_of_right_answers() {
        // Of ten messages with scores 1 and 0, eight belong to the first class.
        let scores = [1.0_f32, 0.0];
        let found = temperature((0..10).map(|place| (scores.as_slice(), usize::from(place >= 8))));
        assert!((softmax(&scores, found)[0] - 0.8).abs() < 0.01, "{found}");
    }
}
