//! The instructor's pages: courses, modules, lessons, learners, groups, invitations.

mod contents;
mod facts;
mod groups;
mod invitations;
mod learners;
mod lesson;

use porter_kernel::db::Freshness;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::Problem;

use crate::domain::Role;
use crate::domain::catalogue::CourseOutline;
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Instructor;

/// The largest form of a lesson's text, in bytes: a form's encoding may triple it.
const TEXT_LIMIT: usize = 400_000;
const MAX_TITLE: usize = 200;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/teach", get(list))
        .route("/teach/{slug}", get(contents::show))
        .route("/teach/{slug}/modules", post(contents::add_module))
        .route("/teach/{slug}/modules/{module}", post(contents::change_module))
        .route("/teach/{slug}/lessons", post(contents::add_lesson))
        .route("/teach/{slug}/lessons/{lesson}", get(lesson::show).post(lesson::save).layer(DefaultBodyLimit::max(TEXT_LIMIT)))
        .route("/teach/{slug}/lessons/{lesson}/step", post(contents::step))
        .route("/teach/{slug}/facts", get(facts::show).post(facts::save).layer(DefaultBodyLimit::max(TEXT_LIMIT)))
        .route("/teach/{slug}/learners", get(learners::show))
        .route("/teach/{slug}/groups", get(groups::show).post(groups::add))
        .route("/teach/{slug}/groups/{group}", post(groups::change))
        .route("/teach/{slug}/invitations", get(invitations::show).post(invitations::invite))
        .route("/teach/{slug}/invitations/{invitation}/revoke", post(invitations::revoke))
}

#[derive(Template)]
#[template(path = "teach/list.html")]
struct List<'a> {
    frame: Frame<'a>,
    courses: Vec<(String, String)>,
}

async fn list(State(academy): State<Arc<Academy>>, instructor: Instructor) -> Result<Response, PageProblem> {
    let taught = academy.store().courses_taught(instructor.0.id).await?;
    let mut courses: Vec<(String, String)> = taught.into_iter().map(|(_, slug, title)| (slug, title)).collect();
    if instructor.0.role == Role::Administrator {
        let all = academy.store().catalogue(Freshness::Fresh).await?.into_iter().map(|course| (course.slug, course.title));
        courses.extend(all.filter(|course| !courses.contains(course)).collect::<Vec<_>>());
    }
    Ok(page(&List { frame: academy.frame(Some(&instructor.0), "/teach"), courses }))
}

/// What every page of a course has.
struct Taught {
    outline: CourseOutline,
    now: Timestamp,
}

/// The course, for who teaches it; for others there is none.
async fn taught(academy: &Academy, instructor: &Instructor, slug: &str) -> Result<Taught, PageProblem> {
    let now = academy.parts.clock.now();
    let outline = academy.store().outline(slug, now).await?.ok_or_else(none)?;
    instructor.of(academy, outline.course.id).await?;
    Ok(Taught { outline, now })
}

fn none() -> PageProblem {
    Problem::not_found("There is no such thing in this course. Its page lists everything.").into()
}

fn id<T>(text: &str, make: impl FnOnce(uuid::Uuid) -> T) -> Result<T, PageProblem> {
    text.parse().map(make).map_err(|_| none())
}

/// Back to a page of the course.
fn back(slug: &str, to: &str) -> Response {
    Redirect::to(&format!("/teach/{slug}{to}")).into_response()
}

fn wrong(detail: &'static str) -> PageProblem {
    Problem::unprocessable(detail).into()
}

fn title(text: &str) -> Result<&str, PageProblem> {
    let text = text.trim();
    let fits = (1..=MAX_TITLE).contains(&text.chars().count());
    if fits { Ok(text) } else { Err(wrong("A title has 1 to 200 characters. Go back and change it.")) }
}

fn minutes(number: i64) -> Result<i64, PageProblem> {
    if (1..=600).contains(&number) { Ok(number) } else { Err(wrong("A lesson takes 1 to 600 minutes. Go back and change it.")) }
}

/// `2026-11-24` of a form as the beginning of that day in UTC; nothing: `None`.
fn day(text: &str) -> Result<Option<Timestamp>, PageProblem> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let day = format!("{}T00:00:00Z", text.trim()).parse();
    day.map(Some).map_err(|_| wrong("A date is written as year-month-day, such as 2026-11-24. Go back and change it."))
}

/// As [`day`] reads it.
fn written(day: Option<Timestamp>) -> String {
    day.map(|day| day.datetime().format("%Y-%m-%d").to_string()).unwrap_or_default()
}
