use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{ChatRequest, Completion, Generate, GenerateError};

/// Chats that may wait before callers are told to come back. One is answered at a time: each keeps every core busy.
const QUEUE_LIMIT: usize = 16;

/// What comes back from a generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// More of the answer.
    Text(String),
    /// The answer is complete. The last piece.
    Done(Completion),
}

struct Job {
    request: ChatRequest,
    // Bounded by the request's tokens. A reader who is slow must not keep the model from the next one.
    pieces: mpsc::UnboundedSender<Result<Piece, GenerateError>>,
}

/// A handle to a chat model that runs on a thread of its own. Cheap to clone; the thread ends with the last handle.
#[derive(Clone)]
pub struct GeneratorService {
    jobs: mpsc::Sender<Job>,
    name: Arc<str>,
}

impl std::fmt::Debug for GeneratorService {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("GeneratorService").field("model", &self.name).finish_non_exhaustive()
    }
}

impl GeneratorService {
    /// Starts the thread.
    pub fn start(generator: Box<dyn Generate>) -> Result<Self, GenerateError> {
        let (jobs, waiting) = mpsc::channel(QUEUE_LIMIT);
        let name = Arc::from(generator.name());
        std::thread::Builder::new()
            .name("generator".to_owned())
            .spawn(move || run(generator.as_ref(), waiting))
            .map_err(|error| GenerateError::Failed(error.to_string()))?;
        Ok(Self { jobs, name })
    }

    /// See [`Generate::name`].
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Asks for an answer. Dropping the receiver ends the generation.
    pub fn chat(&self, request: ChatRequest) -> Result<mpsc::UnboundedReceiver<Result<Piece, GenerateError>>, GenerateError> {
        let (pieces, answer) = mpsc::unbounded_channel();
        self.jobs.try_send(Job { request, pieces }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => GenerateError::Busy,
            mpsc::error::TrySendError::Closed(_) => GenerateError::Stopped,
        })?;
        Ok(answer)
    }

    /// The whole answer at once.
    pub async fn complete(&self, request: ChatRequest) -> Result<(String, Completion), GenerateError> {
        let mut pieces = self.chat(request)?;
        let mut text = String::new();
        while let Some(piece) = pieces.recv().await {
            match piece? {
                Piece::Text(more) => text.push_str(&more),
                Piece::Done(completion) => return Ok((text, completion)),
            }
        }
        Err(GenerateError::Stopped)
    }
}

fn run(generator: &dyn Generate, mut waiting: mpsc::Receiver<Job>) {
    while let Some(Job { request, pieces }) = waiting.blocking_recv() {
        let mut emit = |text: &str| {
            let heard = if text.is_empty() { !pieces.is_closed() } else { pieces.send(Ok(Piece::Text(text.to_owned()))).is_ok() };
            if heard { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let result = catch_unwind(AssertUnwindSafe(|| generator.generate(&request, &mut emit)))
            .unwrap_or_else(|_| Err(GenerateError::Failed("the model panicked".to_owned())));
        if let Err(error) = &result {
            tracing::warn!(%error, "an answer could not be generated");
        }
        // A caller that hung up needs no answer.
        let _ = pieces.send(result.map(Piece::Done));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::super::{ChatMessage, ChatRole, Finish};
    use super::*;

    /// Says the last message word by word and tells when it has ended; waits for a nod before each word where it has somebody to ask.
    struct Echo {
        nods: Option<std::sync::Mutex<Receiver<()>>>,
        ended: Sender<Finish>,
    }

    impl Generate for Echo {
        fn name(&self) -> &str {
            "echo"
        }

        fn generate(
            &self,
            request: &ChatRequest,
            emit: &mut dyn FnMut(&str) -> ControlFlow<()>,
        ) -> Result<Completion, GenerateError> {
            let text = &request.messages[0].content;
            assert_ne!(text, "panic");
            let mut finish = Finish::Stop;
            for word in text.split_inclusive(' ') {
                if let Some(nods) = &self.nods {
                    nods.lock().unwrap().recv().unwrap();
                }
                if emit(word).is_break() {
                    finish = Finish::Cancelled;
                    break;
                }
            }
            self.ended.send(finish).unwrap();
            Ok(Completion { prompt_tokens: 1, completion_tokens: 2, finish })
        }
    }

    fn say(text: &str) -> ChatRequest {
        ChatRequest::greedy(vec![ChatMessage { role: ChatRole::User, content: text.to_owned() }], 10)
    }

    #[tokio::test]
    async fn an_answer_comes_in_pieces_and_a_panic_is_an_error_after_which_it_goes_on() {
        let (ended, _endings) = channel();
        let service = GeneratorService::start(Box::new(Echo { nods: None, ended })).unwrap();
        assert!(matches!(service.complete(say("panic")).await, Err(GenerateError::Failed(_))));
        let (text, completion) = service.complete(say("one two three")).await.unwrap();
        assert_eq!((text.as_str(), completion.finish), ("one two three", Finish::Stop));
        let mut pieces = service.chat(say("a b")).unwrap();
        assert_eq!(pieces.recv().await.unwrap().unwrap(), Piece::Text("a ".to_owned()));
    }

    #[tokio::test]
    async fn a_caller_that_hangs_up_ends_the_generation_and_a_full_queue_says_so() {
        let ((nod, nods), (ended, endings)) = (channel(), channel());
        let service = GeneratorService::start(Box::new(Echo { nods: Some(nods.into()), ended })).unwrap();
        let mut pieces = service.chat(say("one two three four")).unwrap();
        nod.send(()).unwrap();
        assert!(matches!(pieces.recv().await, Some(Ok(Piece::Text(word))) if word == "one "));
        let waiting: Vec<_> = (0..QUEUE_LIMIT).map(|_| service.chat(say("")).unwrap()).collect();
        assert!(matches!(service.chat(say("")), Err(GenerateError::Busy)));
        drop((pieces, waiting));
        nod.send(()).unwrap();
        assert_eq!(endings.recv().unwrap(), Finish::Cancelled);
    }
}
