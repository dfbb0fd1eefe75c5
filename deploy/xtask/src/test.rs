//! Builds and runs all tests.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    failure::Failure,
    needs,
    process::{self, cargo},
    stages::Stages,
};

/// Tells the tests where the encoder's files are, and Porter where to put them.
const CACHE_DIR: &str = "PORTER_CACHE_DIR";
/// Tells the end-to-end tests which program they drive.
const BIN: &str = "PORTER_TEST_BIN";

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Options {
    /// Run only the tests that match this filter expression of nextest, as in `package(porter-kernel)`
    #[arg(long, value_name = "EXPR")]
    pub(crate) filter: Option<String>,
    /// Run the examples in the documentation too
    #[arg(long)]
    pub(crate) doc: bool,
}

/// A profile of `.config/nextest.toml`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profile {
    Default,
    Ci,
}

impl Profile {
    /// `ci` where the environment says so, as CI services do.
    pub(crate) fn of_this_run() -> Self {
        if env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false") { Self::Ci } else { Self::Default }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Ci => "ci",
        }
    }
}

pub(crate) fn run(options: &Options, profile: Profile, stages: &mut Stages) -> Result<(), Failure> {
    let built = Built::beside_this_program()?;
    stages.run("needs", needs::ensure)?;
    stages.run("build", || process::run(&mut build()))?;
    stages.run("encoder", || process::run(&mut built.porter(&["models", "fetch"])))?;
    stages.run("learning", || process::run(&mut built.porter(&["triage", "--input", "-"])))?;
    stages.run("tests", || process::run(&mut built.tests(options, profile)))?;
    if options.doc {
        stages.run("doc tests", || process::run(built.tell(cargo().args(["test", "--doc", "--workspace"]))))?;
    }
    Ok(())
}

/// Programs and tests in one build: the tests' own dependencies turn on features of shared crates
/// (`syn`'s, below every derive), so a build of the programs alone would compile those crates and
/// all above them, candle, sqlx and qdrant among them, once more for the tests.
pub(crate) fn build() -> Command {
    let mut command = cargo();
    command.args(["build", "--workspace", "--bins", "--tests"]);
    command
}

/// What a build leaves behind.
#[derive(Debug)]
pub(crate) struct Built {
    program: PathBuf,
    /// Holds the encoder and what is learnt with it, once for all tests and kept until the next run.
    cache: PathBuf,
}

impl Built {
    /// Cargo put this program into `<target>/debug`, where it puts the others too.
    ///
    /// To be asked before they are built: that may replace this program's file, and then the
    /// system no longer knows its name.
    pub(crate) fn beside_this_program() -> Result<Self, Failure> {
        let xtask = env::current_exe().map_err(Failure::Whereabouts)?;
        Ok(Self::beside(&xtask, env::var_os(CACHE_DIR).map(PathBuf::from)))
    }

    fn beside(xtask: &Path, cache: Option<PathBuf>) -> Self {
        let program = xtask.with_file_name("porter");
        let target = xtask.ancestors().nth(2).unwrap_or(xtask);
        let cache = cache.filter(|path| !path.as_os_str().is_empty()).unwrap_or_else(|| target.join("porter-test-cache"));
        Self { program, cache }
    }

    /// The program, to fetch or to learn beforehand (from no message at all) what the tests need, so that no two tests do and none waits for it.
    fn porter(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).env(CACHE_DIR, &self.cache);
        command
    }

    pub(crate) fn tests(&self, options: &Options, profile: Profile) -> Command {
        let mut command = cargo();
        command.args(["nextest", "run", "--workspace", "--profile", profile.name()]);
        if let Some(filter) = &options.filter {
            command.args(["-E", filter]);
        }
        self.tell(&mut command);
        command
    }

    /// Tells tests where things are.
    fn tell<'a>(&self, tests: &'a mut Command) -> &'a mut Command {
        tests.env(BIN, &self.program).env(CACHE_DIR, &self.cache)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_beside_the_profile_or_where_the_user_says() {
        let built = Built::beside(Path::new("/t/debug/xtask"), None);
        assert_eq!(
            (built.program.as_path(), built.cache.as_path()),
            (Path::new("/t/debug/porter"), Path::new("/t/porter-test-cache"))
        );
        let cache = |value: &str| Built::beside(Path::new("/t/debug/xtask"), Some(value.into())).cache;
        assert_eq!(cache("/mine"), Path::new("/mine"));
        assert_eq!(cache(""), Path::new("/t/porter-test-cache"));
    }

    #[test]
    fn the_tests_know_program_and_cache_and_nextest_the_filter() {
        let built = Built::beside(Path::new("/t/debug/xtask"), None);
        let options = Options { filter: Some("test(inbox)".to_owned()), doc: false };
        let command = built.tests(&options, Profile::Ci);
        assert_eq!(process::line(&command), "cargo nextest run --workspace --profile ci -E test(inbox)");
        let variable = |name: &str| command.get_envs().find(|(found, _)| *found == name).and_then(|(_, value)| value);
        assert_eq!(variable(BIN), Some("/t/debug/porter".as_ref()));
        assert_eq!(variable(CACHE_DIR), Some("/t/porter-test-cache".as_ref()));
    }
}
