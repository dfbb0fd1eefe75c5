//! The quizzes of a course.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::nothing;
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Instructor;
use crate::store::QuizSummary;

#[derive(Template)]
#[template(path = "teach_quizzes.html")]
struct Quizzes<'a> {
    frame: Frame<'a>,
    slug: String,
    course: String,
    quizzes: Vec<QuizSummary>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let list = academy.store().quizzes_of(&slug).await?.ok_or_else(nothing)?;
    instructor.of(&academy, list.course).await?;
    let frame = academy.frame(Some(&instructor.0), "/teach");
    Ok(page(&Quizzes { frame, slug, course: list.title, quizzes: list.quizzes }))
}
