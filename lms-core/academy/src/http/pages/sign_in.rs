//! Signing in and out.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use porter_kernel::http::{Problem, Query};
use serde::Deserialize;

use super::{Fields, sign_in_code};
use crate::address::stored_form;
use crate::domain::AccountStatus;
use crate::http::caller::Caller;
use crate::http::doors::Guess;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Visitor;
use crate::http::{Academy, device, next};
use porter_kernel::passwords;

const TOO_MANY: &str = "Too many attempts. Please wait a minute and try again, or have a link for a new password sent to you: that always lets you in.";
/// Where signing in leads without a wish.
pub(super) const HOME: &str = "/learning";
/// The longest text that is shown again in the form, in characters.
const SHOWN: usize = 254;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    frame: Frame<'a>,
    email: String,
    next: Option<String>,
    error: Option<&'a str>,
    /// The password was right, but an administrator has locked the account.
    locked: bool,
    /// A new password was set a moment ago.
    reset: bool,
    /// The password was right, but the address was never confirmed.
    unverified: bool,
    /// The account will be erased unless somebody signs in.
    leaving: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Wish {
    next: Option<String>,
    reset: Option<String>,
    leaving: Option<String>,
}

fn page_with<'a>(academy: &'a Academy, next: Option<&str>) -> Page<'a> {
    Page {
        frame: academy.frame(None, "/sign-in"),
        email: String::new(),
        next: next.and_then(next::local).map(str::to_owned),
        error: None,
        locked: false,
        reset: false,
        unverified: false,
        leaving: false,
    }
}

pub(super) async fn show(State(academy): State<Arc<Academy>>, visitor: Visitor, wish: Result<Query<Wish>, Problem>) -> Response {
    let Query(wish) = wish.unwrap_or_default();
    if visitor.account().is_some() {
        return Redirect::to(wish.next.as_deref().and_then(next::local).unwrap_or(HOME)).into_response();
    }
    page(&Page { reset: wish.reset.is_some(), leaving: wish.leaving.is_some(), ..page_with(&academy, wish.next.as_deref()) })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    email: String,
    password: String,
    next: Option<String>,
}

/// One text for an unknown address and a wrong password, and the same work for both. That an account is locked is said only to who knows its password.
pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    headers: HeaderMap,
    Fields(form): Fields<SignIn>,
) -> Result<Response, PageProblem> {
    let shown: String = form.email.chars().take(SHOWN).collect();
    let refuse = |status: StatusCode, error: Option<&str>, of: Option<AccountStatus>| {
        let (locked, unverified) = (of == Some(AccountStatus::Locked), of == Some(AccountStatus::Unverified));
        let body = Page { email: shown.clone(), error, locked, unverified, ..page_with(&academy, form.next.as_deref()) };
        Ok((status, page(&body)).into_response())
    };
    let wrong = || refuse(StatusCode::UNAUTHORIZED, Some("The e-mail address or the password is not right."), None);
    let email = stored_form(&form.email);
    let known = match &email {
        Some(email) => academy.store().account_by_email(email).await?,
        None => None,
    };
    let device = known.as_ref().and_then(|known| device::known(&academy, &headers, known.account.id));
    let Ok(let_in) = academy.may_guess(Guess::Password, email.as_ref().unwrap_or(&shown), caller, device).await? else {
        return refuse(StatusCode::TOO_MANY_REQUESTS, Some(TOO_MANY), None);
    };
    let hash = known.as_ref().map(|credentials| credentials.password_hash.clone());
    let right = passwords::matches(form.password.clone(), hash).await?;
    let Some(credentials) = known.filter(|_| right) else { return wrong() };
    academy.was_right(&let_in).await?;
    let (account, status) = (credentials.account.id, credentials.account.status);
    if status != AccountStatus::Active {
        tracing::info!(%account, status = status.as_str(), "an account that is not open was refused");
        return if status == AccountStatus::Erased { wrong() } else { refuse(StatusCode::FORBIDDEN, None, Some(status)) };
    }
    let goal = form.next.as_deref().and_then(next::local).unwrap_or(HOME);
    if academy.store().two_factor(account).await?.is_some_and(|second| second.enabled_at.is_some()) {
        return Ok(sign_in_code::challenge(&academy, &credentials, goal));
    }
    let (id, token, now) = (academy.parts.ids.uuid(), academy.parts.ids.token(), academy.parts.clock.now());
    if !academy.store().sign_in(id, &token.hash(), &credentials, now, now + academy.session_lifetime()).await? {
        return wrong();
    }
    academy.opened(&headers, account, id, &token, goal).await
}

pub(super) async fn sign_out(State(academy): State<Arc<Academy>>, headers: HeaderMap) -> Result<Response, PageProblem> {
    if let Some(token) = academy.cookie.read(&headers) {
        academy.store().delete_session(&token.hash()).await?;
    }
    Ok(([(header::SET_COOKIE, academy.cookie.clear())], Redirect::to("/")).into_response())
}
