//! What a learner is told by instructors.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem};
use serde::Deserialize;
use uuid::Uuid;

use super::Fields;
use crate::domain::announcement::Announcement;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Learner;
use crate::http::{Academy, words};
use crate::{markup, session};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/announcements", get(list))
        .route("/announcements/read", post(read))
        .route("/announcements/mail-works", post(works))
        .route("/announcements/{id}", get(show))
        .route("/announcements/{id}/session.ics", get(calendar))
}

#[derive(Template)]
#[template(path = "announcements.html")]
struct List<'a> {
    frame: Frame<'a>,
    entries: Vec<Entry>,
    unread: bool,
    /// The address that mails come back from.
    trouble: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "announcement.html")]
struct One<'a> {
    frame: Frame<'a>,
    entry: Entry,
    /// Cleaned HTML.
    body: String,
}

struct Entry {
    id: Uuid,
    subject: String,
    course: String,
    when: String,
    session: Option<Session>,
    read: bool,
}

struct Session {
    /// In UTC.
    when: String,
    /// For the script that adds the reader's own zone.
    machine: String,
    minutes: i64,
    link: String,
    over: bool,
}

fn entry(announcement: &Announcement, read: bool, now: Timestamp) -> Entry {
    let new = &announcement.new;
    Entry {
        id: new.id,
        subject: new.subject.clone(),
        course: announcement.course_title.clone(),
        when: words::date(announcement.published_at.unwrap_or(new.publish_at)),
        session: new.session.as_ref().map(|session| Session {
            when: words::date_and_time(session.at),
            machine: session.at.datetime().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            minutes: session.minutes,
            link: session.link.clone(),
            over: session.at + std::time::Duration::from_secs(u64::try_from(session.minutes).unwrap_or_default() * 60) < now,
        }),
        read,
    }
}

async fn list(State(academy): State<Arc<Academy>>, Learner(account): Learner) -> Result<Response, PageProblem> {
    let now = academy.parts.clock.now();
    let notices = academy.store().notices(account.id).await?;
    let entries: Vec<Entry> = notices.iter().map(|notice| entry(&notice.announcement, notice.read, now)).collect();
    let unread = entries.iter().any(|entry| !entry.read);
    let trouble = academy.store().out_of_reach(account.id, now).await?.then_some(account.email.as_str());
    Ok(page(&List { frame: academy.frame(Some(&account), "/learning"), entries, unread, trouble }))
}

/// Opening it is reading it.
async fn show(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    let now = academy.parts.clock.now();
    let announcement = found(&academy, &account, id).await?;
    academy.store().read_notices(account.id, &[id], now).await?;
    let body = markup::to_html(&announcement.new.body);
    Ok(page(&One { frame: academy.frame(Some(&account), "/learning"), entry: entry(&announcement, true, now), body }))
}

async fn found(academy: &Academy, account: &crate::domain::Account, id: Uuid) -> Result<Announcement, PageProblem> {
    let found = academy.store().notice(account.id, id).await?;
    found.ok_or_else(|| Problem::not_found("There is no such announcement among those of your courses.").into())
}

async fn calendar(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(id): Path<Uuid>,
) -> Result<Response, PageProblem> {
    let announcement = found(&academy, &account, id).await?;
    let domain = academy.parts.policy.support_email.rsplit('@').next().unwrap_or_default();
    let entry = session::calendar(&announcement, domain, academy.parts.clock.now());
    let entry = entry.ok_or_else(|| Problem::not_found("This announcement has no live session."))?;
    let disposition = HeaderValue::from_static("attachment; filename=\"live-session.ics\"");
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(session::MEDIA_TYPE)), (header::CONTENT_DISPOSITION, disposition)], entry)
        .into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// All of them were read.
async fn read(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, PageProblem> {
    let notices = academy.store().notices(account.id).await?;
    let ids: Vec<Uuid> = notices.into_iter().filter(|notice| !notice.read).map(|notice| notice.announcement.new.id).collect();
    academy.store().read_notices(account.id, &ids, academy.parts.clock.now()).await?;
    Ok(Redirect::to("/announcements").into_response())
}

/// The learner says that the address works.
async fn works(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    academy.store().reachable(account.id, academy.parts.clock.now()).await?;
    Ok(Redirect::to("/announcements").into_response())
}
