//! One's own account: name, password, address, second factor, sessions, data. One page; each form has a file.

mod confirm_email;
mod email;
mod password;
mod privacy;
mod profile;
mod sessions;
mod two_factor;

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use porter_kernel::http::{Problem, Query};
use porter_kernel::passwords;
use serde::Deserialize;
use uuid::Uuid;

use crate::domain::{Account, SessionFacts};
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::{Learner, Visitor};
use crate::http::{Academy, words};
use crate::store::{Credentials, GRACE};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/account", get(show))
        .route("/account/name", post(profile::submit))
        .route("/account/password", post(password::submit))
        .route("/account/email", post(email::submit))
        .route("/account/sessions/end", post(sessions::end))
        .route("/account/sessions/end-others", post(sessions::end_others))
        .route("/account/two-factor", get(two_factor::show))
        .route("/account/two-factor/begin", post(two_factor::begin))
        .route("/account/two-factor/enable", post(two_factor::enable))
        .route("/account/two-factor/disable", post(two_factor::disable))
        .route("/account/export", post(privacy::export))
        .route("/account/delete", post(privacy::delete))
        .route("/confirm-email", get(confirm_email::show).post(confirm_email::submit))
}

/// Who is signed in, and in which session.
#[derive(Debug)]
struct Owner {
    session: Uuid,
    account: Account,
}

impl FromRequestParts<Arc<Academy>> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, academy: &Arc<Academy>) -> Result<Self, Response> {
        let Visitor(visitor) = Visitor::from_request_parts(parts, academy).await.map_err(|error| error.into_response())?;
        match visitor {
            Some((session, account)) => Ok(Self { session, account }),
            // Sends to sign in and back.
            None => match Learner::from_request_parts(parts, academy).await {
                Err(response) => Err(response),
                Ok(_) => Err(Redirect::to("/sign-in").into_response()),
            },
        }
    }
}

/// A part of the page; its word is the part's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Profile,
    Password,
    Email,
    TwoFactor,
    Sessions,
    Data,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Password => "password",
            Self::Email => "email",
            Self::TwoFactor => "two-factor",
            Self::Sessions => "sessions",
            Self::Data => "data",
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'a> {
    frame: Frame<'a>,
    account: &'a Account,
    min_length: usize,
    /// Where a form was just sent, whether it worked, and what to say.
    said: Option<(&'static str, bool, &'a str)>,
    /// The new address of a change that is under way, and which of the two sides have said yes.
    change: Option<(String, bool, bool)>,
    two_factor: Option<(String, i64)>,
    sessions: Vec<Session>,
    grace_days: u64,
}

struct Session {
    id: Uuid,
    device: String,
    begun: String,
    seen: String,
    here: bool,
}

fn session(facts: SessionFacts, here: Uuid) -> Session {
    Session {
        id: facts.id,
        device: if facts.device.is_empty() { "A device that we do not know".to_owned() } else { facts.device },
        begun: words::date_and_time(facts.created_at),
        seen: words::date(facts.seen_at),
        here: facts.id == here,
    }
}

impl Page<'_> {
    /// What to say in this part.
    fn says(&self, part: &str) -> Option<(bool, &str)> {
        self.said.filter(|(where_to, _, _)| *where_to == part).map(|(_, good, text)| (good, text))
    }
}

async fn render(academy: &Academy, owner: &Owner, said: Option<(Part, bool, &str)>) -> Result<Response, PageProblem> {
    let (store, account, now) = (academy.store(), &owner.account, academy.parts.clock.now());
    let two_factor = store.two_factor(account.id).await?;
    let change = store.email_change_of(account.id, now).await?;
    let sessions = store.sessions(account.id, now).await?.into_iter().map(|facts| session(facts, owner.session)).collect();
    let body = Page {
        frame: academy.frame(Some(account), "/account"),
        account,
        min_length: academy.parts.policy.password_min_length,
        said: said.map(|(part, good, text)| (part.as_str(), good, text)),
        change: change.map(|change| (change.new_email, change.old_said, change.new_said)),
        two_factor: two_factor.and_then(|second| Some((words::date(second.enabled_at?), second.codes_left))),
        sessions,
        grace_days: GRACE.as_secs() / 86_400,
    };
    let status = if said.is_some_and(|(_, good, _)| !good) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, page(&body)).into_response())
}

/// The page with a refusal beside its form.
async fn refuse(academy: &Academy, owner: &Owner, part: Part, why: &str) -> Result<Response, PageProblem> {
    render(academy, owner, Some((part, false, why))).await
}

/// Back to the page, which says what was done.
fn done(part: Part, word: &str) -> Response {
    Redirect::to(&format!("/account?done={word}#{}", part.as_str())).into_response()
}

#[derive(Debug, Default, Deserialize)]
struct Wish {
    done: Option<String>,
}

async fn show(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    wish: Result<Query<Wish>, Problem>,
) -> Result<Response, PageProblem> {
    let Query(wish) = wish.unwrap_or_default();
    let said = match wish.done.as_deref() {
        Some("name") => Some((Part::Profile, true, "Your name is changed. Certificates keep the name that is printed on them.")),
        Some("password") => Some((Part::Password, true, "Your new password is set, and all other devices are signed out.")),
        Some("email") => {
            Some((Part::Email, true, "We have written to both addresses. The change takes effect when both have said yes."))
        }
        Some("session") => Some((Part::Sessions, true, "That device is signed out.")),
        Some("sessions") => Some((Part::Sessions, true, "All other devices are signed out.")),
        Some("two-factor-off") => Some((Part::TwoFactor, true, "Two-factor sign-in is off.")),
        _ => None,
    };
    render(&academy, &owner, said).await
}

/// The credentials, when this is the account's password.
async fn proven(academy: &Academy, account: &Account, password: String) -> Result<Option<Credentials>, PageProblem> {
    academy.may_prove_own(account.id).await?;
    let Some(found) = academy.store().credentials(account.id).await? else { return Ok(None) };
    let right = passwords::matches(password, Some(found.password_hash.clone())).await?;
    Ok(right.then_some(found))
}

const WRONG_PASSWORD: &str = "This is not your present password.";
