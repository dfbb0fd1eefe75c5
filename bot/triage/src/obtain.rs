//! Gets a trained model: the kept artefact when it fits data, recipe and encoder, else a new one; or one that has learnt more.

use std::path::Path;

use porter_embeddings::{EncodeError, EncoderService, Priority, Progress};

use crate::example::{DataError, Example, calibration_examples, training_examples};
use crate::model::{Labelled, ModelError, TriageModel, data_fingerprint, learnt_fingerprint};

/// Messages encoded between two steps of the progress bar.
const STEP: usize = 64;

/// Why there is no model.
#[derive(Debug, thiserror::Error)]
pub enum ObtainError {
    #[error("the training data is damaged: {0}")]
    Data(#[from] DataError),
    #[error(transparent)]
    Encode(#[from] EncodeError),
    #[error(transparent)]
    Model(#[from] ModelError),
}

/// Returns the triage model for this encoder, trained when the cache holds none that fits. Training takes seconds, most of them encoding.
pub async fn obtain(cache: &Path, encoder: &EncoderService, progress: &dyn Progress) -> Result<TriageModel, ObtainError> {
    let fingerprint = data_fingerprint(encoder.fingerprint());
    let path = cache.join("triage").join(format!("{}.model", fingerprint.get(..16).unwrap_or("model")));
    if let Some(model) = TriageModel::load(&path, &fingerprint) {
        return Ok(model);
    }
    let model = train(&[], encoder, progress).await?;
    model.save(&path)?;
    Ok(model)
}

/// Trains on the built-in messages and these.
pub async fn train(learnt: &[Example], encoder: &EncoderService, progress: &dyn Progress) -> Result<TriageModel, ObtainError> {
    let base = data_fingerprint(encoder.fingerprint());
    let fingerprint = learnt_fingerprint(&base, learnt);
    let (mut training, calibration) = (training_examples()?, calibration_examples()?);
    training.extend_from_slice(learnt);
    progress.start("Reading the training messages", Some((training.len() + calibration.len()) as u64));
    let training_vectors = encode(&training, encoder, progress).await?;
    let calibration_vectors = encode(&calibration, encoder, progress).await?;
    progress.finish();
    progress.start("Training the triage heads", None);
    let model = TriageModel::train(
        Labelled { examples: &training, vectors: &training_vectors },
        Labelled { examples: &calibration, vectors: &calibration_vectors },
        base,
        fingerprint,
    )?;
    progress.finish();
    Ok(model)
}

/// The vectors of messages as triage sees them, in their order.
pub async fn encode(examples: &[Example], encoder: &EncoderService, progress: &dyn Progress) -> Result<Vec<Vec<f32>>, EncodeError> {
    let mut vectors = Vec::with_capacity(examples.len());
    for part in examples.chunks(STEP) {
        let texts = part.iter().map(|example| TriageModel::encoder_text(&example.text)).collect();
        vectors.extend(encoder.embed(texts, Priority::Bulk).await?);
        progress.advance(part.len() as u64);
    }
    Ok(vectors)
}
