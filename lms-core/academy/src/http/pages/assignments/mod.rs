//! Assignments: the learner's page, the instructor's queue, the gradebook.

mod gradebook;
mod grading;
mod handing_in;
mod queue;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::domain::assignment::{MAX_BYTES, MAX_FILES};
use crate::http::Academy;

/// A typed answer of the longest kind, each character of it escaped.
const ANSWER_LIMIT: usize = 300_000;

pub(super) fn router() -> Router<Arc<Academy>> {
    // What stands around the files in a form is small.
    let upload = usize::try_from(MAX_BYTES * MAX_FILES).unwrap_or(usize::MAX).saturating_add(100_000);
    Router::new()
        .route("/assignments/{id}", get(handing_in::show))
        .route("/assignments/{id}/begin", post(handing_in::begin))
        .route("/assignments/{id}/answer", post(handing_in::answer).layer(DefaultBodyLimit::max(ANSWER_LIMIT)))
        .route("/assignments/{id}/files", post(upload::receive).layer(DefaultBodyLimit::max(upload)))
        .route("/assignments/{id}/files/{file}", get(upload::download))
        .route("/assignments/{id}/files/{file}/remove", post(upload::remove))
        .route("/learn/{slug}/grades", get(gradebook::own))
        .route("/teach/{slug}/assignments", get(queue::show))
        .route("/teach/{slug}/assignments/{submission}", get(grading::show))
        .route("/teach/{slug}/assignments/{submission}/claim", post(grading::claim))
        .route("/teach/{slug}/assignments/{submission}/decide", post(grading::decide).layer(DefaultBodyLimit::max(ANSWER_LIMIT)))
        .route("/teach/{slug}/assignments/{submission}/extend", post(grading::extend))
        .route("/teach/{slug}/gradebook", get(gradebook::show).post(gradebook::set_scheme))
        .route("/teach/{slug}/gradebook.csv", get(gradebook::csv))
}
