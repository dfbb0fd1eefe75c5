use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use porter_embeddings::Progress;
use porter_evals::{Flagged, OWN_ATTACK_TEXTS, Run, grade_attacks, parse_attack_texts};
use porter_kernel::ids::Token;
use porter_triage::{Guard, TriageModel};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::triage_model;

/// Grades the guard against injections on texts that are labelled as such.
pub(super) async fn run(config: &Config, input: Option<&Path>) -> Result<Run, PorterError> {
    let text = match input {
        Some(path) => std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?,
        None => OWN_ATTACK_TEXTS.to_owned(),
    };
    let data = input.map_or_else(|| "built in".to_owned(), |path| path.display().to_string());
    let texts = parse_attack_texts(&text).map_err(|error| PorterError::Usage(format!("{data}: {error}")))?;
    let bars = Bars::default();
    let encoder = assemble::encoder(config, &bars).await?;
    let model = triage_model::in_force(config, &encoder, &bars).await?;
    bars.start("Reading the texts", Some(texts.len() as u64));
    let mut flagged = Vec::with_capacity(texts.len());
    for text in texts {
        let begun = Instant::now();
        let vector = encoder.embed_one(&TriageModel::encoder_text(&text.text)).await?;
        let assessment = model.assess(&text.text, &vector);
        let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
        flagged.push(Flagged {
            flagged: assessment.guards.has(Guard::Injection),
            probability: model.signals(&text.text, &vector).suspicion(Guard::Injection),
            decision: assessment.decision.as_str().to_owned(),
            intent: assessment.intent.as_str().to_owned(),
            milliseconds,
            text,
        });
        bars.advance(1);
    }
    bars.finish();
    let about = BTreeMap::from([
        ("data".to_owned(), data),
        ("data_sha256".to_owned(), Token::hash_text(&text).as_str().to_owned()),
        ("encoder".to_owned(), encoder.fingerprint().to_owned()),
        ("model".to_owned(), model.fingerprint().to_owned()),
    ]);
    Ok(grade_attacks(&flagged, about))
}
