//! `POST /v1/chat/completions`, whole or as Server-Sent Events.

mod wanted;

use std::convert::Infallible;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt};
use metrics::counter;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use self::wanted::Wanted;
use super::ModelServer;
use super::body::Body;
use super::error::ApiError;
use crate::generate::{Completion, Finish, GenerateError, Piece};

type Pieces = mpsc::UnboundedReceiver<Result<Piece, GenerateError>>;

/// What every part of an answer carries.
#[derive(Debug, Clone)]
struct Answer {
    id: String,
    created: i64,
    model: String,
    /// A stream ends by saying what was used.
    tells_usage: bool,
}

/// An answer to a chat.
pub(super) async fn handle(State(server): State<Arc<ModelServer>>, Body(wanted): Body<Wanted>) -> Result<Response, ApiError> {
    let generator = server.chat_model(&wanted.model)?;
    let answer = Answer {
        id: format!("chatcmpl-{}", server.ids.uuid().simple()),
        created: server.clock.now().datetime().timestamp(),
        model: wanted.model.clone(),
        tells_usage: wanted.tells_usage(),
    };
    let streams = wanted.streams();
    // Without a seed every request has another answer.
    let (seed, _) = server.ids.uuid().as_u64_pair();
    let mut pieces = generator.chat(wanted.request(seed)?)?;
    // Before the first piece a failure still has a status of its own.
    let first = pieces.recv().await.ok_or(GenerateError::Stopped)??;
    if streams { Ok(answer.stream(first, pieces).into_response()) } else { answer.whole(first, pieces).await }
}

impl Answer {
    async fn whole(&self, first: Piece, mut pieces: Pieces) -> Result<Response, ApiError> {
        let (mut text, mut piece) = (String::new(), first);
        let completion = loop {
            match piece {
                Piece::Text(more) => text.push_str(&more),
                Piece::Done(completion) => break completion,
            }
            piece = pieces.recv().await.ok_or(GenerateError::Stopped)??;
        };
        self.count(completion);
        let choice = json!({
            "index": 0,
            "message": { "role": "assistant", "content": text, "refusal": null },
            "logprobs": null,
            "finish_reason": reason(completion),
        });
        let mut body = self.part("chat.completion", json!([choice]));
        insert(&mut body, "usage", usage(completion));
        Ok(Json(body).into_response())
    }

    fn stream(self, first: Piece, pieces: Pieces) -> Sse<impl futures::Stream<Item = Result<Event, Infallible>>> {
        let opening = self.chunk(json!({ "role": "assistant", "content": "" }), None);
        let more = stream::unfold(pieces, async |mut pieces| pieces.recv().await.map(|piece| (piece, pieces)));
        let rest = stream::iter([Ok(first)]).chain(more).flat_map(move |piece| stream::iter(self.events(piece)));
        let events = stream::iter([opening]).chain(rest).map(|data| Ok(Event::default().data(data)));
        Sse::new(events).keep_alive(KeepAlive::default())
    }

    fn events(&self, piece: Result<Piece, GenerateError>) -> Vec<String> {
        match piece {
            Ok(Piece::Text(text)) => vec![self.chunk(json!({ "content": text }), None)],
            Ok(Piece::Done(completion)) => {
                self.count(completion);
                let mut events = vec![self.chunk(json!({}), Some(reason(completion)))];
                if self.tells_usage {
                    let mut last = self.part("chat.completion.chunk", json!([]));
                    insert(&mut last, "usage", usage(completion));
                    events.push(last.to_string());
                }
                events.push("[DONE]".to_owned());
                events
            }
            Err(error) => vec![ApiError::from(error).body().to_string()],
        }
    }

    fn chunk(&self, delta: Value, finish: Option<&str>) -> String {
        let choice = json!({ "index": 0, "delta": delta, "logprobs": null, "finish_reason": finish });
        self.part("chat.completion.chunk", json!([choice])).to_string()
    }

    fn part(&self, object: &str, choices: Value) -> Value {
        json!({ "id": self.id, "object": object, "created": self.created, "model": self.model, "choices": choices })
    }

    fn count(&self, completion: Completion) {
        for (kind, tokens) in [("read", completion.prompt_tokens), ("written", completion.completion_tokens)] {
            counter!("porter_model_tokens_total", "model" => self.model.clone(), "kind" => kind)
                .increment(u64::try_from(tokens).unwrap_or(0));
        }
    }
}

fn insert(body: &mut Value, name: &str, value: Value) {
    if let Some(body) = body.as_object_mut() {
        body.insert(name.to_owned(), value);
    }
}

fn reason(completion: Completion) -> &'static str {
    if completion.finish == Finish::Length { "length" } else { "stop" }
}

fn usage(completion: Completion) -> Value {
    let (read, written) = (completion.prompt_tokens, completion.completion_tokens);
    json!({ "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written })
}
