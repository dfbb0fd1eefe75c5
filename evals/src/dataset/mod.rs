//! Data sets in folders that a caller names. What is wrong with one is said with file, line and remedy.

mod beir;
mod labelled;

use std::path::PathBuf;

pub use beir::{Beir, Passage, Query};
pub use labelled::{LabelledSet, Row};

/// Why a data set cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    #[error("{}: {cause}; a data set is a folder with {needs}", .path.display())]
    Missing { path: PathBuf, cause: std::io::Error, needs: &'static str },
    #[error("{}, line {line}: {what}; {remedy}", .path.display())]
    Line { path: PathBuf, line: u64, what: String, remedy: &'static str },
    #[error("{} holds nothing to measure with; {remedy}", .path.display())]
    Empty { path: PathBuf, remedy: &'static str },
}
