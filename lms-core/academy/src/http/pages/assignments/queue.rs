//! What waits for an instructor, the oldest first.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::{Path, Problem};
use uuid::Uuid;

use crate::domain::CourseId;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Instructor;
use crate::http::{Academy, words};

/// Shown at once.
const SHOWN: i64 = 50;

#[derive(Template)]
#[template(path = "assignments_queue.html")]
struct Queue<'a> {
    frame: Frame<'a>,
    slug: String,
    course: String,
    rows: Vec<Row>,
    all: i64,
}

struct Row {
    id: Uuid,
    title: String,
    learner: String,
    version: i64,
    when: String,
    claimed: Option<String>,
}

/// The course of the address, when this person teaches it.
pub(super) async fn course(academy: &Academy, instructor: &Instructor, slug: &str) -> Result<(CourseId, String), PageProblem> {
    let found = academy.store().course_named(slug).await?;
    let (course, title) = found.ok_or_else(|| Problem::not_found("There is no such course among those that you teach."))?;
    instructor.of(academy, course).await?;
    Ok((course, title))
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let (course, title) = course(&academy, &instructor, &slug).await?;
    let (waiting, all) = academy.store().grading_queue(course, SHOWN, academy.parts.clock.now()).await?;
    let rows = waiting.into_iter().map(|one| Row {
        id: one.submission.0,
        title: one.title,
        learner: one.learner,
        version: one.version,
        when: words::date_and_time(one.submitted_at),
        claimed: one.claimed_by.map(|(by, name)| if by == instructor.0.id { "you".to_owned() } else { name }),
    });
    Ok(page(&Queue { frame: academy.frame(Some(&instructor.0), "/teach"), slug, course: title, rows: rows.collect(), all }))
}
