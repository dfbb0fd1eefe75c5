//! A learner's certificates, as a list and as PDFs.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::db::Freshness;
use porter_kernel::http::{Path, Problem};
use serde::Deserialize;
use uuid::Uuid;

use super::Fields;
use crate::domain::{CertificateId, CourseId};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::seen::Seen;
use crate::http::session::Learner;
use crate::http::{Academy, words};
use crate::paper;

#[derive(Template)]
#[template(path = "certificates.html")]
struct List<'a> {
    frame: Frame<'a>,
    certificates: Vec<Row>,
}

struct Row {
    id: Uuid,
    course: String,
    issued: String,
    code: String,
}

pub(super) async fn list(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Seen(freshness): Seen,
) -> Result<Response, PageProblem> {
    let certificates = academy.store().certificates(account.id, freshness).await?.into_iter().map(|certificate| Row {
        id: certificate.id.0,
        course: certificate.course_title,
        issued: words::date(certificate.issued_at),
        code: certificate.code,
    });
    Ok(page(&List { frame: academy.frame(Some(&account), "/certificates"), certificates: certificates.collect() }))
}

/// `/certificates/{id}.pdf`, for its owner. Somebody else's is as none.
pub(super) async fn download(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(file): Path<String>,
) -> Result<Response, PageProblem> {
    let none = || PageProblem::from(Problem::not_found("There is no such certificate among yours."));
    let id = file.strip_suffix(".pdf").and_then(|id| id.parse().ok()).ok_or_else(none)?;
    let certificate = academy.store().certificate(account.id, CertificateId(id)).await?.ok_or_else(none)?;
    let pdf = paper::pdf(&certificate, &academy.parts.policy).await.map_err(|error| {
        tracing::error!(%error, certificate = %certificate.id, "a certificate could not be drawn");
        Problem::internal()
    })?;
    let disposition = format!("attachment; filename=\"{}\"", paper::file_name(&certificate));
    let disposition = HeaderValue::try_from(disposition).unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static(paper::MEDIA_TYPE);
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], pdf).into_response())
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    course: Uuid,
}

/// Asks for the certificate of a course that is complete. The making checks it once more; asking too early would be noted as a failure.
pub(super) async fn request(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Fields(form): Fields<Request>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    let parts = &academy.parts;
    let courses = parts.store.courses(account.id, Freshness::Fresh).await?;
    if !courses.iter().any(|facts| facts.course.0 == form.course && facts.is_complete()) {
        return Err(Problem::unprocessable("This course is not complete yet. Under My learning you see what is missing.").into());
    }
    parts.store.request_certificate(account.id, CourseId(form.course), parts.ids.uuid(), parts.clock.now()).await?;
    Ok(Redirect::to("/learning").into_response())
}
