//! Leaving the list of announcements by the link of a mail, signed in or not. The link is the proof: it names an account and a course, signed.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use porter_kernel::http::{Path, Problem};

use crate::domain::{AccountId, CourseId};
use crate::http::caller::Caller;
use crate::http::page::{Frame, PageProblem, page};
use crate::http::{Academy, headers};

#[derive(Template)]
#[template(path = "unsubscribe.html")]
struct Unsubscribe<'a> {
    frame: Frame<'a>,
    token: &'a str,
    course: bool,
    all: bool,
    done: bool,
}

fn whose(academy: &Academy, token: &str) -> Result<(AccountId, CourseId), PageProblem> {
    let known = academy.parts.key.unsubscribed_by(token);
    known.ok_or_else(|| {
        Problem::not_found(
            "This link is not complete. Copy all of it from the mail, or change your mails on the page of your account.",
        )
        .into()
    })
}

async fn answer(
    academy: &Academy,
    token: &str,
    (account, course): (AccountId, CourseId),
    done: bool,
) -> Result<Response, PageProblem> {
    let (of_course, all) = academy.store().unsubscribed(account, course).await?;
    let frame = academy.frame(None, "");
    Ok(headers::secret(page(&Unsubscribe { frame, token, course: of_course, all, done })))
}

pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    Path(token): Path<String>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let whose = whose(&academy, &token)?;
    answer(&academy, &token, whose, false).await
}

/// A button of the page, or a mail program's one click (RFC 8058), as a form of either encoding. Looking at the page alone changes nothing: programs that
/// check links do that.
pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    Path(token): Path<String>,
    body: Bytes,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let (account, course) = whose(&academy, &token)?;
    let (store, now) = (academy.store(), academy.parts.clock.now());
    let said = String::from_utf8_lossy(&body);
    match said.trim() {
        "scope=all" => store.unsubscribe(account, None, now).await?,
        "scope=course" => store.unsubscribe(account, Some(course), now).await?,
        "scope=none" => store.subscribe(account, Some(course)).await?,
        one_click if one_click.contains("List-Unsubscribe") && one_click.contains("One-Click") => {
            store.unsubscribe(account, Some(course), now).await?;
            return Ok(headers::secret(StatusCode::OK.into_response()));
        }
        _ => return Err(Problem::unprocessable("The form did not arrive as it was sent. Go back and try again.").into()),
    }
    answer(&academy, &token, (account, course), true).await
}
