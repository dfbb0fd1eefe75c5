//! The trained artefact: which heads there are, how they are trained and calibrated, and where they are kept.

use std::io;
use std::path::Path;

use porter_heads::{Featuriser, Kernel, KernelRidge, Products, Singular, Targets};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clean::reduce;
use crate::example::{CALIBRATION, Example, SENTIMENT, TRAINING};
use crate::guards::Guard;
use crate::head::Head;
use crate::intent::{Decision, Intent, Sentiment, Urgency};
use crate::spelling::mend;

/// Changes when training or features change, so that an old artefact is not taken for a new one.
const RECIPE: &str = "7";
/// A pair of intent and decision needs this many examples to be a class of its own.
const FEWEST_EXAMPLES: usize = 8;
/// Found by leaving one out on the training messages.
const KERNEL: Kernel = Kernel { sharpness: 1.0, words: 0.8 };
const RIDGE: f32 = 0.25;

/// An intent together with what is to be done: "privacy request, to be answered" reads differently from "to be carried out".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Class {
    pub(crate) intent: Intent,
    pub(crate) decision: Decision,
}

/// Everything that understanding needs beside the encoder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TriageModel {
    /// The built-in data, the recipe and the encoder.
    base: String,
    /// That, and what was learnt besides.
    fingerprint: String,
    featuriser: Featuriser,
    /// One machine for all heads: they differ in what they ask of the same messages.
    machine: KernelRidge,
    pub(crate) classes: Head<Class>,
    pub(crate) urgency: Head<Urgency>,
    pub(crate) sentiment: Head<Sentiment>,
    pub(crate) guards: Vec<(Guard, Head<bool>)>,
}

/// Why an artefact could not be used or kept.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    #[error("the triage model cannot be written to {path}: {cause}; free some space or choose another cache_dir")]
    Write { path: String, cause: io::Error },
    #[error("{vectors} vectors for {examples} messages")]
    Vectors { vectors: usize, examples: usize },
    #[error(transparent)]
    Singular(#[from] Singular),
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

/// Names the built-in data and the recipe that a model comes from: SHA-256 over the data files, the recipe and the encoder.
pub fn data_fingerprint(encoder: &str) -> String {
    digest(TRAINING.iter().copied().chain([CALIBRATION, SENTIMENT, RECIPE, encoder]))
}

/// Names these and what is learnt besides, in whatever order it comes.
pub fn learnt_fingerprint(base: &str, learnt: &[Example]) -> String {
    if learnt.is_empty() {
        return base.to_owned();
    }
    let mut lines: Vec<String> = learnt.iter().map(|example| format!("{example:?}")).collect();
    lines.sort_unstable();
    digest(std::iter::once(base).chain(lines.iter().map(String::as_str)))
}

fn digest<'a>(parts: impl Iterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

impl TriageModel {
    /// The part of a message that is read, its slips mended: what encoder and heads see.
    pub fn encoder_text(message: &str) -> String {
        mend(&reduce(message)).into_owned()
    }

    /// Trains every head on `training` and sets their temperatures on `calibration`, which no head learns from.
    /// `base` and `fingerprint` name the data.
    pub fn train(training: Labelled<'_>, calibration: Labelled<'_>, base: String, fingerprint: String) -> Result<Self, ModelError> {
        training.check()?;
        calibration.check()?;
        let texts: Vec<String> = training.examples.iter().map(|example| Self::encoder_text(&example.text)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let vectors: Vec<&[f32]> = training.vectors.iter().map(Vec::as_slice).collect();
        let width = vectors.first().map_or(0, |vector| vector.len());
        let featuriser = Featuriser::fit(&texts, &vectors, width);
        let rows = texts.iter().zip(&vectors).map(|(text, vector)| featuriser.features(text, vector)).collect();

        let classes = list_classes(training.examples);
        let targets = Targets::beside(&[
            targets(training.examples, &classes, |example| Some(nearest_class(&classes, example))),
            targets(training.examples, Urgency::ALL, |example| Some(example.urgency)),
            targets(training.examples, Sentiment::ALL, |example| example.sentiment),
            guard_targets(training.examples),
        ]);
        let machine = Products::of(rows).solve(KERNEL, RIDGE, &targets)?;

        let unseen: Vec<Vec<f32>> = calibration
            .examples
            .iter()
            .zip(calibration.vectors)
            .map(|(example, vector)| {
                machine.scores(&machine.nearness(&featuriser.features(&Self::encoder_text(&example.text), vector)))
            })
            .collect();
        let unseen = || unseen.iter().map(Vec::as_slice).zip(calibration.examples);
        let mut first = 0;
        let mut next = |columns: usize| {
            first += columns;
            first - columns
        };
        let class_head = Head::calibrated(
            classes.clone(),
            next(classes.len()),
            unseen().map(|(scores, example)| (scores, nearest_class(&classes, example))),
        );
        let urgency = Head::calibrated(
            Urgency::ALL.to_vec(),
            next(Urgency::ALL.len()),
            unseen().map(|(scores, example)| (scores, example.urgency)),
        );
        let sentiment = Head::calibrated(
            Sentiment::ALL.to_vec(),
            next(Sentiment::ALL.len()),
            unseen().filter_map(|(scores, example)| Some((scores, example.sentiment?))),
        );
        let guards = Guard::ALL
            .iter()
            .map(|guard| {
                let tagged = unseen().map(|(scores, example)| (scores, example.trips(*guard)));
                (*guard, Head::calibrated(vec![false, true], next(2), tagged))
            })
            .collect();
        Ok(Self { base, fingerprint, featuriser, machine, classes: class_head, urgency, sentiment, guards })
    }

    /// The name of data, recipe and encoder that this model comes from.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The same without what was learnt besides the built-in data.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// What each column of the machine says of an [`TriageModel::encoder_text`].
    pub(crate) fn scores(&self, read: &str, vector: &[f32]) -> Vec<f32> {
        self.machine.scores(&self.machine.nearness(&self.featuriser.features(read, vector)))
    }

    pub(crate) fn known_share(&self, reduced: &str) -> f32 {
        self.featuriser.known_share(reduced)
    }

    /// The artefact at that path when it is whole and comes from this base; anything else counts as absent and is trained anew.
    pub fn load(path: &Path, base: &str) -> Option<Self> {
        let model: Self = rmp_serde::from_slice(&std::fs::read(path).ok()?).ok()?;
        (model.base == base).then_some(model)
    }

    /// Writes the artefact beside its final name and renames it, so that a crash leaves no half of it.
    pub fn save(&self, path: &Path) -> Result<(), ModelError> {
        let failed = |cause: io::Error| ModelError::Write { path: path.display().to_string(), cause };
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        rmp_serde::encode::write(&mut file, self).map_err(|error| failed(io::Error::other(error)))?;
        file.as_file().sync_all().map_err(failed)?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

fn targets<C: Copy + PartialEq>(examples: &[Example], classes: &[C], class: impl Fn(&Example) -> Option<C>) -> Targets {
    let place = |example| class(example).and_then(|class| classes.iter().position(|own| *own == class));
    Targets::of_classes(examples.iter().map(place), classes.len())
}

fn guard_targets(examples: &[Example]) -> Targets {
    let of = |guard: &Guard| targets(examples, &[false, true], |example| Some(example.trips(*guard)));
    Targets::beside(&Guard::ALL.iter().map(of).collect::<Vec<_>>())
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
