//! One's own data: a file of all of it, and the end of it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use porter_kernel::http::Problem;
use serde::Deserialize;

use super::super::Fields;
use super::{Owner, Part, WRONG_PASSWORD, proven, refuse};
use crate::http::Academy;
use crate::http::page::PageProblem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    password: String,
}

pub(super) async fn export(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<Proof>,
) -> Result<Response, PageProblem> {
    if proven(&academy, &owner.account, form.password).await?.is_none() {
        return refuse(&academy, &owner, Part::Data, WRONG_PASSWORD).await;
    }
    let data = academy.store().export(owner.account.id).await?;
    let Ok(bytes) = serde_json::to_vec_pretty(&data) else { return Err(Problem::internal().into()) };
    tracing::info!(account = %owner.account.id, "an account's data was given to its owner");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"my-data.json\"")),
    ];
    Ok((headers, bytes).into_response())
}

pub(super) async fn delete(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<Proof>,
) -> Result<Response, PageProblem> {
    if proven(&academy, &owner.account, form.password).await?.is_none() {
        return refuse(&academy, &owner, Part::Data, WRONG_PASSWORD).await;
    }
    let parts = &academy.parts;
    parts.store.ask_to_be_erased(owner.account.id, parts.ids.uuid(), parts.clock.now()).await?;
    tracing::info!(account = %owner.account.id, "an account is to be erased");
    let mut response = Redirect::to("/sign-in?leaving=yes").into_response();
    response.headers_mut().append(header::SET_COOKIE, academy.cookie.clear());
    Ok(response)
}
