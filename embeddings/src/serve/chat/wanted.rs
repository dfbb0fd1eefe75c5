//! What a caller wants of a chat, as far as the local model can give it. What it cannot is refused rather than left out unsaid.

use serde::Deserialize;
use serde_json::Value;

use super::super::error::ApiError;
use crate::generate::{ChatMessage, ChatRequest, ChatRole};

/// Tokens of an answer when the caller does not say, and the most that one may have.
const USUAL_TOKENS: u64 = 512;
const MOST_TOKENS: u64 = 2_048;
/// Stop sequences, as many as OpenAI takes.
const MAX_STOPS: usize = 4;

#[derive(Debug, Deserialize)]
pub(in crate::serve) struct Wanted {
    pub(super) model: String,
    messages: Vec<Message>,
    max_tokens: Option<u64>,
    /// The newer name of the same.
    max_completion_tokens: Option<u64>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    seed: Option<i64>,
    stop: Option<Stop>,
    stream: Option<bool>,
    stream_options: Option<StreamOptions>,
    n: Option<u64>,
    tools: Option<Vec<Value>>,
    response_format: Option<ResponseFormat>,
    logprobs: Option<bool>,
    frequency_penalty: Option<f64>,
    presence_penalty: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Debug, Deserialize)]
struct Part {
    text: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Stop {
    One(String),
    Several(Vec<String>),
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    include_usage: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct ResponseFormat {
    r#type: String,
}

impl Wanted {
    pub(super) fn streams(&self) -> bool {
        self.stream.unwrap_or(false)
    }

    pub(super) fn tells_usage(&self) -> bool {
        self.stream_options.as_ref().and_then(|options| options.include_usage).unwrap_or(false)
    }

    /// What the model is asked for; `seed` is taken when the caller names none.
    pub(super) fn request(self, seed: u64) -> Result<ChatRequest, ApiError> {
        self.refuse_what_is_not_there()?;
        let temperature = within("temperature", self.temperature.unwrap_or(1.0), 2.0)?;
        let top_p = self.top_p.map(|top_p| within("top_p", top_p, 1.0)).transpose()?;
        let stop = match self.stop {
            None => Vec::new(),
            Some(Stop::One(stop)) => vec![stop],
            Some(Stop::Several(stops)) => stops,
        };
        if stop.len() > MAX_STOPS {
            return Err(ApiError::invalid("stop", format!("There may be {MAX_STOPS} stop sequences at most.")));
        }
        let tokens = self.max_completion_tokens.or(self.max_tokens).unwrap_or(USUAL_TOKENS);
        if tokens == 0 {
            return Err(ApiError::invalid("max_tokens", "An answer has one token at least."));
        }
        if self.messages.is_empty() {
            return Err(ApiError::invalid("messages", "There is nothing to answer: send one message at least."));
        }
        Ok(ChatRequest {
            messages: self.messages.into_iter().map(Message::read).collect::<Result<_, _>>()?,
            max_tokens: usize::try_from(tokens.min(MOST_TOKENS)).unwrap_or(usize::MAX),
            temperature,
            top_p,
            seed: self.seed.map_or(seed, i64::cast_unsigned),
            stop,
        })
    }

    fn refuse_what_is_not_there(&self) -> Result<(), ApiError> {
        let no = |field, what: &str| Err(ApiError::invalid(field, format!("The local model has no {what}; leave this out.")));
        let some = |penalty: Option<f64>| penalty.is_some_and(|penalty| penalty.abs() > 0.0);
        if self.n.is_some_and(|n| n != 1) {
            return no("n", "several answers at once");
        }
        if self.tools.as_ref().is_some_and(|tools| !tools.is_empty()) {
            return no("tools", "tools");
        }
        if self.response_format.as_ref().is_some_and(|format| format.r#type != "text") {
            return no("response_format", "format but text");
        }
        if self.logprobs == Some(true) {
            return no("logprobs", "log probabilities");
        }
        if some(self.frequency_penalty) || some(self.presence_penalty) {
            return no("frequency_penalty", "penalties");
        }
        Ok(())
    }
}

impl Message {
    fn read(self) -> Result<ChatMessage, ApiError> {
        let role = match self.role.as_str() {
            "system" | "developer" => ChatRole::System,
            "user" => ChatRole::User,
            "assistant" => ChatRole::Assistant,
            other => return Err(ApiError::invalid("messages", format!("The local model knows no role {other:?}."))),
        };
        let content = match self.content {
            None => String::new(),
            Some(Content::Text(text)) => text,
            Some(Content::Parts(parts)) => {
                let texts = parts.into_iter().map(|part| part.text).collect::<Option<Vec<String>>>();
                texts
                    .ok_or_else(|| ApiError::invalid("messages", "The local model reads text, and neither pictures nor sounds."))?
                    .concat()
            }
        };
        Ok(ChatMessage { role, content })
    }
}

fn within(field: &'static str, value: f64, most: f64) -> Result<f64, ApiError> {
    if (0.0..=most).contains(&value) {
        Ok(value)
    } else {
        Err(ApiError::invalid(field, format!("{field} lies between 0 and {most}.")))
    }
}
