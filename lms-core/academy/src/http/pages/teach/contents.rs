//! Modules and lessons: adding, naming, moving, publishing.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use porter_kernel::http::Path;
use serde::Deserialize;
use uuid::Uuid;

use super::{back, id, minutes, none, taught, title};
use crate::domain::LessonId;
use crate::domain::LessonKind;
use crate::domain::catalogue::{ModuleId, Step};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::{Fields, outline};
use crate::http::session::Instructor;
use crate::http::{Academy, words};

#[derive(Template)]
#[template(path = "teach/contents.html")]
struct Contents<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    here: &'static str,
    published: bool,
    parts: Vec<Part<'a>>,
}

struct Part<'a> {
    id: Option<Uuid>,
    title: &'a str,
    lessons: Vec<Row<'a>>,
}

struct Row<'a> {
    id: Uuid,
    title: &'a str,
    kind: &'static str,
    minutes: i64,
    published: bool,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?;
    let parts = outline::parts(&course.outline, true).into_iter().map(|part| Part {
        id: part.id.map(|id| id.0),
        title: part.title.unwrap_or("Lessons of no module"),
        lessons: part
            .lessons
            .iter()
            .map(|lesson| Row {
                id: lesson.id.0,
                title: &lesson.title,
                kind: words::lesson(lesson.kind),
                minutes: lesson.minutes,
                published: lesson.published,
            })
            .collect(),
    });
    Ok(page(&Contents {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        title: &course.outline.course.title,
        slug: &course.outline.course.slug,
        here: "contents",
        published: course.outline.course.published,
        parts: parts.collect(),
    }))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewModule {
    title: String,
}

pub(super) async fn add_module(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<NewModule>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?.outline.course.id;
    academy.store().add_module(course, ModuleId(academy.parts.ids.uuid()), title(&form.title)?).await?;
    Ok(back(&slug, ""))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeModule {
    #[serde(default)]
    title: String,
    /// `rename`, `up`, `down` or `remove`.
    action: String,
}

pub(super) async fn change_module(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, module)): Path<(String, String)>,
    Fields(form): Fields<ChangeModule>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?.outline.course.id;
    let (store, module) = (academy.store(), id(&module, ModuleId)?);
    match form.action.as_str() {
        "rename" => store.rename_module(course, module, title(&form.title)?).await?,
        "up" => store.move_module(course, module, Step::Up).await?,
        "down" => store.move_module(course, module, Step::Down).await?,
        "remove" => store.remove_module(course, module).await?,
        _ => return Err(none()),
    }
    Ok(back(&slug, ""))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewLesson {
    module: Uuid,
    title: String,
    kind: LessonKind,
    minutes: i64,
}

/// The new lesson is not published; its page opens, to write it.
pub(super) async fn add_lesson(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<NewLesson>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?.outline.course.id;
    let lesson = LessonId(academy.parts.ids.uuid());
    let (title, minutes) = (title(&form.title)?, minutes(form.minutes)?);
    academy.store().add_lesson(course, ModuleId(form.module), lesson, title, form.kind, minutes).await?;
    Ok(back(&slug, &format!("/lessons/{lesson}")))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LessonStep {
    /// `up`, `down`, `publish` or `hide`.
    action: String,
}

pub(super) async fn step(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, lesson)): Path<(String, String)>,
    Fields(form): Fields<LessonStep>,
) -> Result<Response, PageProblem> {
    let course = taught(&academy, &instructor, &slug).await?.outline.course.id;
    let (store, lesson) = (academy.store(), id(&lesson, LessonId)?);
    match form.action.as_str() {
        "up" => store.move_lesson(course, lesson, Step::Up).await?,
        "down" => store.move_lesson(course, lesson, Step::Down).await?,
        "publish" => store.publish_lesson(course, lesson, true).await?,
        "hide" => store.publish_lesson(course, lesson, false).await?,
        _ => return Err(none()),
    }
    Ok(back(&slug, ""))
}
