//! A code that was printed, of a learner who was forgotten: it is no forgery, and there is nothing left to compare it with.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use porter_kernel::clock::Timestamp;

use crate::domain::Account;
use crate::http::page::{Frame, page};
use crate::http::{Academy, words};

#[derive(Template)]
#[template(path = "verify_erased.html")]
struct Erased<'a> {
    frame: Frame<'a>,
    code: &'a str,
    when: String,
}

pub(super) fn show(academy: &Academy, visitor: Option<&Account>, code: &str, at: Timestamp) -> Response {
    let body = Erased { frame: academy.frame(visitor, "/verify"), code, when: words::date(at) };
    (StatusCode::GONE, page(&body)).into_response()
}
