//! The person's certificates.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use porter_kernel::clock::Timestamp;
use porter_kernel::db::Freshness;
use porter_kernel::http::{Json, Path, Problem};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::guard::{IdempotencyKey, NoBody, Subject};
use crate::address::masked;
use crate::domain::{CertificateId, IssuedCertificate};
use crate::http::Academy;

/// A certificate that was issued.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OnFile {
    id: CertificateId,
    /// The course's title: untrusted text.
    course: String,
    issued_at: Timestamp,
    /// What anybody can check it by.
    #[schema(example = "NL-7F3K-9QWD")]
    code: String,
}

impl From<IssuedCertificate> for OnFile {
    fn from(certificate: IssuedCertificate) -> Self {
        Self { id: certificate.id, course: certificate.course_title, issued_at: certificate.issued_at, code: certificate.code }
    }
}

/// All of the person's, the newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct All {
    certificates: Vec<OnFile>,
}

/// A certificate is on its way to the person.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sent {
    certificate: OnFile,
    /// The address on file, masked.
    #[schema(example = "a•••@example.com")]
    sent_to: String,
    /// When it was asked for first under this key.
    asked_at: Timestamp,
}

/// The person's certificates that count.
#[utoipa::path(get, path = "/support/v1/me/certificates", tag = "support", security(("service" = [], "identity" = [])),
    responses((status = 200, body = All), (status = 401, body = Problem)))]
pub(super) async fn list(State(academy): State<Arc<Academy>>, subject: Subject) -> Result<Json<All>, Problem> {
    let certificates = academy.store().certificates(subject.account.id, Freshness::Fresh).await?;
    // One that was revoked cannot be sent; why it is not here is the diagnosis' to say.
    let good = certificates.into_iter().filter(|certificate| certificate.revoked.is_none());
    Ok(Json(All { certificates: good.map(OnFile::from).collect() }))
}

/// Sends one of the person's certificates again, to the address on file. Somebody else's is as none; one that was revoked is gone.
#[utoipa::path(post, path = "/support/v1/me/certificates/{id}/resend", tag = "support", security(("service" = [], "identity" = [])),
    params(("id" = Uuid, Path), ("Idempotency-Key" = Uuid, Header)),
    responses((status = 202, body = Sent), (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
        (status = 410, body = Problem), (status = 429, body = Problem)))]
pub(super) async fn resend(
    State(academy): State<Arc<Academy>>,
    subject: Subject,
    Path(id): Path<Uuid>,
    IdempotencyKey(key): IdempotencyKey,
    _: NoBody,
) -> Result<(StatusCode, Json<Sent>), Problem> {
    academy.limits.by_account.take(&subject.account.id)?;
    let parts = &academy.parts;
    let resent = parts.store.resend(key, subject.account.id, CertificateId(id), parts.ids.uuid(), parts.clock.now()).await?;
    let sent_to = masked(&subject.account.email);
    Ok((StatusCode::ACCEPTED, Json(Sent { certificate: resent.certificate.into(), sent_to, asked_at: resent.asked_at })))
}
