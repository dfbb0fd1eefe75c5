use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use porter_desk::store;
use porter_embeddings::Progress;
use porter_evals::{Judged, OWN_TRIAGE_CASES, OWN_TRIAGE_CASES_SECOND, Run, grade};
use porter_kernel::ids::Token;
use porter_triage::{TriageModel, obtain, parse_examples};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;

/// Grades the heads, guards and rules on labelled cases. Needs no knowledge base. Cases are read one by one, as messages come, so that the time of
/// each is that of a message.
pub(super) async fn run(config: &Config, input: Option<&Path>, own: bool) -> Result<Run, PorterError> {
    let mut text = match input {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?,
        None => format!("{OWN_TRIAGE_CASES}\n{OWN_TRIAGE_CASES_SECOND}"),
    };
    if own {
        text.push_str(&own_cases(config).await?);
    }
    let cases = parse_examples(&text).map_err(|error| PorterError::Usage(error.to_string()))?;
    let bars = Bars::default();
    let encoder = assemble::encoder(config, &bars).await?;
    let model = obtain(&config.cache_dir, &encoder, &bars).await?;
    bars.start("Reading the cases", Some(cases.len() as u64));
    let mut judged = Vec::with_capacity(cases.len());
    for case in &cases {
        let begun = Instant::now();
        let vector = encoder.embed_one(&TriageModel::encoder_text(&case.text)).await?;
        let assessment = model.assess(&case.text, &vector);
        let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
        judged.push(Judged { case, assessment, signals: model.signals(&case.text, &vector), milliseconds });
        bars.advance(1);
    }
    bars.finish();
    let about = BTreeMap::from([
        ("data".to_owned(), input.map_or_else(|| "built in".to_owned(), |path| path.display().to_string())),
        ("data_sha256".to_owned(), Token::hash_text(&text).as_str().to_owned()),
        ("encoder".to_owned(), encoder.fingerprint().to_owned()),
        ("model".to_owned(), model.fingerprint().to_owned()),
    ]);
    Ok(grade(&judged, about))
}

/// The cases that agents have made in the desk of this configuration, as lines.
async fn own_cases(config: &Config) -> Result<String, PorterError> {
    let database = config.database.open(&config.database()).await?;
    store::migrate(&database).await?;
    let cases = store::open(&database).eval_cases().await?;
    database.close().await;
    Ok(cases.iter().map(|case| format!("\n{}", case.line())).collect())
}
