use async_trait::async_trait;
use futures::StreamExt;
use futures::stream;
use porter_embeddings::generate::{ChatMessage, ChatRequest, ChatRole, GeneratorService, Piece};

use super::{Model, ModelError, Pieces, Prompt};
use crate::prompt::MARKS;

/// A model on this machine. It answers the same each time.
#[derive(Debug, Clone)]
pub struct LocalModel {
    generator: GeneratorService,
}

impl LocalModel {
    pub fn new(generator: GeneratorService) -> Self {
        Self { generator }
    }
}

#[async_trait]
impl Model for LocalModel {
    async fn answer(&self, prompt: &Prompt) -> Result<Pieces, ModelError> {
        let say = |role, content: &str| ChatMessage { role, content: content.to_owned() };
        let messages = vec![say(ChatRole::System, &prompt.system), say(ChatRole::User, &prompt.user)];
        let tokens = usize::try_from(prompt.max_tokens).unwrap_or(usize::MAX);
        // A small model that has nothing more to say begins to say the prompt.
        let stop = MARKS.map(str::to_owned).to_vec();
        let request = ChatRequest { stop, ..ChatRequest::greedy(messages, tokens) };
        let pieces = self.generator.chat(request).map_err(|error| ModelError::Failed(error.to_string()))?;
        let texts = stream::unfold(pieces, async |mut pieces| {
            let piece = match pieces.recv().await? {
                Ok(Piece::Text(text)) => Ok(text),
                Ok(Piece::Done(_)) => return None,
                Err(error) => Err(ModelError::Failed(error.to_string())),
            };
            Some((piece, pieces))
        });
        Ok(texts.boxed())
    }
}
