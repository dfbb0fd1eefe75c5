//! Answers, limits and results in words.

use crate::domain::quiz::{Answer, Kind, Points, Question, Tolerance};
use crate::http::words::Badge;

/// `15 minutes`, `1 minute 30 seconds`.
pub(super) fn duration(seconds: i64) -> String {
    let part = |count: i64, unit: &str| match count {
        0 => None,
        1 => Some(format!("1 {unit}")),
        count => Some(format!("{count} {unit}s")),
    };
    let parts: Vec<String> = [part(seconds / 3_600, "hour"), part(seconds / 60 % 60, "minute"), part(seconds % 60, "second")]
        .into_iter()
        .flatten()
        .collect();
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" ") }
}

pub(super) fn count(count: i64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

/// What somebody answered.
pub(super) fn given(question: &Question, answer: Option<&Answer>) -> String {
    let nothing = || "No answer".to_owned();
    match (&question.kind, answer) {
        (_, None) => nothing(),
        (kind, Some(Answer::Choice(chosen))) => kind.parts().get(*chosen).cloned().unwrap_or_else(nothing),
        (kind, Some(Answer::Choices(chosen))) => joined(chosen.iter().filter_map(|chosen| kind.parts().get(*chosen)), "; "),
        (Kind::Numeric { unit, .. }, Some(Answer::Number(typed))) => with_unit(typed, unit.as_deref()),
        (_, Some(Answer::Number(typed) | Answer::Text(typed))) => typed.clone(),
        (kind, Some(Answer::Places(places))) => {
            let mut placed: Vec<(usize, &String)> =
                places.iter().copied().zip(kind.parts()).filter(|(place, _)| *place > 0).collect();
            placed.sort_by_key(|(place, _)| *place);
            joined(placed.into_iter().map(|(_, item)| item), " → ")
        }
    }
}

/// What would have been right.
pub(super) fn right(question: &Question) -> String {
    match &question.kind {
        Kind::Single { choices, correct } => choices.get(*correct).cloned().unwrap_or_default(),
        Kind::Multiple { choices, correct } => joined(correct.iter().filter_map(|correct| choices.get(*correct)), "; "),
        Kind::Numeric { answer, tolerance, unit } => {
            let number = with_unit(&answer.to_string(), unit.as_deref());
            match tolerance {
                Tolerance::Absolute(most) if most.to_string() == "0" => number,
                Tolerance::Absolute(most) => format!("{number} (± {most})"),
                Tolerance::Percent(most) => format!("{number} (± {most} %)"),
            }
        }
        Kind::ShortText { accepted } => joined(accepted.iter(), " or "),
        Kind::Ordering { items } => joined(items.iter(), " → "),
    }
}

fn with_unit(number: &str, unit: Option<&str>) -> String {
    match unit {
        Some(unit) if !number.ends_with(unit) => format!("{number} {unit}"),
        _ => number.to_owned(),
    }
}

fn joined<'a>(parts: impl Iterator<Item = &'a String>, with: &str) -> String {
    parts.map(String::as_str).collect::<Vec<_>>().join(with)
}

pub(super) fn verdict(question: &Question, answered: bool, points: Points) -> Badge {
    if points == Points::whole(question.points) {
        Badge { text: "Right", tone: "good" }
    } else if points > Points::ZERO {
        Badge { text: "Partly right", tone: "waiting" }
    } else if answered {
        Badge { text: "Wrong", tone: "bad" }
    } else {
        Badge { text: "Not answered", tone: "quiet" }
    }
}

/// The kind as people say it.
pub(super) fn kind(word: &str) -> &'static str {
    match word {
        "single" => "Single choice",
        "multiple" => "Multiple choice",
        "numeric" => "Number",
        "short_text" => "Short text",
        _ => "Ordering",
    }
}
