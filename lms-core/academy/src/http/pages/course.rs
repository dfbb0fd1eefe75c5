//! A course from inside: its lessons, and what was done in them.

use porter_kernel::db::Freshness;
use std::collections::HashMap;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem};
use uuid::Uuid;

use super::outline;
use crate::domain::catalogue::{CourseOutline, LessonCard, OpenLesson};
use crate::domain::{Account, CourseFacts, EnrolmentStatus, LessonFacts, LessonId, LessonKind};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Learner;
use crate::http::{Academy, words};
use crate::markup;
use crate::store::{AcademyError, Reached};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/learn/{slug}", get(home))
        .route("/learn/{slug}/{lesson}", get(lesson))
        .route("/learn/{slug}/{lesson}/complete", post(complete))
        .route("/learn/{slug}/{lesson}/watched", post(watched))
}

/// A lesson in the list of all.
struct Row {
    id: Uuid,
    title: String,
    kind: &'static str,
    minutes: i64,
    /// `done`, `begun`, `locked` or `new`: a class of the style sheet.
    state: &'static str,
    /// The state in words.
    word: String,
    here: bool,
}

struct Part {
    title: String,
    done: usize,
    all: usize,
    rows: Vec<Row>,
}

/// Why a page of a course is not shown.
pub(super) enum Away {
    Problem(PageProblem),
    /// The page to see instead.
    To(String),
}

impl From<PageProblem> for Away {
    fn from(problem: PageProblem) -> Self {
        Self::Problem(problem)
    }
}

impl IntoResponse for Away {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::To(path) => Redirect::to(&path).into_response(),
        }
    }
}

/// What every page of a course knows.
struct Inside {
    outline: CourseOutline,
    facts: CourseFacts,
    now: Timestamp,
}

impl Inside {
    /// The course with what the learner has done in it; who is not in is sent to its page.
    async fn of(academy: &Academy, account: &Account, slug: &str) -> Result<Self, Away> {
        let now = academy.parts.clock.now();
        let no_course = || PageProblem::from(Problem::not_found("There is no such course. All that we offer is in the catalogue."));
        let outline = academy.store().outline(slug, now).await.map_err(PageProblem::from)?.ok_or_else(no_course)?;
        let courses = academy.store().courses(account.id, Freshness::Fresh).await.map_err(PageProblem::from)?;
        let facts = courses.into_iter().find(|facts| facts.course == outline.course.id);
        let inside = |facts: &CourseFacts| matches!(facts.enrolment, EnrolmentStatus::Active | EnrolmentStatus::Completed);
        match facts.filter(inside) {
            Some(facts) => Ok(Self { outline, facts, now }),
            None => Err(Away::To(format!("/courses/{slug}"))),
        }
    }

    /// Why the course is shut at this moment.
    fn shut(&self) -> Option<String> {
        match (self.facts.starts_at, self.facts.access_until) {
            (_, Some(until)) if until <= self.now => Some(format!("Your access ended on {}.", words::date(until))),
            (Some(start), _) if start > self.now => {
                Some(format!("The course starts on {}. You will find its lessons here then.", words::date(start)))
            }
            _ => None,
        }
    }

    fn done(&self, lesson: &LessonFacts) -> bool {
        lesson.completed_at.is_some() && !lesson.is_below(self.facts.pass_percent)
    }

    fn parts(&self, here: Option<LessonId>) -> Vec<Part> {
        let facts: HashMap<LessonId, &LessonFacts> = self.facts.lessons.iter().map(|lesson| (lesson.id, lesson)).collect();
        let row = |card: &&LessonCard| {
            let lesson = facts.get(&card.id);
            let opens = card.opens_at.filter(|opens| *opens > self.now);
            let (state, word) = match (lesson, opens) {
                (Some(lesson), _) if self.done(lesson) => ("done", "Complete".to_owned()),
                (_, Some(opens)) => ("locked", format!("Opens on {}", words::date(opens))),
                (Some(lesson), _) if lesson.kind == LessonKind::Quiz && lesson.attempts > 0 => {
                    ("begun", format!("Best result {} %", lesson.percent))
                }
                (Some(lesson), _) if lesson.percent > 0 => ("begun", format!("{} % watched", lesson.percent)),
                (Some(lesson), _) if lesson.updated_at.is_some() => ("begun", "Begun".to_owned()),
                _ => ("new", "Not begun".to_owned()),
            };
            Row {
                id: card.id.0,
                title: card.title.clone(),
                kind: words::lesson(card.kind),
                minutes: card.minutes,
                state,
                word,
                here: here == Some(card.id),
            }
        };
        let parts = outline::parts(&self.outline, false).into_iter().map(|part| {
            let rows: Vec<Row> = part.lessons.iter().map(row).collect();
            Part {
                title: part.title.unwrap_or("Lessons").to_owned(),
                done: rows.iter().filter(|row| row.state == "done").count(),
                all: rows.len(),
                rows,
            }
        });
        parts.collect()
    }

    /// Where to go on: the lesson that was touched last and is not done, else the first that is not done.
    fn next(&self) -> Option<&LessonFacts> {
        let open = || self.facts.lessons.iter().filter(|lesson| !self.done(lesson));
        open().filter(|lesson| lesson.updated_at.is_some()).max_by_key(|lesson| lesson.updated_at).or_else(|| open().next())
    }

    fn count(&self) -> (usize, usize) {
        (self.facts.lessons.iter().filter(|lesson| self.done(lesson)).count(), self.facts.lessons.len())
    }
}

fn percent((done, all): (usize, usize)) -> usize {
    (done * 100).checked_div(all).unwrap_or_default()
}

#[derive(Template)]
#[template(path = "learn.html")]
struct Home<'a> {
    frame: Frame<'a>,
    title: &'a str,
    slug: &'a str,
    instructors: String,
    shut: Option<String>,
    done: usize,
    all: usize,
    percent: usize,
    next: Option<Next<'a>>,
    parts: Vec<Part>,
    certificate: Option<Uuid>,
    complete: bool,
    /// A course that was not bought can be left.
    leave: bool,
}

struct Next<'a> {
    id: Uuid,
    title: &'a str,
    /// Whether anything was done yet.
    begun: bool,
}

pub(super) async fn home(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(slug): Path<String>,
) -> Result<Response, Away> {
    let inside = Inside::of(&academy, &account, &slug).await?;
    let (done, all) = inside.count();
    let shut = inside.shut();
    let begun = inside.facts.lessons.iter().any(|lesson| lesson.updated_at.is_some());
    Ok(page(&Home {
        frame: academy.frame(Some(&account), "/learning"),
        title: &inside.outline.course.title,
        slug: &inside.outline.course.slug,
        instructors: inside.outline.instructors.join(", "),
        done,
        all,
        percent: percent((done, all)),
        next: inside.next().filter(|_| shut.is_none()).map(|lesson| Next { id: lesson.id.0, title: &lesson.title, begun }),
        shut,
        parts: inside.parts(None),
        certificate: inside.facts.certificate.as_ref().map(|certificate| certificate.id.0),
        complete: inside.facts.is_complete(),
        leave: inside.facts.order.is_none(),
    }))
}

#[derive(Template)]
#[template(path = "lesson.html")]
struct Lesson<'a> {
    frame: Frame<'a>,
    course: &'a str,
    slug: &'a str,
    lesson: &'a OpenLesson,
    kind: &'static str,
    html: String,
    parts: Vec<Part>,
    module: String,
    done: usize,
    all: usize,
    percent: usize,
    watched_percent: i64,
    previous: Option<(Uuid, String)>,
    next: Option<(Uuid, String)>,
    completed: bool,
    video: bool,
    quiz: bool,
    /// What is to be handed in.
    assignment: Option<Uuid>,
}

#[derive(Template)]
#[template(path = "lesson_shut.html")]
struct Shut<'a> {
    frame: Frame<'a>,
    course: &'a str,
    slug: &'a str,
    why: String,
}

pub(super) async fn lesson(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path((slug, id)): Path<(String, String)>,
) -> Result<Response, Away> {
    let inside = Inside::of(&academy, &account, &slug).await?;
    let frame = academy.frame(Some(&account), "/learning");
    let id = id.parse().map(LessonId).ok().filter(|id| inside.outline.lessons.iter().any(|lesson| lesson.id == *id));
    let id = id.ok_or_else(no_lesson)?;
    let (course, slug) = (inside.outline.course.title.as_str(), inside.outline.course.slug.as_str());
    let lesson = match academy.store().open_lesson(account.id, id, inside.now).await {
        Ok(lesson) => lesson,
        Err(AcademyError::Refused(refusal)) => return Ok(page(&Shut { frame, course, slug, why: refusal.to_string() })),
        Err(error) => return Err(PageProblem::from(error).into()),
    };
    let cards = outline::lessons(&inside.outline);
    let at = cards.iter().position(|card| card.id == id).unwrap_or_default();
    let link = |place: Option<usize>| place.and_then(|place| cards.get(place)).map(|card| (card.id.0, card.title.clone()));
    let module = inside.outline.lessons.iter().find(|card| card.id == id).and_then(|card| card.module);
    let module = inside.outline.modules.iter().find(|part| Some(part.id) == module).map(|part| part.title.clone());
    let facts = inside.facts.lessons.iter().find(|facts| facts.id == id);
    let (done, all) = inside.count();
    let assignment = academy.store().assignment_of(id).await.map_err(PageProblem::from)?.map(|assignment| assignment.0);
    Ok(page(&Lesson {
        frame,
        course,
        slug,
        kind: words::lesson(lesson.kind),
        html: markup::to_html(&lesson.body),
        parts: inside.parts(Some(id)),
        module: module.unwrap_or_default(),
        done,
        all,
        percent: percent((done, all)),
        watched_percent: academy.parts.policy.watched_percent,
        previous: link(at.checked_sub(1)),
        next: link(Some(at + 1)),
        completed: facts.is_some_and(|facts| inside.done(facts)),
        video: lesson.kind == LessonKind::Video,
        quiz: lesson.kind == LessonKind::Quiz,
        assignment,
        lesson: &lesson,
    }))
}

fn no_lesson() -> PageProblem {
    Problem::not_found("There is no such lesson in this course. The course's page lists them all.").into()
}

/// The form of a text: done, and on to the next lesson.
pub(super) async fn complete(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path((slug, id)): Path<(String, String)>,
) -> Result<Response, PageProblem> {
    let id = id.parse().map(LessonId).map_err(|_| no_lesson())?;
    let parts = &academy.parts;
    parts.store.complete_lesson(account.id, id, parts.policy.watched_percent, None, parts.clock.now()).await?;
    onward(&academy, &slug, id).await
}

/// The word of a learner whose browser runs no script: the video was watched.
pub(super) async fn watched(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path((slug, id)): Path<(String, String)>,
) -> Result<Response, PageProblem> {
    let id = id.parse().map(LessonId).map_err(|_| no_lesson())?;
    let reached = Reached { percent: 100, position: 0, watched_percent: academy.parts.policy.watched_percent };
    academy.store().progress_lesson(account.id, id, reached, None, academy.parts.clock.now()).await?;
    onward(&academy, &slug, id).await
}

/// To the next lesson; after the last one to the course.
async fn onward(academy: &Academy, slug: &str, id: LessonId) -> Result<Response, PageProblem> {
    let outline = academy.store().outline(slug, academy.parts.clock.now()).await?.ok_or_else(no_lesson)?;
    let cards = outline::lessons(&outline);
    let next = cards.iter().skip_while(|card| card.id != id).nth(1);
    let slug = &outline.course.slug;
    Ok(Redirect::to(&next.map_or_else(|| format!("/learn/{slug}"), |card| format!("/learn/{slug}/{}", card.id))).into_response())
}
