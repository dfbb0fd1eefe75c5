use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use porter_desk::domain::Purpose;
use porter_desk::store;
use porter_embeddings::{EncoderService, Progress};
use porter_evals::{Judged, Run, grade, own_triage_cases};
use porter_kernel::ids::Token;
use porter_triage::{TriageModel, parse_examples};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::triage_model;

/// Labelled cases as text, and where they come from.
pub(in crate::commands) struct Cases {
    pub(in crate::commands) lines: String,
    pub(in crate::commands) origin: String,
}

/// Grades the heads, guards and rules in force on labelled cases. Needs no knowledge base.
pub(super) async fn run(config: &Config, input: Option<&Path>, own: bool) -> Result<Run, PorterError> {
    let cases = cases(config, input, own).await?;
    let bars = Bars::default();
    let encoder = assemble::encoder(config, &bars).await?;
    let model = triage_model::in_force(config, &encoder, &bars).await?;
    judge(&model, &encoder, &cases, &bars).await
}

/// The file's cases, or the project's own; with those that agents have made.
pub(in crate::commands) async fn cases(config: &Config, input: Option<&Path>, own: bool) -> Result<Cases, PorterError> {
    let mut lines = match input {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?,
        None => own_triage_cases(),
    };
    if own {
        lines.push_str(&judged_conversations(config, Purpose::Check).await?);
    }
    Ok(Cases { lines, origin: input.map_or_else(|| "built in".to_owned(), |path| path.display().to_string()) })
}

/// Grades a model. Cases are read one by one, as messages come, so that the time of each is that of a message.
pub(in crate::commands) async fn judge(
    model: &TriageModel,
    encoder: &EncoderService,
    Cases { lines, origin }: &Cases,
    bars: &Bars,
) -> Result<Run, PorterError> {
    let cases = parse_examples(lines).map_err(|error| PorterError::Usage(error.to_string()))?;
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
        ("data".to_owned(), origin.clone()),
        ("data_sha256".to_owned(), Token::hash_text(lines).as_str().to_owned()),
        ("encoder".to_owned(), encoder.fingerprint().to_owned()),
        ("model".to_owned(), model.fingerprint().to_owned()),
    ]);
    Ok(grade(&judged, about))
}

/// What agents have judged for that purpose in the desk of this configuration, as lines.
pub(in crate::commands) async fn judged_conversations(config: &Config, purpose: Purpose) -> Result<String, PorterError> {
    let database = config.database.open(&config.database()).await?;
    store::migrate(&database).await?;
    let cases = store::open(&database).eval_cases().await?;
    database.close().await;
    Ok(cases.iter().filter(|case| case.purpose == purpose).map(|case| format!("\n{}", case.line())).collect())
}
