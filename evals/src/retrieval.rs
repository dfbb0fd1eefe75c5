//! Grades a ranking of passages.

use serde_json::json;

use crate::dataset::Beir;
use crate::ranking::{DEPTH, Ranked, rank};
use crate::run::{Better, Case, Measure, Miss, Run, RunKind};

/// Grades the rankings of all queries that have a relevant passage: for each, in their order, places in the corpus, the best first.
pub fn grade_retrieval(beir: &Beir, rankings: &[Vec<usize>]) -> Run {
    let ranked: Vec<Ranked> = rankings.iter().zip(&beir.gains).map(|(ranking, gains)| rank(ranking, gains)).collect();
    let share =
        |name: &str, pick: fn(&Ranked) -> f64| Measure::share(name, &ranked.iter().map(pick).collect::<Vec<f64>>(), Better::Higher);
    let measures = vec![
        share("ndcg_at_10", |own| own.ndcg),
        share("recall_at_10", |own| own.recall),
        share("mrr_at_10", |own| own.reciprocal),
        Measure::count("queries", beir.queries.len(), Better::Neither),
        Measure::count("passages", beir.corpus.len(), Better::Neither),
    ];
    let cases = (0..beir.queries.len()).filter_map(|place| case(beir, place, rankings.get(place)?, ranked.get(place)?)).collect();
    Run { kind: RunKind::Retrieval, about: Default::default(), measures, plots: Vec::new(), cases }
}

fn case(beir: &Beir, place: usize, ranking: &[usize], ranked: &Ranked) -> Option<Case> {
    let (query, gains) = (beir.queries.get(place)?, beir.gains.get(place)?);
    let id = |place: &usize| beir.corpus.get(*place).map(|passage| passage.id.as_str());
    let mut relevant: Vec<&str> = gains.keys().filter_map(id).collect();
    relevant.sort_unstable();
    let found: Vec<&str> = ranking.iter().take(DEPTH).filter_map(id).collect();
    let failed = [("ndcg_at_10", ranked.ndcg), ("recall_at_10", ranked.recall), ("mrr_at_10", ranked.reciprocal)];
    Some(Case {
        id: query.id.clone(),
        text: query.text.clone(),
        fails: failed.into_iter().filter(|(_, value)| *value < 1.0).map(|(name, _)| name.to_owned()).collect(),
        miss: (ranked.recall <= 0.0).then_some(Miss::NotRetrieved),
        trace: json!({ "relevant": relevant, "found": found }),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::dataset::{Passage, Query};

    #[test]
    fn every_query_is_a_case_with_what_was_found() {
        let passage = |id: &str| Passage { id: id.to_owned(), title: String::new(), text: id.to_owned() };
        let query = |id: &str| Query { id: id.to_owned(), text: "x".to_owned() };
        let beir = Beir {
            corpus: vec![passage("a"), passage("b")],
            queries: vec![query("1"), query("2")],
            gains: vec![HashMap::from([(0, 1.0)]), HashMap::from([(1, 1.0)])],
        };
        let run = grade_retrieval(&beir, &[vec![0, 1], vec![0]]);
        assert!((run.measure("ndcg_at_10").unwrap().value - 0.5).abs() < 1e-9);
        assert_eq!(run.cases[0].fails, [""; 0]);
        assert_eq!(
            (run.cases[1].miss, &run.cases[1].trace),
            (Some(Miss::NotRetrieved), &json!({"relevant": ["b"], "found": ["a"]}))
        );
        assert_eq!(run.summary()["queries"], 2);
    }
}
