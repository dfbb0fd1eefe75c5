//! A link to one of the two addresses of a change: yes or no, by a button.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use porter_kernel::http::{Problem, Query};
use porter_kernel::ids::Token;
use serde::Deserialize;

use super::super::Fields;
use crate::address::masked;
use crate::http::Academy;
use crate::http::caller::Caller;
use crate::http::headers as hidden;
use crate::http::page::{Frame, PageProblem, page};
use crate::store::{Consent, Side};

#[derive(Template)]
#[template(path = "confirm_email.html")]
struct Page<'a> {
    frame: Frame<'a>,
    stage: Stage<'a>,
}

enum Stage<'a> {
    /// The link's secret, the new address, whether the link was sent to it, and when it ends.
    Asks {
        token: &'a str,
        old: String,
        new: String,
        to_new: bool,
        until: String,
    },
    Waiting,
    Done,
    Vetoed,
    Dead,
}

fn answer(academy: &Academy, status: StatusCode, stage: Stage<'_>) -> Response {
    let body = Page { frame: academy.frame(None, "/account"), stage };
    let mut response = hidden::secret((status, page(&body)).into_response());
    // Our own form may say where it is from.
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    response
}

#[derive(Default, Deserialize)]
pub(super) struct Link {
    token: Option<String>,
}

/// Changes nothing: programs that look through mail open every link.
pub(super) async fn show(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    link: Result<Query<Link>, Problem>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let Query(link) = link.unwrap_or_default();
    let Some(token) = link.token.as_deref().and_then(Token::parse) else {
        return Ok(answer(&academy, StatusCode::GONE, Stage::Dead));
    };
    Ok(match academy.store().live_email_change(&token.hash(), academy.parts.clock.now()).await? {
        Some((side, change)) => {
            let said = if side == Side::New { change.new_said } else { change.old_said };
            let asks = Stage::Asks {
                token: token.reveal(),
                old: masked(&change.old_email),
                new: if side == Side::New { change.new_email } else { masked(&change.new_email) },
                to_new: side == Side::New,
                until: crate::http::words::date_and_time(change.expires_at),
            };
            answer(&academy, StatusCode::OK, if said { Stage::Waiting } else { asks })
        }
        None => answer(&academy, StatusCode::GONE, Stage::Dead),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Said {
    token: String,
    say: Word,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Word {
    Yes,
    No,
}

pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    Fields(form): Fields<Said>,
) -> Result<Response, PageProblem> {
    academy.limits.by_caller.take(&caller.0)?;
    let dead = || Ok(answer(&academy, StatusCode::GONE, Stage::Dead));
    let Some(token) = Token::parse(&form.token) else { return dead() };
    let parts = &academy.parts;
    let now = parts.clock.now();
    if form.say == Word::No {
        let vetoed = parts.store.veto(&token.hash(), now).await?;
        return if vetoed { Ok(answer(&academy, StatusCode::OK, Stage::Vetoed)) } else { dead() };
    }
    match parts.store.consent(&token.hash(), [parts.ids.uuid(), parts.ids.uuid()], now).await? {
        Consent::Waiting => Ok(answer(&academy, StatusCode::OK, Stage::Waiting)),
        Consent::Done => Ok(answer(&academy, StatusCode::OK, Stage::Done)),
        Consent::NotLive => dead(),
    }
}
