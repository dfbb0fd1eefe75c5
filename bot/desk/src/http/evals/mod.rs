//! The admin pages of the evals: runs, one run, two compared, figures over time, and the cases that agents have made.

mod cases;
mod runs;
mod scrub;
mod trend;

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::Desk;
use crate::domain::StoredEval;

/// A report as a page of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvalPage {
    pub html: String,
    /// The content security policy under which it works.
    pub policy: String,
}

/// Renders runs for people. The evals know what a run says; the desk only keeps it.
pub trait EvalReports: Send + Sync + fmt::Debug {
    /// The report of a run, with what changed since the baseline. Errors: why the run cannot be read, in words.
    fn page(&self, run: &StoredEval, baseline: Option<&StoredEval>) -> Result<EvalPage, String>;
}

pub(super) fn router() -> Router<Arc<Desk>> {
    Router::new()
        .route("/admin/evals", get(runs::list))
        .route("/admin/evals/run", get(runs::show))
        .route("/admin/evals/report", get(runs::report))
        .route("/admin/evals/cases", get(cases::list).post(cases::keep))
        .route("/admin/evals/cases.jsonl", get(cases::download))
        .route("/admin/evals/cases/new", get(cases::new))
        .route("/admin/evals/cases/remove", post(cases::remove))
}
