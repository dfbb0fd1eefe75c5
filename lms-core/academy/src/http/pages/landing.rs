//! The home page: what the academy teaches.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::http::page::{Frame, PageProblem, page};
use crate::http::seen::Seen;
use crate::http::session::Visitor;
use crate::http::{Academy, words};

#[derive(Template)]
#[template(path = "landing.html")]
struct Landing<'a> {
    frame: Frame<'a>,
    courses: Vec<Course>,
}

struct Course {
    slug: String,
    title: String,
    summary: String,
    price: String,
    length: String,
    start: String,
    /// One of the style sheet's colours.
    colour: &'static str,
}

const COLOURS: [&str; 4] = ["a", "b", "c", "d"];

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    visitor: Visitor,
    Seen(freshness): Seen,
) -> Result<Response, PageProblem> {
    let now = academy.parts.clock.now();
    let courses =
        academy.store().catalogue(freshness).await?.into_iter().zip(COLOURS.iter().cycle()).map(|(course, colour)| Course {
            length: format!("{}, {}", words::count(course.lessons, "lesson"), words::length(course.minutes)),
            price: if course.price.minor == 0 { "Free".to_owned() } else { course.price.to_string() },
            start: course
                .starts_at
                .filter(|start| *start > now)
                .map_or_else(|| "Start at any time".to_owned(), |start| format!("Starts on {}", words::date(start))),
            slug: course.slug,
            title: course.title,
            summary: course.summary,
            colour,
        });
    Ok(page(&Landing { frame: academy.frame(visitor.account(), "/"), courses: courses.collect() }))
}
