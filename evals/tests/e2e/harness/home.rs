//! A folder for one porter. Most tests begin with a copy of one that a first start has filled: that takes a minute once, not for each.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use tempfile::TempDir;

use super::porter::Launch;
use super::program::{cache, program};

/// Where one porter works: its data folder, and around it what a test puts there. Removed with this value.
#[derive(Debug)]
pub(crate) struct Home(TempDir);

impl Home {
    /// A machine that has never seen Porter.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().expect("making a temporary folder"))
    }

    /// As a first start left it: articles and demo accounts, no conversations.
    pub(crate) fn seeded() -> Self {
        let home = Self::empty();
        copy_seed(&home.data());
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path().join("data")
    }

    /// Writes a file below this folder and gives its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("making a folder");
        fs::write(&path, content).expect("writing a file");
        path
    }
}

/// Copies the data folder of a first start, which is made once for each build of the program. Tests are processes of their own: a lock
/// orders them, and keeps a run with another build from removing what is being copied.
fn copy_seed(to: &Path) {
    let built = fs::metadata(program()).expect("the program is there; `cargo xtask test` builds it");
    let age = built.modified().expect("files have times").duration_since(UNIX_EPOCH).expect("built after 1970");
    let folder = cache().join(format!("e2e-seed-{}-{}", built.len(), age.as_nanos()));
    fs::create_dir_all(cache()).expect("making the cache");
    let lock = File::create(cache().join("e2e-seed.lock")).expect("making the seed's lock");
    lock.lock().expect("waiting for the seed's lock");
    if !folder.exists() {
        remove_old();
        let home = Home::empty();
        Launch::at(&home).start().stop();
        let aside = folder.with_extension("new");
        copy(&home.data(), &aside);
        fs::rename(aside, &folder).expect("naming the seed");
    }
    copy(&folder, to);
}

fn remove_old() {
    for entry in fs::read_dir(cache()).expect("listing the cache").flatten() {
        if entry.file_name().to_string_lossy().starts_with("e2e-seed-") {
            fs::remove_dir_all(entry.path()).expect("removing an old seed");
        }
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("making a folder");
    for entry in fs::read_dir(from).expect("listing a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copying a file");
        }
    }
}
