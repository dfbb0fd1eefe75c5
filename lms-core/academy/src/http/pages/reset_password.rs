//! Using a link for a new password.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::http::{Problem, Query};
use porter_kernel::ids::Token;
use serde::Deserialize;

use super::Fields;
use crate::address::masked;
use crate::domain::Account;
use crate::http::caller::Caller;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::{Academy, device, headers as hidden};
use crate::store::Redeemed;

#[derive(Template)]
#[template(path = "reset_password.html")]
struct Page<'a> {
    frame: Frame<'a>,
    form: Option<Form<'a>>,
}

/// What a live link shows.
struct Form<'a> {
    token: &'a str,
    /// Whose it is, masked.
    whose: String,
    min_length: usize,
    error: Option<String>,
}

/// The same page for a link that is unknown, used, voided or too old.
fn dead(academy: &Academy) -> Response {
    (StatusCode::GONE, page(&Page { frame: academy.frame(None, "/sign-in"), form: None })).into_response()
}

fn form_page(academy: &Academy, token: &Token, account: &Account, error: Option<String>) -> Response {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form =
        Form { token: token.reveal(), whose: masked(&account.email), min_length: academy.parts.policy.password_min_length, error };
    (status, page(&Page { frame: academy.frame(None, "/sign-in"), form: Some(form) })).into_response()
}

async fn live(academy: &Academy, token: Option<&str>) -> Result<Option<(Token, Account)>, PageProblem> {
    let Some(token) = token.and_then(Token::parse) else { return Ok(None) };
    let account = academy.store().live_reset(&token.hash(), academy.parts.clock.now()).await?;
    Ok(account.map(|account| (token, account)))
}

#[derive(Default, Deserialize)]
pub(super) struct Link {
    token: Option<String>,
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    link: Result<Query<Link>, Problem>,
) -> Result<Response, PageProblem> {
    let Query(link) = link.unwrap_or_default();
    academy.limits.by_caller.take(&caller.0)?;
    Ok(hidden::secret(match live(&academy, link.token.as_deref()).await? {
        Some((token, account)) => form_page(&academy, &token, &account, None),
        None => dead(&academy),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    token: String,
    password: String,
    again: String,
}

/// Looks at the link first, so that a dead one costs no hash; that only one of many uses succeeds is the store's doing.
pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    headers: HeaderMap,
    Fields(form): Fields<NewPassword>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let Some((token, account)) = live(&academy, Some(&form.token)).await? else { return Ok(hidden::secret(dead(&academy))) };
    if form.password != form.again {
        let error = "The two passwords are not the same.".to_owned();
        return Ok(hidden::secret(form_page(&academy, &token, &account, Some(error))));
    }
    if let Some(weakness) = academy.weakness(&form.password, [&account.email, &account.name]).await {
        return Ok(hidden::secret(form_page(&academy, &token, &account, Some(weakness.to_string()))));
    }
    let hash = porter_kernel::passwords::hash(form.password).await?;
    let parts = &academy.parts;
    match parts.store.redeem_reset(&token.hash(), &hash, parts.ids.uuid(), parts.clock.now()).await? {
        Redeemed::Done { account, sessions_ended } => {
            tracing::info!(%account, sessions_ended, "a new password was set");
            let mut response = Redirect::to("/sign-in?reset=done").into_response();
            response.headers_mut().append(header::SET_COOKIE, academy.cookie.clear());
            // Whoever reads the account's mail is no stranger: their sign-ins are not counted among those of guessers.
            response.headers_mut().append(header::SET_COOKIE, device::remember(&academy, &headers, account));
            Ok(response)
        }
        Redeemed::NotLive => Ok(hidden::secret(dead(&academy))),
    }
}
