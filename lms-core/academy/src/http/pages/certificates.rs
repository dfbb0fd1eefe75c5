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
use crate::credential;
use crate::domain::{Account, CertificateId, CourseId, IssuedCertificate};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::seen::Seen;
use crate::http::session::Learner;
use crate::http::{Academy, words};
use crate::paper;
use crate::store::AcademyError;

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
    /// When and why it counts no more.
    revoked: Option<(String, &'static str)>,
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
        revoked: certificate.revoked.map(|revoked| (words::date(revoked.at), revoked.reason.said())),
    });
    Ok(page(&List { frame: academy.frame(Some(&account), "/certificates"), certificates: certificates.collect() }))
}

/// `/certificates/{id}` with `.pdf`, `.jwt` (the credential) or `.svg` (the badge with the credential), for its owner. Somebody else's is as none.
pub(super) async fn download(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(file): Path<String>,
) -> Result<Response, PageProblem> {
    let none = || PageProblem::from(Problem::not_found("There is no such certificate among yours."));
    let (id, form) = file.rsplit_once('.').ok_or_else(none)?;
    let id = id.parse().map_err(|_| none())?;
    let certificate = academy.store().certificate(account.id, CertificateId(id)).await?.ok_or_else(none)?;
    if let Some(revoked) = certificate.revoked {
        return Err(AcademyError::Revoked(revoked.reason).into());
    }
    let (media_type, name, bytes) = match form {
        "pdf" => (paper::MEDIA_TYPE, paper::file_name(&certificate), pdf(&academy, &certificate).await?),
        "jwt" => (
            credential::MEDIA_TYPE,
            paper::named("credential", "jwt", &certificate),
            signed(&academy, &certificate, &account)?.into(),
        ),
        "svg" => ("image/svg+xml", paper::named("badge", "svg", &certificate), badge(&academy, &certificate, &account)?.into()),
        _ => return Err(none()),
    };
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let disposition = disposition.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let media_type = HeaderValue::from_static(media_type);
    Ok(([(header::CONTENT_TYPE, media_type), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

async fn pdf(academy: &Academy, certificate: &IssuedCertificate) -> Result<Vec<u8>, Problem> {
    paper::pdf(certificate, &academy.parts.policy, &academy.parts.public_url).await.map_err(|error| {
        tracing::error!(%error, certificate = %certificate.id, "a certificate could not be drawn");
        Problem::internal()
    })
}

fn signed(academy: &Academy, certificate: &IssuedCertificate, account: &Account) -> Result<String, Problem> {
    let parts = &academy.parts;
    academy.issuer().signed(certificate, account, &parts.key, &parts.credential_key).map_err(|error| {
        tracing::error!(%error, certificate = %certificate.id, "a credential could not be signed");
        Problem::internal()
    })
}

fn badge(academy: &Academy, certificate: &IssuedCertificate, account: &Account) -> Result<String, Problem> {
    let credential = signed(academy, certificate, account)?;
    let (name, issued) = (&academy.parts.policy.academy_name, words::date(certificate.issued_at));
    credential::baked(name, &certificate.course_title, &issued, &credential).map_err(|error| {
        tracing::error!(%error, certificate = %certificate.id, "a badge could not be drawn");
        Problem::internal()
    })
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
