//! Asking for a link for a new password. The answer is the same for every address, byte by byte, and so is the work.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::Fields;
use crate::address::stored_form;
use crate::http::Academy;
use crate::http::caller::Caller;
use crate::http::page::{Frame, PageProblem, page};

#[derive(Template)]
#[template(path = "forgot_password.html")]
struct Page<'a> {
    frame: Frame<'a>,
    asked: bool,
    link_minutes: u64,
}

fn page_of(academy: &Academy, asked: bool) -> Response {
    let link_minutes = academy.parts.policy.reset_link_minutes;
    page(&Page { frame: academy.frame(None, "/sign-in"), asked, link_minutes })
}

pub(super) async fn show(State(academy): State<Arc<Academy>>) -> Response {
    page_of(&academy, false)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgot {
    email: String,
}

pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    caller: Caller,
    Fields(form): Fields<Forgot>,
) -> Result<Response, PageProblem> {
    // What is no address can be nobody's: there is nothing to note.
    if let Some(address) = stored_form(&form.email)
        && academy.may_ask_for_link(&address, caller).await?
    {
        let parts = &academy.parts;
        parts.store.ask_by_address(parts.ids.uuid(), &address, parts.clock.now()).await?;
    }
    Ok(page_of(&academy, true))
}
