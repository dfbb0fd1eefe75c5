//! The data folder: who holds it, and how a command finds the process that does.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::PorterError;

/// Where the process that holds the folder can be talked to, readable by its owner only.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) pid: u32,
    pub(crate) address: SocketAddr,
    /// Opens the operator's API.
    pub(crate) token: String,
}

/// A data folder that this process holds until the value is dropped or the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct DataDir {
    folder: PathBuf,
    _lock: File,
}

/// What taking the folder came to.
#[derive(Debug)]
pub(crate) enum Taken {
    Ours(DataDir),
    /// Another process holds it; where it can be talked to, if it serves.
    Theirs(Option<Running>),
}

impl DataDir {
    /// Takes the folder, making it when it is not there.
    pub(crate) fn take(folder: &Path) -> Result<Taken, PorterError> {
        let failed = |cause| PorterError::Folder { path: folder.to_owned(), cause };
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("porter.lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Taken::Ours(Self { folder: folder.to_owned(), _lock: lock })),
            Err(TryLockError::WouldBlock) => Ok(Taken::Theirs(read_running(folder))),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// Takes the folder or says who has it.
    pub(crate) fn take_alone(folder: &Path) -> Result<Self, PorterError> {
        match Self::take(folder)? {
            Taken::Ours(own) => Ok(own),
            Taken::Theirs(running) => Err(PorterError::InUse {
                folder: folder.to_owned(),
                holder: running.map_or_else(|| "unknown".to_owned(), |running| running.pid.to_string()),
            }),
        }
    }

    /// Tells commands on this machine where to find this process.
    pub(crate) fn announce(&self, running: &Running) -> Result<(), PorterError> {
        let path = self.folder.join("running.json");
        let failed = |cause| PorterError::Folder { path: path.clone(), cause };
        let text = serde_json::to_vec(running).map_err(|error| failed(error.into()))?;
        write_private(&path, &text).map_err(failed)
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        // Left behind by a killed process it is harmless: nobody reads it while the lock is free.
        let _ = fs::remove_file(self.folder.join("running.json"));
    }
}

fn read_running(folder: &Path) -> Option<Running> {
    serde_json::from_slice(&fs::read(folder.join("running.json")).ok()?).ok()
}

/// Writes a file that only its owner may read, at once or not at all.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    fs::rename(aside(path, content)?, path)
}

/// As [`write_private`], unless the file is there already: then it stays as it is.
pub(crate) fn make_private(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let aside = aside(path, content)?;
    let linked = fs::hard_link(&aside, path);
    fs::remove_file(&aside)?;
    match linked {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// The content in a file of this process beside `path`.
fn aside(path: &Path, content: &[u8]) -> std::io::Result<PathBuf> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".{}.new", std::process::id()));
    let aside = PathBuf::from(aside);
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&aside)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(aside)
}
