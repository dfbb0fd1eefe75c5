use std::path::{Path, PathBuf};
use std::process::ExitCode;

use porter_embeddings::{Encoder, Progress};
use porter_evals::{Beir, Passage, RetrievalReport, VectorCache, grade_retrieval};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::say;

/// Texts that are encoded between two steps of the progress bar.
const STEP: usize = 256;

/// Grades an encoder on a data set of passages and queries. Vectors are kept below `cache_dir`, so that a second run takes seconds.
pub(super) async fn run(config: &Config, dataset: &Path, encoder: &str) -> Result<ExitCode, PorterError> {
    let beir = Beir::read(dataset).map_err(|error| PorterError::Usage(error.to_string()))?;
    let encoder = assemble::encoder_named(config, encoder, &Bars::default()).await?;
    let folder = config.cache_dir.join("vectors");
    let graded = tokio::task::spawn_blocking(move || grade(&beir, encoder.as_ref(), folder));
    let report = graded.await.map_err(std::io::Error::other)??;
    say::line(serde_json::to_string_pretty(&report).map_err(std::io::Error::other)?);
    Ok(ExitCode::SUCCESS)
}

fn grade(beir: &Beir, encoder: &dyn Encoder, folder: PathBuf) -> Result<RetrievalReport, PorterError> {
    let passages: Vec<String> = beir.corpus.iter().map(whole).collect();
    let queries: Vec<String> = beir.queries.iter().map(|query| format!("{}{}", encoder.query_prefix(), query.text)).collect();
    let mut cache = VectorCache::open(&folder, encoder.fingerprint(), encoder.dimensions())?;
    let missing: Vec<String> =
        cache.missing(passages.iter().chain(&queries).map(String::as_str)).into_iter().map(str::to_owned).collect();
    let bars = Bars::default();
    bars.start("Encoding passages and queries", Some(missing.len() as u64));
    for step in missing.chunks(STEP) {
        let texts: Vec<&str> = step.iter().map(String::as_str).collect();
        cache.add(&texts, encoder.encode(&texts)?)?;
        bars.advance(texts.len() as u64);
    }
    bars.finish();
    let vectors = |texts: &[String]| texts.iter().map(|text| cache.get(text).unwrap_or_default()).collect::<Vec<&[f32]>>();
    Ok(grade_retrieval(beir, &vectors(&passages), &vectors(&queries)))
}

/// Title and text, as BEIR joins them.
fn whole(passage: &Passage) -> String {
    format!("{} {}", passage.title, passage.text).trim().to_owned()
}
