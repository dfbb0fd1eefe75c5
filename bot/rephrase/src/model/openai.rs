use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage, CreateChatCompletionRequest,
};
use async_trait::async_trait;
use futures::StreamExt;

use super::{Model, ModelError, Pieces, Prompt};

/// How long the endpoint may take to accept a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Where the endpoint is.
#[derive(Debug, Clone)]
pub struct OpenAiSettings {
    /// The address under which `/chat/completions` lies, such as `https://api.openai.com/v1`.
    pub url: String,
    pub key: Option<String>,
    pub model: String,
}

/// Any endpoint that speaks OpenAI's chat completions.
#[derive(Debug, Clone)]
pub struct OpenAiModel {
    client: Client<OpenAIConfig>,
    model: String,
}

impl OpenAiModel {
    pub fn new(settings: OpenAiSettings) -> Result<Self, ModelError> {
        // One TLS provider for the process. Installing it twice is refused, and the first one stays: nothing to do.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| ModelError::Setup(error.to_string()))?;
        // Named in full: the library would else take what it finds in the environment.
        let config = OpenAIConfig::new()
            .with_api_base(settings.url.trim_end_matches('/'))
            .with_api_key(settings.key.unwrap_or_default())
            .with_org_id("")
            .with_project_id("");
        Ok(Self { client: Client::build(http, config), model: settings.model })
    }
}

#[async_trait]
impl Model for OpenAiModel {
    async fn answer(&self, prompt: &Prompt) -> Result<Pieces, ModelError> {
        let system = ChatCompletionRequestSystemMessage::from(prompt.system.as_str());
        let user = ChatCompletionRequestUserMessage::from(prompt.user.as_str());
        let request = CreateChatCompletionRequest {
            model: self.model.clone(),
            messages: vec![ChatCompletionRequestMessage::System(system), ChatCompletionRequestMessage::User(user)],
            max_completion_tokens: Some(prompt.max_tokens),
            temperature: Some(0.0),
            ..CreateChatCompletionRequest::default()
        };
        let parts = self.client.chat().create_stream(request).await.map_err(|error| failed(&error))?;
        let texts = parts.map(|part| match part {
            Ok(part) => Ok(part.choices.into_iter().next().and_then(|choice| choice.delta.content).unwrap_or_default()),
            Err(error) => Err(failed(&error)),
        });
        Ok(texts.boxed())
    }
}

/// Names the kind of fault. What the endpoint sent is not repeated: it may be anything.
fn failed(error: &OpenAIError) -> ModelError {
    ModelError::Failed(match error {
        OpenAIError::ApiError(answer) => format!("it answered {}", answer.status_code),
        OpenAIError::Reqwest(error) if error.is_connect() => "it cannot be reached; check answers.model_url".to_owned(),
        OpenAIError::Reqwest(error) => match error.status() {
            Some(status) => format!("it answered {status}"),
            None => "the connection broke off".to_owned(),
        },
        OpenAIError::JSONDeserialize(..) => "it sent what is no chat completion".to_owned(),
        OpenAIError::StreamError(_) => "its stream is broken".to_owned(),
        _ => "the request was not accepted".to_owned(),
    })
}
