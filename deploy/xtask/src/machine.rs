//! What is installed on this machine.

use std::{
    env, fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where a machine keeps its programs, and who runs this one.
#[derive(Debug)]
pub(crate) struct Machine {
    /// The folders of the PATH.
    pub(crate) path: Vec<PathBuf>,
    /// Debian keeps PostgreSQL's server programs off the PATH, in a folder for each version in here.
    pub(crate) postgresql: PathBuf,
    pub(crate) is_root: bool,
}

impl Machine {
    /// The one that this runs on.
    pub(crate) fn this() -> Self {
        Self {
            path: env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default(),
            postgresql: "/usr/lib/postgresql".into(),
            // Without /proc this is no Debian, and nobody installs anything.
            is_root: fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0),
        }
    }

    /// Whether a program is on the PATH.
    pub(crate) fn has(&self, program: &str) -> bool {
        self.path.iter().any(|folder| is_program(&folder.join(program)))
    }

    /// Whether one version of PostgreSQL's server is there with all that the test kit starts.
    pub(crate) fn has_postgresql(&self) -> bool {
        let versions = fs::read_dir(&self.postgresql).into_iter().flatten().flatten();
        versions
            .map(|version| version.path().join("bin"))
            .chain(self.path.iter().cloned())
            .any(|folder| ["initdb", "pg_ctl", "pg_isready", "postgres"].iter().all(|name| is_program(&folder.join(name))))
    }

    /// Whether Python can make a virtual environment: Debian leaves a part of that to a package of its own.
    pub(crate) fn has_python_venv(&self) -> bool {
        let python = self.path.iter().map(|folder| folder.join("python3")).find(|program| is_program(program));
        python.is_some_and(|python| {
            let mut asked = Command::new(python);
            asked.args(["-c", "import ensurepip, venv"]).stdout(Stdio::null()).stderr(Stdio::null());
            asked.status().is_ok_and(|status| status.success())
        })
    }

    /// Whether packages can be installed without asking anybody.
    pub(crate) fn can_install(&self) -> bool {
        self.is_root && self.has("apt-get")
    }
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A machine with these programs, each path relative to its root: `bin/` is on the PATH.
    pub(crate) fn with(programs: &[&str]) -> (tempfile::TempDir, Machine) {
        let root = tempfile::tempdir().unwrap();
        for program in programs {
            let path = root.path().join(program);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let machine = Machine { path: vec![root.path().join("bin")], postgresql: root.path().join("postgresql"), is_root: false };
        (root, machine)
    }

    #[test]
    fn only_what_can_be_run_counts() {
        let (root, machine) = with(&["bin/cc"]);
        fs::write(root.path().join("bin/c++"), "").unwrap();
        fs::create_dir(root.path().join("bin/chromium")).unwrap();
        assert!(machine.has("cc"));
        assert!(!machine.has("c++"), "not executable");
        assert!(!machine.has("chromium"), "a folder");
    }

    #[test]
    fn a_server_is_whole_within_one_version_or_on_the_path() {
        let (_root, machine) = with(&["postgresql/16/bin/initdb", "postgresql/17/bin/pg_ctl", "bin/pg_isready", "bin/postgres"]);
        assert!(!machine.has_postgresql(), "four programs of three installations");
        for folder in ["postgresql/15/bin", "bin"] {
            let programs = ["initdb", "pg_ctl", "pg_isready", "postgres"].map(|name| format!("{folder}/{name}"));
            let (_root, machine) = with(&programs.each_ref().map(String::as_str));
            assert!(machine.has_postgresql(), "{folder}");
        }
    }

    #[test]
    fn python_is_asked_whether_it_can_make_environments() {
        let (root, machine) = with(&["bin/python3"]);
        assert!(!machine.has_python_venv(), "an empty program says nothing");
        fs::write(root.path().join("bin/python3"), "#!/bin/sh\n[ \"$2\" = 'import ensurepip, venv' ]\n").unwrap();
        assert!(machine.has_python_venv());
    }

    #[test]
    fn only_root_with_apt_installs() {
        let (_root, mut machine) = with(&["bin/apt-get"]);
        assert!(!machine.can_install());
        machine.is_root = true;
        assert!(machine.can_install());
        machine.path.clear();
        assert!(!machine.can_install());
    }
}
