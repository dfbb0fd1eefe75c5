//! A quiz as a file: TOML that a person writes, with faults that name the line, the question and what to do.

use std::collections::BTreeSet;
use std::fmt;

use toml::Spanned;

use super::file_form::{Entry, File, Number};
use super::{Decimal, Kind, MAX_QUESTIONS, Pool, Question, Quiz, Settings, Tolerance};

/// Everything that is wrong with a file, a line each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError(pub Vec<String>);

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

impl std::error::Error for FileError {}

/// Reads a quiz.
///
/// # Errors
/// [`FileError`] with everything that is wrong, such as `line 12, question 3: it needs 2 to 20 choices`.
pub fn parse(text: &str) -> Result<Quiz, FileError> {
    let line = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
    let file: File<Spanned<Entry>> = toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(String::new(), |span| format!("{}: ", place(text, line(span.start))));
        FileError(vec![format!("{place}{}", error.message().replace('\n', " "))])
    })?;
    let mut faults = Vec::new();
    let settings = settings(&file, &mut faults);
    let mut questions = Vec::new();
    let mut texts = BTreeSet::new();
    for (number, entry) in (1..).zip(file.question) {
        let place = format!("line {}, question {number}", line(entry.span().start));
        match question(entry.into_inner()) {
            Ok(question) => {
                faults.extend(question.faults().into_iter().map(|fault| format!("{place}: {fault}")));
                if !texts.insert(question.text.trim().to_owned()) {
                    faults.push(format!("{place}: another question has the same text: change one of them"));
                }
                questions.push(question);
            }
            Err(fault) => faults.push(format!("{place}: {fault}")),
        }
    }
    match questions.len() {
        0 if faults.is_empty() => faults.push("the file has no question: begin each with a line [[question]]".to_owned()),
        count if count > MAX_QUESTIONS => faults.push(format!("the file has {count} questions: {MAX_QUESTIONS} at most")),
        _ => {}
    }
    for pool in &settings.pools {
        let there = questions.iter().filter(|question| pool.tag.as_ref().is_none_or(|tag| question.tags.contains(tag))).count();
        if faults.is_empty() && usize::try_from(pool.draw).is_ok_and(|draw| draw > there) {
            let of = pool.tag.as_ref().map_or(String::new(), |tag| format!(" with the tag {tag:?}"));
            faults.push(format!("`draw` asks for {} questions{of}, and there are {there}", pool.draw));
        }
    }
    if faults.is_empty() { Ok(Quiz { settings, questions }) } else { Err(FileError(faults)) }
}

/// The line, and the question that it is in: for what TOML itself does not like.
fn place(text: &str, line: usize) -> String {
    let before = text.lines().take(line).filter(|line| line.trim_start().starts_with("[[question]]")).count();
    if before == 0 { format!("line {line}") } else { format!("line {line}, question {before}") }
}

fn settings<Q>(file: &File<Q>, faults: &mut Vec<String>) -> Settings {
    let mut settings = Settings { attempts: file.attempts, shuffle: file.shuffle.unwrap_or(true), ..Settings::default() };
    let pools = file.pool.iter().map(|pool| Pool { tag: pool.tag.clone(), draw: pool.draw });
    settings.pools = file.draw.map(|draw| Pool { tag: None, draw }).into_iter().chain(pools).collect();
    if file.draw.is_some() && !file.pool.is_empty() {
        faults.push("`draw` and [[pool]] exclude each other: write the number into the pools".to_owned());
    }
    if settings.pools.iter().any(|pool| !(1..=500).contains(&pool.draw)) {
        faults.push("`draw` must be a whole number from 1 to 500; leave it out to ask all questions".to_owned());
    }
    if file.attempts.is_some_and(|attempts| !(1..=100).contains(&attempts)) {
        faults.push("`attempts` must be a whole number from 1 to 100".to_owned());
    }
    if let Some(minutes) = &file.minutes {
        settings.seconds = minutes.decimal().and_then(seconds);
        if settings.seconds.is_none() {
            faults.push("`minutes` must be a number from 0.25 to 600; leave it out for no limit".to_owned());
        }
    }
    if let Some(answers) = &file.answers {
        match answers.parse() {
            Ok(answers) => settings.answers = answers,
            Err(_) => faults.push("`answers` must be \"after_each\", \"after_last\" or \"never\"".to_owned()),
        }
    }
    settings
}

/// Whole seconds of so many minutes, from 15 seconds to ten hours.
pub(crate) fn seconds(minutes: Decimal) -> Option<i64> {
    let text = minutes.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let hundredths: i64 = format!("{fraction:0<2}").get(..2)?.parse().ok()?;
    let seconds = whole.parse::<i64>().ok()?.checked_mul(60)? + hundredths * 60 / 100;
    (15..=36_000).contains(&seconds).then_some(seconds)
}

fn question(entry: Entry) -> Result<Question, String> {
    let Entry {
        kind,
        text,
        choices,
        correct,
        answer,
        tolerance,
        tolerance_percent,
        unit,
        accepted,
        items,
        explanation,
        points,
        tags,
    } = entry;
    let given = [
        ("choices", choices.is_some()),
        ("correct", correct.is_some()),
        ("answer", answer.is_some()),
        ("tolerance", tolerance.is_some()),
        ("tolerance_percent", tolerance_percent.is_some()),
        ("unit", unit.is_some()),
        ("accepted", accepted.is_some()),
        ("items", items.is_some()),
    ];
    let (needed, may): (&[&str], &[&str]) = match kind.as_str() {
        "single" | "multiple" => (&["choices", "correct"], &[]),
        "numeric" => (&["answer"], &["tolerance", "tolerance_percent", "unit"]),
        "short_text" => (&["accepted"], &[]),
        "ordering" => (&["items"], &[]),
        other => return Err(format!("there is no kind {other:?}: write single, multiple, numeric, short_text or ordering")),
    };
    for (name, given) in given {
        if !given && needed.contains(&name) {
            return Err(format!("`{name}` is missing: a question of the kind {kind:?} needs it"));
        }
        if given && !needed.contains(&name) && !may.contains(&name) {
            return Err(format!("`{name}` does not belong to the kind {kind:?}: take it out"));
        }
    }
    let kind = match kind.as_str() {
        "single" => match correct.unwrap_or_default()[..] {
            [correct] => Kind::Single { choices: choices.unwrap_or_default(), correct },
            _ => return Err("`correct` must name exactly one choice, as in [0]; for several take the kind \"multiple\"".to_owned()),
        },
        "multiple" => {
            Kind::Multiple { choices: choices.unwrap_or_default(), correct: correct.unwrap_or_default().into_iter().collect() }
        }
        "numeric" => {
            let number = |name: &str, number: Option<Number>| {
                number.map(|number| number.decimal().ok_or_else(|| format!("`{name}` is not a number such as 12.5"))).transpose()
            };
            let tolerance = match (number("tolerance", tolerance)?, number("tolerance_percent", tolerance_percent)?) {
                (Some(_), Some(_)) => return Err("`tolerance` and `tolerance_percent` exclude each other: take one out".to_owned()),
                (_, Some(percent)) => Tolerance::Percent(percent),
                (absolute, None) => Tolerance::Absolute(absolute.unwrap_or(Decimal::ZERO)),
            };
            Kind::Numeric { answer: number("answer", answer)?.unwrap_or(Decimal::ZERO), tolerance, unit }
        }
        "short_text" => Kind::ShortText { accepted: accepted.unwrap_or_default() },
        _ => Kind::Ordering { items: items.unwrap_or_default() },
    };
    Ok(Question { text, kind, explanation, points: points.unwrap_or(1), tags: tags.unwrap_or_default() })
}
