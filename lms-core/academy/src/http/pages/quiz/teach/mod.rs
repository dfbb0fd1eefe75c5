//! The instructor's side of quizzes.

mod form;
mod list;
mod question;
mod quiz;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::{LARGE_BODY, id, nothing};
use crate::domain::LessonId;
use crate::http::Academy;
use crate::http::page::PageProblem;
use crate::http::session::Instructor;
use crate::store::QuizFacts;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/teach/{slug}/quizzes", get(list::show))
        .route("/teach/{slug}/quizzes/{lesson}", get(quiz::show))
        .route("/teach/{slug}/quizzes/{lesson}/settings", post(quiz::settings))
        .route("/teach/{slug}/quizzes/{lesson}/extra", post(quiz::extra))
        .route("/teach/{slug}/quizzes/{lesson}/import", post(quiz::import).layer(DefaultBodyLimit::max(LARGE_BODY)))
        .route("/teach/{slug}/quizzes/{lesson}/export", get(quiz::export))
        .route("/teach/{slug}/quizzes/{lesson}/questions/{question}", get(question::show).post(question::send))
        .route("/teach/{slug}/quizzes/{lesson}/questions/{question}/retire", post(question::retire))
}

/// The quiz, for who teaches its course.
async fn mine(academy: &Academy, instructor: &Instructor, slug: &str, lesson: &str) -> Result<QuizFacts, PageProblem> {
    let quiz = academy.store().quiz(LessonId(id(lesson)?)).await?.filter(|quiz| quiz.course_slug == slug).ok_or_else(nothing)?;
    instructor.of(academy, quiz.course).await?;
    Ok(quiz)
}
