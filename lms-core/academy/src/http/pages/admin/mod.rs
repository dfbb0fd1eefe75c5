//! The administrator's pages: one file a page. [`overview`] leads to all of them.

mod jobs;
mod overview;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::http::Academy;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/admin", get(overview::show))
        .route("/admin/jobs", get(jobs::show))
        .route("/admin/jobs/again", post(jobs::again))
        .route("/admin/jobs/all-again", post(jobs::all_again))
}
