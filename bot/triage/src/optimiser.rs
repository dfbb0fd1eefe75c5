//! Multinomial logistic regression by AdaGrad over dense and sparse features; deterministic on every machine.

use serde::{Deserialize, Serialize};

use crate::features::Features;

/// Passes over the data.
const EPOCHS: usize = 40;
/// First step length; AdaGrad shortens it per weight.
const RATE: f32 = 0.25;

/// Weights of a linear classifier, a row a feature and a column a class, the bias in the last row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Weights {
    pub(crate) classes: usize,
    pub(crate) values: Vec<f32>,
}

impl Weights {
    /// Logits of one message.
    pub(crate) fn logits(&self, features: &Features) -> Vec<f32> {
        let mut logits = self.values.chunks_exact(self.classes).next_back().map(<[f32]>::to_vec).unwrap_or_default();
        for (index, value) in entries(features) {
            if let Some(row) = self.values.get(index * self.classes..(index + 1) * self.classes) {
                for (logit, weight) in logits.iter_mut().zip(row) {
                    *logit += value * weight;
                }
            }
        }
        logits
    }
}

/// All features of a message as `(index, value)`.
fn entries(features: &Features) -> impl Iterator<Item = (usize, f32)> {
    features.dense.iter().copied().enumerate().chain(features.sparse.iter().copied())
}

/// A training case: features, class, and how much it counts.
pub(crate) struct Case<'a> {
    pub(crate) features: &'a Features,
    pub(crate) class: usize,
    pub(crate) weight: f32,
}

/// Learns weights for `classes` classes over `width` features, with weight decay `decay` and label smoothing `smoothing`.
pub(crate) fn fit(cases: &[Case<'_>], classes: usize, width: usize, decay: f32, smoothing: f32) -> Weights {
    let mut weights = Weights { classes, values: vec![0.0; (width + 1) * classes] };
    let mut squares = vec![1e-3_f32; (width + 1) * classes];
    let mut order: Vec<usize> = (0..cases.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for epoch in 0..EPOCHS {
        shuffle(&mut order, &mut random);
        #[expect(clippy::cast_precision_loss, reason = "forty epochs")]
        let rate = RATE * (1.0 - epoch as f32 / EPOCHS as f32);
        for case in order.iter().filter_map(|index| cases.get(*index)) {
            let gradient = gradient(&weights.logits(case.features), case, smoothing);
            let bias = std::iter::once((width, 1.0));
            for (index, value) in entries(case.features).chain(bias) {
                let range = index * classes..(index + 1) * classes;
                let (Some(row), Some(past)) = (weights.values.get_mut(range.clone()), squares.get_mut(range)) else { continue };
                let decay = if index == width { 0.0 } else { decay };
                for ((weight, square), slope) in row.iter_mut().zip(past).zip(&gradient) {
                    let slope = slope * value + decay * *weight * value.abs();
                    *square += slope * slope;
                    *weight -= rate * slope / square.sqrt();
                }
            }
        }
    }
    weights
}

/// Cross-entropy's slope at the logits.
fn gradient(logits: &[f32], case: &Case<'_>, smoothing: f32) -> Vec<f32> {
    let classes = f32::from(u16::try_from(logits.len()).unwrap_or(u16::MAX));
    let mut slope = softmax(logits, 1.0);
    for (class, value) in slope.iter_mut().enumerate() {
        let target = smoothing / classes + if class == case.class { 1.0 - smoothing } else { 0.0 };
        *value = (*value - target) * case.weight;
    }
    slope
}

/// Probabilities from logits divided by a temperature.
pub(crate) fn softmax(logits: &[f32], temperature: f32) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut values: Vec<f32> = logits.iter().map(|logit| ((logit - largest) / temperature).exp()).collect();
    let sum = values.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    for value in &mut values {
        *value /= sum;
    }
    values
}

/// Fisher-Yates on splitmix64: the same order on every machine and in every version of a random number library.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for last in (1..order.len()).rev() {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let other = usize::try_from(mixed % (last as u64 + 1)).unwrap_or(0);
        order.swap(last, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(x: f32, y: f32) -> Features {
        Features { dense: vec![x, y], sparse: Vec::new() }
    }

    #[test]
    fn separable_classes_are_separated_and_the_same_twice() {
        let points = [point(1.0, 0.1), point(0.9, -0.1), point(-1.0, 0.0), point(-0.8, 0.1), point(0.0, 1.0), point(0.1, 0.9)];
        let cases: Vec<Case<'_>> =
            points.iter().enumerate().map(|(index, features)| Case { features, class: index / 2, weight: 1.0 }).collect();
        let weights = fit(&cases, 3, 2, 0.0, 0.0);
        for case in &cases {
            let probabilities = softmax(&weights.logits(case.features), 1.0);
            assert!(probabilities[case.class] > 0.7, "{probabilities:?}");
        }
        assert_eq!(weights.values, fit(&cases, 3, 2, 0.0, 0.0).values);
    }

    #[test]
    fn softmax_sums_to_one_even_for_huge_logits() {
        assert!((softmax(&[1e30, 0.0, -1e30], 1.0).iter().sum::<f32>() - 1.0).abs() < 1e-6);
    }
}
