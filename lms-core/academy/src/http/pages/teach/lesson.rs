//! A lesson's text, with a look at how learners see it.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::Path;
use serde::Deserialize;
use uuid::Uuid;

use super::{back, day, id, minutes, none, taught, title, written, wrong};
use crate::domain::catalogue::LessonText;
use crate::domain::{LessonId, LessonKind};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::http::{Academy, words};
use crate::markup;

/// In characters.
const MAX_BODY: usize = 100_000;
const MAX_ADDRESS: usize = 500;

#[derive(Template)]
#[template(path = "teach/lesson.html")]
struct Lesson<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    here: &'static str,
    id: Uuid,
    text: &'a LessonText,
    kind: &'static str,
    video: bool,
    quiz: bool,
    published: bool,
    opens: String,
    html: String,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?.outline.course;
    let lesson = id(&lesson, LessonId)?;
    let (text, kind, published) = academy.store().lesson_text(course.id, lesson).await?.ok_or_else(none)?;
    Ok(page(&Lesson {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        title: &course.title,
        slug: &course.slug,
        here: "contents",
        id: lesson.0,
        kind: words::lesson(kind),
        video: kind == LessonKind::Video,
        quiz: kind == LessonKind::Quiz,
        published,
        opens: written(text.opens_at),
        html: markup::to_html(&text.body),
        text: &text,
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Save {
    title: String,
    minutes: i64,
    #[serde(default)]
    body: String,
    #[serde(default)]
    media: String,
    #[serde(default)]
    captions: String,
    #[serde(default)]
    opens: String,
}

pub(super) async fn save(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
    Fields(form): Fields<Save>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?.outline.course.id;
    let lesson = id(&lesson, LessonId)?;
    if form.body.chars().count() > MAX_BODY {
        return Err(wrong("A lesson's text has 100,000 characters at most. Go back and divide it into two lessons."));
    }
    let text = LessonText {
        title: title(&form.title)?.to_owned(),
        minutes: minutes(form.minutes)?,
        // Browsers send line breaks of two characters.
        body: form.body.replace("\r\n", "\n"),
        media: address(&form.media)?,
        captions: address(&form.captions)?,
        opens_at: day(&form.opens)?,
    };
    academy.store().change_lesson(course, lesson, &text).await?;
    Ok(back(&slug, &format!("/lessons/{lesson}")))
}

/// An address on this site; a video from elsewhere would tell that place who watches it.
fn address(text: &str) -> Result<Option<String>, PageProblem> {
    let text = text.trim();
    let local = text.starts_with('/')
        && !text.starts_with("//")
        && !text.contains('\\')
        && text.chars().all(|letter| letter.is_ascii_graphic());
    match text {
        "" => Ok(None),
        _ if local && text.len() <= MAX_ADDRESS => Ok(Some(text.to_owned())),
        _ => Err(wrong("The address of a video or of captions begins with / and is on this site. Go back and change it.")),
    }
}
