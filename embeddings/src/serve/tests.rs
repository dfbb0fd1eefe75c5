use std::ops::ControlFlow;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use porter_kernel::clock::ManualClock;
use porter_kernel::ids::SequentialIds;
use tower::ServiceExt as _;

use super::*;
use crate::encoder::{Embedding, EncodeError, Encoder};
use crate::generate::{ChatRequest, Completion, Finish, Generate, GenerateError};

/// A text's vector: its length and 0.25.
struct Lengths;

impl Encoder for Lengths {
    fn fingerprint(&self) -> &str {
        "lengths"
    }
    fn dimensions(&self) -> usize {
        2
    }
    fn count_tokens(&self, text: &str) -> Option<usize> {
        Some(text.split_whitespace().count() + 2)
    }
    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        Ok(texts.iter().map(|text| vec![text.chars().fold(0.0, |sum, _| sum + 1.0), 0.25]).collect())
    }
}

/// Tells how it was asked, word by word; fails on request.
struct Parrot;

impl Generate for Parrot {
    fn name(&self) -> &str {
        "parrot"
    }
    fn generate(&self, request: &ChatRequest, emit: &mut dyn FnMut(&str) -> ControlFlow<()>) -> Result<Completion, GenerateError> {
        let last = request.messages.last().unwrap();
        match last.content.as_str() {
            "long" => return Err(GenerateError::TooLong { tokens: 9, most: 8 }),
            "fail" => return Err(GenerateError::Failed("secret".to_owned())),
            _ => {}
        }
        let text = format!("{} {} {:?} {}", last.role.as_str(), request.temperature, request.stop, request.max_tokens);
        for word in text.split_inclusive(' ') {
            let _ = emit(word);
        }
        let finish = if request.max_tokens == 1 { Finish::Length } else { Finish::Stop };
        Ok(Completion { prompt_tokens: 3, completion_tokens: 4, finish })
    }
}

fn server(key: Option<&str>) -> Router {
    router(ModelServer {
        encoders: vec![EncoderService::start(Box::new(Lengths)).unwrap()],
        generator: Some(GeneratorService::start(Box::new(Parrot)).unwrap()),
        key: key.map(str::to_owned),
        clock: Arc::new(ManualClock::default()),
        ids: Arc::new(SequentialIds::default()),
    })
}

async fn call(server: &Router, request: Request<Body>) -> (StatusCode, String) {
    let response = server.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 24).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn post_to(path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::post(path).header("content-type", "application/json").body(Body::from(body.to_string())).unwrap();
    let (status, text) = call(&server(None), request).await;
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

#[tokio::test]
async fn texts_become_vectors_in_either_encoding_with_their_tokens_counted() {
    let (status, answer) = post_to("/v1/embeddings", json!({ "model": "lengths", "input": ["two words", "a"] })).await;
    assert_eq!((status, &answer["data"][0]["embedding"]), (StatusCode::OK, &json!([9.0, 0.25])));
    assert_eq!((&answer["data"][1]["index"], &answer["usage"]["prompt_tokens"]), (&json!(1), &json!(7)));
    let wanted = json!({ "model": "lengths", "input": "a", "encoding_format": "base64", "dimensions": 2 });
    let (_, answer) = post_to("/v1/embeddings", wanted).await;
    // 1.0 and 0.25 as little-endian floats: 00 00 80 3f 00 00 80 3e.
    assert_eq!(answer["data"][0]["embedding"], "AACAPwAAgD4=");
}

#[tokio::test]
async fn what_is_not_right_is_named_by_its_field() {
    let too_many = vec!["x"; 2_049];
    for (body, field, word) in [
        (json!({ "model": "lengths", "input": [1, 2] }), "input", "Token ids"),
        (json!({ "model": "lengths", "input": [[1, 2]] }), "input", "Token ids"),
        (json!({ "model": "lengths", "input": [] }), "input", "empty"),
        (json!({ "model": "lengths", "input": {} }), "input", "a list of texts"),
        (json!({ "model": "lengths", "input": too_many }), "input", "2048"),
        (json!({ "model": "lengths", "input": "a", "dimensions": 512 }), "dimensions", "2 dimensions"),
        (json!({ "model": "parrot", "input": "a" }), "model", "chat model"),
    ] {
        let (status, answer) = post_to("/v1/embeddings", body).await;
        assert_eq!((status, &answer["error"]["param"]), (StatusCode::BAD_REQUEST, &json!(field)), "{answer}");
        assert!(answer["error"]["message"].as_str().is_some_and(|message| message.contains(word)), "{answer}");
    }
    let messages = json!([{ "role": "user", "content": "hi" }]);
    for (extra, field) in [
        (json!({ "n": 2 }), "n"),
        (json!({ "tools": [{}] }), "tools"),
        (json!({ "temperature": 3 }), "temperature"),
        (json!({ "top_p": -0.1 }), "top_p"),
        (json!({ "stop": ["a", "b", "c", "d", "e"] }), "stop"),
        (json!({ "max_tokens": 0 }), "max_tokens"),
        (json!({ "response_format": { "type": "json_object" } }), "response_format"),
        (json!({ "frequency_penalty": 1 }), "frequency_penalty"),
        (json!({ "logprobs": true }), "logprobs"),
        (json!({ "messages": [] }), "messages"),
        (json!({ "messages": [{ "role": "tool", "content": "x" }] }), "messages"),
        (json!({ "messages": [{ "role": "user", "content": [{ "type": "image_url" }] }] }), "messages"),
        (json!({ "model": "lengths" }), "model"),
    ] {
        let mut body = json!({ "model": "parrot", "messages": messages });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let (status, answer) = post_to("/v1/chat/completions", body).await;
        assert_eq!((status, &answer["error"]["param"]), (StatusCode::BAD_REQUEST, &json!(field)), "{answer}");
    }
}

#[tokio::test]
async fn unknown_models_and_addresses_and_broken_bodies_have_an_error_of_the_usual_form() {
    for path in ["/v1/embeddings", "/v1/chat/completions"] {
        let (status, answer) = post_to(path, json!({ "model": "gpt-9", "input": "a", "messages": [] })).await;
        assert_eq!((status, &answer["error"]["code"]), (StatusCode::NOT_FOUND, &json!("model_not_found")), "{answer}");
        let (status, answer) = post_to(path, json!([])).await;
        assert_eq!((status, &answer["error"]["type"]), (StatusCode::BAD_REQUEST, &json!("invalid_request_error")), "{answer}");
    }
    let (status, answer) = post_to("/v1/completions", json!({})).await;
    assert_eq!((status, answer["error"]["message"].is_string()), (StatusCode::NOT_FOUND, true), "{answer}");
    let request = Request::get("/v1/embeddings").body(Body::empty()).unwrap();
    assert_eq!(call(&server(None), request).await.0, StatusCode::METHOD_NOT_ALLOWED);
    let huge = Request::post("/v1/embeddings").body(Body::from(vec![b' '; MAX_BODY + 1])).unwrap();
    let (status, text) = call(&server(None), huge).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(text.contains("fewer texts"), "{text}");
}

#[tokio::test]
async fn only_who_has_the_key_is_let_in() {
    let server = server(Some("sesame"));
    for (header, expected) in [
        (None, StatusCode::UNAUTHORIZED),
        (Some("Bearer sesam"), StatusCode::UNAUTHORIZED),
        (Some("sesame"), StatusCode::UNAUTHORIZED),
        (Some("Bearer sesame"), StatusCode::OK),
    ] {
        let mut request = Request::get("/v1/models");
        if let Some(header) = header {
            request = request.header("authorization", header);
        }
        let (status, text) = call(&server, request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, expected, "{header:?}");
        assert_eq!(text.contains("lengths") && text.contains("parrot"), status == StatusCode::OK, "{text}");
    }
    let request = Request::post("/v1/nothing").body(Body::empty()).unwrap();
    assert_eq!(call(&server, request).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_chat_is_answered_whole_or_as_it_grows() {
    let body = json!({
        "model": "parrot", "messages": [{ "role": "developer", "content": [{ "type": "text", "text": "hi" }] }],
        "temperature": 0, "stop": "x", "max_completion_tokens": 9,
    });
    let (status, answer) = post_to("/v1/chat/completions", body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let choice = &answer["choices"][0];
    assert_eq!((&choice["message"]["content"], &choice["finish_reason"]), (&json!("system 0 [\"x\"] 9"), &json!("stop")));
    assert_eq!(answer["usage"], json!({ "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 }));

    let mut streamed = body;
    streamed["stream"] = json!(true);
    streamed["stream_options"] = json!({ "include_usage": true });
    streamed["max_completion_tokens"] = json!(1);
    let (status, answer) = post_to("/v1/chat/completions", streamed).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let events: Vec<&str> = answer.as_str().unwrap().lines().filter_map(|line| line.strip_prefix("data: ")).collect();
    let (last, chunks) = events.split_last().unwrap();
    assert_eq!(*last, "[DONE]");
    let chunks: Vec<Value> = chunks.iter().map(|chunk| serde_json::from_str(chunk).unwrap()).collect();
    assert_eq!(chunks[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "system 0 [\"x\"] 1");
    assert_eq!(chunks[chunks.len() - 2]["choices"][0]["finish_reason"], "length");
    assert_eq!(chunks[chunks.len() - 1]["usage"]["total_tokens"], 7);
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"] && chunk["object"] == "chat.completion.chunk"));
}

#[tokio::test]
async fn a_chat_that_fails_has_a_status_and_keeps_the_cause_to_itself() {
    let ask = async |text: &str| {
        post_to(
            "/v1/chat/completions",
            json!({ "model": "parrot", "stream": true, "messages": [{ "role": "user", "content": text }] }),
        )
        .await
    };
    let (status, answer) = ask("long").await;
    assert_eq!((status, &answer["error"]["code"]), (StatusCode::BAD_REQUEST, &json!("context_length_exceeded")));
    let (status, answer) = ask("fail").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.to_string().contains("secret"), "{answer}");
}
