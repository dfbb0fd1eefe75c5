//! Before a quiz: what it is, how often it may still be taken, what came of it so far.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use porter_kernel::http::Problem;
use uuid::Uuid;

use super::words::{count, duration};
use super::{id, nothing};
use crate::domain::{AttemptId, LessonId};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Learner;
use crate::http::words::{date, date_and_time};
use crate::store::{Access, QuizDoor, StartedAttempt};

#[derive(Template)]
#[template(path = "quiz.html")]
struct Door<'a> {
    frame: Frame<'a>,
    lesson: Uuid,
    title: String,
    course: String,
    questions: String,
    time: String,
    tries: String,
    pass_percent: i64,
    passed: bool,
    /// Why no attempt may begin, when none may.
    closed: Option<String>,
    under_way: Option<UnderWay>,
    results: Vec<Past>,
}

struct UnderWay {
    attempt: Uuid,
    until: Option<String>,
}

struct Past {
    number: i64,
    percent: i64,
    passed: bool,
    when: String,
    attempt: Option<AttemptId>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(lesson): Path<String>,
) -> Result<Response, PageProblem> {
    let (store, now, lesson) = (academy.store(), academy.parts.clock.now(), LessonId(id(&lesson)?));
    let attempts = academy.parts.policy.quiz_attempts;
    let mut door = store.quiz_door(account.id, lesson, attempts).await?.ok_or_else(nothing)?;
    if let Some((attempt, _)) = door.under_way.filter(|(_, attempt)| !attempt.is_open(now)) {
        store.settle_attempt(account.id, attempt, now).await?;
        door = store.quiz_door(account.id, lesson, attempts).await?.ok_or_else(nothing)?;
    }
    let quiz = &door.quiz;
    Ok(page(&Door {
        frame: academy.frame(Some(&account), "/learning"),
        lesson: lesson.0,
        title: quiz.lesson_title.clone(),
        course: quiz.course_title.clone(),
        questions: count(quiz.asked(), "question", "questions"),
        time: match quiz.settings.seconds {
            Some(seconds) if door.extra_seconds > 0 => {
                format!("{}, {} of them for you in addition", duration(seconds + door.extra_seconds), duration(door.extra_seconds))
            }
            Some(seconds) => duration(seconds),
            None => "As long as you like".to_owned(),
        },
        tries: format!("{} of {} left", door.left(), door.attempts),
        pass_percent: quiz.pass_percent,
        passed: door.best().is_some_and(|best| best >= quiz.pass_percent),
        closed: closed(&door, now),
        under_way: door.under_way.map(|(attempt, times)| UnderWay { attempt: attempt.0, until: times.due_at.map(date_and_time) }),
        results: door
            .results
            .iter()
            .rev()
            .map(|past| Past {
                number: past.number,
                percent: past.percent,
                passed: past.percent >= quiz.pass_percent,
                when: date(past.submitted_at),
                attempt: past.attempt,
            })
            .collect(),
    }))
}

fn closed(door: &QuizDoor, now: porter_kernel::clock::Timestamp) -> Option<String> {
    match door.access(now) {
        Access::Open if door.under_way.is_some() => None,
        Access::Open if door.quiz.asked() == 0 => {
            Some("The questions of this quiz are still being written. Please come back later.".to_owned())
        }
        Access::Open if door.left() == 0 => {
            Some("You have used all your attempts. If something went wrong in one of them, ask support.".to_owned())
        }
        Access::Open => None,
        access => Some(not_open(access)),
    }
}

fn not_open(access: Access) -> String {
    match access {
        Access::NotYet(start) => format!("The course starts on {}; the quiz opens then.", date(start)),
        Access::Ended(end) => format!("Your access to the course ended on {}.", date(end)),
        Access::NotActive | Access::Open => "Your enrolment in this course is not active, so no attempt can begin.".to_owned(),
    }
}

pub(super) async fn start(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(lesson): Path<String>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let attempt = AttemptId(parts.ids.uuid());
    let lesson = LessonId(id(&lesson)?);
    match parts.store.start_attempt(account.id, lesson, attempt, parts.policy.quiz_attempts, parts.clock.now()).await? {
        StartedAttempt::UnderWay(attempt) => Ok(Redirect::to(&format!("/quiz/attempts/{attempt}")).into_response()),
        // The page says why.
        StartedAttempt::NoneLeft | StartedAttempt::NoQuestions => Ok(Redirect::to(&format!("/quiz/{lesson}")).into_response()),
        StartedAttempt::NotOpen(access) => Err(Problem::forbidden(not_open(access)).into()),
    }
}
