//! The machine: where PostgreSQL's programs are, and whom to run them as.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::Command,
};

const INSTALL: &str = "PostgreSQL's server programs are missing: install them with \
     `apt-get install postgresql` (Debian), or put `initdb` and `pg_ctl` on the PATH. \
     These tests are never skipped: every store must pass on both engines.";

/// The folder with `initdb` and `pg_ctl`; the newest version when there are several.
pub(crate) fn binaries() -> PathBuf {
    let mut found: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder)| is_complete(folder))
        .collect();
    found.sort_unstable();
    if let Some((_, folder)) = found.pop() {
        return folder;
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).find(|folder| is_complete(folder)).unwrap_or_else(|| panic!("{INSTALL}"))
}

fn is_complete(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "pg_isready", "postgres"].iter().all(|name| folder.join(name).is_file())
}

/// PostgreSQL refuses to run as root, so root runs it as somebody else.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    switch: bool,
}

impl Account {
    pub(crate) fn choose() -> Self {
        let me = fs::metadata("/proc/self").expect("reading /proc/self");
        if me.uid() != 0 {
            return Self { uid: me.uid(), gid: me.gid(), switch: false };
        }
        let passwd = fs::read_to_string("/etc/passwd").expect("reading /etc/passwd");
        let entry = |name: &str| {
            passwd.lines().map(|line| line.split(':').collect::<Vec<_>>()).find_map(|fields| match *fields {
                [found, _, uid, gid, ..] if found == name => Some((uid.parse().ok()?, gid.parse().ok()?)),
                _ => None,
            })
        };
        let (uid, gid) = entry("postgres")
            .or_else(|| entry("nobody"))
            .unwrap_or_else(|| panic!("PostgreSQL does not run as root, and there is neither a user `postgres` nor `nobody`"));
        Self { uid, gid, switch: true }
    }

    /// A command that runs as this account, in a folder that it can read.
    pub(crate) fn command(self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/").env_remove("PGDATA").env_remove("PGPORT").env_remove("PGHOST");
        if self.switch {
            command.uid(self.uid).gid(self.gid).env("HOME", "/");
        }
        command
    }
}

/// Runs a command to its end. Panics with what it printed when it fails.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
