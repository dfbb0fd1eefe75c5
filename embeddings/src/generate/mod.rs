//! Chat with a model on this machine: the seam, SmolLM2 behind it, and the thread that runs it.

mod service;
mod smollm;
mod stops;

use std::ops::ControlFlow;

pub use service::{GeneratorService, Piece};
pub use smollm::SmolLm;

/// Who says something in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChatRole {
    System,
    User,
    Assistant,
}

impl ChatRole {
    /// The word that models were trained with.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// Something said. What it says is text, whatever it looks like: it cannot end its own turn and begin another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatMessage {
    pub role: ChatRole,
    pub content: String,
}

/// What is wanted of the model.
#[derive(Debug, Clone, PartialEq)]
pub struct ChatRequest {
    pub messages: Vec<ChatMessage>,
    /// Tokens of the answer at most.
    pub max_tokens: usize,
    /// 0 takes the likeliest token each time; 1 follows the model's own odds.
    pub temperature: f64,
    /// Only the likeliest tokens that together have this probability are drawn from; `None` for all.
    pub top_p: Option<f64>,
    /// The same request with the same seed has the same answer.
    pub seed: u64,
    /// The answer ends before any of these.
    pub stop: Vec<String>,
}

impl ChatRequest {
    /// The likeliest answer.
    pub fn greedy(messages: Vec<ChatMessage>, max_tokens: usize) -> Self {
        Self { messages, max_tokens, temperature: 0.0, top_p: None, seed: 0, stop: Vec::new() }
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// The model was done, or a stop sequence came.
    Stop,
    /// Its tokens were used up.
    Length,
    /// Nobody listens any more.
    Cancelled,
}

/// How a generation went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    pub prompt_tokens: usize,
    pub completion_tokens: usize,
    pub finish: Finish,
}

/// Why there is no answer, or no more of it.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// A model file is there but does not hold what it should.
    #[error("the model in {path} cannot be loaded ({cause}); delete that folder and run `porter models fetch`")]
    Broken { path: String, cause: String },
    /// More was said than the model can read.
    #[error("the messages have {tokens} tokens and the model reads {most} at most; shorten them")]
    TooLong { tokens: usize, most: usize },
    /// The computation itself failed.
    #[error("the chat model failed: {0}")]
    Failed(String),
    /// The model's thread has ended.
    #[error("the chat model has stopped; restart porter")]
    Stopped,
    /// The queue is full. The caller may try again.
    #[error("the chat model is busy; try again in a moment")]
    Busy,
}

/// A chat model. Blocking: call it from a thread that may block, or through a [`GeneratorService`].
pub trait Generate: Send + Sync {
    /// The model's name.
    fn name(&self) -> &str;

    /// Answers. `emit` gets the answer piece by piece, at times an empty one, and ends the generation by [`ControlFlow::Break`].
    fn generate(&self, request: &ChatRequest, emit: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Completion, GenerateError>;
}
