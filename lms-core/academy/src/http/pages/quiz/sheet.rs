//! The sheet: all questions in one form, which works without script. With it, each change is saved at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::Problem;
use serde::Deserialize;
use uuid::Uuid;

use super::{id, nothing};
use crate::domain::AttemptId;
use crate::domain::quiz::{Answer, Attempt, GRACE, Kind};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Learner;
use crate::http::words::date_and_time;
use crate::markup;
use crate::store::{NewSave, SheetQuestion};

#[derive(Template)]
#[template(path = "attempt.html")]
struct Sheet<'a> {
    frame: Frame<'a>,
    id: Uuid,
    title: String,
    course: String,
    number: i64,
    saved: bool,
    /// Milliseconds since the attempt began.
    elapsed: i64,
    /// Milliseconds until the time is up.
    due_in: Option<i64>,
    due: Option<String>,
    grace: u128,
    questions: Vec<Asked>,
}

/// A question with what was answered so far.
struct Asked {
    place: i64,
    seq: i64,
    html: String,
    kind: &'static str,
    points: u32,
    /// Choices with whether each is chosen; items with the place that each was given.
    parts: Vec<Part>,
    typed: String,
    unit: Option<String>,
}

struct Part {
    label: String,
    chosen: bool,
    place: String,
}

#[derive(Deserialize)]
pub(super) struct Seen {
    #[serde(default)]
    saved: Option<u8>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(attempt): Path<String>,
    Query(seen): Query<Seen>,
) -> Result<Response, PageProblem> {
    let (now, attempt) = (academy.parts.clock.now(), AttemptId(id(&attempt)?));
    let facts = academy.store().attempt(account.id, attempt).await?.ok_or_else(nothing)?;
    if !facts.attempt.is_open(now) {
        return Ok(Redirect::to(&format!("/quiz/attempts/{attempt}/result")).into_response());
    }
    let (elapsed, due_in) = times(&facts.attempt, now);
    Ok(page(&Sheet {
        frame: academy.frame(Some(&account), "/learning"),
        id: attempt.0,
        title: facts.quiz.lesson_title.clone(),
        course: facts.quiz.course_title.clone(),
        number: facts.number,
        saved: seen.saved.is_some(),
        elapsed,
        due_in,
        due: facts.attempt.due_at.map(date_and_time),
        grace: GRACE.as_millis(),
        questions: facts.sheet.iter().map(|question| asked(question, elapsed)).collect(),
    }))
}

/// Milliseconds since the beginning, and until the time is up.
pub(super) fn times(attempt: &Attempt, now: Timestamp) -> (i64, Option<i64>) {
    let millis = |micros: i64| micros / 1_000;
    let elapsed = millis(now.micros() - attempt.started_at.micros());
    (elapsed, attempt.due_at.map(|due| millis(due.micros() - now.micros())))
}

fn asked(question: &SheetQuestion, elapsed: i64) -> Asked {
    let shown = question.kept.answer.as_ref().map(|answer| answer.shown(&question.arrangement)).unwrap_or_default();
    let kind = &question.question.kind;
    let part = |(place, own): (usize, &usize)| Part {
        label: kind.parts().get(*own).cloned().unwrap_or_default(),
        chosen: shown.contains(&place.to_string()),
        place: shown.get(place).cloned().unwrap_or_default(),
    };
    Asked {
        place: question.place,
        // What this page shows is newer than what is kept now.
        seq: elapsed.max(question.kept.seq) + 1,
        html: markup::to_html(&question.question.text),
        kind: kind.word(),
        points: question.question.points,
        parts: question.arrangement.iter().enumerate().map(part).collect(),
        typed: match &question.kept.answer {
            Some(Answer::Number(text) | Answer::Text(text)) => text.clone(),
            _ => String::new(),
        },
        unit: match kind {
            Kind::Numeric { unit, .. } => unit.clone(),
            _ => None,
        },
    }
}

/// The form's fields: `a3` the answer to the third question, once for each value; `s3` when its answer was the one that is sent or the page was made.
pub(super) async fn send(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(attempt): Path<String>,
    Fields(fields): Fields<Vec<(String, String)>>,
) -> Result<Response, PageProblem> {
    let (store, now, attempt) = (academy.store(), academy.parts.clock.now(), AttemptId(id(&attempt)?));
    let saves = saves(&fields);
    let submit = fields.iter().any(|(name, value)| name == "do" && value == "submit");
    let report = if submit {
        store.submit_attempt(account.id, attempt, &saves, now).await
    } else {
        store.save_answers(account.id, attempt, &saves, now).await
    };
    let report = report?;
    if report.saves.iter().any(|save| save.outcome.is_err()) {
        let detail = "An answer did not arrive as it was sent. Go back and check that no answer is longer than 500 characters.";
        return Err(Problem::unprocessable(detail).into());
    }
    let path = if submit || !report.attempt.is_open(now) { "/result" } else { "?saved=1" };
    Ok(Redirect::to(&format!("/quiz/attempts/{attempt}{path}")).into_response())
}

fn saves(fields: &[(String, String)]) -> Vec<NewSave> {
    let mut saves: BTreeMap<i64, NewSave> = BTreeMap::new();
    for (name, value) in fields {
        let place = |prefix| name.strip_prefix(prefix).and_then(|place: &str| place.parse::<i64>().ok());
        if let Some((place, seq)) = place('s').zip(value.parse::<i64>().ok()) {
            saves.insert(place, NewSave { place, seq, form: true, values: Vec::new() });
        }
    }
    for (name, value) in fields {
        let place = name.strip_prefix('a').and_then(|place| place.parse::<i64>().ok());
        if let Some(save) = place.and_then(|place| saves.get_mut(&place)) {
            save.values.push(value.clone());
        }
    }
    saves.into_values().collect()
}
