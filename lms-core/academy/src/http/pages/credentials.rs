//! What a verifier of credentials asks: who issues, by which keys, and what was revoked. Public, and no word about anybody.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use porter_kernel::http::{Path, Problem};
use serde_json::{Value, json};

use crate::credential::{Issuer, id_of};
use crate::http::Academy;
use crate::http::caller::Caller;

pub(super) fn router() -> Router<Arc<Academy>> {
    Router::new()
        .route("/.well-known/jwks.json", get(keys))
        .route("/credentials/issuer", get(issuer))
        .route("/credentials/keys/{kid}", get(key))
        .route("/credentials/revocations", get(revocations))
}

impl Academy {
    /// Who signs credentials here.
    pub(super) fn issuer(&self) -> Issuer<'_> {
        Issuer { policy: &self.parts.policy, public_url: &self.parts.public_url }
    }

    /// Every key that ever signed, the present one first.
    async fn signing_keys(&self) -> Result<Vec<Value>, Problem> {
        let present = self.parts.credential_key.jwk();
        let kept = self.store().published_keys().await?;
        let others = kept.into_iter().filter(|jwk| jwk.get("kid") != present.get("kid"));
        Ok(std::iter::once(present.clone()).chain(others).collect())
    }
}

/// JSON that scripts of every site may read, and that may be kept for five minutes.
fn public(media_type: &'static str, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex")),
    ];
    (headers, body.to_string()).into_response()
}

async fn keys(State(academy): State<Arc<Academy>>, caller: Caller) -> Result<Response, Problem> {
    academy.limits.by_caller.take(&caller.0)?;
    Ok(public("application/jwk-set+json", &json!({ "keys": academy.signing_keys().await? })))
}

async fn key(State(academy): State<Arc<Academy>>, caller: Caller, Path(kid): Path<String>) -> Result<Response, Problem> {
    academy.limits.by_caller.take(&caller.0)?;
    let found = academy.signing_keys().await?.into_iter().find(|jwk| jwk.get("kid").is_some_and(|known| *known == kid));
    let jwk = found.ok_or_else(|| Problem::not_found("No credential of this academy was signed with such a key."))?;
    Ok(public("application/jwk+json", &jwk))
}

async fn issuer(State(academy): State<Arc<Academy>>) -> Response {
    let mut profile = academy.issuer().profile();
    if let Some(profile) = profile.as_object_mut() {
        profile.insert("@context".to_owned(), json!("https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"));
    }
    public("application/json", &profile)
}

/// The list that every credential names in its `credentialStatus`.
async fn revocations(State(academy): State<Arc<Academy>>, caller: Caller) -> Result<Response, Problem> {
    academy.limits.by_caller.take(&caller.0)?;
    let revoked = academy.store().revoked().await?;
    let entries = revoked.into_iter().map(|row| {
        json!({ "id": id_of(row.certificate.0), "revoked": true, "revocationReason": row.revocation.reason.said(), "revocationDate": row.revocation.at })
    });
    let url = &academy.parts.public_url;
    let list = json!({
        "id": format!("{url}/credentials/revocations"),
        "type": "1EdTechRevocationList",
        "issuer": format!("{url}/credentials/issuer"),
        "revokedCredential": entries.collect::<Vec<_>>(),
    });
    Ok(public("application/json", &list))
}
