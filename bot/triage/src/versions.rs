//! Trained artefacts by number, and which of them is in force.
//!
//! A folder holds `0001.model` with `0001.json` for each version, and `current`, which holds the number of the one in force; without it the built-in one is. A manifest is
//! written after its artefact and `current` after both, each in one step, so a crash leaves at most an artefact that nobody knows of.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::example::Example;
use crate::model::{ModelError, TriageModel};

const CURRENT: &str = "current";
/// Versions that are kept, beside the one in force: 33 MB each.
const KEPT: usize = 8;

/// What is known of a version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub number: u32,
    pub trained_at: Timestamp,
    /// Names all data that it comes from, the recipe and the encoder.
    pub fingerprint: String,
    /// Names them without what was learnt besides the built-in messages.
    pub base: String,
    /// That: with it the version can be trained again.
    pub learnt: Vec<Example>,
    /// What its eval found when it was taken.
    pub figures: BTreeMap<String, f64>,
}

/// Why versions cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum VersionError {
    #[error("{}: {cause}", .path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("there is no version {0}; `porter train list` shows those that there are")]
    Unknown(u32),
    #[error("another training has just become version {0}; run the command again")]
    Taken(u32),
}

/// A folder of versions.
#[derive(Debug, Clone)]
pub struct Versions {
    folder: PathBuf,
}

impl Versions {
    /// Those in this folder, which need not be there yet.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// All versions, the oldest first. Manifests that cannot be read are none.
    pub fn list(&self) -> Result<Vec<Version>, VersionError> {
        let files = match fs::read_dir(&self.folder) {
            Ok(files) => files,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(cause) => return Err(VersionError::File { path: self.folder.clone(), cause }),
        };
        let manifests =
            files.filter_map(|file| Some(file.ok()?.path())).filter(|path| path.extension().is_some_and(|own| own == "json"));
        let mut versions: Vec<Version> = manifests.filter_map(|path| serde_json::from_slice(&fs::read(path).ok()?).ok()).collect();
        versions.sort_by_key(|version| version.number);
        Ok(versions)
    }

    /// The number of the version in force; `None` for the built-in one. What is no number counts as none.
    pub fn in_force(&self) -> Option<u32> {
        fs::read_to_string(self.folder.join(CURRENT)).ok()?.trim().parse().ok()
    }

    /// The artefact of a version; `None` when it is damaged, gone, or comes from other built-in data than `base` names.
    pub fn load(&self, number: u32, base: &str) -> Option<TriageModel> {
        TriageModel::load(&self.artefact(number), base)
    }

    /// Keeps a model as the next version and puts it in force; old ones beyond a number are removed.
    pub fn add(
        &self,
        model: &TriageModel,
        learnt: Vec<Example>,
        figures: BTreeMap<String, f64>,
        now: Timestamp,
    ) -> Result<Version, VersionError> {
        let number = self.list()?.last().map_or(0, |last| last.number).saturating_add(1);
        let version = Version {
            number,
            trained_at: now,
            fingerprint: model.fingerprint().to_owned(),
            base: model.base().to_owned(),
            learnt,
            figures,
        };
        model.save(&self.artefact(number))?;
        let manifest = self.folder.join(format!("{number:04}.json"));
        let text = serde_json::to_vec_pretty(&version)
            .map_err(|error| VersionError::File { path: manifest.clone(), cause: io::Error::other(error) })?;
        let written = self.written(&manifest, &text)?;
        written.persist_noclobber(&manifest).map_err(|_| VersionError::Taken(number))?;
        self.put_in_force(Some(number))?;
        self.prune()?;
        Ok(version)
    }

    /// Puts a version in force, or the built-in one.
    pub fn put_in_force(&self, number: Option<u32>) -> Result<(), VersionError> {
        let path = self.folder.join(CURRENT);
        let failed = |cause| VersionError::File { path: path.clone(), cause };
        match number {
            Some(number) => {
                if !self.list()?.iter().any(|version| version.number == number) {
                    return Err(VersionError::Unknown(number));
                }
                let written = self.written(&path, number.to_string().as_bytes())?;
                written.persist(&path).map_err(|error| failed(error.error))?;
                Ok(())
            }
            None => match fs::remove_file(&path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(failed(cause)),
                _ => Ok(()),
            },
        }
    }

    /// The version before the one in force; `None` for the built-in one, which was there before all.
    pub fn before(&self, number: u32) -> Result<Option<u32>, VersionError> {
        Ok(self.list()?.iter().rev().map(|version| version.number).find(|own| *own < number))
    }

    fn artefact(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:04}.model"))
    }

    fn written(&self, path: &Path, bytes: &[u8]) -> Result<tempfile::NamedTempFile, VersionError> {
        let failed = |cause| VersionError::File { path: path.to_owned(), cause };
        let mut file = tempfile::NamedTempFile::new_in(&self.folder).map_err(failed)?;
        file.write_all(bytes).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        Ok(file)
    }

    fn prune(&self) -> Result<(), VersionError> {
        let versions = self.list()?;
        let old = versions.len().saturating_sub(KEPT);
        for version in versions.iter().take(old).filter(|version| self.in_force() != Some(version.number)) {
            for path in [self.folder.join(format!("{:04}.json", version.number)), self.artefact(version.number)] {
                fs::remove_file(&path).or_else(|cause| {
                    if cause.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(VersionError::File { path, cause }) }
                })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intent::{Decision, Intent, Urgency};
    use crate::model::{Labelled, learnt_fingerprint};

    fn example(id: &str, intent: Intent) -> Example {
        Example {
            id: id.to_owned(),
            text: format!("{intent} {id}"),
            intent,
            decision: intent.usual_decision(),
            urgency: Urgency::Normal,
            tags: Vec::new(),
            sentiment: None,
            also: Vec::new(),
        }
    }

    fn model(base: &str, learnt: &[Example]) -> TriageModel {
        let mut examples = vec![example("a", Intent::PasswordReset), example("b", Intent::Smalltalk)];
        examples.extend_from_slice(learnt);
        let vectors: Vec<Vec<f32>> = (0..examples.len() as u8).map(|place| vec![1.0, f32::from(place), 0.5]).collect();
        let labelled = Labelled { examples: &examples, vectors: &vectors };
        TriageModel::train(labelled, labelled, base.to_owned(), learnt_fingerprint(base, learnt)).unwrap()
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000).unwrap()
    }

    #[test]
    fn versions_are_numbered_put_in_force_and_rolled_back() {
        let folder = tempfile::tempdir().unwrap();
        let versions = Versions::new(folder.path().join("triage"));
        assert_eq!((versions.in_force(), versions.list().unwrap()), (None, Vec::new()));
        let learnt = vec![example("own-1", Intent::Safety)];
        let figures = BTreeMap::from([("accuracy".to_owned(), 0.93)]);
        let first = versions.add(&model("base", &learnt), learnt.clone(), figures, at(1)).unwrap();
        let second = versions.add(&model("base", &[]), Vec::new(), BTreeMap::new(), at(2)).unwrap();
        assert_eq!((first.number, second.number, versions.in_force()), (1, 2, Some(2)));
        assert_eq!(versions.list().unwrap(), [first.clone(), second]);
        assert_eq!((versions.before(2).unwrap(), versions.before(1).unwrap()), (Some(1), None));

        versions.put_in_force(Some(1)).unwrap();
        assert_eq!(versions.in_force(), Some(1));
        assert_eq!(versions.load(1, "base").unwrap().fingerprint(), first.fingerprint);
        assert!(versions.load(1, "another release").is_none());
        assert!(matches!(versions.put_in_force(Some(7)), Err(VersionError::Unknown(7))));
        assert_eq!(versions.in_force(), Some(1), "what cannot be done changes nothing");
        versions.put_in_force(None).unwrap();
        versions.put_in_force(None).unwrap();
        assert_eq!(versions.in_force(), None);
    }

    #[test]
    fn what_is_damaged_is_not_loaded_and_old_versions_go_but_never_the_one_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let versions = Versions::new(folder.path().to_owned());
        for second in (0..).take(KEPT) {
            versions.add(&model("base", &[]), Vec::new(), BTreeMap::new(), at(second)).unwrap();
        }
        fs::write(folder.path().join("0002.model"), b"half of it").unwrap();
        assert!(versions.load(2, "base").is_none());
        fs::write(folder.path().join(CURRENT), "no number").unwrap();
        assert_eq!(versions.in_force(), None);
        versions.add(&model("base", &[]), Vec::new(), BTreeMap::new(), at(90)).unwrap();
        let numbers: Vec<u32> = versions.list().unwrap().iter().map(|version| version.number).collect();
        assert_eq!(numbers, (2..=9).collect::<Vec<_>>());
        assert!(!folder.path().join("0001.model").exists());
    }

    #[test]
    fn the_same_data_has_one_name_in_any_order_and_trains_the_same_model() {
        let (one, two) = (example("own-1", Intent::Safety), example("own-2", Intent::Complaint));
        let name = |learnt: &[Example]| learnt_fingerprint("base", learnt);
        assert_eq!(name(&[one.clone(), two.clone()]), name(&[two.clone(), one.clone()]));
        assert_ne!(name(std::slice::from_ref(&one)), name(&[one.clone(), two.clone()]));
        let changed = Example { decision: Decision::Answer, ..one.clone() };
        assert_ne!(name(std::slice::from_ref(&one)), name(&[changed]));
        assert_eq!(name(&[]), "base");
        let scores = || model("base", &[one.clone(), two.clone()]).scores("help", &[0.2, 0.4, 0.1]);
        assert_eq!(scores(), scores());
    }
}
