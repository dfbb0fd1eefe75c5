//! Links for a new password.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::address_body::AddressBody;
use super::guard::{IdempotencyKey, NoBody, Subject};
use crate::address::{masked, stored_form};
use crate::http::Academy;

/// What can be said about an address without saying whether an account has it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Asked {
    /// How long a link works, in minutes.
    link_minutes: u64,
}

/// A link is on its way to the person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AskedForMe {
    /// The address on file, masked.
    #[schema(example = "a•••@example.com")]
    sent_to: String,
    link_minutes: u64,
    /// When it was asked for first under this key.
    asked_at: Timestamp,
}

/// Sends a link to the account with this address, if there is one. The answer and the work are the same when there is none.
#[utoipa::path(post, path = "/support/v1/password-resets", tag = "support", request_body = AddressBody, security(("service" = [])),
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 202, body = Asked), (status = 400, body = Problem), (status = 422, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn by_address(
    State(academy): State<Arc<Academy>>,
    IdempotencyKey(key): IdempotencyKey,
    Json(body): Json<AddressBody>,
) -> Result<(StatusCode, Json<Asked>), Problem> {
    // What is no address can be nobody's: the answer is the same, and there is nothing to note.
    if let Some(address) = stored_form(&body.address) {
        academy.may_send_link(&address).await?;
        academy.store().ask_by_address(key, &address, academy.parts.clock.now()).await?;
    }
    Ok((StatusCode::ACCEPTED, Json(Asked { link_minutes: academy.parts.policy.reset_link_minutes })))
}

/// Sends a link to the person's address on file.
#[utoipa::path(post, path = "/support/v1/me/password-reset", tag = "support", security(("service" = [], "identity" = [])),
    params(("Idempotency-Key" = uuid::Uuid, Header)),
    responses((status = 202, body = AskedForMe), (status = 401, body = Problem), (status = 409, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn for_me(
    State(academy): State<Arc<Academy>>,
    subject: Subject,
    IdempotencyKey(key): IdempotencyKey,
    _: NoBody,
) -> Result<(StatusCode, Json<AskedForMe>), Problem> {
    academy.limits.by_account.take(&subject.account.id)?;
    let asked_at = academy.store().ask_for_account(key, subject.account.id, academy.parts.clock.now()).await?;
    let sent_to = masked(&subject.account.email);
    Ok((StatusCode::ACCEPTED, Json(AskedForMe { sent_to, link_minutes: academy.parts.policy.reset_link_minutes, asked_at })))
}
