//! What a command prints. The only place that writes to the terminal.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool speaks through its streams")]

use std::fmt::Display;

/// A line of the result, on standard output.
pub(crate) fn line(text: impl Display) {
    println!("{text}");
}

/// A word beside the result, on standard error.
pub(crate) fn note(text: impl Display) {
    eprintln!("{text}");
}

/// What went wrong, on standard error.
pub(crate) fn problem(text: &str) {
    eprintln!("porter: {text}");
}
