//! Runs in a file: what a later run is compared with.

use std::io;
use std::path::{Path, PathBuf};

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};

use crate::run::{Run, RunKind};

/// Changes when older programs could not read the file any more.
const VERSION: u32 = 1;

/// One or more runs of one moment and one release.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Saved {
    version: u32,
    pub at: Timestamp,
    /// The version of the program that was measured.
    pub release: String,
    pub runs: Vec<Run>,
}

/// Why a saved run cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SavedError {
    #[error("{}: {cause}; give the path of a file that --save has written", .path.display())]
    Read { path: PathBuf, cause: io::Error },
    #[error("{}: this is no saved run ({cause}); give the path of a file that --save has written", .path.display())]
    Form { path: PathBuf, cause: serde_json::Error },
    #[error("{}: written by a newer version of Porter; run the eval again with this one and save it", .path.display())]
    Newer { path: PathBuf },
    #[error("{}: {cause}; free some space or choose another path", .path.display())]
    Write { path: PathBuf, cause: io::Error },
}

impl Saved {
    pub fn new(at: Timestamp, release: &str, runs: Vec<Run>) -> Self {
        Self { version: VERSION, at, release: release.to_owned(), runs }
    }

    /// The run of that kind.
    pub fn run(&self, kind: RunKind) -> Option<&Run> {
        self.runs.iter().find(|run| run.kind == kind)
    }

    /// Reads a file that [`Saved::write`] has made.
    pub fn read(path: &Path) -> Result<Self, SavedError> {
        let text = std::fs::read(path).map_err(|cause| SavedError::Read { path: path.to_owned(), cause })?;
        let saved: Self = serde_json::from_slice(&text).map_err(|cause| SavedError::Form { path: path.to_owned(), cause })?;
        if saved.version > VERSION { Err(SavedError::Newer { path: path.to_owned() }) } else { Ok(saved) }
    }

    /// Writes the file, whole or not at all; folders that are missing are made.
    pub fn write(&self, path: &Path) -> Result<(), SavedError> {
        let failed = |cause: io::Error| SavedError::Write { path: path.to_owned(), cause };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        std::fs::create_dir_all(folder).map_err(failed)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        serde_json::to_writer(&mut file, self).map_err(|error| failed(error.into()))?;
        file.persist(path).map_err(|error| failed(error.error))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use porter_kernel::clock::{Clock as _, ManualClock};

    use super::*;

    #[test]
    fn what_was_saved_is_read_back_and_what_is_no_run_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let run = Run { kind: RunKind::Triage, about: BTreeMap::new(), measures: Vec::new(), plots: Vec::new(), cases: Vec::new() };
        let saved = Saved::new(ManualClock::default().now(), "0.1.0", vec![run]);
        let path = folder.path().join("deep").join("run.json");
        saved.write(&path).unwrap();
        assert_eq!(Saved::read(&path).unwrap(), saved);
        assert!(saved.run(RunKind::Triage).is_some() && saved.run(RunKind::Attacks).is_none());

        std::fs::write(&path, "{\"accuracy\": 1}").unwrap();
        let error = Saved::read(&path).unwrap_err().to_string();
        assert!(error.contains("run.json") && error.contains("--save"), "{error}");
        assert!(matches!(Saved::read(&folder.path().join("absent.json")), Err(SavedError::Read { .. })));
        let newer = serde_json::to_string(&Saved { version: 2, ..saved }).unwrap();
        std::fs::write(&path, newer).unwrap();
        assert!(matches!(Saved::read(&path), Err(SavedError::Newer { .. })));
    }
}
