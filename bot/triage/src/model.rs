//! The trained artefact: which heads there are, how they are trained and calibrated, and where they are kept.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clean::reduce;
use crate::example::{CALIBRATION, Example, TRAINING};
use crate::features::{Features, WordWeights};
use crate::guards::Guard;
use crate::head::Head;
use crate::intent::{Decision, Intent, Urgency};

/// Changes when training or features change, so that an old artefact is not taken for a new one.
const RECIPE: &str = "4";
/// A pair of intent and decision needs this many examples to be a class of its own.
const FEWEST_EXAMPLES: usize = 8;
/// Length of the word part beside the sentence vector's length of 1.
const WORD_SCALE: f32 = 0.5;
const DECAY: f32 = 1e-4;
const SMOOTHING: f32 = 0.02;

/// An intent together with what is to be done: "privacy request, to be answered" reads differently from "to be carried out".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Class {
    pub(crate) intent: Intent,
    pub(crate) decision: Decision,
}

/// Everything that understanding needs beside the encoder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TriageModel {
    fingerprint: String,
    words: WordWeights,
    pub(crate) classes: Head<Class>,
    pub(crate) urgency: Head<Urgency>,
    pub(crate) guards: Vec<(Guard, Head<bool>)>,
}

/// Why an artefact could not be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the triage model cannot be written to {path}: {cause}; free some space or choose another cache_dir")]
    Write { path: String, cause: io::Error },
    #[error("{vectors} vectors for {examples} messages")]
    Vectors { vectors: usize, examples: usize },
}

/// Labelled messages with their vectors, in the same order.
#[derive(Debug, Clone, Copy)]
pub struct Labelled<'a> {
    pub examples: &'a [Example],
    pub vectors: &'a [Vec<f32>],
}

impl Labelled<'_> {
    fn check(&self) -> Result<(), ModelError> {
        let (vectors, examples) = (self.vectors.len(), self.examples.len());
        if vectors == examples { Ok(()) } else { Err(ModelError::Vectors { vectors, examples }) }
    }
}

/// Names the data and the recipe that a model comes from: SHA-256 over the data files, the recipe and the encoder.
pub fn data_fingerprint(encoder: &str) -> String {
    let mut hasher = Sha256::new();
    for part in TRAINING.iter().copied().chain([CALIBRATION, RECIPE, encoder]) {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl TriageModel {
    /// The part of a message that the encoder is to see.
    pub fn encoder_text(message: &str) -> String {
        reduce(message)
    }

    /// Trains every head on `training` and sets their temperatures on `calibration`, which no head learns from.
    pub fn train(training: Labelled<'_>, calibration: Labelled<'_>, fingerprint: String) -> Result<Self, ModelError> {
        training.check()?;
        calibration.check()?;
        let texts: Vec<String> = training.examples.iter().map(|example| reduce(&example.text)).collect();
        let dimensions = training.vectors.first().map_or(0, Vec::len);
        let words = WordWeights::fit(texts.iter().map(String::as_str), dimensions, WORD_SCALE);
        let seen = featurise(&words, training);
        let unseen = featurise(&words, calibration);
        let width = words.width();

        let classes = list_classes(training.examples);
        let labels = |example: &Example| nearest_class(&classes, example);
        let mut head = Head::train(classes.clone(), &pair(&seen, training.examples, labels), width, DECAY, SMOOTHING);
        head.calibrate(&pair(&unseen, calibration.examples, labels));

        let urgencies = |example: &Example| example.urgency;
        let mut urgency = Head::train(Urgency::ALL.to_vec(), &pair(&seen, training.examples, urgencies), width, DECAY, SMOOTHING);
        urgency.calibrate(&pair(&unseen, calibration.examples, urgencies));

        let guards = Guard::ALL
            .iter()
            .map(|guard| {
                let tagged = |example: &Example| example.has(guard.tag());
                let mut head = Head::train(vec![false, true], &pair(&seen, training.examples, tagged), width, DECAY, SMOOTHING);
                head.calibrate(&pair(&unseen, calibration.examples, tagged));
                (*guard, head)
            })
            .collect();
        Ok(Self { fingerprint, words, classes: head, urgency, guards })
    }

    /// The name of data, recipe and encoder that this model comes from.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    pub(crate) fn features(&self, reduced: &str, vector: &[f32]) -> Features {
        self.words.features(reduced, vector)
    }

    pub(crate) fn known_share(&self, reduced: &str) -> f32 {
        self.words.known_share(reduced)
    }

    /// The artefact at that path when it is whole and has this fingerprint; anything else counts as absent and is trained anew.
    pub fn load(path: &Path, fingerprint: &str) -> Option<Self> {
        let model: Self = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        (model.fingerprint == fingerprint).then_some(model)
    }

    /// Writes the artefact beside its final name and renames it, so that a crash leaves no half of it.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let failed = |cause: io::Error| ModelError::Write { path: path.display().to_string(), cause };
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        serde_json::to_writer(&mut file, self).map_err(|error| failed(error.into()))?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn featurise(words: &WordWeights, labelled: Labelled<'_>) -> Vec<Features> {
    labelled.examples.iter().zip(labelled.vectors).map(|(example, vector)| words.features(&reduce(&example.text), vector)).collect()
}

fn pair<'a, C>(features: &'a [Features], examples: &[Example], label: impl Fn(&Example) -> C) -> Vec<(&'a Features, C)> {
    features.iter().zip(examples.iter().map(label)).collect()
}

/// Pairs of intent and decision that occur often enough; the usual pair of every intent always.
fn list_classes(examples: &[Example]) -> Vec<Class> {
    let mut classes = Vec::new();
    for intent in Intent::ALL {
        for decision in Decision::ALL {
            let count = examples.iter().filter(|example| example.intent == *intent && example.decision == *decision).count();
            if count >= FEWEST_EXAMPLES || *decision == intent.usual_decision() {
                classes.push(Class { intent: *intent, decision: *decision });
            }
        }
    }
    classes
}

/// The example's own class, or its intent's usual one when the own is too rare to be learnt.
fn nearest_class(classes: &[Class], example: &Example) -> Class {
    let own = Class { intent: example.intent, decision: example.decision };
    if classes.contains(&own) { own } else { Class { decision: example.intent.usual_decision(), ..own } }
}
