//! Signing up. What is answered never shows whether an address has an account, and the work is the same: a hash, and a job.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::http::{Problem, Query};
use porter_kernel::ids::Token;
use porter_kernel::passwords;
use serde::Deserialize;
use uuid::Uuid;

use super::{Fields, sign_in};
use crate::address::{masked, stored_form};
use crate::http::Academy;
use crate::http::caller::Caller;
use crate::http::headers as hidden;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::Visitor;
use crate::store::{NewSignUp, Verification};

/// The longest name, in characters.
pub(super) const NAME_MAX: usize = 80;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/sign-up", get(show).post(submit))
        .route("/sign-up/again", post(again))
        .route("/verify-email", get(verify_show).post(verify_submit))
}

#[derive(Template)]
#[template(path = "sign_up.html")]
struct Page<'a> {
    frame: Frame<'a>,
    /// The form; without it: look into your mailbox.
    form: Option<Form<'a>>,
    email: &'a str,
}

struct Form<'a> {
    key: Uuid,
    name: &'a str,
    min_length: usize,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "verify_email.html")]
struct VerifyPage<'a> {
    frame: Frame<'a>,
    /// The link's secret and the masked address; `None`: the link is dead.
    link: Option<(&'a str, String)>,
    error: Option<&'a str>,
}

async fn show(State(academy): State<Arc<Academy>>, visitor: Visitor) -> Response {
    if visitor.account().is_some() {
        return Redirect::to(sign_in::HOME).into_response();
    }
    let form = Form { key: academy.parts.ids.uuid(), name: "", min_length: academy.parts.policy.password_min_length, error: None };
    page(&Page { frame: academy.frame(None, "/sign-up"), form: Some(form), email: "" })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignUp {
    key: Uuid,
    name: String,
    email: String,
    password: String,
}

/// One line, without what steers how it is shown; `None` when nothing is left or it is too long.
pub(super) fn clean_name(typed: &str) -> Option<String> {
    let words: Vec<&str> = typed.split_whitespace().collect();
    let name: String = words.join(" ").chars().filter(|letter| !letter.is_control()).collect();
    (!name.is_empty() && name.chars().count() <= NAME_MAX).then_some(name)
}

async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    Fields(form): Fields<SignUp>,
) -> Result<Response, PageProblem> {
    academy.may_sign_up(caller).await?;
    let parts = &academy.parts;
    let refuse = |error: String| {
        let form_again = Form { key: form.key, name: &form.name, min_length: parts.policy.password_min_length, error: Some(error) };
        let body = Page { frame: academy.frame(None, "/sign-up"), form: Some(form_again), email: &form.email };
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&body)).into_response())
    };
    let Some(name) = clean_name(&form.name) else {
        return refuse(format!("Please tell us your name, in {NAME_MAX} characters at most. It will stand on your certificates."));
    };
    let Some(email) = stored_form(&form.email) else {
        return refuse("This is no e-mail address. It looks like name@example.com.".to_owned());
    };
    if let Some(weakness) = academy.weakness(&form.password, [&email, &name]).await {
        return refuse(weakness.to_string());
    }
    let password_hash = passwords::hash(form.password.clone()).await?;
    let shown = email.clone();
    parts.store.sign_up(form.key, &NewSignUp { email, name, password_hash }, parts.clock.now()).await?;
    Ok(page(&Page { frame: academy.frame(None, "/sign-up"), form: None, email: &shown }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Again {
    email: String,
}

async fn again(State(academy): State<Arc<Academy>>, caller: Caller, Fields(form): Fields<Again>) -> Result<Response, PageProblem> {
    let address = stored_form(&form.email);
    if let Some(address) = &address
        && academy.may_ask_for_link(address, caller).await?
    {
        let parts = &academy.parts;
        parts.store.ask_to_verify_again(parts.ids.uuid(), address, parts.clock.now()).await?;
    }
    Ok(page(&Page { frame: academy.frame(None, "/sign-up"), form: None, email: address.as_deref().unwrap_or_default() }))
}

/// The page's address is a secret, which no other site may see; our own form may say where it is from.
fn secret(response: Response) -> Response {
    let mut response = hidden::secret(response);
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

async fn live(academy: &Academy, token: Option<&str>) -> Result<Option<(Token, Verification)>, PageProblem> {
    let Some(token) = token.and_then(Token::parse) else { return Ok(None) };
    let found = academy.store().live_verification(&token.hash(), academy.parts.clock.now()).await?;
    Ok(found.map(|found| (token, found)))
}

fn dead(academy: &Academy) -> Response {
    let body = VerifyPage { frame: academy.frame(None, "/sign-up"), link: None, error: None };
    secret((StatusCode::GONE, page(&body)).into_response())
}

#[derive(Default, Deserialize)]
struct Link {
    token: Option<String>,
}

/// Changes nothing: programs that look through mail open every link.
async fn verify_show(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    link: Result<Query<Link>, Problem>,
) -> Result<Response, PageProblem> {
    let Query(link) = link.unwrap_or_default();
    academy.limits.by_caller.take(&caller.0)?;
    let Some((token, found)) = live(&academy, link.token.as_deref()).await? else { return Ok(dead(&academy)) };
    let link = Some((token.reveal(), masked(&found.account.email)));
    Ok(secret(page(&VerifyPage { frame: academy.frame(None, "/sign-up"), link, error: None })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Confirm {
    token: String,
    password: String,
}

/// Asks for the password of the form that the link is from: whoever filled in a form with somebody else's address cannot have the owner's click give them
/// an account in that name.
async fn verify_submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    headers: HeaderMap,
    Fields(form): Fields<Confirm>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let Some((token, found)) = live(&academy, Some(&form.token)).await? else { return Ok(dead(&academy)) };
    academy.may_prove("link", token.hash().as_str()).await?;
    if !passwords::matches(form.password, Some(found.password_hash)).await? {
        let link = Some((token.reveal(), masked(&found.account.email)));
        let error = Some("This is not the password that you chose when you signed up.");
        let body = VerifyPage { frame: academy.frame(None, "/sign-up"), link, error };
        return Ok(secret((StatusCode::UNPROCESSABLE_ENTITY, page(&body)).into_response()));
    }
    let parts = &academy.parts;
    let now = parts.clock.now();
    let Some(account) = parts.store.verify(&token.hash(), now).await? else { return Ok(dead(&academy)) };
    tracing::info!(%account, "an account was confirmed");
    let (id, session) = (parts.ids.uuid(), parts.ids.token());
    match parts.store.credentials(account).await? {
        Some(checked) if parts.store.sign_in(id, &session.hash(), &checked, now, now + academy.session_lifetime()).await? => {
            academy.opened(&headers, account, id, &session, sign_in::HOME).await
        }
        _ => Ok(Redirect::to("/sign-in").into_response()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line() {
        assert_eq!(clean_name("  Anna \r\n Keller\u{7}").as_deref(), Some("Anna Keller"));
        assert_eq!(clean_name(" \n "), None);
        assert_eq!(clean_name(&"é".repeat(NAME_MAX + 1)), None);
    }
}
