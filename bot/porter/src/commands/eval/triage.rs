use std::path::Path;
use std::process::ExitCode;

use porter_embeddings::{Priority, Progress};
use porter_evals::{Judged, OWN_TRIAGE_CASES, grade};
use porter_triage::{TriageModel, obtain, parse_examples};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::say;

/// Grades the heads, guards and rules on labelled cases. Needs no knowledge base.
pub(super) async fn run(config: &Config, input: Option<&Path>) -> Result<ExitCode, PorterError> {
    let text = match input {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?,
        None => OWN_TRIAGE_CASES.to_owned(),
    };
    let cases = parse_examples(&text).map_err(|error| PorterError::Usage(error.to_string()))?;
    let bars = Bars::default();
    let encoder = assemble::encoder(config, &bars).await?;
    let model = obtain(&config.cache_dir, &encoder, &bars).await?;
    bars.start("Reading the cases", Some(cases.len() as u64));
    let texts = cases.iter().map(|case| TriageModel::encoder_text(&case.text)).collect();
    let vectors = encoder.embed(texts, Priority::Bulk).await?;
    bars.advance(cases.len() as u64);
    bars.finish();
    let judged: Vec<Judged<'_>> =
        cases.iter().zip(&vectors).map(|(case, vector)| Judged { case, assessment: model.assess(&case.text, vector) }).collect();
    say::line(serde_json::to_string_pretty(&grade(&judged)).map_err(std::io::Error::other)?);
    Ok(ExitCode::SUCCESS)
}
