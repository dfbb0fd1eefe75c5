//! Asking for a new address.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;

use super::super::Fields;
use super::{Owner, Part, WRONG_PASSWORD, done, proven, refuse};
use crate::address::stored_form;
use crate::http::Academy;
use crate::http::page::PageProblem;
use crate::store::NewEmailChange;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewAddress {
    email: String,
    password: String,
}

/// The answer does not show whether the new address has an account: then it gets no letter, and the change never becomes whole.
pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<NewAddress>,
) -> Result<Response, PageProblem> {
    let Some(address) = stored_form(&form.email) else {
        return refuse(&academy, &owner, Part::Email, "This is no e-mail address. It looks like name@example.com.").await;
    };
    if address == owner.account.email {
        return refuse(&academy, &owner, Part::Email, "This is your present address.").await;
    }
    if proven(&academy, &owner.account, form.password).await?.is_none() {
        return refuse(&academy, &owner, Part::Email, WRONG_PASSWORD).await;
    }
    // Letters to somebody else's mailbox: as few as of links.
    academy.may_prove("new address", &owner.account.id.to_string()).await?;
    let parts = &academy.parts;
    let id = parts.ids.uuid();
    let change = NewEmailChange {
        id,
        account: owner.account.id,
        old_token: parts.key.old_address_token(id).hash(),
        new_token: parts.key.new_address_token(id).hash(),
        old_mail: parts.ids.uuid(),
        new_mail: parts.ids.uuid(),
    };
    parts.store.begin_email_change(&change, &address, parts.clock.now()).await?;
    Ok(done(Part::Email, "email"))
}
