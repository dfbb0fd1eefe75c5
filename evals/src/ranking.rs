//! Figures of one ranking. Each is from 0 to 1.

use std::collections::HashMap;
use std::hash::Hash;

/// How many places of a ranking count.
pub(crate) const DEPTH: usize = 10;

/// How good a ranking is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ranked {
    /// Normalised discounted cumulative gain of the first ten, with linear gains as trec_eval has them (Järvelin and Kekäläinen 2002).
    pub(crate) ndcg: f64,
    /// Share of the relevant that is among the first ten.
    pub(crate) recall: f64,
    /// One divided by the place of the first relevant one; 0 when it is not among the first ten.
    pub(crate) reciprocal: f64,
}

/// Grades the first ten of a ranking, the best first, by the gain of each that is relevant.
pub(crate) fn rank<K: Eq + Hash>(ranking: &[K], gains: &HashMap<K, f64>) -> Ranked {
    let ranking = ranking.get(..DEPTH).unwrap_or(ranking);
    let mut best: Vec<f64> = gains.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal = discounted(best.into_iter().take(DEPTH));
    let found = discounted(ranking.iter().map(|own| gains.get(own).copied().unwrap_or_default()));
    Ranked {
        ndcg: if ideal > 0.0 { found / ideal } else { 0.0 },
        recall: ranking.iter().filter(|own| gains.contains_key(own)).count() as f64 / gains.len().max(1) as f64,
        reciprocal: ranking.iter().position(|own| gains.contains_key(own)).map_or(0.0, |place| 1.0 / (place + 1) as f64),
    }
}

/// Several rankings as one by the sum of reciprocal places (Cormack et al. 2009), with the constant that Qdrant has.
pub fn fuse(rankings: &[Vec<usize>]) -> Vec<usize> {
    let mut scores: HashMap<usize, f64> = HashMap::new();
    for ranking in rankings {
        for (place, own) in ranking.iter().enumerate() {
            *scores.entry(*own).or_default() += 1.0 / (place + 2) as f64;
        }
    }
    let mut fused: Vec<(usize, f64)> = scores.into_iter().collect();
    fused.sort_by(|(a, score_a), (b, score_b)| score_b.total_cmp(score_a).then(a.cmp(b)));
    fused.into_iter().map(|(own, _)| own).collect()
}

fn discounted(gains: impl Iterator<Item = f64>) -> f64 {
    gains.enumerate().map(|(place, gain)| gain / ((place + 2) as f64).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_is_graded_as_by_hand() {
        let gains = HashMap::from([("b", 1.0), ("c", 2.0)]);
        let graded = rank(&["a", "b", "c"], &gains);
        let expected = (1.0 / 3_f64.log2() + 2.0 / 2.0) / (2.0 + 1.0 / 3_f64.log2());
        assert!((graded.ndcg - expected).abs() < 1e-9, "{graded:?}");
        assert!((graded.reciprocal - 0.5).abs() < 1e-9 && (graded.recall - 1.0).abs() < 1e-9);
    }

    #[test]
    fn what_stands_in_both_rankings_comes_before_what_is_first_in_one() {
        assert_eq!(fuse(&[vec![1, 2, 3], vec![4, 2, 5]]), [2, 1, 4, 3, 5]);
        assert_eq!(fuse(&[]), [0_usize; 0]);
    }

    #[test]
    fn only_ten_places_count_and_nothing_relevant_is_zero() {
        let ranking: Vec<u32> = (0..20).collect();
        let nothing = Ranked { ndcg: 0.0, recall: 0.0, reciprocal: 0.0 };
        assert_eq!(rank(&ranking, &HashMap::from([(10, 1.0)])), nothing);
        assert_eq!(rank(&ranking, &HashMap::new()), nothing);
    }
}
