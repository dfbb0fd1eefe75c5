//! Where the program is, and how a command of it is run to its end.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The program under test: what xtask says, else the one that Cargo put beside the tests.
pub(crate) fn program() -> PathBuf {
    match env::var_os("PORTER_TEST_BIN") {
        Some(path) => path.into(),
        None => profile_folder().join("porter"),
    }
}

/// `<target>/debug`: this test is `<target>/debug/deps/e2e-…`.
fn profile_folder() -> PathBuf {
    let test = env::current_exe().expect("asking where the test is");
    test.ancestors().nth(2).expect("the test lies in target/debug/deps").to_owned()
}

/// Where models and seeds are kept between runs.
pub(crate) fn cache() -> PathBuf {
    match env::var_os("PORTER_CACHE_DIR").filter(|path| !path.is_empty()) {
        Some(path) => path.into(),
        None => profile_folder().parent().expect("a profile lies in a target folder").join("porter-test-cache"),
    }
}

/// The program with an environment that says nothing but where the cache is.
pub(crate) fn command(folder: &Path) -> Command {
    let mut command = Command::new(program());
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PORTER_")) {
        command.env_remove(name);
    }
    command.env("PORTER_CACHE_DIR", cache()).env("NO_COLOR", "1").current_dir(folder).stdin(Stdio::null());
    // Every role on a free port.
    for listen in ["PORTER_LMS__LISTEN", "PORTER_MAILBOX__LISTEN", "PORTER_MAILBOX__SMTP", "PORTER_PAYMENTS__LISTEN"] {
        command.env(listen, "127.0.0.1:0");
    }
    command
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Done {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Asserts the exit code.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        assert!(!self.err.contains("panicked"), "{self}");
        self
    }

    /// Asserts that standard error names each of these.
    #[track_caller]
    pub(crate) fn tells(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.err.contains(part), "{part:?} is missing: {self}");
        }
        self
    }
}

impl fmt::Display for Done {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "exit {:?}\n--- standard output\n{}\n--- standard error\n{}", self.code, self.out, self.err)
    }
}

/// Runs `porter …` to its end in the folder.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Done {
    Done::of(command(folder).args(arguments).output().expect("running porter"))
}
