//! The link of an invitation: it opens a course to the account with the address that it was sent to.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use porter_kernel::http::{Path, Problem};
use porter_kernel::ids::Token;

use crate::domain::catalogue::Invitation;
use crate::http::caller::Caller;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::session::{Learner, Visitor};
use crate::http::{Academy, next, words};

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new().route("/invitations/{token}", get(show).post(accept))
}

#[derive(Template)]
#[template(path = "invitation.html")]
struct Page<'a> {
    frame: Frame<'a>,
    course: String,
    cohort: Option<String>,
    until: String,
    state: Link,
    action: String,
}

/// What can be done with the link.
enum Link {
    Ended,
    SignIn(String),
    Another,
    Ready,
}

async fn found(academy: &Academy, token: &str) -> Result<(Token, Invitation), PageProblem> {
    let none = || {
        PageProblem::from(Problem::not_found(
            "There is no such invitation. Open the link from the mail once more, or ask for a new one.",
        ))
    };
    let token = Token::parse(token).ok_or_else(none)?;
    let invitation = academy.store().invitation_by_token(&token.hash()).await?.ok_or_else(none)?;
    Ok((token, invitation))
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    visitor: Visitor,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let (token, invitation) = found(&academy, &token).await?;
    let action = format!("/invitations/{}", token.reveal());
    let state = match visitor.account() {
        _ if !invitation.is_live(academy.parts.clock.now()) => Link::Ended,
        None => Link::SignIn(next::sign_in(&action)),
        Some(account) if account.email != invitation.email => Link::Another,
        Some(_) => Link::Ready,
    };
    let frame = Frame { desk: None, ..academy.frame(visitor.account(), "/courses") };
    Ok(page(&Page {
        frame,
        course: invitation.course_title,
        cohort: invitation.cohort,
        until: words::date(invitation.expires_at),
        state,
        action,
    }))
}

pub(super) async fn accept(
    State(academy): State<Arc<Academy>>,
    Learner(account): Learner,
    Path(token): Path<String>,
) -> Result<Response, PageProblem> {
    academy.limits.by_account.take(&account.id)?;
    let (token, _) = found(&academy, &token).await?;
    let slug = academy.store().accept_invitation(&token.hash(), account.id, academy.parts.clock.now()).await?;
    Ok(Redirect::to(&format!("/learn/{slug}")).into_response())
}
