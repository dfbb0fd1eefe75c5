//! A learner's page of an assignment: what is asked, the draft, what was handed in, the verdict.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem};
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::assignment::{Assignment, LateRule, MAX_ANSWER, Submission, SubmissionFile, SubmissionStatus, lateness, points};
use crate::domain::gradebook::in_percent;
use crate::domain::{AccountId, AssignmentId, SubmissionId};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::pages::Fields;
use crate::http::session::Learner;
use crate::http::{Academy, words};
use crate::markup;
use crate::store::{Drafted, Submitted, Work};

#[derive(Template)]
#[template(path = "assignment.html")]
struct Page<'a> {
    frame: Frame<'a>,
    id: Uuid,
    slug: String,
    course: String,
    title: String,
    instructions: String,
    due: Option<String>,
    extended: bool,
    overdue: Option<String>,
    late: String,
    accepts: String,
    accept_attribute: String,
    needed: i64,
    rubric: Vec<Row>,
    whole: i64,
    error: Option<String>,
    /// The draft that is open; a new one may be begun where there is none.
    draft: Option<Draft>,
    may_begin: bool,
    begin_words: &'static str,
    versions: Vec<Version>,
}

struct Draft {
    answer: String,
    files: Vec<File>,
    room: bool,
    /// It cannot be handed in any more.
    closed: bool,
}

pub(super) struct File {
    pub(super) id: Uuid,
    pub(super) name: String,
    pub(super) size: String,
}

pub(super) struct Row {
    pub(super) title: String,
    pub(super) points: i64,
    pub(super) levels: Vec<(i64, String)>,
}

struct Version {
    number: i64,
    when: String,
    status: &'static str,
    tone: &'static str,
    answer: String,
    files: Vec<File>,
    result: Option<String>,
    passed: bool,
    cost: Option<String>,
    remark: Option<String>,
    by: Option<String>,
    marks: Vec<(String, i64, i64, String)>,
}

pub(super) fn file(file: &SubmissionFile) -> File {
    let size = match file.bytes {
        small @ ..1_000 => format!("{small} bytes"),
        middle @ ..1_000_000 => format!("{} kB", middle / 1_000),
        large => format!("{}.{} MB", large / 1_000_000, large % 1_000_000 / 100_000),
    };
    File { id: file.id, name: file.name.clone(), size }
}

pub(super) fn rows(asked: &Assignment) -> Vec<Row> {
    let rows = asked.rubric.iter().map(|criterion| Row {
        title: criterion.title.clone(),
        points: criterion.points,
        levels: criterion.levels.iter().map(|level| (level.points, level.text.clone())).collect(),
    });
    rows.collect()
}

/// What being late costs, in a sentence.
fn late_words(rule: LateRule) -> String {
    match rule {
        LateRule::Refuse => "Nothing can be handed in after the deadline.".to_owned(),
        LateRule::Accept => "Work that comes later is taken too.".to_owned(),
        LateRule::Penalty { percent_per_day, percent_max } => {
            format!("Every day late costs {percent_per_day} % of the points, {percent_max} % at most.")
        }
    }
}

fn version(submission: &Submission, work: &Work) -> Version {
    let asked = &work.placed.assignment;
    let (status, tone) = match submission.status {
        SubmissionStatus::Draft => ("Draft", "quiet"),
        SubmissionStatus::Submitted => ("Waiting for an instructor", "waiting"),
        SubmissionStatus::Superseded => ("Replaced by a newer version", "quiet"),
        SubmissionStatus::Returned => ("Please work it over", "waiting"),
        SubmissionStatus::Graded => ("Graded", "good"),
    };
    let verdict = submission.verdict.as_ref();
    let points = verdict.and_then(|verdict| verdict.points);
    let raw = verdict.and_then(|verdict| verdict.raw);
    let marks = verdict.into_iter().flat_map(|verdict| asked.rubric.iter().zip(&verdict.marks));
    Version {
        number: submission.version,
        when: submission.submitted_at.map(words::date_and_time).unwrap_or_default(),
        status,
        tone,
        answer: submission.answer.clone(),
        files: submission.files.iter().map(file).collect(),
        result: points.map(in_percent),
        passed: points.is_some_and(|points| points >= asked.pass_percent * 100),
        cost: raw.filter(|raw| points.is_some_and(|points| points < *raw)).map(in_percent),
        remark: verdict.map(|verdict| verdict.remark.clone()).filter(|remark| !remark.is_empty()),
        by: verdict.and_then(|verdict| verdict.by.clone()),
        marks: marks
            .map(|(criterion, mark)| (criterion.title.clone(), mark.points, criterion.points, mark.comment.clone()))
            .collect(),
    }
}

fn page_of<'a>(
    academy: &'a Academy,
    account: &'a crate::domain::Account,
    work: &Work,
    error: Option<String>,
    now: Timestamp,
) -> Page<'a> {
    let asked = &work.placed.assignment;
    let late = lateness(asked.late, work.due, now);
    let newest = work.submissions.first();
    let draft = newest.filter(|newest| newest.status == SubmissionStatus::Draft).map(|draft| Draft {
        answer: draft.answer.clone(),
        files: draft.files.iter().map(file).collect(),
        room: i64::try_from(draft.files.len()).unwrap_or(i64::MAX) < asked.max_files,
        closed: late.refused || !work.open,
    });
    let graded = work.submissions.iter().any(|one| one.status == SubmissionStatus::Graded);
    let used = i64::try_from(work.submissions.len()).unwrap_or(i64::MAX);
    let returned = newest.is_some_and(|newest| newest.status == SubmissionStatus::Returned);
    let types: Vec<&str> = asked.types.iter().map(|kind| kind.as_str()).collect();
    Page {
        frame: academy.frame(Some(account), "/learning"),
        id: work.placed.id.0,
        slug: work.placed.slug.clone(),
        course: work.placed.course_title.clone(),
        title: asked.title.clone(),
        instructions: markup::to_html(&asked.instructions),
        due: work.due.map(words::date_and_time),
        extended: work.extension.is_some(),
        overdue: (late.days > 0 && draft.is_some() && !late.refused).then(|| format!("It is {} day(s) late now.", late.days)),
        late: late_words(asked.late),
        accepts: format!("Up to {} files of {} MB each: {}.", asked.max_files, asked.max_bytes / 1_000_000, types.join(", ")),
        accept_attribute: types.iter().map(|kind| format!(".{kind}")).collect::<Vec<_>>().join(","),
        needed: asked.pass_percent,
        rubric: rows(asked),
        whole: points(&asked.rubric),
        error,
        may_begin: work.open
            && draft.is_none()
            && !graded
            && !late.refused
            && (returned || asked.attempts.is_none_or(|most| used < most)),
        draft,
        begin_words: match newest.map(|newest| newest.status) {
            None => "Begin",
            Some(SubmissionStatus::Returned) => "Work it over",
            Some(_) => "Prepare a newer version",
        },
        versions: work.submissions.iter().filter(|one| one.submitted_at.is_some()).map(|one| version(one, work)).collect(),
    }
}

pub(super) async fn work(academy: &Academy, id: Uuid, account: AccountId) -> Result<Work, PageProblem> {
    let work = academy.store().work(AssignmentId(id), account, academy.parts.clock.now()).await?;
    work.ok_or_else(|| Problem::not_found("There is no such assignment in your courses.").into())
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    let work = work(&academy, id, account.id).await?;
    Ok(page(&page_of(&academy, &account, &work, None, academy.parts.clock.now())))
}

/// The page once more, with what was wrong.
pub(super) async fn refused(
    academy: &Academy,
    account: &crate::domain::Account,
    id: Uuid,
    status: StatusCode,
    error: String,
) -> Result<Response, PageProblem> {
    let work = work(academy, id, account.id).await?;
    Ok((status, page(&page_of(academy, account, &work, Some(error), academy.parts.clock.now()))).into_response())
}

pub(super) const CLOSED: &str = "Nothing more can be handed in here: it is graded, or you have handed in as often as you may.";

fn back(id: Uuid) -> Response {
    Redirect::to(&format!("/assignments/{id}#work")).into_response()
}

pub(super) async fn begin(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    let (draft, now) = (SubmissionId(academy.parts.ids.uuid()), academy.parts.clock.now());
    match academy.store().begin_version(AssignmentId(id), account.id, draft, now).await? {
        Drafted::Done(_) => Ok(back(id)),
        Drafted::Closed | Drafted::TooManyFiles => refused(&academy, &account, id, StatusCode::CONFLICT, CLOSED.to_owned()).await,
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    #[serde(default)]
    answer: String,
    /// `save` or `submit`.
    then: String,
}

/// Keeps the text; hands in when that button was pressed. The text is kept in any case, so that nothing is lost at the deadline.
pub(super) async fn answer(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(id): Path<Uuid>,
    Fields(form): Fields<Answer>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    if form.answer.chars().count() > MAX_ANSWER {
        let error = format!("The text is longer than {MAX_ANSWER} characters. Send the rest as a file.");
        return refused(&academy, &account, id, StatusCode::UNPROCESSABLE_ENTITY, error).await;
    }
    let (draft, now) = (SubmissionId(academy.parts.ids.uuid()), academy.parts.clock.now());
    let before = work(&academy, id, account.id).await?;
    let newest = before.submissions.first();
    if form.then == "submit" && newest.is_some_and(|one| one.status == SubmissionStatus::Submitted && one.answer == form.answer) {
        // Pressed twice.
        return Ok(back(id));
    }
    if !matches!(academy.store().save_answer(AssignmentId(id), account.id, draft, &form.answer, now).await?, Drafted::Done(_)) {
        return refused(&academy, &account, id, StatusCode::CONFLICT, CLOSED.to_owned()).await;
    }
    if form.then != "submit" {
        return Ok(back(id));
    }
    let error = match academy.store().submit(AssignmentId(id), account.id, now).await? {
        Submitted::Done => return Ok(back(id)),
        Submitted::Empty => "There is nothing to hand in yet: write something, or add a file.",
        Submitted::TooLate => "The deadline is over. Your draft is kept; ask your instructor for more time.",
    };
    refused(&academy, &account, id, StatusCode::CONFLICT, error.to_owned()).await
}
