//! Taking a quiz: what it is, the sheet, the result; and the instructor's side of it.

mod api;
mod door;
mod result;
mod sheet;
mod teach;
#[cfg(test)]
mod tests;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post, put};
use porter_kernel::http::Problem;
use uuid::Uuid;

use crate::http::Academy;
use crate::http::page::PageProblem;

/// A sheet of a hundred short texts, or a file of questions, in bytes.
const LARGE_BODY: usize = 400_000;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/quiz/{lesson}", get(door::show))
        .route("/quiz/{lesson}/start", post(door::start))
        .route("/quiz/attempts/{id}", get(sheet::show).post(sheet::send).layer(DefaultBodyLimit::max(LARGE_BODY)))
        .route("/quiz/attempts/{id}/result", get(result::show))
        .route("/api/v1/attempts/{id}/answers/{question}", put(api::save))
        .merge(teach::router())
}

/// The id in an address; what is none is as an unknown one.
fn id(text: &str) -> Result<Uuid, PageProblem> {
    text.parse().map_err(|_| nothing())
}

fn nothing() -> PageProblem {
    Problem::not_found("There is no such quiz here, or it is not yours. From My learning you get to all of yours.").into()
}
