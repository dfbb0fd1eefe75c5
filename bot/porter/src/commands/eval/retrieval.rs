use std::cmp::Ordering;
use std::path::Path;

use porter_embeddings::{Encoder as _, cosine};
use porter_evals::{Beir, Passage, Run, fuse, grade_retrieval};
use porter_knowledge_base::{
    Audience, EdgeIndex, Mode as IndexMode, Point, Search, Sparse, VectorIndex, document_weights, query_weights,
};
use uuid::Uuid;

use super::encoded::{encode, keeping};
use crate::cli::Mode;
use crate::config::Config;
use crate::error::PorterError;

/// Places of a ranking that count when two are fused.
const FUSED: usize = 100;

/// Grades a search on a data set of passages and queries. Vectors are kept below `cache_dir`, so that a second run takes seconds.
pub(super) async fn run(config: &Config, dataset: &Path, encoders: &[String], mode: Mode) -> Result<Run, PorterError> {
    let beir = Beir::read(dataset).map_err(|error| PorterError::Usage(error.to_string()))?;
    let mut rankings = Vec::new();
    if mode != Mode::Sparse {
        rankings.push(by_meaning(config, &beir, encoders).await?);
    }
    if mode != Mode::Dense {
        rankings.push(by_words(&beir).await?);
    }
    let ranked = match rankings.as_mut_slice() {
        [dense, sparse] => dense.iter().zip(sparse).map(|(dense, sparse)| fuse(&[dense.clone(), std::mem::take(sparse)])).collect(),
        _ => rankings.pop().unwrap_or_default(),
    };
    let mut run = grade_retrieval(&beir, &ranked);
    run.about.insert("dataset".to_owned(), dataset.display().to_string());
    run.about.insert("mode".to_owned(), format!("{mode:?}").to_lowercase());
    if mode != Mode::Sparse {
        run.about.insert("encoder".to_owned(), encoders.join(", "));
    }
    Ok(run)
}

/// The nearest passages for every query. A passage has two points, as an article has several: the whole and its title. The nearer one counts, and of several encoders the
/// mean.
async fn by_meaning(config: &Config, beir: &Beir, encoders: &[String]) -> Result<Vec<Vec<usize>>, PorterError> {
    let mut nearness = vec![vec![0.0_f32; beir.corpus.len()]; beir.queries.len()];
    for name in encoders {
        let encoder = keeping(config, name).await?;
        let wholes: Vec<String> = beir.corpus.iter().map(whole).collect();
        let titles: Vec<String> = beir.corpus.iter().map(title).collect();
        let queries: Vec<String> = beir.queries.iter().map(|query| format!("{}{}", encoder.query_prefix(), query.text)).collect();
        let encoded = tokio::task::spawn_blocking(move || -> Result<_, PorterError> {
            Ok((encode(&encoder, &wholes)?, encode(&encoder, &titles)?, encode(&encoder, &queries)?))
        });
        let (wholes, titles, queries) = encoded.await.map_err(std::io::Error::other)??;
        for (row, query) in nearness.iter_mut().zip(&queries) {
            for ((sum, whole), title) in row.iter_mut().zip(&wholes).zip(&titles) {
                *sum += cosine(query, whole).max(cosine(query, title));
            }
        }
    }
    Ok(nearness.iter().map(|row| best(row)).collect())
}

/// The places of the highest values, of equals the earlier.
fn best(values: &[f32]) -> Vec<usize> {
    let mut ranked: Vec<(usize, f32)> = values.iter().copied().enumerate().collect();
    let order = |a: &(usize, f32), b: &(usize, f32)| -> Ordering { b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)) };
    if ranked.len() > FUSED {
        ranked.select_nth_unstable_by(FUSED, order);
        ranked.truncate(FUSED);
    }
    ranked.sort_by(order);
    ranked.into_iter().map(|(place, _)| place).collect()
}

/// The passages that share words with every query, by BM25 in an index of its own.
async fn by_words(beir: &Beir) -> Result<Vec<Vec<usize>>, PorterError> {
    let folder = tempfile::tempdir()?;
    let index = EdgeIndex::open(folder.path(), "words", 1)?;
    let point = |(place, passage): (usize, &Passage)| Point {
        id: Uuid::from_u128(place as u128),
        dense: vec![1.0],
        sparse: document_weights(&whole(passage)),
        slug: passage.id.clone(),
        kind: "body".to_owned(),
        audience: Audience::Everyone,
    };
    index.apply(Vec::new(), beir.corpus.iter().enumerate().map(point).collect()).await?;
    let mut rankings = Vec::with_capacity(beir.queries.len());
    for query in &beir.queries {
        let sparse: Sparse = query_weights(&query.text);
        let search = Search { mode: IndexMode::Sparse, dense: Vec::new(), sparse, reader: Audience::Everyone, limit: FUSED };
        let found = index.search(search).await?;
        rankings.push(found.into_iter().filter_map(|hit| usize::try_from(hit.id.as_u128()).ok()).collect());
    }
    Ok(rankings)
}

/// Title and text, as BEIR joins them.
fn whole(passage: &Passage) -> String {
    format!("{} {}", passage.title, passage.text).trim().to_owned()
}

/// The title; the text of a passage that has none.
fn title(passage: &Passage) -> String {
    if passage.title.trim().is_empty() { whole(passage) } else { passage.title.clone() }
}
