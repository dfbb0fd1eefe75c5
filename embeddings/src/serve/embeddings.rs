//! `POST /v1/embeddings`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use metrics::counter;
use serde::Deserialize;
use serde_json::{Value, json};

use super::ModelServer;
use super::body::Body;
use super::error::ApiError;
use crate::service::Priority;

/// Texts of one request, as many as OpenAI takes.
const MAX_TEXTS: usize = 2_048;
/// Up to so many texts somebody is taken to wait for them.
const INTERACTIVE_TEXTS: usize = 16;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    model: String,
    input: Value,
    #[serde(default)]
    encoding_format: Format,
    dimensions: Option<u64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    #[default]
    Float,
    /// Little-endian 32-bit floats: a quarter of the bytes, and no digit lost.
    Base64,
}

impl Format {
    fn write(self, vector: &[f32]) -> Value {
        match self {
            Self::Float => json!(vector),
            Self::Base64 => {
                let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
                json!(STANDARD.encode(bytes))
            }
        }
    }
}

/// Vectors for texts. A text beyond the model's length is cut there, as the model's makers do.
pub(super) async fn handle(State(server): State<Arc<ModelServer>>, Body(wanted): Body<Wanted>) -> Result<Json<Value>, ApiError> {
    let encoder = server.encoder(&wanted.model)?;
    let texts = texts(wanted.input)?;
    let dimensions = encoder.dimensions();
    if wanted.dimensions.is_some_and(|wanted| usize::try_from(wanted) != Ok(dimensions)) {
        let message = format!("{} has vectors of {dimensions} dimensions; leave this out or ask for {dimensions}.", wanted.model);
        return Err(ApiError::invalid("dimensions", message));
    }
    let tokens: usize = texts.iter().filter_map(|text| encoder.count_tokens(text)).sum();
    let (count, priority) = (texts.len(), if texts.len() <= INTERACTIVE_TEXTS { Priority::Interactive } else { Priority::Bulk });
    let vectors = encoder.embed(texts, priority).await?;
    counter!("porter_model_texts_total", "model" => wanted.model.clone()).increment(u64::try_from(count).unwrap_or(0));
    counter!("porter_model_tokens_total", "model" => wanted.model.clone(), "kind" => "read")
        .increment(u64::try_from(tokens).unwrap_or(0));
    let data: Vec<Value> = vectors
        .iter()
        .enumerate()
        .map(|(index, vector)| json!({ "object": "embedding", "index": index, "embedding": wanted.encoding_format.write(vector) }))
        .collect();
    Ok(Json(json!({
        "object": "list",
        "data": data,
        "model": wanted.model,
        "usage": { "prompt_tokens": tokens, "total_tokens": tokens },
    })))
}

/// A text, or a list of texts.
fn texts(input: Value) -> Result<Vec<String>, ApiError> {
    let wrong = |message: &str| ApiError::invalid("input", message);
    match input {
        Value::String(text) => Ok(vec![text]),
        Value::Array(items) if items.is_empty() => Err(wrong("The list of texts is empty.")),
        Value::Array(items) if items.len() > MAX_TEXTS => Err(ApiError::invalid(
            "input",
            format!("{} texts are more than the {MAX_TEXTS} that one request may have.", items.len()),
        )),
        Value::Array(items) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                Value::Number(_) | Value::Array(_) => {
                    Err(wrong("Token ids are not taken, since every model here has a tokenizer of its own: send the text itself."))
                }
                _ => Err(wrong("Each input is a text.")),
            })
            .collect(),
        _ => Err(wrong("The input is a text or a list of texts.")),
    }
}
