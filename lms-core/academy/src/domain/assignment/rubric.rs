//! By what work is judged.

use serde::{Deserialize, Serialize};

/// One thing that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub title: String,
    /// The most that it can bring.
    pub points: i64,
    /// From the best to the least; never empty.
    pub levels: Vec<Level>,
}

/// How well a criterion is met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Level {
    pub points: i64,
    pub text: String,
}

/// What an instructor gave for a criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The points of one of the criterion's levels.
    pub points: i64,
    /// An instructor's text: untrusted.
    pub comment: String,
}

/// Marks that do not fit the rubric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkError {
    #[error("there are {rubric} criteria and {marks} marks")]
    Count { rubric: usize, marks: usize },
    #[error("“{criterion}” has no level worth {points} points")]
    NoSuchLevel { criterion: String, points: i64 },
}

/// What the whole rubric is worth.
#[must_use]
pub fn points(rubric: &[Criterion]) -> i64 {
    rubric.iter().map(|criterion| criterion.points).sum()
}

/// What the marks come to, in basis points of the rubric's points, rounded to the nearest, a half up: 0 to 10,000.
///
/// # Errors
/// [`MarkError`] when there is not one mark for each criterion, each worth one of its levels.
pub fn percent(rubric: &[Criterion], marks: &[Mark]) -> Result<i64, MarkError> {
    if rubric.len() != marks.len() {
        return Err(MarkError::Count { rubric: rubric.len(), marks: marks.len() });
    }
    for (criterion, mark) in rubric.iter().zip(marks) {
        if !criterion.levels.iter().any(|level| level.points == mark.points) {
            return Err(MarkError::NoSuchLevel { criterion: criterion.title.clone(), points: mark.points });
        }
    }
    let (whole, given) = (points(rubric).max(1), marks.iter().map(|mark| mark.points).sum::<i64>());
    Ok(((given * 10_000 + whole / 2) / whole).clamp(0, 10_000))
}
