//! A classifier of texts by labels that are known only when it is trained: triage's own heads, for the data sets of others.

use std::collections::BTreeSet;

use porter_heads::{Features, Featuriser, Fit, Kernel, KernelRidge, Products, Singular, Targets};

use crate::temperature::{softmax, temperature};

/// Messages on which settings are compared at most: a fit costs the third power of their number.
const COMPARED: usize = 5_000;
/// Neighbours whose mean nearness says how familiar a text is.
const NEIGHBOURS: usize = 5;
const RIDGE: f32 = 0.1;
/// What is tried.
const SETTINGS: [Kernel; 4] = [
    Kernel { sharpness: 1.0, words: 0.0 },
    Kernel { sharpness: 1.0, words: 0.2 },
    Kernel { sharpness: 2.0, words: 0.2 },
    Kernel { sharpness: 1.0, words: 0.4 },
];

/// A text with its vector and its label. A vector may be several encoders' laid end to end.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub text: String,
    pub vector: Vec<f32>,
    pub label: String,
}

/// What the classifier makes of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Calibrated probability a label, in the order of [`Classifier::labels`].
    pub probabilities: Vec<f32>,
    /// Score a label before calibration: about 1 for a label's own training texts, about 0 for others'.
    pub scores: Vec<f32>,
    /// Mean nearness of the nearest training texts, from 0 to about 1.
    pub familiarity: f32,
}

/// A trained classifier.
#[derive(Debug)]
pub struct Classifier {
    labels: Vec<String>,
    featuriser: Featuriser,
    model: KernelRidge,
    temperature: f32,
}

/// A classifier, and what tuning needs where there is no validation data.
#[derive(Debug)]
pub struct Trained {
    pub classifier: Classifier,
    /// What it says of each training text as if that text had been left out; empty where there was validation data, since it costs twice the training.
    pub left_out: Vec<Prediction>,
}

impl Classifier {
    /// Learns the samples' labels. `width` is how many numbers each encoder gives. Settings and temperature are found on `validation`, or where there is
    /// none on what the classifier says of each training text as if it had been left out.
    pub fn train(samples: &[Sample], validation: Option<&[Sample]>, width: usize) -> Result<Trained, Singular> {
        let labels: Vec<String> = samples.iter().map(|sample| sample.label.clone()).collect::<BTreeSet<_>>().into_iter().collect();
        let texts: Vec<&str> = samples.iter().map(|sample| sample.text.as_str()).collect();
        let vectors: Vec<&[f32]> = samples.iter().map(|sample| sample.vector.as_slice()).collect();
        let featuriser = Featuriser::fit(&texts, &vectors, width);
        let features =
            |samples: &[Sample]| samples.iter().map(|own| featuriser.features(&own.text, &own.vector)).collect::<Vec<_>>();
        let classes = |samples: &[Sample]| samples.iter().map(|own| place(&labels, &own.label)).collect::<Vec<_>>();
        let (rows, known) = (features(samples), classes(samples));
        let unseen = validation.map(|samples| (features(samples), classes(samples)));

        let kernel = choose(&rows, &known, unseen.as_ref(), labels.len())?;
        let (products, targets) = (Products::of(rows), targets(&known, labels.len()));
        let Some((rows, unseen)) = unseen else {
            let Fit { model, left_out } = products.fit(kernel, RIDGE, &targets)?;
            let temperature = temperature(left_out.iter().map(Vec::as_slice).zip(known));
            let nearness = products.nearness_to_others(kernel);
            let left_out = left_out.into_iter().zip(nearness).map(|(scores, near)| predict(scores, &near, temperature)).collect();
            return Ok(Trained { classifier: Self { labels, featuriser, model, temperature }, left_out });
        };
        let model = products.solve(kernel, RIDGE, &targets)?;
        let scores: Vec<Vec<f32>> = rows.iter().map(|row| model.scores(&model.nearness(row))).collect();
        let temperature = temperature(scores.iter().map(Vec::as_slice).zip(unseen));
        Ok(Trained { classifier: Self { labels, featuriser, model, temperature }, left_out: Vec::new() })
    }

    /// The labels, in the order of a prediction's numbers.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    pub fn predict(&self, text: &str, vector: &[f32]) -> Prediction {
        let nearness = self.model.nearness(&self.featuriser.features(text, vector));
        predict(self.model.scores(&nearness), &nearness, self.temperature)
    }
}

fn predict(scores: Vec<f32>, nearness: &[f32], temperature: f32) -> Prediction {
    let mut nearest = nearness.to_vec();
    nearest.sort_unstable_by(|a, b| b.total_cmp(a));
    nearest.truncate(NEIGHBOURS);
    let familiarity = nearest.iter().sum::<f32>() / nearest.len().max(1) as f32;
    Prediction { probabilities: softmax(&scores, temperature), scores, familiarity }
}

/// The kernel that is right most often, of equals the first.
fn choose(
    rows: &[Features],
    known: &[usize],
    unseen: Option<&(Vec<Features>, Vec<usize>)>,
    classes: usize,
) -> Result<Kernel, Singular> {
    let step = rows.len().div_ceil(COMPARED).max(1);
    let some: Vec<usize> = known.iter().copied().step_by(step).collect();
    let products = Products::of(rows.iter().step_by(step).cloned().collect());
    let mut best = (SETTINGS[0], 0);
    for kernel in SETTINGS {
        let targets = targets(&some, classes);
        let right = match unseen {
            Some((rows, known)) => {
                let model = products.solve(kernel, RIDGE, &targets)?;
                rows.iter().zip(known).filter(|(row, class)| largest(&model.scores(&model.nearness(row))) == **class).count()
            }
            None => {
                let fit = products.fit(kernel, RIDGE, &targets)?;
                fit.left_out.iter().zip(&some).filter(|(scores, class)| largest(scores) == **class).count()
            }
        };
        if right > best.1 {
            best = (kernel, right);
        }
    }
    Ok(best.0)
}

fn targets(classes: &[usize], count: usize) -> Targets {
    Targets::of_classes(classes.iter().copied().map(Some), count)
}

fn largest(scores: &[f32]) -> usize {
    scores.iter().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(place, _)| place)
}

/// The label's place; past the end for one that training has not seen, which is never right.
fn place(labels: &[String], label: &str) -> usize {
    labels.iter().position(|own| own == label).unwrap_or(labels.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(count: u8) -> Vec<Sample> {
        let sample = |place: u8| {
            let angle = f32::from(place) * 0.1 + f32::from(place % 2) * 2.0;
            let (label, text) = if place.is_multiple_of(2) { ("refund", "money back") } else { ("login", "cannot sign in") };
            Sample { text: text.to_owned(), vector: vec![angle.cos(), angle.sin(), 0.3], label: label.to_owned() }
        };
        (0..count).map(sample).collect()
    }

    #[test]
    fn labels_are_learnt_and_the_same_twice() {
        let samples = samples(12);
        let trained = Classifier::train(&samples, None, 3).unwrap();
        assert_eq!(trained.classifier.labels(), ["login", "refund"]);
        for (sample, left_out) in samples.iter().zip(&trained.left_out) {
            let found = trained.classifier.predict(&sample.text, &sample.vector);
            assert_eq!(trained.classifier.labels()[largest(&found.probabilities)], sample.label);
            assert!(found.familiarity > left_out.familiarity, "a text is nearer to itself than to others");
            assert!((found.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
        let again = Classifier::train(&samples, Some(&samples[..4]), 3).unwrap().classifier;
        let same = Classifier::train(&samples, Some(&samples[..4]), 3).unwrap().classifier;
        let ask = |own: &Classifier| own.predict("money", &[0.2, 0.9, 0.3]);
        assert_eq!(ask(&again), ask(&same));
    }

    #[test]
    fn what_is_unlike_all_training_texts_is_unfamiliar() {
        let classifier = Classifier::train(&samples(12), None, 3).unwrap().classifier;
        let near = classifier.predict("money back", &[1.0, 0.0, 0.3]);
        let far = classifier.predict("a recipe for bread", &[-0.2, -0.1, -1.0]);
        assert!(far.familiarity < near.familiarity / 2.0, "{far:?} {near:?}");
    }
}
