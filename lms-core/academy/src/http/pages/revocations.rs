//! An administrator finds a certificate by its code, and takes it back or gives it back.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;
use uuid::Uuid;

use super::{Fields, verify};
use crate::domain::{CertificateId, IssuedCertificate, RevocationReason};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Administrator;
use crate::http::{Academy, words};
use crate::store::{RevokedRow, Taken};

/// The longest note, in characters.
const NOTE: usize = 500;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/admin/certificates", get(show))
        .route("/admin/certificates/{id}/revoke", post(revoke))
        .route("/admin/certificates/{id}/restore", post(restore))
}

#[derive(Template)]
#[template(path = "revocations.html")]
struct Revocations<'a> {
    frame: Frame<'a>,
    code: String,
    asked: bool,
    found: Option<Found>,
    reasons: [(&'static str, &'static str); 5],
    revoked: i64,
    error: Option<&'static str>,
}

struct Found {
    id: Uuid,
    learner: String,
    course: String,
    code: String,
    issued: String,
    revoked: Option<Revoked>,
}

struct Revoked {
    when: String,
    why: &'static str,
    note: String,
    by: String,
    /// Until when it can be taken back, when that is still to come.
    until: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    code: Option<String>,
}

async fn show(
    State(academy): State<Arc<Academy>>,
    administrator: Administrator,
    asked: Result<Query<Asked>, Problem>,
) -> Result<Response, PageProblem> {
    let Query(asked) = asked.unwrap_or_default();
    let code = asked.code.as_deref().map(verify::written).unwrap_or_default();
    let certificate = if code.is_empty() { None } else { academy.store().certificate_by_code(&code).await? };
    answer(&academy, &administrator, code, certificate, None).await
}

async fn answer(
    academy: &Academy,
    Administrator(account): &Administrator,
    code: String,
    certificate: Option<IssuedCertificate>,
    error: Option<&'static str>,
) -> Result<Response, PageProblem> {
    let found = match certificate {
        Some(certificate) => {
            let row = academy.store().revocation(certificate.id).await?;
            let revoked = match row {
                Some(row) => Some(revoked(academy, row).await?),
                None => None,
            };
            Some(Found {
                id: certificate.id.0,
                learner: certificate.learner_name,
                course: certificate.course_title,
                code: certificate.code,
                issued: words::date(certificate.issued_at),
                revoked,
            })
        }
        None => None,
    };
    let revoked = i64::try_from(academy.store().revoked().await?.len()).unwrap_or(i64::MAX);
    let reasons = RevocationReason::ALL.map(|reason| (reason.as_str(), reason.said()));
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let frame = academy.frame(Some(account), "/admin");
    Ok((status, page(&Revocations { frame, asked: !code.is_empty(), code, found, reasons, revoked, error })).into_response())
}

async fn revoked(academy: &Academy, row: RevokedRow) -> Result<Revoked, PageProblem> {
    let by = academy.store().account(row.by).await?;
    let until = row.revocation.restorable_until();
    Ok(Revoked {
        when: words::date_and_time(row.revocation.at),
        why: row.revocation.reason.said(),
        note: row.note,
        by: by.map_or_else(|| "somebody whose account is gone".to_owned(), |account| account.name),
        until: (until > academy.parts.clock.now()).then(|| words::date_and_time(until)),
    })
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    code: String,
    reason: String,
    note: String,
}

async fn revoke(
    State(academy): State<Arc<Academy>>,
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Fields(form): Fields<Revocation>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let note = form.note.trim();
    let wrong = match form.reason.parse::<RevocationReason>() {
        Err(_) => Some("Choose why the certificate is to count no more."),
        Ok(_) if note.is_empty() => Some("Write a note: whoever looks at this later has to understand it."),
        Ok(_) if note.chars().count() > NOTE => Some("The note is longer than 500 characters."),
        Ok(_) => None,
    };
    if let Some(wrong) = wrong {
        let code = verify::written(&form.code);
        let certificate = parts.store.certificate_by_code(&code).await?;
        return answer(&academy, &administrator, code, certificate, Some(wrong)).await;
    }
    let reason = form.reason.parse().unwrap_or(RevocationReason::IssuedInError);
    let taken = Taken { by: administrator.0.id, reason, note: note.to_owned() };
    parts.store.revoke(CertificateId(id), &taken, parts.ids.uuid(), parts.clock.now()).await?;
    Ok(back(&form.code))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Restoration {
    code: String,
}

async fn restore(
    State(academy): State<Arc<Academy>>,
    administrator: Administrator,
    Path(id): Path<Uuid>,
    Fields(form): Fields<Restoration>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    parts.store.restore(CertificateId(id), administrator.0.id, parts.ids.uuid(), parts.clock.now()).await?;
    Ok(back(&form.code))
}

fn back(code: &str) -> Response {
    Redirect::to(&format!("/admin/certificates?code={}", verify::written(code))).into_response()
}
