//! What all pages share: the frame around them, and errors that are pages too.

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use porter_kernel::http::Problem;
use porter_kernel::passwords::PasswordError;

use super::Academy;
use crate::domain::{Account, Role};
use crate::store::AcademyError;

/// What stands around a page.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) academy: &'a str,
    /// The support desk, whose chat is on the page.
    pub(super) desk: Option<&'a str>,
    pub(super) support_email: &'a str,
    /// The name of who is signed in: untrusted text.
    pub(super) learner: Option<&'a str>,
    /// Whether the menu leads to the instructor's and the administrator's pages.
    pub(super) teaches: bool,
    pub(super) administers: bool,
    /// The path of the menu's entry that is shown.
    pub(super) here: &'static str,
}

impl Academy {
    pub(super) fn frame<'a>(&'a self, learner: Option<&'a Account>, here: &'static str) -> Frame<'a> {
        Frame {
            academy: &self.parts.policy.academy_name,
            desk: self.parts.desk_url.as_deref(),
            support_email: &self.parts.policy.support_email,
            learner: learner.map(|account| account.name.as_str()),
            teaches: learner.is_some_and(|account| matches!(account.role, Role::Instructor | Role::Administrator)),
            administers: learner.is_some_and(|account| account.role == Role::Administrator),
            here,
        }
    }
}

/// The rendered page.
pub(super) fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            Problem::internal().into_response()
        }
    }
}

/// A problem that a person sees in a browser.
#[derive(Debug)]
pub(super) struct PageProblem(Problem);

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    status: u16,
    title: &'a str,
    detail: &'a str,
}

impl IntoResponse for PageProblem {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let title = match status.as_u16() {
            404 => "There is no such page",
            429 => "Please wait a moment",
            400..500 => "That did not work",
            507 | 503 => "Please try again in a moment",
            _ => "Something went wrong on our side",
        };
        let mut response = page(&ErrorPage { status: status.as_u16(), title, detail: self.0.detail() });
        *response.status_mut() = status;
        if let Some(wait) = self.0.into_response().headers_mut().remove(axum::http::header::RETRY_AFTER) {
            response.headers_mut().insert(axum::http::header::RETRY_AFTER, wait);
        }
        response
    }
}

impl From<Problem> for PageProblem {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<AcademyError> for PageProblem {
    fn from(error: AcademyError) -> Self {
        Self(error.into())
    }
}

impl From<PasswordError> for PageProblem {
    fn from(error: PasswordError) -> Self {
        Self(error.into())
    }
}
