//! The second page of signing in, for who has a second factor. Between the two pages a signed challenge stands for the right password; it is bound to the
//! session that will be begun, and ends soon.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use porter_kernel::http::{Problem, Query};
use serde::Deserialize;

use super::{Fields, sign_in};
use crate::http::caller::Caller;
use crate::http::doors::Guess;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::{Academy, device, next, second_factor};
use crate::seals::Challenge;
use crate::store::Credentials;

const COOKIE: &str = "academy_challenge";
/// Enough to find the telephone.
const LIFETIME: Duration = Duration::from_mins(10);
const PATH: &str = "/sign-in/code";

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new().route(PATH, get(show).post(submit))
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct Page<'a> {
    frame: Frame<'a>,
    next: &'a str,
    error: Option<&'a str>,
}

/// The password was right: on to the code.
pub(super) fn challenge(academy: &Academy, checked: &Credentials, goal: &str) -> Response {
    let parts = &academy.parts;
    let challenge = Challenge {
        account: checked.account.id,
        session: parts.ids.uuid(),
        password: parts.key.password_mark(&checked.password_hash),
        expires_at: parts.clock.now() + LIFETIME,
    };
    let mut response = Redirect::to(&format!("{PATH}?next={}", next::escaped(goal))).into_response();
    response.headers_mut().append(header::SET_COOKIE, cookie(academy, &parts.key.sign_challenge(&challenge), LIFETIME.as_secs()));
    response
}

fn cookie(academy: &Academy, value: &str, max_age: u64) -> HeaderValue {
    let secure = if academy.parts.secure_cookies { "; Secure" } else { "" };
    let text = format!("{COOKIE}={value}; HttpOnly; SameSite=Lax; Path=/sign-in; Max-Age={max_age}{secure}");
    // Plain ASCII, so this does not fail.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

fn read(academy: &Academy, headers: &HeaderMap) -> Option<Challenge> {
    academy.parts.key.read_challenge(device::cookie(headers, COOKIE)?, academy.parts.clock.now())
}

#[derive(Default, Deserialize)]
struct Wish {
    next: Option<String>,
}

async fn show(State(academy): State<Arc<Academy>>, headers: HeaderMap, wish: Result<Query<Wish>, Problem>) -> Response {
    if read(&academy, &headers).is_none() {
        return Redirect::to("/sign-in").into_response();
    }
    let Query(wish) = wish.unwrap_or_default();
    let next = wish.next.as_deref().and_then(next::local).unwrap_or(sign_in::HOME);
    page(&Page { frame: academy.frame(None, "/sign-in"), next, error: None })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
    next: Option<String>,
}

async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    headers: HeaderMap,
    Fields(form): Fields<Code>,
) -> Result<Response, PageProblem> {
    let parts = &academy.parts;
    let Some(challenge) = read(&academy, &headers) else { return Ok(Redirect::to("/sign-in").into_response()) };
    let goal = form.next.as_deref().and_then(next::local).unwrap_or(sign_in::HOME);
    let refuse = |status: StatusCode, error: &str| {
        let body = Page { frame: academy.frame(None, "/sign-in"), next: goal, error: Some(error) };
        Ok((status, page(&body)).into_response())
    };
    let account = challenge.account;
    let known = device::known(&academy, &headers, account);
    let Ok(let_in) = academy.may_guess(Guess::Code, &account.to_string(), caller, known).await? else {
        return refuse(StatusCode::TOO_MANY_REQUESTS, "Too many attempts. Please wait a minute and try again.");
    };
    let (credentials, two_factor) = (parts.store.credentials(account).await?, parts.store.two_factor(account).await?);
    // A new password was set meanwhile, or the second factor was turned off: from the beginning.
    let credentials = credentials.filter(|found| parts.key.password_mark(&found.password_hash) == challenge.password);
    let (Some(credentials), Some(two_factor)) = (credentials, two_factor) else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let now = parts.clock.now();
    let Some(proof) = second_factor::proof(&parts.key, account, &two_factor, &form.code, now) else {
        return refuse(StatusCode::UNAUTHORIZED, WRONG);
    };
    let token = parts.ids.token();
    let (session, end) = (challenge.session, now + academy.session_lifetime());
    if !parts.store.sign_in_with_proof(session, &token.hash(), &credentials, &proof, now, end).await? {
        return refuse(StatusCode::UNAUTHORIZED, WRONG);
    }
    academy.was_right(&let_in).await?;
    let mut response = academy.opened(&headers, account, session, &token, goal).await?;
    response.headers_mut().append(header::SET_COOKIE, cookie(&academy, "", 0));
    Ok(response)
}

const WRONG: &str =
    "This code is not right, or it was used already. The app shows a new one every 30 seconds; a recovery code works once.";
