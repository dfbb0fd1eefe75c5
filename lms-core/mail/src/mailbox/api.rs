//! JSON, for tests and scripts.

use axum::extract::State;
use porter_kernel::http::{Json, Path, Problem, Query};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::reading;
use crate::folder::{Caught, Folder, Summary};

/// How many a list holds at most.
const MOST: usize = 1_000;

#[derive(Debug, Deserialize)]
pub(super) struct Filter {
    /// Only mails delivered to this address.
    to: Option<String>,
    /// Only mails older than this one.
    before: Option<Uuid>,
    limit: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(super) struct Mails {
    /// Of all that are kept.
    count: usize,
    /// The newest first.
    mails: Vec<Summary>,
}

pub(super) async fn list(State(folder): State<Folder>, Query(filter): Query<Filter>) -> Json<Mails> {
    let mails = folder.newest(filter.to.as_deref(), filter.before, filter.limit.unwrap_or(MOST).min(MOST));
    Json(Mails { count: folder.count(), mails })
}

pub(super) async fn mail(State(folder): State<Folder>, Path(id): Path<Uuid>) -> Result<Json<Caught>, Problem> {
    let mail = reading(folder, id, Folder::mail).await?;
    mail.map(Json).ok_or_else(|| Problem::not_found("There is no such mail."))
}
