//! One's own name.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::super::Fields;
use super::super::sign_up::{NAME_MAX, clean_name};
use super::{Owner, Part, done, refuse};
use crate::http::Academy;
use crate::http::page::PageProblem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<Name>,
) -> Result<Response, PageProblem> {
    let Some(name) = clean_name(&form.name) else {
        return refuse(&academy, &owner, Part::Profile, &format!("A name has 1 to {NAME_MAX} characters.")).await;
    };
    academy.store().rename(owner.account.id, &name).await?;
    Ok(done(Part::Profile, "name"))
}
