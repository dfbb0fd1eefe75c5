//! Who learns in a course, and how far they are.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;

use super::taught;
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::outline;
use crate::http::session::Instructor;
use crate::http::words::{self, Badge};

const PER_PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "teach/learners.html")]
struct Learners<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    here: &'static str,
    all: i64,
    page: i64,
    pages: i64,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    email: String,
    badge: Badge,
    cohort: Option<String>,
    enrolled: String,
    seen: String,
    done: i64,
    percent: i64,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct At {
    page: Option<i64>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    at: Result<Query<At>, Problem>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    let at = at.map(|Query(at)| at).unwrap_or_default().page.unwrap_or(1).clamp(1, 1_000_000);
    let lessons = i64::try_from(outline::lessons(&course.outline).len()).unwrap_or_default();
    let (rows, all) = academy.store().learners_of(course.outline.course.id, PER_PAGE, (at - 1) * PER_PAGE).await?;
    let rows = rows.into_iter().map(|row| Row {
        badge: words::enrolment(row.enrolment, None, None, course.now),
        enrolled: words::date(row.enrolled_at),
        seen: row.last_seen.map_or_else(|| "Not begun".to_owned(), words::date),
        done: row.lessons_completed,
        percent: (row.lessons_completed * 100).checked_div(lessons).unwrap_or_default(),
        name: row.name,
        email: row.email,
        cohort: row.cohort,
    });
    Ok(page(&Learners {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        title: &course.outline.course.title,
        slug: &course.outline.course.slug,
        here: "learners",
        all,
        page: at,
        pages: ((all + PER_PAGE - 1) / PER_PAGE).max(1),
        rows: rows.collect(),
    }))
}
