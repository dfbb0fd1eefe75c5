//! Models lent to other processes, in the form of OpenAI's API: `/v1/embeddings`, `/v1/chat/completions`, `/v1/models`.
//!
//! Texts of several callers that wait at the same time are encoded together ([`EncoderService`]); chats are answered one after the other.

mod body;
mod chat;
mod embeddings;
mod error;

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::AUTHORIZATION;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use porter_kernel::clock::Clock;
use porter_kernel::http::{OwnLimits, with_own_limits};
use porter_kernel::ids::Ids;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::generate::GeneratorService;
use crate::service::EncoderService;
use error::ApiError;

/// The largest body, in bytes.
const MAX_BODY: usize = 8 << 20;
/// From a request's turn to the beginning of its answer: the largest batch on two cores.
const TIMEOUT: Duration = Duration::from_secs(300);

/// What is lent, and to whom.
#[derive(Debug, Clone)]
pub struct ModelServer {
    pub encoders: Vec<EncoderService>,
    pub generator: Option<GeneratorService>,
    /// Who calls sends it as `Authorization: Bearer …`; everybody may call when there is none.
    pub key: Option<String>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// The routes.
pub fn router(server: ModelServer) -> Router {
    metrics::describe_counter!("porter_model_tokens_total", "Tokens read or written by a model, by model and kind.");
    metrics::describe_counter!("porter_model_texts_total", "Texts turned into vectors, by model.");
    let server = Arc::new(server);
    let routes = Router::new()
        .route("/v1/embeddings", post(embeddings::handle))
        .route("/v1/chat/completions", post(chat::handle))
        .route("/v1/models", get(list))
        .route("/v1/models/{name}", get(show))
        .route("/v1/{*rest}", axum::routing::any(nothing))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(Arc::clone(&server), admit))
        .with_state(server);
    with_own_limits(routes, OwnLimits { max_body: MAX_BODY, timeout: TIMEOUT })
}

/// Lets who has the key in.
async fn admit(State(server): State<Arc<ModelServer>>, request: Request, next: Next) -> Result<Response, ApiError> {
    if let Some(key) = &server.key {
        let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
        // Compared as hashes: how long it takes says nothing about the key.
        if given.is_none_or(|given| Sha256::digest(given) != Sha256::digest(key)) {
            return Err(ApiError::unauthorized());
        }
    }
    Ok(next.run(request).await)
}

async fn nothing() -> ApiError {
    ApiError::not_found("There is nothing at this address; there are /v1/embeddings, /v1/chat/completions and /v1/models.")
}

async fn wrong_method() -> ApiError {
    ApiError::wrong_method()
}

async fn list(State(server): State<Arc<ModelServer>>) -> Json<Value> {
    Json(json!({ "object": "list", "data": server.names().map(card).collect::<Vec<_>>() }))
}

async fn show(
    State(server): State<Arc<ModelServer>>,
    axum::extract::Path(name): axum::extract::Path<String>,
) -> Result<Json<Value>, ApiError> {
    let found = server.names().find(|own| *own == name);
    found.map(|own| Json(card(own))).ok_or_else(|| server.unknown(&name))
}

fn card(name: &str) -> Value {
    // A catalogue's models have no date of birth here; clients want a number.
    json!({ "id": name, "object": "model", "created": 0, "owned_by": "porter" })
}

impl ModelServer {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.encoders.iter().map(EncoderService::fingerprint).chain(self.generator.as_ref().map(GeneratorService::name))
    }

    fn unknown(&self, name: &str) -> ApiError {
        let known = self.names().collect::<Vec<_>>().join(", ");
        ApiError::unknown_model(format!("There is no model {name:?} here; there are {known}."))
    }

    /// The encoder of that name.
    fn encoder(&self, name: &str) -> Result<&EncoderService, ApiError> {
        let found = self.encoders.iter().find(|own| own.fingerprint() == name);
        found.ok_or_else(|| match &self.generator {
            Some(generator) if generator.name() == name => {
                ApiError::invalid("model", format!("{name} is a chat model and makes no vectors."))
            }
            _ => self.unknown(name),
        })
    }

    /// The chat model of that name.
    fn chat_model(&self, name: &str) -> Result<&GeneratorService, ApiError> {
        let found = self.generator.as_ref().filter(|own| own.name() == name);
        found.ok_or_else(|| match self.encoders.iter().find(|own| own.fingerprint() == name) {
            Some(_) => ApiError::invalid("model", format!("{name} is an encoder and does not chat.")),
            None => self.unknown(name),
        })
    }
}

#[cfg(test)]
mod tests;
