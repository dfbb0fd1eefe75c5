//! The project's tasks, run as `cargo xtask TASK`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool")]

mod check;
mod drill;
mod failure;
mod machine;
mod needs;
mod process;
mod stages;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::{stages::Stages, test::Profile};

/// Porter's tasks.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Makes sure that what the tests need is there, then builds and runs them.
    Test(test::Options),
    /// What CI checks: the format, clippy without a warning, all tests, and the examples in the documentation.
    Ci,
    /// A drill at its full size; CI runs the same code small.
    Drill {
        /// Which
        drill: drill::Drill,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut stages = Stages::default();
    let outcome = match &cli.task {
        Task::Test(options) => test::run(options, Profile::of_this_run(), &mut stages),
        Task::Ci => {
            check::run(&mut stages).and_then(|()| test::run(&test::Options { filter: None, doc: true }, Profile::Ci, &mut stages))
        }
        Task::Drill { drill } => drill::run(*drill, &mut stages),
    };
    println!("\n{stages}");
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}
