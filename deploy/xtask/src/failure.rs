//! Why a task did not get to its end.

use std::{fmt, io, process::ExitStatus};

use crate::needs::{self, Need};

/// Why a task failed. Its text says what to do, where xtask knows.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Things that the tests need are missing, and this machine or user cannot install them.
    Missing(Vec<&'static Need>),
    /// They are missing although their packages were installed.
    StillMissing(Vec<&'static Need>),
    /// A program does not start.
    Start { command: String, cause: io::Error },
    /// A program failed; it has said why.
    Exit { command: String, status: ExitStatus },
    /// The path of this program, next to which the others are, cannot be had.
    Whereabouts(io::Error),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(missing) => {
                writeln!(f, "The tests need these, and only root on a Debian system has them installed by itself:")?;
                list(f, missing)?;
                write!(f, "Install them with\n  sudo {}", needs::install_command(missing))
            }
            Self::StillMissing(missing) => {
                writeln!(f, "Missing even after `{}`:", needs::install_command(missing))?;
                list(f, missing)?;
                write!(f, "Put them on the PATH.")
            }
            Self::Start { command, cause } => write!(f, "`{command}` does not start: {cause}"),
            Self::Exit { command, status } => write!(f, "`{command}` failed: {status}"),
            Self::Whereabouts(cause) => write!(f, "cannot tell where xtask itself is: {cause}"),
        }
    }
}

fn list(f: &mut fmt::Formatter<'_>, missing: &[&Need]) -> fmt::Result {
    missing.iter().try_for_each(|need| writeln!(f, "  - {}, for {}", need.what, need.why))
}
