//! The catalogue, a course from outside, and how one gets in and out.

use porter_kernel::db::Freshness;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{Fields, outline};
use crate::domain::catalogue::{Admission, Cohort, CohortId, CourseCard, CourseOutline, Entry, Level, Prerequisite};
use crate::domain::{Account, CatalogueCourse, EnrolmentStatus, Role};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::{Learner, Visitor};
use crate::http::{Academy, next, words};
use crate::markup;

/// How long a seat is kept for who goes to pay.
const HOLD: Duration = Duration::from_mins(30);
const COLOURS: [&str; 4] = ["a", "b", "c", "d"];
/// Longer than what anybody searches for, in characters.
const MAX_SEARCH: usize = 100;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/courses", get(list))
        .route("/courses/{slug}", get(show))
        .route("/courses/{slug}/enrol", post(enrol))
        .route("/courses/{slug}/leave", post(leave))
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    q: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    price: String,
}

#[derive(Template)]
#[template(path = "courses.html")]
struct List<'a> {
    frame: Frame<'a>,
    search: &'a Search,
    levels: [(&'static str, &'static str); 3],
    courses: Vec<Card>,
    filtered: bool,
}

struct Card {
    slug: String,
    title: String,
    summary: String,
    level: &'static str,
    length: String,
    start: String,
    price: String,
    colour: &'static str,
}

pub(super) async fn list(
    State(academy): State<Arc<Academy>>,
    visitor: Visitor,
    search: Result<Query<Search>, Problem>,
) -> Result<Response, PageProblem> {
    let Query(search) = search.unwrap_or_default();
    let now = academy.parts.clock.now();
    let all = academy.store().catalogue(Freshness::Fresh).await?.into_iter().zip(COLOURS.iter().cycle());
    let courses = all.filter(|(course, _)| search.finds(course)).map(|(course, colour)| card(course, colour, now)).collect();
    Ok(page(&List {
        frame: academy.frame(visitor.account(), "/courses"),
        filtered: !(search.q.trim().is_empty() && search.level.is_empty() && search.price.is_empty()),
        search: &search,
        levels: Level::ALL.map(|level| (level.as_str(), words::level(level))),
        courses,
    }))
}

impl Search {
    /// Every word is in the title or the summary.
    fn finds(&self, course: &CatalogueCourse) -> bool {
        let text = format!("{} {}", course.title, course.summary).to_lowercase();
        let asked: String = self.q.chars().take(MAX_SEARCH).collect();
        let free = course.admission == Admission::Free;
        asked.to_lowercase().split_whitespace().all(|word| text.contains(word))
            && (self.level.is_empty() || self.level == course.level.as_str())
            && match self.price.as_str() {
                "free" => free,
                "paid" => !free,
                _ => true,
            }
    }
}

fn card(course: CatalogueCourse, colour: &'static str, now: Timestamp) -> Card {
    Card {
        level: words::level(course.level),
        length: format!("{}, {}", words::count(course.lessons, "lesson"), words::length(course.minutes)),
        start: start(course.starts_at, now),
        price: match course.admission {
            Admission::Free => "Free".to_owned(),
            Admission::Paid => course.price.to_string(),
            Admission::Invited => "By invitation".to_owned(),
        },
        slug: course.slug,
        title: course.title,
        summary: course.summary,
        colour,
    }
}

fn start(starts_at: Option<Timestamp>, now: Timestamp) -> String {
    let later = starts_at.filter(|start| *start > now);
    later.map_or_else(|| "Start at any time".to_owned(), |start| format!("Starts on {}", words::date(start)))
}

/// What the button of a course's page does.
enum Door {
    SignIn(String),
    Inside {
        begun: bool,
        free: bool,
    },
    /// Paid, and not open yet.
    Waiting(Option<String>),
    Unprepared,
    Free,
    Paid,
    Invited,
    Full,
    NotOffered,
}

struct Group {
    id: Uuid,
    name: String,
    dates: String,
    seats: Option<String>,
    /// Why it cannot be chosen.
    closed: Option<&'static str>,
    mine: bool,
}

struct PartOf<'a> {
    title: &'a str,
    length: String,
    lessons: Vec<LessonOf<'a>>,
}

struct LessonOf<'a> {
    title: &'a str,
    kind: &'static str,
    minutes: i64,
}

#[derive(Template)]
#[template(path = "course.html")]
struct Course<'a> {
    frame: Frame<'a>,
    course: &'a CourseCard,
    level: &'static str,
    language: &'a str,
    price: String,
    length: String,
    start: String,
    description: String,
    parts: Vec<PartOf<'a>>,
    groups: Vec<Group>,
    instructors: String,
    prerequisites: Vec<Prerequisite>,
    door: Door,
    /// Whether some group can be chosen.
    choice: bool,
}

/// The course, for who may see it: everybody when it is published; who is in it, and who teaches it, always.
pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    visitor: Visitor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let now = academy.parts.clock.now();
    let outline = academy.store().outline(&slug, now).await?.ok_or_else(no_course)?;
    let entry = match visitor.account() {
        Some(account) => Some(academy.store().entry(account.id, outline.course.id).await?),
        None => None,
    };
    if !outline.course.published && !sees_hidden(&academy, visitor.account(), entry.as_ref(), &outline).await? {
        return Err(no_course());
    }
    let stuck = match (&entry, visitor.account()) {
        (Some(entry), Some(account)) if entry.enrolment == Some(EnrolmentStatus::Pending) => {
            let courses = academy.store().courses(account.id, Freshness::Fresh).await?;
            courses.into_iter().find(|facts| facts.course == outline.course.id).and_then(|facts| facts.stuck_reason)
        }
        _ => None,
    };
    Ok(page(&course(&academy, &visitor, &outline, entry, stuck, now)))
}

async fn sees_hidden(
    academy: &Academy,
    account: Option<&Account>,
    entry: Option<&Entry>,
    outline: &CourseOutline,
) -> Result<bool, PageProblem> {
    let Some(account) = account else { return Ok(false) };
    let inside = entry.is_some_and(Entry::is_in);
    Ok(inside || account.role == Role::Administrator || academy.store().teaches(account.id, outline.course.id).await?)
}

fn no_course() -> PageProblem {
    Problem::not_found("There is no such course. All that we offer is in the catalogue.").into()
}

fn course<'a>(
    academy: &'a Academy,
    visitor: &'a Visitor,
    outline: &'a CourseOutline,
    entry: Option<Entry>,
    stuck: Option<String>,
    now: Timestamp,
) -> Course<'a> {
    let card = &outline.course;
    let mine = entry.as_ref().and_then(|entry| entry.cohort);
    let groups: Vec<Group> = outline.cohorts.iter().map(|cohort| group(cohort, mine, now)).collect();
    let choice = groups.iter().any(|group| group.closed.is_none());
    let door = match &entry {
        Some(entry) if entry.is_in() => {
            Door::Inside { begun: starts(outline, mine).is_none_or(|start| start <= now), free: !entry.bought }
        }
        Some(entry) if entry.enrolment == Some(EnrolmentStatus::Pending) => Door::Waiting(stuck),
        _ if !card.published => Door::NotOffered,
        None => Door::SignIn(next::sign_in(&format!("/courses/{}", card.slug))),
        Some(_) if card.admission == Admission::Invited => Door::Invited,
        Some(entry) if !entry.is_prepared() => Door::Unprepared,
        Some(_) if !groups.is_empty() && !choice => Door::Full,
        Some(_) if card.admission == Admission::Free => Door::Free,
        Some(_) => Door::Paid,
    };
    let parts = super::outline::parts(outline, false).into_iter().map(|part| PartOf {
        title: part.title.unwrap_or("Lessons"),
        length: words::length(part.lessons.iter().map(|lesson| lesson.minutes).sum()),
        lessons: part
            .lessons
            .iter()
            .map(|lesson| LessonOf { title: &lesson.title, kind: words::lesson(lesson.kind), minutes: lesson.minutes })
            .collect(),
    });
    let shown = outline::lessons(outline);
    Course {
        frame: academy.frame(visitor.account(), "/courses"),
        level: words::level(card.level),
        language: words::language(&card.language),
        price: match card.admission {
            Admission::Free => "Free".to_owned(),
            Admission::Paid => card.price.to_string(),
            Admission::Invited => "By invitation".to_owned(),
        },
        length: format!(
            "{}, {}",
            words::count(i64::try_from(shown.len()).unwrap_or_default(), "lesson"),
            words::length(shown.iter().map(|lesson| lesson.minutes).sum())
        ),
        start: start(starts(outline, mine), now),
        description: markup::to_html(&card.description),
        parts: parts.collect(),
        instructors: if outline.instructors.is_empty() { card.signatory.clone() } else { outline.instructors.join(", ") },
        prerequisites: entry.map(|entry| entry.prerequisites).unwrap_or_default(),
        course: card,
        groups,
        door,
        choice,
    }
}

fn starts(outline: &CourseOutline, mine: Option<CohortId>) -> Option<Timestamp> {
    let group = outline.cohorts.iter().find(|cohort| Some(cohort.id) == mine).map(|cohort| cohort.starts_at);
    group.or(outline.course.starts_at)
}

fn group(cohort: &Cohort, mine: Option<CohortId>, now: Timestamp) -> Group {
    let until = cohort.ends_at.map(|end| format!(" to {}", words::date(end))).unwrap_or_default();
    Group {
        id: cohort.id.0,
        name: cohort.name.clone(),
        dates: format!("{}{until}", words::date(cohort.starts_at)),
        seats: cohort.left().map(|left| format!("{} left", words::count(left, "seat"))),
        closed: match cohort {
            cohort if cohort.left() == Some(0) => Some("Full"),
            cohort if cohort.enrol_from.is_some_and(|from| now < from) => Some("Not open yet"),
            cohort if !cohort.is_open(now) => Some("Closed"),
            _ => None,
        },
        mine: mine == Some(cohort.id),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enrol {
    #[serde(default)]
    group: Option<Uuid>,
}

/// Into a free course at once; to the checkout of a paid one, with a seat that is kept meanwhile.
pub(super) async fn enrol(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(slug): Path<String>,
    Fields(form): Fields<Enrol>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    let now = academy.parts.clock.now();
    let outline = academy.store().outline(&slug, now).await?.ok_or_else(no_course)?;
    let (course, group) = (outline.course.id, form.group.map(CohortId));
    if outline.course.admission != Admission::Paid {
        academy.store().join(account.id, course, group, now).await?;
        return Ok(Redirect::to(&format!("/learn/{slug}")).into_response());
    }
    academy.store().may_buy(account.id, course, now).await?;
    if let Some(group) = group {
        academy.store().hold_seat(account.id, course, group, now + HOLD, now).await?;
    }
    Ok(Redirect::to(&format!("/checkout/{slug}")).into_response())
}

pub(super) async fn leave(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let now = academy.parts.clock.now();
    let outline = academy.store().outline(&slug, now).await?.ok_or_else(no_course)?;
    academy.store().leave(account.id, outline.course.id, now).await?;
    Ok(Redirect::to(&format!("/courses/{slug}")).into_response())
}
