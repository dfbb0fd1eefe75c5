//! A classifier over named classes with one temperature, and how that temperature is found.

use serde::{Deserialize, Serialize};

use crate::features::Features;
use crate::optimiser::{Case, Weights, fit, softmax};

/// Which class a message belongs to, with calibrated probabilities.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Head<C> {
    classes: Vec<C>,
    weights: Weights,
    temperature: f32,
}

impl<C: Copy + PartialEq> Head<C> {
    /// Learns the classes in `classes` from labelled messages.
    pub(crate) fn train(classes: Vec<C>, labelled: &[(&Features, C)], width: usize, decay: f32, smoothing: f32) -> Self {
        let total = labelled.len().max(1);
        let frequency: Vec<usize> = classes.iter().map(|class| labelled.iter().filter(|(_, own)| own == class).count()).collect();
        let cases: Vec<Case<'_>> = labelled
            .iter()
            .filter_map(|(features, class)| {
                let index = classes.iter().position(|own| own == class)?;
                let count = (*frequency.get(index)?).max(1);
                // Rare classes count for more, by the square root: full balance would trust a handful of lines too much.
                #[expect(clippy::cast_precision_loss, reason = "a few thousand lines")]
                let weight = (total as f32 / (classes.len() * count) as f32).sqrt().min(3.0);
                Some(Case { features, class: index, weight })
            })
            .collect();
        let weights = fit(&cases, classes.len(), width, decay, smoothing);
        Self { classes, weights, temperature: 1.0 }
    }

    /// Finds the temperature that makes the right classes of unseen messages most likely (Guo et al. 2017), by golden-section search.
    pub(crate) fn calibrate(&mut self, unseen: &[(&Features, C)]) {
        let logits: Vec<(Vec<f32>, usize)> = unseen
            .iter()
            .filter_map(|(features, class)| {
                Some((self.weights.logits(features), self.classes.iter().position(|own| own == class)?))
            })
            .collect();
        let loss = |log_temperature: f32| {
            logits
                .iter()
                .map(|(row, class)| -softmax(row, log_temperature.exp()).get(*class).copied().unwrap_or(0.0).max(1e-9).ln())
                .sum::<f32>()
        };
        let (mut low, mut high) = (-2.5_f32, 2.5_f32);
        let ratio = 0.618_034;
        for _ in 0..40 {
            let (a, b) = (high - ratio * (high - low), low + ratio * (high - low));
            if loss(a) < loss(b) { high = b } else { low = a }
        }
        self.temperature = f32::midpoint(low, high).exp();
    }

    /// Every class with its probability.
    pub(crate) fn probabilities(&self, features: &Features) -> Vec<(C, f32)> {
        self.classes.iter().copied().zip(softmax(&self.weights.logits(features), self.temperature)).collect()
    }

    /// The probability of one class.
    pub(crate) fn probability(&self, class: C, features: &Features) -> f32 {
        self.probabilities(features).into_iter().find(|(own, _)| *own == class).map_or(0.0, |(_, probability)| probability)
    }
}
