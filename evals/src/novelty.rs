//! How a text that belongs to no label is found: several scores, of which validation data chooses one.

use porter_triage::Prediction;

/// The label of texts that belong to none.
pub(crate) const OUT_OF_SCOPE: &str = "oos";
/// Of this many texts in scope one may be taken for a stranger.
const FALSE_REJECTION: usize = 20;

/// One way to tell; each grows with strangeness.
type Method = (&'static str, fn(&Signs) -> f64);

/// What a prediction says of strangeness, each sign in standard deviations of the tuning texts in scope.
struct Signs {
    /// How low the best label's score is.
    unconvincing: f64,
    /// How low the scores are all together.
    flat: f64,
    /// By how much the score of the label for strangers is above the best other one.
    labelled: f64,
    /// How far the nearest training texts are.
    unfamiliar: f64,
}

const METHODS: [Method; 5] = [
    ("best label's score", |own| own.unconvincing),
    ("the label's own score against the best", |own| own.labelled),
    ("distance of the nearest", |own| own.unfamiliar),
    ("all scores and distance", |own| own.flat + own.unfamiliar),
    ("the label's score against the best, and distance", |own| own.labelled + own.unfamiliar),
];

/// A chosen way to tell, with its scale and its threshold.
#[derive(Debug)]
pub(crate) struct Novelty {
    pub(crate) method: &'static str,
    score: fn(&Signs) -> f64,
    scale: Vec<(f64, f64)>,
    label: usize,
    pub(crate) threshold: f64,
}

impl Novelty {
    /// Chooses the method by the area under the curve on tuning texts, and the threshold at which 5 % of those in scope are rejected. `strange` says which
    /// texts belong to no label, `label` which number of a prediction is that of strangers.
    pub(crate) fn choose(tuning: &[Prediction], strange: &[bool], label: usize) -> Self {
        let raw: Vec<[f64; 4]> = tuning.iter().map(|own| signs(own, label)).collect();
        let inside: Vec<&[f64; 4]> = raw.iter().zip(strange).filter(|(_, strange)| !**strange).map(|(own, _)| own).collect();
        let scale: Vec<(f64, f64)> = (0..4).map(|sign| spread(inside.iter().filter_map(|own| own.get(sign).copied()))).collect();
        let mut best = Self { method: "", score: METHODS[0].1, scale, label, threshold: 0.0 };
        let mut area = f64::NEG_INFINITY;
        for (name, score) in METHODS {
            best.score = score;
            let scores: Vec<f64> = tuning.iter().map(|own| best.score(own)).collect();
            let own = auroc(&scores, strange);
            if own > area {
                (area, best.method) = (own, name);
            }
        }
        best.score = METHODS.iter().find(|(name, _)| *name == best.method).map_or(METHODS[0].1, |(_, score)| *score);
        let mut inside: Vec<f64> =
            tuning.iter().zip(strange).filter(|(_, strange)| !**strange).map(|(own, _)| best.score(own)).collect();
        inside.sort_by(f64::total_cmp);
        let place = inside.len().saturating_sub(1 + inside.len() / FALSE_REJECTION);
        best.threshold = inside.get(place).copied().unwrap_or_default();
        best
    }

    /// How strange a text is; above the threshold it is taken for a stranger.
    pub(crate) fn score(&self, prediction: &Prediction) -> f64 {
        let raw = signs(prediction, self.label);
        let mut own = raw.iter().zip(&self.scale).map(|(value, (mean, spread))| (value - mean) / spread);
        let mut next = || own.next().unwrap_or_default();
        (self.score)(&Signs { unconvincing: next(), flat: next(), labelled: next(), unfamiliar: next() })
    }
}

fn signs(prediction: &Prediction, label: usize) -> [f64; 4] {
    let known = || prediction.scores.iter().enumerate().filter(|(place, _)| *place != label).map(|(_, score)| f64::from(*score));
    let best = known().fold(f64::NEG_INFINITY, f64::max);
    let energy: f64 = known().map(|score| score * score).sum();
    let own = prediction.scores.get(label).copied().unwrap_or_default();
    [-best, -energy, f64::from(own) - best, -f64::from(prediction.familiarity)]
}

fn spread(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values: Vec<f64> = values.collect();
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / values.len().max(1) as f64;
    (mean, variance.sqrt().max(1e-9))
}

/// Area under the receiver operating characteristic: the chance that one that is positive scores higher than one that is not, equals counting half.
pub(crate) fn auroc(scores: &[f64], positive: &[bool]) -> f64 {
    let mut ranked: Vec<(f64, bool)> = scores.iter().copied().zip(positive.iter().copied()).collect();
    ranked.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    let (mut below, mut won) = (0.0, 0.0);
    for equals in ranked.chunk_by(|(a, _), (b, _)| a == b) {
        let ours = equals.iter().filter(|(_, positive)| *positive).count() as f64;
        let others = equals.len() as f64 - ours;
        won += ours * (below + others / 2.0);
        below += others;
    }
    let pairs = below * (ranked.len() as f64 - below);
    if pairs > 0.0 { won / pairs } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_is_the_share_of_pairs_in_order() {
        let positive = [true, true, false, false];
        assert!((auroc(&[3.0, 2.0, 1.0, 0.0], &positive) - 1.0).abs() < 1e-12);
        assert!((auroc(&[3.0, 1.0, 2.0, 0.0], &positive) - 0.75).abs() < 1e-12);
        assert!((auroc(&[1.0, 1.0, 1.0, 1.0], &positive) - 0.5).abs() < 1e-12);
        assert!(auroc(&[1.0], &[true]).abs() < 1e-12);
    }

    #[test]
    fn the_sign_that_tells_is_chosen_and_one_in_twenty_is_rejected() {
        // Only familiarity tells these apart.
        let prediction = |familiarity| Prediction { probabilities: vec![0.5; 2], scores: vec![0.6, 0.1], familiarity };
        let mut tuning: Vec<Prediction> = (0..100_u8).map(|place| prediction(0.9 + f32::from(place) / 1_000.0)).collect();
        tuning.extend((0..10_u8).map(|place| prediction(0.1 + f32::from(place) / 100.0)));
        let strange: Vec<bool> = (0..110).map(|place| place >= 100).collect();
        let novelty = Novelty::choose(&tuning, &strange, 1);
        let rejected = tuning.iter().take(100).filter(|own| novelty.score(own) > novelty.threshold).count();
        assert_eq!(rejected, 5, "{novelty:?}");
        assert!(tuning.iter().skip(100).all(|own| novelty.score(own) > novelty.threshold), "{novelty:?}");
    }
}
