//! Assignments as course authors write them: TOML.

use serde::Deserialize;

use super::file::FileType;
use super::{Assignment, Category, Criterion, LateRule, MAX_BYTES, MAX_FILES, points};

/// What is wrong with the text: one sentence that names the place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ContentError(String);

fn wrong<T>(what: impl Into<String>) -> Result<T, ContentError> {
    Err(ContentError(what.into()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    instructions: String,
    due_days: Option<i64>,
    due_at: Option<porter_kernel::clock::Timestamp>,
    pass_percent: i64,
    #[serde(default = "accept")]
    late: String,
    late_percent_per_day: Option<i64>,
    late_percent_max: Option<i64>,
    types: Vec<String>,
    max_files: Option<i64>,
    max_megabytes: Option<i64>,
    attempts: Option<i64>,
    category: Option<String>,
    criterion: Vec<Criterion>,
}

fn accept() -> String {
    "accept".to_owned()
}

/// Reads an assignment.
///
/// # Errors
/// [`ContentError`] for TOML that cannot be read (with line and column) and for values that make no sense.
pub fn parse(text: &str) -> Result<Assignment, ContentError> {
    let written: Written = toml::from_str(text).map_err(|error| ContentError(error.to_string().trim().to_owned()))?;
    between("pass_percent", written.pass_percent, 0, 100)?;
    if written.due_days.is_some() && written.due_at.is_some() {
        return wrong("due_days and due_at exclude each other: give one of them");
    }
    if let Some(days) = written.due_days {
        between("due_days", days, 1, 3_650)?;
    }
    if let Some(attempts) = written.attempts {
        between("attempts", attempts, 1, 100)?;
    }
    let max_files = written.max_files.unwrap_or(MAX_FILES);
    between("max_files", max_files, 1, MAX_FILES)?;
    let megabytes = written.max_megabytes.unwrap_or(MAX_BYTES / 1_000_000);
    between("max_megabytes", megabytes, 1, MAX_BYTES / 1_000_000)?;
    for (what, text) in [("title", &written.title), ("instructions", &written.instructions)] {
        if text.trim().is_empty() {
            return wrong(format!("{what} is empty"));
        }
    }
    rubric(&written.criterion)?;
    let category = match written.category.as_deref() {
        None => Category::Assignments,
        Some(word) => word.parse().map_err(|error| ContentError(format!("category: {error}")))?,
    };
    Ok(Assignment {
        late: late(&written)?,
        types: types(&written.types)?,
        title: written.title,
        instructions: written.instructions,
        due_at: written.due_at,
        due_days: written.due_days,
        pass_percent: written.pass_percent,
        max_files,
        max_bytes: megabytes * 1_000_000,
        attempts: written.attempts,
        category,
        rubric: written.criterion,
    })
}

fn between(what: &str, value: i64, least: i64, most: i64) -> Result<(), ContentError> {
    if (least..=most).contains(&value) { Ok(()) } else { wrong(format!("{what} is {value}, and must be {least} to {most}")) }
}

fn late(written: &Written) -> Result<LateRule, ContentError> {
    let numbers = (written.late_percent_per_day, written.late_percent_max);
    match (written.late.as_str(), numbers) {
        ("penalty", (Some(percent_per_day), Some(percent_max))) => {
            between("late_percent_per_day", percent_per_day, 1, 100)?;
            between("late_percent_max", percent_max, percent_per_day, 100)?;
            Ok(LateRule::Penalty { percent_per_day, percent_max })
        }
        ("penalty", _) => wrong("late = \"penalty\" needs late_percent_per_day and late_percent_max"),
        ("refuse", (None, None)) => Ok(LateRule::Refuse),
        ("accept", (None, None)) => Ok(LateRule::Accept),
        ("refuse" | "accept", _) => wrong("late_percent_per_day and late_percent_max mean something with late = \"penalty\" only"),
        (other, _) => wrong(format!("late is {other:?}, and must be \"refuse\", \"accept\" or \"penalty\"")),
    }
}

fn types(words: &[String]) -> Result<Vec<FileType>, ContentError> {
    if words.is_empty() {
        return wrong("types is empty: name at least one, such as \"pdf\"");
    }
    words.iter().map(|word| word.parse().map_err(|error| ContentError(format!("types: {error}")))).collect()
}

fn rubric(criteria: &[Criterion]) -> Result<(), ContentError> {
    if criteria.is_empty() {
        return wrong("there is no [[criterion]]: work is judged by at least one");
    }
    for (number, criterion) in (1..).zip(criteria) {
        let title = &criterion.title;
        between(&format!("points of criterion {number} ({title:?})"), criterion.points, 1, 1_000)?;
        let levels = &criterion.levels;
        if levels.first().is_none_or(|best| best.points != criterion.points) {
            return wrong(format!("criterion {number} ({title:?}): its first level must be worth its {} points", criterion.points));
        }
        if !levels.is_sorted_by(|better, next| better.points > next.points) || levels.iter().any(|level| level.points < 0) {
            return wrong(format!("criterion {number} ({title:?}): levels must go from the best to the least, none below 0"));
        }
    }
    between("the sum of all points", points(criteria), 1, 10_000)
}
