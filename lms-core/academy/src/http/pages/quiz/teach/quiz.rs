//! One quiz: how it is taken, its questions and how they do, extra time, files in and out.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::super::words;
use super::mine;
use crate::address::stored_form;
use crate::domain::quiz::{AnswersShown, Decimal, Pool, Quiz, Settings, Statistic, file_seconds, parse, statistics, write};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::markup;
use crate::store::{AcademyError, Allowance, BankQuestion, QuizFacts};

/// So many attempts say how questions do.
const RECENT: i64 = 500;

#[derive(Template)]
#[template(path = "teach_quiz.html")]
struct QuizPage<'a> {
    frame: Frame<'a>,
    slug: String,
    lesson: Uuid,
    title: String,
    course: String,
    minutes: String,
    attempts: String,
    default_attempts: i64,
    draw: String,
    pools: bool,
    shuffle: bool,
    answers: &'static str,
    questions: Vec<Listed>,
    allowances: Vec<Allowance>,
    new: Uuid,
    /// What the last change came to.
    done: Option<&'static str>,
    faults: Vec<String>,
    /// What was typed into the field of the import, after a fault.
    typed: String,
}

struct Listed {
    id: Uuid,
    version: i64,
    retired: bool,
    html: String,
    kind: &'static str,
    points: u32,
    tags: String,
    right: String,
    asked: usize,
    share: Option<i64>,
    discrimination: Option<String>,
    /// A question that tells little, or the wrong thing.
    doubtful: bool,
}

fn listed(bank: BankQuestion, statistics: &BTreeMap<crate::domain::QuestionId, Statistic>) -> Listed {
    let statistic = statistics.get(&bank.id);
    let discrimination = statistic.and_then(|statistic| statistic.discrimination);
    Listed {
        id: bank.id.0,
        version: bank.version,
        retired: bank.retired,
        html: markup::to_html(&bank.question.text),
        kind: words::kind(bank.question.kind.word()),
        points: bank.question.points,
        tags: bank.question.tags.join(", "),
        right: words::right(&bank.question),
        asked: statistic.map_or(0, |statistic| statistic.asked),
        share: statistic.map(|statistic| format!("{:.0}", statistic.right).parse().unwrap_or_default()),
        discrimination: discrimination.map(|value| format!("{value:.2}")),
        doubtful: discrimination.is_some_and(|value| value < 0.1),
    }
}

async fn render(
    academy: &Academy,
    instructor: &Instructor,
    quiz: QuizFacts,
    done: Option<&'static str>,
    faults: Vec<String>,
    typed: String,
) -> Result<Response, PageProblem> {
    let store = academy.store();
    let statistics = statistics(&store.quiz_items(quiz.lesson, RECENT).await?);
    let questions = store.questions(quiz.lesson).await?;
    let settings = &quiz.settings;
    let (pools, draw) = match settings.pools.as_slice() {
        [] => (false, String::new()),
        [Pool { tag: None, draw }] => (false, draw.to_string()),
        _ => (true, String::new()),
    };
    let bad = !faults.is_empty();
    let mut response = page(&QuizPage {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        slug: quiz.course_slug.clone(),
        lesson: quiz.lesson.0,
        title: quiz.lesson_title.clone(),
        course: quiz.course_title.clone(),
        minutes: settings.seconds.map(minutes).unwrap_or_default(),
        attempts: settings.attempts.map(|attempts| attempts.to_string()).unwrap_or_default(),
        default_attempts: academy.parts.policy.quiz_attempts,
        draw,
        pools,
        shuffle: settings.shuffle,
        answers: settings.answers.as_str(),
        questions: questions.into_iter().map(|question| listed(question, &statistics)).collect(),
        allowances: store.allowances(quiz.lesson).await?,
        new: academy.parts.ids.uuid(),
        done,
        faults,
        typed,
    });
    if bad {
        *response.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response)
}

/// `15`, `0.5`.
fn minutes(seconds: i64) -> String {
    format!("{}.{:02}", seconds / 60, seconds % 60 * 100 / 60).trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[derive(Deserialize)]
pub(super) struct Seen {
    #[serde(default)]
    done: Option<String>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
    axum::extract::Query(seen): axum::extract::Query<Seen>,
) -> Result<Response, PageProblem> {
    let quiz = mine(&academy, &instructor, &slug, &lesson).await?;
    let done = match seen.done.as_deref() {
        Some("settings") => Some("The settings are saved. They hold for attempts that begin from now on."),
        Some("import") => Some("The file is in: these are the questions now."),
        Some("question") => Some("The question is saved."),
        Some("extra") => Some("The extra time is saved. It holds from the next attempt on."),
        _ => None,
    };
    render(&academy, &instructor, quiz, done, Vec::new(), String::new()).await
}

fn back(slug: &str, lesson: &str, done: &str) -> Response {
    Redirect::to(&format!("/teach/{slug}/quizzes/{lesson}?done={done}")).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SettingsForm {
    minutes: String,
    attempts: String,
    /// Missing where pools decide.
    draw: Option<String>,
    shuffle: Option<String>,
    answers: AnswersShown,
}

pub(super) async fn settings(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
    Fields(form): Fields<SettingsForm>,
) -> Result<Response, PageProblem> {
    let quiz = mine(&academy, &instructor, &slug, &lesson).await?;
    match read(&form, &quiz.settings) {
        Ok(settings) => {
            academy.store().put_settings(quiz.lesson, &settings, academy.parts.clock.now()).await?;
            Ok(back(&slug, &lesson, "settings"))
        }
        Err(fault) => render(&academy, &instructor, quiz, None, vec![fault.to_owned()], String::new()).await,
    }
}

fn read(form: &SettingsForm, before: &Settings) -> Result<Settings, &'static str> {
    let whole = |text: &str, most: i64| match text.trim() {
        "" => Some(None),
        text => text.parse::<i64>().ok().filter(|number| (1..=most).contains(number)).map(Some),
    };
    let minutes = form.minutes.trim().replace(',', ".");
    let seconds = match minutes.as_str() {
        "" => None,
        text => Some(
            text.parse::<Decimal>()
                .ok()
                .and_then(file_seconds)
                .ok_or("The time limit must be from 0.25 to 600 minutes. Leave it empty for none.")?,
        ),
    };
    let pools = match &form.draw {
        None => before.pools.clone(),
        Some(draw) => {
            let draw = whole(draw, 500).ok_or("The number of questions must be from 1 to 500. Leave it empty to ask all.")?;
            draw.map(|draw| Pool { tag: None, draw }).into_iter().collect()
        }
    };
    let attempts =
        whole(&form.attempts, 100).ok_or("The number of attempts must be from 1 to 100. Leave it empty for the usual number.")?;
    Ok(Settings { pools, seconds, attempts, shuffle: form.shuffle.is_some(), answers: form.answers })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExtraForm {
    email: String,
    minutes: String,
}

pub(super) async fn extra(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
    Fields(form): Fields<ExtraForm>,
) -> Result<Response, PageProblem> {
    let quiz = mine(&academy, &instructor, &slug, &lesson).await?;
    let minutes = form.minutes.trim().parse::<i64>().ok().filter(|minutes| (0..=600).contains(minutes));
    let (Some(minutes), Some(email)) = (minutes, stored_form(&form.email)) else {
        let fault = "Give the learner's e-mail address, and whole minutes from 0 to 600. 0 takes the extra time away.".to_owned();
        return render(&academy, &instructor, quiz, None, vec![fault], String::new()).await;
    };
    match academy.store().allow_extra(quiz.lesson, &email, minutes * 60).await {
        Ok(()) => Ok(back(&slug, &lesson, "extra")),
        Err(AcademyError::NotFound) => {
            let fault = "Nobody with this address is enrolled in the course. Check how it is spelt.".to_owned();
            render(&academy, &instructor, quiz, None, vec![fault], String::new()).await
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ImportForm {
    file: String,
}

pub(super) async fn import(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
    Fields(form): Fields<ImportForm>,
) -> Result<Response, PageProblem> {
    let quiz = mine(&academy, &instructor, &slug, &lesson).await?;
    match parse(&form.file) {
        Ok(file) => {
            academy.store().put_quiz(quiz.lesson, &file, academy.parts.clock.now()).await?;
            Ok(back(&slug, &lesson, "import"))
        }
        Err(error) => render(&academy, &instructor, quiz, None, error.0, form.file).await,
    }
}

pub(super) async fn export(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
) -> Result<Response, PageProblem> {
    let quiz = mine(&academy, &instructor, &slug, &lesson).await?;
    let questions = academy.store().questions(quiz.lesson).await?;
    let questions = questions.into_iter().filter(|question| !question.retired).map(|question| question.question).collect();
    let text = write(&Quiz { settings: quiz.settings, questions });
    let headers =
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"quiz.toml\"")];
    Ok((headers, text).into_response())
}
