//! The model that words an answer, wherever it runs.

mod guarded;
mod local;
mod openai;

use async_trait::async_trait;
use futures::stream::BoxStream;

pub use guarded::{Guard, Guarded};
pub use local::LocalModel;
pub use openai::{OpenAiModel, OpenAiSettings};

/// What a model is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// What it is to do.
    pub system: String,
    /// The question and the passages, which are data.
    pub user: String,
    /// Tokens of the answer at most.
    pub max_tokens: u32,
}

/// Why a model gave no answer, or not all of it. The answer in the articles' words stands then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("the answer model cannot be set up: {0}; check answers.model_url and answers.model_key")]
    Setup(String),
    #[error("the answer model failed: {0}")]
    Failed(String),
    #[error("the answer model took too long")]
    TimedOut,
    #[error("the answer model has failed several times in a row and is left alone for a while")]
    LeftAlone,
}

/// Pieces of an answer as they come. Dropping it ends the generation.
pub type Pieces = BoxStream<'static, Result<String, ModelError>>;

/// Words answers. What it says is untrusted text.
#[async_trait]
pub trait Model: Send + Sync + std::fmt::Debug {
    /// Begins an answer.
    async fn answer(&self, prompt: &Prompt) -> Result<Pieces, ModelError>;
}
