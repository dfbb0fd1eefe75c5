//! Where one is signed in.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::super::Fields;
use super::{Owner, Part, done};
use crate::http::Academy;
use crate::http::page::PageProblem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    session: Uuid,
}

pub(super) async fn end(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<One>,
) -> Result<Response, PageProblem> {
    academy.store().end_session(owner.account.id, form.session).await?;
    Ok(done(Part::Sessions, "session"))
}

pub(super) async fn end_others(State(academy): State<Arc<Academy>>, owner: Owner) -> Result<Response, PageProblem> {
    let ended = academy.store().end_other_sessions(owner.account.id, owner.session).await?;
    tracing::info!(account = %owner.account.id, ended, "other sessions were ended by their owner");
    Ok(done(Part::Sessions, "sessions"))
}
