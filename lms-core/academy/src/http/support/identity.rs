//! Whose token is this?

use axum::http::HeaderName;
use porter_kernel::clock::Timestamp;
use porter_kernel::http::{Json, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::guard::Subject;
use crate::domain::{AccountId, Role};

/// The person of an identity token.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Whose {
    learner_id: AccountId,
    /// As the person is called: untrusted text.
    name: String,
    role: Role,
    /// When the token runs out, if the session lives so long.
    expires_at: Timestamp,
}

/// Whose token this is.
#[utoipa::path(get, path = "/support/v1/identity", tag = "support", security(("service" = [], "identity" = [])),
    responses((status = 200, body = Whose), (status = 401, description = "Signed out, run out, locked", body = Problem)))]
pub(super) async fn show(subject: Subject) -> ([(HeaderName, &'static str); 1], Json<Whose>) {
    let whose = Whose {
        learner_id: subject.account.id,
        name: subject.account.name,
        role: subject.account.role,
        expires_at: subject.expires_at,
    };
    ([(axum::http::header::CACHE_CONTROL, "no-store")], Json(whose))
}
