//! One version before an instructor: read, judge by the rubric, return, give more time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem};
use serde::Deserialize;
use uuid::Uuid;

use super::handing_in::{self, File};
use super::queue;
use crate::domain::SubmissionId;
use crate::domain::assignment::{Mark, Submission, SubmissionStatus, lateness, points};
use crate::domain::gradebook::in_percent;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Instructor;
use crate::http::{Academy, words};
use crate::store::{Claimed, Decided, Decision, Work};

/// How long a version is one instructor's alone.
const LEASE: Duration = Duration::from_mins(30);
/// The longest remark or comment, in characters.
const LONGEST: usize = 5_000;

#[derive(Template)]
#[template(path = "assignment_grading.html")]
struct Page<'a> {
    frame: Frame<'a>,
    slug: String,
    course: String,
    title: String,
    id: Uuid,
    assignment: Uuid,
    learner: String,
    email: String,
    version: i64,
    when: String,
    due: Option<String>,
    due_field: String,
    late: Option<String>,
    answer: String,
    files: Vec<File>,
    whole: i64,
    needed: i64,
    revision: i64,
    criteria: Vec<Criterion>,
    remark: String,
    error: Option<String>,
    /// It can be judged: it waits, or was graded before.
    open: bool,
    returnable: bool,
    result: Option<String>,
}

struct Criterion {
    number: usize,
    title: String,
    points: i64,
    levels: Vec<Level>,
    comment: String,
}

struct Level {
    points: i64,
    text: String,
    chosen: bool,
}

/// What an instructor has typed, kept when it cannot be saved.
#[derive(Debug, Default)]
struct Typed {
    points: HashMap<usize, i64>,
    comments: HashMap<usize, String>,
    remark: String,
}

impl Typed {
    fn of(submission: &Submission) -> Self {
        let Some(verdict) = &submission.verdict else { return Self::default() };
        Self {
            points: verdict.marks.iter().map(|mark| mark.points).enumerate().collect(),
            comments: verdict.marks.iter().map(|mark| mark.comment.clone()).enumerate().collect(),
            remark: verdict.remark.clone(),
        }
    }
}

async fn found(academy: &Academy, instructor: &Instructor, slug: &str, id: Uuid) -> Result<(Work, Submission), PageProblem> {
    let (course, _) = queue::course(academy, instructor, slug).await?;
    let none = || Problem::not_found("There is no such work in this course.");
    let work = academy.store().work_of(SubmissionId(id), academy.parts.clock.now()).await?;
    let work = work.filter(|work| work.placed.course == course).ok_or_else(none)?;
    let submission = work.submissions.iter().find(|one| one.id.0 == id && one.submitted_at.is_some()).cloned().ok_or_else(none)?;
    Ok((work, submission))
}

fn page_of<'a>(
    academy: &'a Academy,
    instructor: &'a Instructor,
    work: &Work,
    submission: &Submission,
    typed: &Typed,
    error: Option<String>,
) -> Page<'a> {
    let asked = &work.placed.assignment;
    let late = lateness(asked.late, work.due, submission.submitted_at.unwrap_or(academy.parts.clock.now()));
    let criteria = asked.rubric.iter().enumerate().map(|(number, criterion)| Criterion {
        number,
        title: criterion.title.clone(),
        points: criterion.points,
        levels: criterion
            .levels
            .iter()
            .map(|level| Level {
                points: level.points,
                text: level.text.clone(),
                chosen: typed.points.get(&number) == Some(&level.points),
            })
            .collect(),
        comment: typed.comments.get(&number).cloned().unwrap_or_default(),
    });
    Page {
        frame: academy.frame(Some(&instructor.0), "/teach"),
        slug: work.placed.slug.clone(),
        course: work.placed.course_title.clone(),
        title: asked.title.clone(),
        id: submission.id.0,
        assignment: work.placed.id.0,
        learner: work.learner.clone(),
        email: work.email.clone(),
        version: submission.version,
        when: submission.submitted_at.map(words::date_and_time).unwrap_or_default(),
        due: work.due.map(words::date_and_time),
        due_field: work.due.map(|due| due.datetime().format("%Y-%m-%d").to_string()).unwrap_or_default(),
        late: (late.days > 0).then(|| format!("{} day(s) late: costs {}", late.days, in_percent(late.cost))),
        answer: submission.answer.clone(),
        files: submission.files.iter().map(handing_in::file).collect(),
        whole: points(&asked.rubric),
        needed: asked.pass_percent,
        revision: submission.revision,
        criteria: criteria.collect(),
        remark: typed.remark.clone(),
        error,
        open: matches!(submission.status, SubmissionStatus::Submitted | SubmissionStatus::Graded),
        returnable: submission.status == SubmissionStatus::Submitted,
        result: submission.verdict.as_ref().and_then(|verdict| verdict.points).map(in_percent),
    }
}

/// Opening it tells who is at it; taking it is [`claim`].
pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Response, PageProblem> {
    let (work, submission) = found(&academy, &instructor, &slug, id).await?;
    let other = submission.claimed_by(academy.parts.clock.now()).filter(|by| *by != instructor.0.id);
    let error = other.map(|_| "A colleague is grading this now. You can read it; saving works when they are done.".to_owned());
    Ok(page(&page_of(&academy, &instructor, &work, &submission, &Typed::of(&submission), error)))
}

pub(super) async fn claim(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, id)): Path<(String, Uuid)>,
) -> Result<Response, PageProblem> {
    let (work, submission) = found(&academy, &instructor, &slug, id).await?;
    let now = academy.parts.clock.now();
    let error = match academy.store().claim_submission(submission.id, instructor.0.id, now, now + LEASE).await? {
        Claimed::Yours(_) => return Ok(Redirect::to(&format!("/teach/{slug}/assignments/{id}")).into_response()),
        Claimed::Theirs(name, until) => format!("{name} is grading this, until {} at the latest.", words::date_and_time(until)),
        Claimed::NotWaiting => "This version does not wait any more: somebody has decided, or there is a newer one.".to_owned(),
    };
    let shown = page(&page_of(&academy, &instructor, &work, &submission, &Typed::of(&submission), Some(error)));
    Ok((StatusCode::CONFLICT, shown).into_response())
}

/// What was typed, criterion by criterion: `points_0`, `comment_0` and so on.
fn typed(form: &HashMap<String, String>) -> Typed {
    let cut = |text: &String| text.chars().take(LONGEST).collect::<String>();
    let numbered = |start: &str| -> Vec<(usize, String)> {
        form.iter().filter_map(|(name, value)| Some((name.strip_prefix(start)?.parse().ok()?, cut(value)))).collect()
    };
    Typed {
        points: numbered("points_").into_iter().filter_map(|(number, points)| Some((number, points.parse().ok()?))).collect(),
        comments: numbered("comment_").into_iter().collect(),
        remark: form.get("remark").map(cut).unwrap_or_default(),
    }
}

pub(super) async fn decide(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, id)): Path<(String, Uuid)>,
    Fields(form): Fields<HashMap<String, String>>,
) -> Result<Response, PageProblem> {
    let (work, submission) = found(&academy, &instructor, &slug, id).await?;
    let typed = typed(&form);
    let again = |status: StatusCode, error: &str| {
        let shown = page(&page_of(&academy, &instructor, &work, &submission, &typed, Some(error.to_owned())));
        Ok((status, shown).into_response())
    };
    let revision = form.get("revision").and_then(|revision| revision.parse().ok()).unwrap_or(-1);
    let decision = if form.get("then").is_some_and(|then| then == "return") {
        if typed.remark.trim().is_empty() {
            return again(StatusCode::UNPROCESSABLE_ENTITY, "Say in the remark what is to be worked over.");
        }
        Decision::Return { remark: typed.remark.clone() }
    } else {
        let criteria = 0..work.placed.assignment.rubric.len();
        let marks: Option<Vec<Mark>> = criteria
            .map(|number| {
                let comment = typed.comments.get(&number).cloned().unwrap_or_default();
                Some(Mark { points: *typed.points.get(&number)?, comment })
            })
            .collect();
        let Some(marks) = marks else {
            return again(StatusCode::UNPROCESSABLE_ENTITY, "Choose a level for every criterion.");
        };
        Decision::Grade { marks, remark: typed.remark.clone() }
    };
    let (mail, now) = (academy.parts.ids.uuid(), academy.parts.clock.now());
    match academy.store().decide(submission.id, instructor.0.id, revision, &decision, mail, now).await? {
        Decided::Done => Ok(Redirect::to(&format!("/teach/{slug}/assignments")).into_response()),
        Decided::Theirs(name) => {
            again(StatusCode::CONFLICT, &format!("{name} is grading this now. What you typed is still here, and not saved."))
        }
        Decided::Changed => again(
            StatusCode::CONFLICT,
            "This was decided meanwhile, or the learner has handed in a newer version. What you typed is still here, and not saved: look at the queue before you save again.",
        ),
        Decided::Marks(error) => again(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Extension {
    /// `2026-12-24`: until the end of that day, UTC.
    until: String,
}

pub(super) async fn extend(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, id)): Path<(String, Uuid)>,
    Fields(form): Fields<Extension>,
) -> Result<Response, PageProblem> {
    let (work, submission) = found(&academy, &instructor, &slug, id).await?;
    let now = academy.parts.clock.now();
    match format!("{}T23:59:59Z", form.until).parse::<Timestamp>() {
        Ok(until) if until.since(now) < Duration::from_hours(24 * 730) => {
            academy.store().extend(work.placed.id, work.account, until, instructor.0.id, now).await?;
            Ok(Redirect::to(&format!("/teach/{slug}/assignments/{id}")).into_response())
        }
        _ => {
            let error = "Give a day within the next two years, such as 2026-12-24.".to_owned();
            let shown = page(&page_of(&academy, &instructor, &work, &submission, &Typed::of(&submission), Some(error)));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}
