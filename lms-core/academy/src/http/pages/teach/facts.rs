//! What is said about a course.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::Path;
use serde::Deserialize;

use super::{back, day, taught, title, written, wrong};
use crate::domain::catalogue::{Admission, CourseCard, Level};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::http::{Academy, words};

#[derive(Template)]
#[template(path = "teach/facts.html")]
struct Facts<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    here: &'static str,
    card: &'a CourseCard,
    levels: [(&'static str, &'static str); 3],
    starts: String,
    price: String,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let card = taught(&academy, &instructor, &slug).await?.outline.course;
    Ok(page(&Facts {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        title: &card.title,
        slug: &card.slug,
        here: "facts",
        levels: Level::ALL.map(|level| (level.as_str(), words::level(level))),
        starts: written(card.starts_at),
        price: match card.admission {
            Admission::Free => "Free for everybody".to_owned(),
            Admission::Paid => card.price.to_string(),
            Admission::Invited => "By invitation".to_owned(),
        },
        card: &card,
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Save {
    title: String,
    summary: String,
    #[serde(default)]
    description: String,
    level: Level,
    language: String,
    pass_percent: i64,
    #[serde(default)]
    starts: String,
    signatory: String,
    signatory_role: String,
    #[serde(default)]
    published: Option<String>,
}

pub(super) async fn save(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<Save>,
) -> Result<Response, PageProblem> {
    let card = taught(&academy, &instructor, &slug).await?.outline.course;
    let short = |text: &str, most: usize| text.chars().count() <= most;
    if !short(&form.summary, 500) || !short(&form.description, 20_000) || !short(&form.language, 20) {
        return Err(wrong("The summary has 500 characters at most, the description 20,000. Go back and shorten it."));
    }
    if !(0..=100).contains(&form.pass_percent) {
        return Err(wrong("A quiz is passed with 0 to 100 per cent. Go back and change it."));
    }
    let changed = CourseCard {
        title: title(&form.title)?.to_owned(),
        summary: form.summary.trim().to_owned(),
        description: form.description.replace("\r\n", "\n"),
        level: form.level,
        language: form.language.trim().to_owned(),
        pass_percent: form.pass_percent,
        starts_at: day(&form.starts)?,
        signatory: title(&form.signatory)?.to_owned(),
        signatory_role: title(&form.signatory_role)?.to_owned(),
        published: form.published.is_some(),
        ..card
    };
    academy.store().change_course(&changed).await?;
    Ok(back(&slug, "/facts"))
}
