//! Adding, changing, previewing and retiring one question.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::super::{id, nothing, words};
use super::form::Typed;
use super::mine;
use crate::domain::QuestionId;
use crate::domain::quiz::Question;
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::markup;
use crate::store::QuizFacts;

#[derive(Template)]
#[template(path = "teach_question.html")]
struct QuestionPage<'a> {
    frame: Frame<'a>,
    slug: String,
    lesson: Uuid,
    question: Uuid,
    title: String,
    kind: &'static str,
    typed: Typed,
    faults: Vec<String>,
    preview: Option<Preview>,
}

/// As learners see it, and what is right.
struct Preview {
    html: String,
    parts: Vec<String>,
    right: String,
    explanation: Option<String>,
}

fn preview(question: &Question) -> Preview {
    Preview {
        html: markup::to_html(&question.text),
        parts: question.kind.parts().to_vec(),
        right: words::right(question),
        explanation: question.explanation.as_deref().map(markup::to_html),
    }
}

#[derive(Deserialize)]
pub(super) struct Wish {
    /// Of a new question.
    #[serde(default)]
    kind: Option<String>,
}

/// The form, and as it is saved now.
fn form(
    academy: &Academy,
    instructor: &Instructor,
    quiz: QuizFacts,
    question: Uuid,
    typed: Typed,
    faults: Vec<String>,
) -> Response {
    page(&QuestionPage {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        slug: quiz.course_slug,
        lesson: quiz.lesson.0,
        question,
        title: quiz.lesson_title,
        kind: words::kind(&typed.kind),
        preview: typed.question().ok().as_ref().map(preview),
        typed,
        faults,
    })
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson, question)): Path<(String, String, String)>,
    Query(wish): Query<Wish>,
) -> Result<Response, PageProblem> {
    let (quiz, question) = (mine(&academy, &instructor, &slug, &lesson).await?, id(&question)?);
    let there = academy.store().questions(quiz.lesson).await?.into_iter().find(|it| it.id.0 == question);
    let typed = match there {
        Some(there) => Typed::of(&there.question),
        None => wish.kind.as_deref().and_then(Typed::empty).ok_or_else(nothing)?,
    };
    Ok(form(&academy, &instructor, quiz, question, typed, Vec::new()))
}

/// A question's id is made with its form, so that sending it twice adds it once.
pub(super) async fn send(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson, question)): Path<(String, String, String)>,
    Fields(typed): Fields<Typed>,
) -> Result<Response, PageProblem> {
    let (quiz, question) = (mine(&academy, &instructor, &slug, &lesson).await?, id(&question)?);
    match typed.question() {
        Ok(good) => {
            academy.store().put_question(quiz.lesson, QuestionId(question), &good, academy.parts.clock.now()).await?;
            Ok(Redirect::to(&format!("/teach/{slug}/quizzes/{lesson}?done=question")).into_response())
        }
        Err(faults) => {
            let mut response = form(&academy, &instructor, quiz, question, typed, faults);
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retire {
    retired: bool,
}

pub(super) async fn retire(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson, question)): Path<(String, String, String)>,
    Fields(form): Fields<Retire>,
) -> Result<Response, PageProblem> {
    let (quiz, question) = (mine(&academy, &instructor, &slug, &lesson).await?, QuestionId(id(&question)?));
    academy.store().retire_question(quiz.lesson, question, form.retired, academy.parts.clock.now()).await?;
    Ok(Redirect::to(&format!("/teach/{slug}/quizzes/{lesson}")).into_response())
}
