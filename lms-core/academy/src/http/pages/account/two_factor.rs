//! Turning the second factor on and off.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use porter_kernel::http::Problem;
use serde::Deserialize;

use super::super::Fields;
use super::{Owner, Part, WRONG_PASSWORD, done, proven, refuse};
use crate::http::Academy;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::second_factor::{self, Picture};

const HERE: &str = "/account/two-factor";

#[derive(Template)]
#[template(path = "two_factor.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// The picture and the secret to type, while it is being set up.
    setup: Option<(Picture, String)>,
    /// Shown once, when it was turned on.
    codes: Vec<String>,
    error: Option<&'a str>,
}

/// The page of setting it up; back to the account when there is nothing to set up.
async fn setup_page(academy: &Academy, owner: &Owner, error: Option<&str>) -> Result<Response, PageProblem> {
    let (parts, account) = (&academy.parts, &owner.account);
    let begun = parts.store.two_factor(account.id).await?.filter(|second| second.enabled_at.is_none());
    let Some(begun) = begun else { return Ok(Redirect::to("/account#two-factor").into_response()) };
    let Some(secret) = parts.key.unseal(account.id, &begun.sealed) else { return Err(Problem::internal().into()) };
    let uri = second_factor::uri(&secret, &parts.policy.academy_name, &account.email);
    let setup = second_factor::picture(&uri).map(|picture| (picture, second_factor::spelled(&secret)));
    let body = Page { frame: academy.frame(Some(account), "/account"), setup, codes: Vec::new(), error };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&body)).into_response())
}

pub(super) async fn show(State(academy): State<Arc<Academy>>, owner: Owner) -> Result<Response, PageProblem> {
    setup_page(&academy, &owner, None).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Begin {
    password: String,
}

pub(super) async fn begin(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<Begin>,
) -> Result<Response, PageProblem> {
    let (parts, account) = (&academy.parts, &owner.account);
    if proven(&academy, account, form.password).await?.is_none() {
        return refuse(&academy, &owner, Part::TwoFactor, WRONG_PASSWORD).await;
    }
    let secret = second_factor::new_secret(parts.ids.as_ref());
    let Some(sealed) = parts.key.seal(account.id, parts.ids.uuid(), &secret) else { return Err(Problem::internal().into()) };
    if !parts.store.begin_two_factor(account.id, &sealed, parts.clock.now()).await? {
        return refuse(&academy, &owner, Part::TwoFactor, "Two-factor sign-in is on already.").await;
    }
    Ok(Redirect::to(HERE).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Enable {
    code: String,
}

pub(super) async fn enable(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<Enable>,
) -> Result<Response, PageProblem> {
    let (parts, account) = (&academy.parts, &owner.account);
    academy.may_prove("two-factor set-up", &account.id.to_string()).await?;
    let now = parts.clock.now();
    let begun = parts.store.two_factor(account.id).await?.filter(|second| second.enabled_at.is_none());
    let Some(begun) = begun else { return Ok(Redirect::to("/account#two-factor").into_response()) };
    let secret = parts.key.unseal(account.id, &begun.sealed);
    let code: String = form.code.chars().filter(char::is_ascii_digit).collect();
    let Some(step) = secret.and_then(|secret| second_factor::step_of(&secret, &code, now)) else {
        let error =
            "This code is not right. Type the six digits that the app shows now; the clock of your telephone must be right.";
        return setup_page(&academy, &owner, Some(error)).await;
    };
    let (codes, hashes): (Vec<_>, Vec<_>) =
        second_factor::recovery_codes(&parts.key, parts.ids.as_ref(), account.id).into_iter().unzip();
    if !parts.store.enable_two_factor(account.id, &begun.sealed, step, &hashes, parts.ids.uuid(), now).await? {
        return Ok(Redirect::to("/account#two-factor").into_response());
    }
    tracing::info!(account = %account.id, "two-factor sign-in was turned on");
    let body = Page { frame: academy.frame(Some(account), "/account"), setup: None, codes, error: None };
    Ok(page(&body))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Disable {
    password: String,
    code: String,
}

pub(super) async fn disable(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<Disable>,
) -> Result<Response, PageProblem> {
    let (parts, account) = (&academy.parts, &owner.account);
    if proven(&academy, account, form.password).await?.is_none() {
        return refuse(&academy, &owner, Part::TwoFactor, WRONG_PASSWORD).await;
    }
    let now = parts.clock.now();
    let second = parts.store.two_factor(account.id).await?;
    let proof = second.and_then(|second| second_factor::proof(&parts.key, account.id, &second, &form.code, now));
    let off = match proof {
        Some(proof) => parts.store.disable_two_factor(account.id, &proof, parts.ids.uuid(), now).await?,
        None => false,
    };
    if !off {
        return refuse(&academy, &owner, Part::TwoFactor, "This code is not right, or it was used already.").await;
    }
    tracing::info!(account = %account.id, "two-factor sign-in was turned off");
    Ok(done(Part::TwoFactor, "two-factor-off"))
}
