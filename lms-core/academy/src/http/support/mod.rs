//! The API that support uses: for the person of the identity token, and nobody else. No call takes an account or, but for the form of
//! somebody who is signed out, an address.

mod address_body;
mod certificates;
mod diagnosis;
mod events;
mod guard;
mod identity;
mod password_resets;
mod policy;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::Academy;

pub(super) use guard::service_only;

#[derive(OpenApi)]
#[openapi(
    info(title = "Academy", description = "What a support desk may ask of the academy, for the person who is signed in there."),
    tags((name = "support", description = "Every call carries the service token. A call about a person carries that person's identity token, from which \
        alone the academy takes whom it concerns. A write carries an `Idempotency-Key`, and answers a repetition as it did the first time.")),
    modifiers(&Schemes)
)]
struct Description;

/// How a call proves where it comes from and whom it is for.
struct Schemes;

impl utoipa::Modify for Schemes {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("service", SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()));
        components.add_security_scheme("identity", SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(guard::IDENTITY))));
    }
}

pub(super) fn router(academy: &Arc<Academy>) -> (Router<Arc<Academy>>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(identity::show))
        .routes(routes!(password_resets::by_address))
        .routes(routes!(password_resets::for_me))
        .routes(routes!(certificates::list))
        .routes(routes!(certificates::resend))
        .routes(routes!(diagnosis::show))
        .routes(routes!(events::list))
        .routes(routes!(policy::show))
        .layer(from_fn_with_state(Arc::clone(academy), guard::service_only))
        .split_for_parts()
}
