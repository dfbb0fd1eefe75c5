//! The gradebook: for instructors page by page and as a file, for learners their own line.

use std::sync::Arc;

use askama::Template;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use futures::stream;
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::queue;
use crate::domain::gradebook::{Category, Gradebook, Line, Scheme, Standing, in_percent};
use crate::domain::{AccountId, CourseId};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::{Instructor, Learner};
use crate::http::{Academy, words};

/// Learners on a page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "gradebook.html")]
struct Page<'a> {
    frame: Frame<'a>,
    slug: String,
    course: String,
    scheme: Scheme,
    error: Option<&'static str>,
    items: Vec<(i64, String, &'static str)>,
    lines: Vec<(String, String, Vec<Cell>, String, String)>,
    next: Option<Uuid>,
    first: bool,
}

struct Cell {
    text: String,
    tone: &'static str,
}

fn cell(standing: Standing) -> Cell {
    match standing {
        Standing::Scored(points) => Cell { text: in_percent(points), tone: "scored" },
        Standing::Missing => Cell { text: "missing".to_owned(), tone: "missing" },
        Standing::Waiting => Cell { text: "to grade".to_owned(), tone: "waiting" },
        Standing::NotYet => Cell { text: "–".to_owned(), tone: "open" },
    }
}

fn category(category: Category) -> &'static str {
    match category {
        Category::Quizzes => "Quiz",
        Category::Assignments => "Assignment",
        Category::Participation => "Participation",
    }
}

fn total(line: &Line) -> String {
    line.total.map_or_else(|| "–".to_owned(), in_percent)
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct After {
    after: Option<Uuid>,
}

async fn view(
    academy: &Academy,
    instructor: &Instructor,
    slug: String,
    after: Option<Uuid>,
    tried: Option<(Scheme, &'static str)>,
) -> Result<Response, PageProblem> {
    let (course, title) = queue::course(academy, instructor, &slug).await?;
    let book = academy.store().gradebook(course, after.map(AccountId), PAGE, academy.parts.clock.now()).await?;
    let lines = book.lines.iter().map(|line| {
        let cells = line.standings.iter().map(|standing| cell(*standing)).collect();
        (line.name.clone(), line.email.clone(), cells, format!("{} of {}", line.finished.0, line.finished.1), total(line))
    });
    let shown = page(&Page {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        slug,
        course: title,
        scheme: tried.map_or(book.scheme, |(scheme, _)| scheme),
        error: tried.map(|(_, error)| error),
        items: book.items.iter().map(|item| (item.place, item.title.clone(), category(item.category))).collect(),
        lines: lines.collect(),
        next: book.next.map(|next| next.0),
        first: after.is_none(),
    });
    let status = if tried.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, shown).into_response())
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Query(After { after }): Query<After>,
) -> Result<Response, PageProblem> {
    view(&academy, &instructor, slug, after, None).await
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemeForm {
    quizzes: i64,
    assignments: i64,
    participation: i64,
    drop_quizzes: i64,
    drop_assignments: i64,
}

pub(super) async fn set_scheme(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<SchemeForm>,
) -> Result<Response, PageProblem> {
    let (course, _) = queue::course(&academy, &instructor, &slug).await?;
    let SchemeForm { quizzes, assignments, participation, drop_quizzes, drop_assignments } = form;
    let scheme = Scheme { quizzes, assignments, participation, drop_quizzes, drop_assignments };
    if let Some(fault) = scheme.fault() {
        return view(&academy, &instructor, slug, None, Some((scheme, fault))).await;
    }
    academy.store().set_grade_scheme(course, scheme).await?;
    Ok(Redirect::to(&format!("/teach/{slug}/gradebook")).into_response())
}

/// A field of CSV (RFC 4180). What a spreadsheet would take for a formula begins with an apostrophe.
fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn row(fields: impl IntoIterator<Item = String>) -> String {
    let fields: Vec<String> = fields.into_iter().map(|text| field(&text)).collect();
    format!("{}\r\n", fields.join(","))
}

fn head(book: &Gradebook) -> String {
    let titles = book.items.iter().map(|item| format!("{}. {}", item.place, item.title));
    row(["Name", "E-mail"]
        .map(str::to_owned)
        .into_iter()
        .chain(titles)
        .chain(["Lessons finished", "Lessons", "Total"].map(str::to_owned)))
}

fn csv_line(line: &Line) -> String {
    let scores = line.standings.iter().map(|standing| match standing {
        Standing::Scored(points) => format!("{}.{:02}", points / 100, points % 100),
        Standing::Missing => "0.00".to_owned(),
        Standing::Waiting | Standing::NotYet => String::new(),
    });
    let total = line.total.map(|points| format!("{}.{:02}", points / 100, points % 100)).unwrap_or_default();
    let counts = [line.finished.0.to_string(), line.finished.1.to_string(), total];
    row([line.name.clone(), line.email.clone()].into_iter().chain(scores).chain(counts))
}

/// Where the file is: page after page, so that no course is too large for memory.
struct Export {
    academy: Arc<Academy>,
    course: CourseId,
    after: Option<AccountId>,
    begun: bool,
    ended: bool,
}

async fn piece(mut export: Export) -> Option<(Result<Bytes, std::io::Error>, Export)> {
    if export.ended {
        return None;
    }
    let now = export.academy.parts.clock.now();
    match export.academy.store().gradebook(export.course, export.after, PAGE, now).await {
        Ok(book) => {
            let mut text = if export.begun { String::new() } else { format!("\u{feff}{}", head(&book)) };
            text.extend(book.lines.iter().map(csv_line));
            export.begun = true;
            export.after = book.next;
            export.ended = book.next.is_none();
            Some((Ok(Bytes::from(text)), export))
        }
        Err(error) => {
            tracing::error!(%error, "a gradebook could not be read to its end");
            export.ended = true;
            // The download breaks off: half a gradebook must not look like a whole one.
            Some((Err(std::io::Error::other("the gradebook could not be read")), export))
        }
    }
}

pub(super) async fn csv(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let (course, _) = queue::course(&academy, &instructor, &slug).await?;
    let body = Body::from_stream(stream::unfold(Export { academy, course, after: None, begun: false, ended: false }, piece));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"gradebook.csv\"")),
    ];
    Ok((headers, body).into_response())
}

#[derive(Template)]
#[template(path = "grades.html")]
struct Own<'a> {
    frame: Frame<'a>,
    course: String,
    scheme: Scheme,
    total: String,
    finished: (i64, i64),
    rows: Vec<OwnRow>,
}

struct OwnRow {
    title: String,
    category: &'static str,
    cell: Cell,
    due: Option<String>,
    link: Option<Uuid>,
}

/// A learner's own line.
pub(super) async fn own(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let none = || Problem::not_found("There is no such course among yours.");
    let (course, title) = academy.store().course_named(&slug).await?.ok_or_else(none)?;
    let book = academy.store().grades(course, account.id, academy.parts.clock.now()).await?;
    let line = book.lines.first().ok_or_else(none)?;
    let rows = book.items.iter().zip(&line.standings).zip(&line.due).map(|((item, standing), due)| OwnRow {
        title: item.title.clone(),
        category: category(item.category),
        cell: cell(*standing),
        due: due.map(words::date_and_time),
        link: item.assignment.map(|id| id.0),
    });
    Ok(page(&Own {
        frame: academy.frame(Some(&account), "/learning"),
        course: title,
        scheme: book.scheme,
        total: total(line),
        finished: line.finished,
        rows: rows.collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"] {
            assert_eq!(field(bad), format!("\"'{bad}\""));
        }
        assert_eq!(field("say \"hi\", ok"), "\"say \"\"hi\"\", ok\"");
    }
}
