//! The pages.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::reading;
use crate::folder::{Caught, Folder, Summary};

const PER_PAGE: usize = 50;

/// For a mail's own HTML: inline styles and inline pictures, nothing from anywhere, no script, no form, no origin. Links open elsewhere.
const FRAME_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; \
                            frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox";
/// For anything else that came in a mail.
const FILE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'; sandbox";
/// Media types that keep their name when they are downloaded; the rest could be something that a browser runs.
const HARMLESS: [&str; 4] = ["application/pdf", "image/jpeg", "image/png", "text/plain"];

#[derive(Template)]
#[template(path = "list.html")]
struct ListPage {
    rows: Vec<Row>,
    count: usize,
    first_page: bool,
    older: Option<Uuid>,
    newest: Option<Uuid>,
}

struct Row {
    mail: Summary,
    subject: String,
    to: String,
    at: When,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    mail: Caught,
    subject: String,
    delivered_to: String,
    at: When,
    size: String,
    attachments: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing;

/// A time for people and for machines.
struct When {
    text: String,
    iso: String,
}

impl From<Timestamp> for When {
    fn from(at: Timestamp) -> Self {
        Self { text: at.datetime().format("%-d %B %Y, %H:%M:%S UTC").to_string(), iso: at.to_string() }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Older {
    before: Option<Uuid>,
}

pub(super) async fn list(State(folder): State<Folder>, Query(Older { before }): Query<Older>) -> Response {
    let mut mails = folder.newest(None, before, PER_PAGE + 1);
    let more = mails.len() > PER_PAGE;
    mails.truncate(PER_PAGE);
    let older = mails.last().map(|mail| mail.id).filter(|_| more);
    let newest = mails.first().map(|mail| mail.id);
    let rows = mails
        .into_iter()
        .map(|mail| Row { subject: subject(&mail), to: mail.to.join(", "), at: mail.received_at.into(), mail })
        .collect();
    page(&ListPage { rows, count: folder.count(), first_page: before.is_none(), older, newest })
}

pub(super) async fn mail(State(folder): State<Folder>, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let Some(mail) = reading(folder, id, Folder::mail).await? else { return Ok(missing()) };
    Ok(page(&MailPage {
        subject: subject(&mail.summary),
        delivered_to: mail.summary.to.join(", "),
        at: mail.summary.received_at.into(),
        size: size(usize::try_from(mail.summary.size).unwrap_or(usize::MAX)),
        attachments: mail
            .attachments
            .iter()
            .map(|file| (file.file_name.clone(), file.media_type.clone(), size(file.size)))
            .collect(),
        mail,
    }))
}

/// The mail's HTML, for the frame.
pub(super) async fn html(State(folder): State<Folder>, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let Some(mail) = reading(folder, id, Folder::mail).await? else { return Ok(missing()) };
    let Some(html) = mail.html else { return Ok(missing()) };
    let headers = [
        (header::CONTENT_SECURITY_POLICY, FRAME_POLICY),
        // A link in a mail may be a secret, and so may the page that it leads away from.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    // Links leave the frame: a page may refuse to be shown in one.
    Ok((headers, Html(format!("<!doctype html><base target=\"_blank\">{html}"))).into_response())
}

pub(super) async fn raw(State(folder): State<Folder>, Path(id): Path<Uuid>) -> Result<Response, Problem> {
    let Some(bytes) = reading(folder, id, Folder::raw).await? else { return Ok(missing()) };
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, FILE_POLICY)];
    Ok((headers, bytes).into_response())
}

pub(super) async fn attachment(State(folder): State<Folder>, Path((id, at)): Path<(Uuid, usize)>) -> Result<Response, Problem> {
    let mail = reading(folder, id, Folder::mail).await?;
    let Some(file) = mail.and_then(|mut mail| (at < mail.attachments.len()).then(|| mail.attachments.swap_remove(at))) else {
        return Ok(missing());
    };
    let media_type = HARMLESS.into_iter().find(|harmless| *harmless == file.media_type).unwrap_or("application/octet-stream");
    let headers: [(HeaderName, String); 3] = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_SECURITY_POLICY, FILE_POLICY.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent_encoded(&file.file_name))),
    ];
    Ok((headers, file.bytes).into_response())
}

pub(super) async fn no_page() -> Response {
    missing()
}

fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::internal().into_response()
        }
    }
}

fn missing() -> Response {
    (StatusCode::NOT_FOUND, page(&Missing)).into_response()
}

fn subject(mail: &Summary) -> String {
    if mail.subject.trim().is_empty() { "(no subject)".to_owned() } else { mail.subject.clone() }
}

/// `812 B`, `12 kB`, `3.4 MB`.
fn size(bytes: usize) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// RFC 8187: what is no letter, digit, dot, dash or underscore as `%XX`.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        assert_eq!([0, 999, 1_000, 1_001, 999_999, 3_450_000].map(size), ["0 B", "999 B", "1 kB", "2 kB", "1000 kB", "3.4 MB"]);
    }

    #[test]
    fn a_file_name_cannot_leave_its_header() {
        assert_eq!(percent_encoded("a b\"\r\nX: é.pdf"), "a%20b%22%0D%0AX%3A%20%C3%A9.pdf");
    }
}
