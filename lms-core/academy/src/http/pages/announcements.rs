//! What instructors tell their learners.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use chrono::NaiveDateTime;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem};
use serde::Deserialize;
use uuid::Uuid;

use super::{Fields, notices};
use crate::domain::announcement::{Announcement, AnnouncementStatus, Figures, LiveSession, NewAnnouncement};
use crate::domain::{Account, CourseId};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Instructor;
use crate::http::words::{self, Badge, badge};
use crate::markup;

/// The longest subject and body, in characters, and link, in bytes.
const SUBJECT: usize = 120;
const BODY: usize = 10_000;
const LINK: usize = 500;
/// The longest session, in minutes.
const LONGEST: i64 = 24 * 60;
/// A form with a body of that length in the longest encoding.
const FORM_LIMIT: usize = 150_000;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/teach/{slug}/announcements", get(show).post(submit))
        .route("/teach/{slug}/announcements/{id}/cancel", post(cancel))
        .merge(notices::router())
        .layer(DefaultBodyLimit::max(FORM_LIMIT))
}

#[derive(Template)]
#[template(path = "announcements_teach.html")]
struct Page<'a> {
    frame: Frame<'a>,
    slug: &'a str,
    course: String,
    form: Form,
    error: Option<&'static str>,
    /// Cleaned HTML of what was written.
    preview: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    id: Uuid,
    subject: String,
    badge: Badge,
    when: String,
    session: Option<String>,
    figures: Figures,
    by_mail: bool,
    scheduled: bool,
}

/// What the form holds; times are UTC.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    /// The announcement's id, made with the page: the same form sent twice is one announcement.
    key: Uuid,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    body: String,
    by_mail: Option<String>,
    as_notice: Option<String>,
    #[serde(default)]
    publish_at: String,
    #[serde(default)]
    session_at: String,
    #[serde(default)]
    session_minutes: String,
    #[serde(default)]
    session_link: String,
    remind: Option<String>,
    #[serde(default)]
    action: String,
}

/// The course of the address, when the instructor teaches it.
async fn course(academy: &Academy, instructor: &Instructor, slug: &str) -> Result<(CourseId, String), PageProblem> {
    let found = academy.store().announced_course(slug).await?;
    let (course, title) = found.ok_or_else(|| Problem::not_found("There is no course at this address."))?;
    instructor.of(academy, course).await?;
    Ok((course, title))
}

async fn show(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
) -> Result<Response, PageProblem> {
    let course = course(&academy, &instructor, &slug).await?;
    let form = Form {
        key: academy.parts.ids.uuid(),
        by_mail: Some("on".to_owned()),
        as_notice: Some("on".to_owned()),
        session_minutes: "60".to_owned(),
        remind: Some("on".to_owned()),
        ..Form::default()
    };
    answer(&academy, &instructor.0, &slug, course, form, None).await
}

async fn answer(
    academy: &Academy,
    account: &Account,
    slug: &str,
    (course, title): (CourseId, String),
    form: Form,
    error: Option<&'static str>,
) -> Result<Response, PageProblem> {
    let rows = academy.store().announcements(course).await?.into_iter().map(row).collect();
    let preview = (form.action == "preview" && error.is_none()).then(|| markup::to_html(&form.body));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let body = Page { frame: academy.frame(Some(account), "/teach"), slug, course: title, form, error, preview, rows };
    Ok((status, page(&body)).into_response())
}

fn row((announcement, figures): (Announcement, Figures)) -> Row {
    let badge = match announcement.status {
        AnnouncementStatus::Scheduled => badge("Scheduled", "waiting"),
        AnnouncementStatus::Sending => badge("On its way", "waiting"),
        AnnouncementStatus::Sent => badge("Published", "good"),
        AnnouncementStatus::Cancelled => badge("Cancelled", "quiet"),
    };
    Row {
        id: announcement.new.id,
        subject: announcement.new.subject,
        badge,
        when: words::date_and_time(announcement.published_at.unwrap_or(announcement.new.publish_at)),
        session: announcement.new.session.map(|session| words::date_and_time(session.at)),
        figures,
        by_mail: announcement.new.by_mail,
        scheduled: announcement.status == AnnouncementStatus::Scheduled,
    }
}

async fn submit(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path(slug): Path<String>,
    Fields(form): Fields<Form>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&instructor.0.id)?;
    let (course, title) = course(&academy, &instructor, &slug).await?;
    let now = academy.parts.clock.now();
    match read(&form, course, &instructor.0, now) {
        Err(error) => answer(&academy, &instructor.0, &slug, (course, title), form, Some(error)).await,
        Ok(_) if form.action == "preview" => answer(&academy, &instructor.0, &slug, (course, title), form, None).await,
        Ok(new) => {
            academy.store().announce(&new, now).await?;
            tracing::info!(announcement = %new.id, %course, by = %instructor.0.id, "an announcement was written");
            Ok(Redirect::to(&format!("/teach/{slug}/announcements#list")).into_response())
        }
    }
}

/// The announcement of the form, or what is wrong with it.
fn read(form: &Form, course: CourseId, author: &Account, now: Timestamp) -> Result<NewAnnouncement, &'static str> {
    let subject = form.subject.split_whitespace().collect::<Vec<_>>().join(" ");
    let body = form.body.trim();
    let (by_mail, as_notice) = (form.by_mail.is_some(), form.as_notice.is_some());
    if subject.is_empty() || subject.chars().count() > SUBJECT || subject.chars().any(char::is_control) {
        return Err("Give it a subject, of at most 120 characters.");
    }
    if body.is_empty() || body.chars().count() > BODY {
        return Err("Write what you want to say, in at most 10,000 characters.");
    }
    if !by_mail && !as_notice {
        return Err("Choose how it reaches the learners: by mail, as a notice, or both.");
    }
    let publish_at = match form.publish_at.as_str() {
        "" => now,
        text => moment(text).filter(|at| *at > now).ok_or("Publish it at once, or at a time to come.")?,
    };
    let session = if form.session_at.is_empty() { None } else { Some(session(form, publish_at)?) };
    Ok(NewAnnouncement {
        id: form.key,
        course,
        author: author.id,
        subject,
        body: body.to_owned(),
        by_mail,
        as_notice,
        session,
        publish_at,
    })
}

fn session(form: &Form, publish_at: Timestamp) -> Result<LiveSession, &'static str> {
    let at = moment(&form.session_at).filter(|at| *at > publish_at);
    let at = at.ok_or("The live session must begin after this is published.")?;
    let minutes = form.session_minutes.parse().ok().filter(|minutes| (1..=LONGEST).contains(minutes));
    let minutes = minutes.ok_or("Say how many minutes the live session takes.")?;
    let link = form.session_link.trim();
    let host = link.strip_prefix("https://").map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let proper = link.len() <= LINK && link.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"'\\`{}|^".contains(&byte));
    if !proper || host.is_none_or(|host| host.is_empty() || host.contains('@') || !host.contains('.')) {
        return Err("The link to the live session must be a whole address that begins with https://.");
    }
    Ok(LiveSession { at, minutes, link: link.to_owned(), remind: form.remind.is_some() })
}

/// What a field for date and time holds, in UTC.
fn moment(text: &str) -> Option<Timestamp> {
    let parsed =
        NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S"));
    parsed.ok().map(|naive| Timestamp::from_datetime(naive.and_utc()))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn cancel(
    State(academy): State<Arc<Academy>>,
    instructor: Instructor,
    Path((slug, id)): Path<(String, Uuid)>,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, PageProblem> {
    let (course, _) = course(&academy, &instructor, &slug).await?;
    if !academy.store().cancel_announcement(course, id).await? {
        return Err(
            Problem::conflict("It is published already, or was cancelled before: there is nothing to cancel any more.").into()
        );
    }
    Ok(Redirect::to(&format!("/teach/{slug}/announcements#list")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_utc() {
        assert_eq!(moment("2026-12-01T18:30").unwrap().to_string(), "2026-12-01T18:30:00Z");
        for none in ["", "tomorrow", "2026-13-01T18:30", "2026-12-01"] {
            assert_eq!(moment(none), None, "{none}");
        }
    }

    #[test]
    fn a_session_is_at_a_safe_address() {
        let at = |link: &str| {
            let form = Form {
                session_at: "2030-01-01T10:00".to_owned(),
                session_minutes: "60".to_owned(),
                session_link: link.to_owned(),
                ..Form::default()
            };
            session(&form, Timestamp::from_micros(0).unwrap())
        };
        assert_eq!(at(" https://meet.example/a?b=c#d ").unwrap().link, "https://meet.example/a?b=c#d");
        for bad in [
            "",
            "http://meet.example",
            "javascript:alert(1)",
            "https://",
            "https://user@meet.example",
            "https://meet",
            "https://a.example/\"><script>",
            "https://a.example/x y",
            "https://a.example/\r\nX: y",
        ] {
            assert!(at(bad).is_err(), "{bad}");
        }
    }
}
