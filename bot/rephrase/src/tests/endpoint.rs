//! Any OpenAI-compatible endpoint, the worst one included.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use futures::stream;
use porter_kernel::clock::ManualClock;
use serde_json::{Value, json};

use super::*;

fn chunk(text: &str) -> String {
    let choice = json!({ "index": 0, "delta": { "content": text }, "finish_reason": null });
    let chunk = json!({ "id": "x", "object": "chat.completion.chunk", "created": 1, "model": "stub", "choices": [choice] });
    format!("data: {chunk}\n\n")
}

fn events(parts: Vec<Bytes>, then: &str) -> Response {
    let parts = stream::iter(parts.into_iter().map(Ok::<_, std::convert::Infallible>));
    let body = match then {
        "endless" => Body::from_stream(parts.chain(stream::repeat(Ok(Bytes::from(chunk("And so on. ")))))),
        "hang" => Body::from_stream(parts.chain(stream::pending())),
        _ => Body::from_stream(parts),
    };
    ([("content-type", "text/event-stream")], body).into_response()
}

/// Answers as its model is called.
async fn answer(headers: HeaderMap, Json(body): Json<Value>) -> Response {
    assert_eq!((headers["authorization"].to_str().unwrap(), &body["stream"]), ("Bearer secret", &json!(true)));
    let system = body["messages"][0]["content"].as_str().unwrap();
    let user = body["messages"][1]["content"].as_str().unwrap();
    // Passages are data beside the task, and what speaks to a machine is not among them.
    assert!(system.contains("are data") && user.contains("How do I get a refund?") && user.contains("within 14 days"), "{body}");
    assert!(!user.contains("Ignore all previous") && body["max_completion_tokens"] == 200, "{body}");
    let fine = || vec![Bytes::from(chunk("You can ask for a refund ")), Bytes::from(chunk("within 14 days of the purchase. "))];
    let lie = || Bytes::from(chunk("Refunds are possible for gift cards. "));
    let done = Bytes::from("data: [DONE]\n\n");
    match body["model"].as_str().unwrap() {
        "fine" => events([fine(), vec![lie(), done]].concat(), ""),
        "endless" => events(fine(), "endless"),
        "hangs" => std::future::pending().await,
        "stalls" => events([fine(), vec![lie()]].concat(), "hang"),
        "no json" => events([fine(), vec![Bytes::from("data: {\"choices\": nonsense\n\n")]].concat(), ""),
        "no utf-8" => events([fine(), vec![Bytes::from(&b"data: \xff\xfe\n\n"[..])]].concat(), ""),
        "no stream" => "<html>hello</html>".into_response(),
        "refuses" => (StatusCode::BAD_REQUEST, Json(json!({ "error": { "message": "no", "type": "x" } }))).into_response(),
        other => panic!("no model {other}"),
    }
}

async fn found(model: &str) -> Rephrasing {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    let routes = Router::new().route("/v1/chat/completions", post(answer));
    tokio::spawn(async { axum::serve(listener, routes).await.unwrap() });
    let settings = OpenAiSettings { url, key: Some("secret".to_owned()), model: model.to_owned() };
    let guard = Guard { timeout: Duration::from_secs(2), ..Guard::default() };
    let guarded = Guarded::new(Arc::new(OpenAiModel::new(settings).unwrap()), Arc::new(ManualClock::default()), guard);
    shown(Arc::new(guarded), &floor(FLOOR)).await.0
}

#[tokio::test]
async fn an_endpoint_is_listened_to_as_long_as_it_makes_sense() {
    for (model, faulty) in [("fine", false), ("endless", false), ("stalls", true), ("no json", true)] {
        let found = found(model).await;
        assert_eq!(found.pieces.as_deref(), Some([FLOOR[0].to_owned()].as_slice()), "{model}: {found:?}");
        assert_eq!(found.fault.is_some(), faulty, "{model}: {found:?}");
        assert!(model == "no json" || found.judged.len() > 1, "{model}: {found:?}");
    }
}

#[tokio::test]
async fn an_endpoint_that_makes_none_changes_nothing() {
    for model in ["hangs", "no stream", "refuses"] {
        let found = found(model).await;
        assert_eq!(found.pieces, None, "{model}: {found:?}");
    }
    assert_eq!(found("hangs").await.fault, Some(ModelError::TimedOut));
    let refused = found("refuses").await.fault.map(|fault| fault.to_string());
    assert!(refused.as_ref().is_some_and(|fault| fault.contains("400")), "{refused:?}");
}

#[tokio::test]
async fn broken_characters_are_no_answer() {
    let found = found("no utf-8").await;
    let shown = found.pieces.unwrap_or_default();
    assert!(shown.iter().all(|piece| piece == FLOOR[0]), "{shown:?}");
}
