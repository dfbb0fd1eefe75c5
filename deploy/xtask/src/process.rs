//! Other programs: how they are started and what becomes of them.

use std::{
    env,
    ffi::OsStr,
    process::{Command, ExitStatus, Stdio},
};

use crate::failure::Failure;

/// Cargo, in an environment as if the user had called it.
///
/// `cargo run`, which started this program, describes the package xtask in variables. Some build
/// scripts (ring's) watch those, though cargo sets them anew for each package: inherited, they
/// would have half the dependency tree compiled again whenever xtask and a plain cargo take turns.
/// <https://github.com/rust-lang/cargo/issues/16134>
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os().filter(|(name, _)| describes_a_package(name)) {
        command.env_remove(name);
    }
    command
}

fn describes_a_package(variable: &OsStr) -> bool {
    variable.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
}

/// Shows the command and runs it to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    println!("$ {}", line(command));
    match status(command)? {
        status if status.success() => Ok(()),
        status => Err(Failure::Exit { command: line(command), status }),
    }
}

/// Whether the command succeeds, without a word of it.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool, Failure> {
    status(command.stdout(Stdio::null()).stderr(Stdio::null())).map(|status| status.success())
}

/// A task answers no questions, so none of its programs gets to ask one.
fn status(command: &mut Command) -> Result<ExitStatus, Failure> {
    command.stdin(Stdio::null()).status().map_err(|cause| Failure::Start { command: line(command), cause })
}

/// The command as one would type it, the program without its folder.
pub(crate) fn line(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str());
    let words: Vec<_> = std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_inherits_nothing_that_describes_xtask() {
        // The test runner describes this package in the same variables as `cargo run`.
        assert!(env::var_os("CARGO_PKG_NAME").is_some() && env::var_os("CARGO_MANIFEST_DIR").is_some());
        let command = cargo();
        for name in ["CARGO_PKG_NAME", "CARGO_MANIFEST_DIR"] {
            assert!(command.get_envs().any(|(found, value)| found == name && value.is_none()), "{name} is handed on");
        }
        assert!(command.get_envs().all(|(name, _)| name != "CARGO_TARGET_DIR" && name != "PATH"));
    }

    #[test]
    fn a_failure_names_the_command() {
        let failure = run(Command::new("/bin/sh").args(["-c", "exit 3"])).unwrap_err().to_string();
        assert_eq!(failure, "`sh -c exit 3` failed: exit status: 3");
        let failure = run(&mut Command::new("/no/such/program")).unwrap_err().to_string();
        assert!(failure.starts_with("`program` does not start: "), "{failure}");
    }
}
