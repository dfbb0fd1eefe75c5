//! A new password for who knows the present one.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use porter_kernel::passwords;
use serde::Deserialize;

use super::super::Fields;
use super::{Owner, Part, WRONG_PASSWORD, done, proven, refuse};
use crate::http::Academy;
use crate::http::page::PageProblem;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    present: String,
    password: String,
    again: String,
}

pub(super) async fn submit(
    State(academy): State<Arc<Academy>>,
    owner: Owner,
    Fields(form): Fields<NewPassword>,
) -> Result<Response, PageProblem> {
    if form.password != form.again {
        return refuse(&academy, &owner, Part::Password, "The two new passwords are not the same.").await;
    }
    let Some(checked) = proven(&academy, &owner.account, form.present).await? else {
        return refuse(&academy, &owner, Part::Password, WRONG_PASSWORD).await;
    };
    if let Some(weakness) = academy.weakness(&form.password, [&owner.account.email, &owner.account.name]).await {
        return refuse(&academy, &owner, Part::Password, &weakness.to_string()).await;
    }
    let (hash, parts) = (passwords::hash(form.password).await?, &academy.parts);
    if !parts.store.change_password(&checked, &hash, owner.session, parts.ids.uuid(), parts.clock.now()).await? {
        return refuse(&academy, &owner, Part::Password, "Your password was changed meanwhile, from somewhere else.").await;
    }
    tracing::info!(account = %owner.account.id, "a password was changed by its owner");
    Ok(done(Part::Password, "password"))
}
