//! Grades a ranking of passages by the nearness of their vectors.

use std::collections::HashMap;

use porter_embeddings::cosine;
use serde::Serialize;

use crate::bootstrap::{Interval, interval, mean};
use crate::dataset::Beir;

/// How many passages of a ranking count.
const DEPTH: usize = 10;

/// The figures over all queries that have a relevant passage. Shares are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetrievalReport {
    /// Normalised discounted cumulative gain of the first ten, with linear gains as trec_eval has them (Järvelin and Kekäläinen 2002).
    pub ndcg_at_10: f64,
    /// Share of the relevant passages that are among the first ten.
    pub recall_at_10: f64,
    /// One divided by the place of the first relevant passage; 0 when it is not among the first ten.
    pub mrr_at_10: f64,
    pub queries: usize,
    pub passages: usize,
    /// 95 % intervals by bootstrap over queries.
    pub intervals: RetrievalIntervals,
}

/// See [`RetrievalReport`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RetrievalIntervals {
    pub ndcg_at_10: Interval,
    pub recall_at_10: Interval,
    pub mrr_at_10: Interval,
}

/// Ranks every passage for every query and grades the rankings. The vectors stand in the order of passages and queries.
pub fn grade_retrieval(beir: &Beir, passages: &[&[f32]], queries: &[&[f32]]) -> RetrievalReport {
    let (mut ndcg, mut recall, mut mrr) = (Vec::new(), Vec::new(), Vec::new());
    for (query, gains) in queries.iter().zip(&beir.gains) {
        let ranking = nearest(query, passages);
        ndcg.push(ndcg_of(&ranking, gains));
        let found = ranking.iter().filter(|place| gains.contains_key(place)).count();
        recall.push(found as f64 / gains.len().max(1) as f64);
        mrr.push(ranking.iter().position(|place| gains.contains_key(place)).map_or(0.0, |place| 1.0 / (place + 1) as f64));
    }
    RetrievalReport {
        ndcg_at_10: mean(&ndcg),
        recall_at_10: mean(&recall),
        mrr_at_10: mean(&mrr),
        queries: queries.len(),
        passages: passages.len(),
        intervals: RetrievalIntervals { ndcg_at_10: interval(&ndcg), recall_at_10: interval(&recall), mrr_at_10: interval(&mrr) },
    }
}

/// The places of the nearest passages, the nearest first; of equals the earlier.
fn nearest(query: &[f32], passages: &[&[f32]]) -> Vec<usize> {
    let mut scored: Vec<(f32, usize)> = passages.iter().enumerate().map(|(place, vector)| (cosine(query, vector), place)).collect();
    let order = |a: &(f32, usize), b: &(f32, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if scored.len() > DEPTH {
        scored.select_nth_unstable_by(DEPTH, order);
        scored.truncate(DEPTH);
    }
    scored.sort_by(order);
    scored.into_iter().map(|(_, place)| place).collect()
}

fn ndcg_of(ranking: &[usize], gains: &HashMap<usize, f64>) -> f64 {
    let mut best: Vec<f64> = gains.values().copied().collect();
    best.sort_by(|a, b| b.total_cmp(a));
    let ideal = discounted(best.into_iter().take(DEPTH));
    if ideal > 0.0 { discounted(ranking.iter().map(|place| gains.get(place).copied().unwrap_or_default())) / ideal } else { 0.0 }
}

fn discounted(gains: impl Iterator<Item = f64>) -> f64 {
    gains.enumerate().map(|(place, gain)| gain / ((place + 2) as f64).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Passage, Query};

    fn passage(id: &str) -> Passage {
        Passage { id: id.to_owned(), title: String::new(), text: id.to_owned() }
    }

    #[test]
    fn a_ranking_is_graded_as_by_hand() {
        let beir = Beir {
            corpus: vec![passage("a"), passage("b"), passage("c")],
            queries: vec![Query { id: "1".to_owned(), text: "x".to_owned() }],
            gains: vec![HashMap::from([(1, 1.0), (2, 2.0)])],
        };
        // Nearness 1, 0.8, 0.6: the order is a, b, c.
        let report = grade_retrieval(&beir, &[&[1.0, 0.0], &[0.8, 0.6], &[0.6, 0.8]], &[&[1.0, 0.0]]);
        let expected = (1.0 / 3_f64.log2() + 2.0 / 2.0) / (2.0 + 1.0 / 3_f64.log2());
        assert!((report.ndcg_at_10 - expected).abs() < 1e-9, "{report:?}");
        assert!((report.mrr_at_10 - 0.5).abs() < 1e-9 && (report.recall_at_10 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn only_ten_count_and_equals_keep_their_order() {
        let same: Vec<&[f32]> = vec![&[1.0, 0.0]; 20];
        assert_eq!(nearest(&[1.0, 0.0], &same), (0..10).collect::<Vec<_>>());
    }
}
