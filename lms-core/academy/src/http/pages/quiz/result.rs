//! The result of an attempt.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::{id, nothing, words};
use crate::domain::AttemptId;
use crate::domain::quiz::{AnswersShown, Phase, Points, SubmittedBy};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Learner;
use crate::http::words::{Badge, date_and_time};
use crate::markup;
use crate::store::SheetQuestion;

#[derive(Template)]
#[template(path = "attempt_result.html")]
struct ResultPage<'a> {
    frame: Frame<'a>,
    id: Uuid,
    lesson: Uuid,
    title: String,
    course: String,
    number: i64,
    percent: i64,
    pass_percent: i64,
    passed: bool,
    points: String,
    of: u32,
    when: String,
    /// The time was up before anybody submitted.
    by_clock: bool,
    left: i64,
    /// Why the right answers are not shown yet.
    hidden: Option<&'static str>,
    questions: Vec<Graded>,
}

struct Graded {
    place: i64,
    seq: i64,
    html: String,
    badge: Badge,
    points: String,
    of: u32,
    given: String,
    right: Option<String>,
    explanation: Option<String>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(attempt): Path<String>,
) -> Result<Response, PageProblem> {
    let (store, now, attempt) = (academy.store(), academy.parts.clock.now(), AttemptId(id(&attempt)?));
    let mut facts = store.attempt(account.id, attempt).await?.ok_or_else(nothing)?;
    if facts.attempt.phase == Phase::Started && !facts.attempt.is_open(now) {
        store.settle_attempt(account.id, attempt, now).await?;
        facts = store.attempt(account.id, attempt).await?.ok_or_else(nothing)?;
    }
    let Phase::Graded { at, by, percent, .. } = facts.attempt.phase else {
        return Ok(Redirect::to(&format!("/quiz/attempts/{attempt}")).into_response());
    };
    let quiz = &facts.quiz;
    let door = store.quiz_door(account.id, quiz.lesson, academy.parts.policy.quiz_attempts).await?;
    let left = door.as_ref().map_or(0, crate::store::QuizDoor::left);
    let best = door.as_ref().and_then(crate::store::QuizDoor::best).unwrap_or(percent);
    let hidden = match quiz.settings.answers {
        AnswersShown::AfterEach => None,
        AnswersShown::AfterLast if left == 0 || best >= quiz.pass_percent => None,
        AnswersShown::AfterLast => Some("The right answers are shown when you have passed, or have used your last attempt."),
        AnswersShown::Never => Some("The right answers of this quiz are not shown."),
    };
    Ok(page(&ResultPage {
        frame: academy.frame(Some(&account), "/learning"),
        id: attempt.0,
        lesson: quiz.lesson.0,
        title: quiz.lesson_title.clone(),
        course: quiz.course_title.clone(),
        number: facts.number,
        percent,
        pass_percent: quiz.pass_percent,
        passed: percent >= quiz.pass_percent,
        points: facts.sheet.iter().filter_map(|question| question.points).fold(Points::ZERO, Points::plus).to_string(),
        of: facts.sheet.iter().map(|question| question.question.points).sum(),
        when: date_and_time(at),
        by_clock: by == SubmittedBy::Clock,
        left,
        hidden,
        questions: facts.sheet.iter().map(|question| graded(question, hidden.is_none())).collect(),
    }))
}

fn graded(asked: &SheetQuestion, open: bool) -> Graded {
    let (question, answer) = (&asked.question, asked.kept.answer.as_ref());
    let points = asked.points.unwrap_or(Points::ZERO);
    Graded {
        place: asked.place,
        seq: asked.kept.seq,
        html: markup::to_html(&question.text),
        badge: words::verdict(question, answer.is_some(), points),
        points: points.to_string(),
        of: question.points,
        given: words::given(question, answer),
        right: (open && points < Points::whole(question.points)).then(|| words::right(question)),
        explanation: question.explanation.as_deref().filter(|_| open).map(markup::to_html),
    }
}
