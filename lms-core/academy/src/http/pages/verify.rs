//! Anybody who sees a certificate can check its code here.

mod erased;

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use porter_documents::Qr;
use porter_kernel::http::{Path, Problem, Query};
use serde::Deserialize;

use crate::http::caller::Caller;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Visitor;
use crate::http::{Academy, words};

/// Longer than any code, in characters.
const MAX: usize = 40;

#[derive(Template)]
#[template(path = "verify.html")]
struct Verify<'a> {
    frame: Frame<'a>,
    code: Option<String>,
    found: Option<Found>,
}

struct Found {
    learner: String,
    course: String,
    issued: String,
    /// When and why it counts no more.
    revoked: Option<(String, &'static str)>,
    qr: Option<Code>,
}

/// The QR code with its light border.
struct Code {
    size: u16,
    path: String,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    code: Option<String>,
}

pub(super) async fn ask(State(academy): State<Arc<Academy>>, visitor: Visitor, asked: Result<Query<Asked>, Problem>) -> Response {
    let Query(asked) = asked.unwrap_or_default();
    match asked.code.as_deref().map(written).filter(|code| !code.is_empty()) {
        Some(code) => Redirect::to(&format!("/verify/{code}")).into_response(),
        None => page(&Verify { frame: academy.frame(visitor.account(), "/verify"), code: None, found: None }),
    }
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    visitor: Visitor,
    caller: Caller,
    Path(code): Path<String>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let code = written(&code);
    if let Some(at) = academy.store().erased_certificate(&code).await? {
        return Ok(erased::show(&academy, visitor.account(), &code, at));
    }
    let found = academy.store().certificate_by_code(&code).await?.map(|certificate| Found {
        learner: certificate.learner_name,
        course: certificate.course_title,
        issued: words::date(certificate.issued_at),
        revoked: certificate.revoked.map(|revoked| (words::date(revoked.at), revoked.reason.said())),
        qr: Qr::of(&format!("{}/verify/{code}", academy.parts.public_url))
            .map(|qr| Code { size: qr.side() + 8, path: qr.svg_path() }),
    });
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let body = Verify { frame: academy.frame(visitor.account(), "/verify"), code: Some(code), found };
    // Names are here for who has the paper, and not for who looks for names.
    let unlisted = [(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"))];
    Ok((status, unlisted, page(&body)).into_response())
}

/// The code as it stands on the certificate, however it was typed: capitals, digits and dashes.
pub(super) fn written(typed: &str) -> String {
    let kept = typed.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == '-');
    kept.take(MAX).map(|letter| letter.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        assert_eq!(written(" nl-7f3k-9qwd\n"), "NL-7F3K-9QWD");
        assert_eq!(written("../../etc/passwd"), "ETCPASSWD");
        assert_eq!(written("<script>é"), "SCRIPT");
        assert_eq!(written(&"a".repeat(500)).len(), MAX);
    }
}
