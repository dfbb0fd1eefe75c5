//! Answers that a model words: what it adds never reaches a student, and when it is down nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::response::IntoResponse;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::harness::{Home, Launch, Student, list, plain, run, text_of};

const QUESTION: &str = "how do i get my certificate as pdf?";
const LIES: &str = "You will get 500 euros back. See https://evil.example/claim for your money. Everything is free.";

/// Says what the article says, in its order, with lies between; counts how often it is asked.
async fn liar() -> (String, Arc<AtomicUsize>) {
    let (listener, asked) = (tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port"), Arc::new(AtomicUsize::new(0)));
    let (url, count) = (format!("http://{}/v1", listener.local_addr().expect("an address")), Arc::clone(&asked));
    let answer = async move |Json(body): Json<Value>| {
        count.fetch_add(1, Ordering::SeqCst);
        let user = text_of(&body["messages"][1]["content"]);
        let article = user.split("Question:").next().unwrap_or_default();
        let lines: Vec<&str> = article.lines().skip(1).filter(|line| !line.is_empty()).collect();
        let said = lines.join(&format!("\n\n{LIES}\n\n"));
        let chunk = |content: &str| {
            let choice = json!({ "index": 0, "delta": { "content": content } });
            let chunk = json!({ "id": "x", "object": "chat.completion.chunk", "created": 1, "model": "liar", "choices": [choice] });
            format!("data: {chunk}\n\n")
        };
        let events: String = said.split_inclusive(' ').map(chunk).collect();
        ([("content-type", "text/event-stream")], format!("{events}data: [DONE]\n\n")).into_response()
    };
    let routes = Router::new().route("/v1/chat/completions", post(answer));
    tokio::spawn(async { axum::serve(listener, routes).await.expect("serving") });
    (url, asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_model_words_the_answers_and_lies() {
    let (home, (url, asked)) = (Home::seeded(), liar().await);
    let porter = Launch::at(&home).env("PORTER_ANSWERS__MODEL_URL", &url).env("PORTER_ANSWERS__MODEL", "liar").start();
    let answer = Student::begin(&porter.base).await.ask(QUESTION).await;
    assert_eq!(asked.load(Ordering::SeqCst), 1);
    let text = text_of(&answer["text"]);
    let article =
        crate::harness::get(&format!("{}{}", porter.base, text_of(&list(&answer["citations"])[0]["url"]))).await.is(200).text;
    assert!(
        text.to_lowercase().contains("pdf") && !text.contains("evil") && !text.contains("500") && !text.contains("is free"),
        "{answer}"
    );
    assert!(article.to_lowercase().contains("certificate"), "{answer}");
    porter.stop();

    // Without the model, and with one that is down, the answer is in the article's own words and comes as well.
    let plainly = Launch::at(&home).start();
    let floor = plain(&text_of(&Student::begin(&plainly.base).await.ask(QUESTION).await["text"]));
    plainly.stop();
    let down =
        Launch::at(&home).env("PORTER_ANSWERS__MODEL_URL", "http://127.0.0.1:9/v1").env("PORTER_ANSWERS__MODEL", "nobody").start();
    for _ in 0..5 {
        let answer = Student::begin(&down.base).await.ask(QUESTION).await;
        assert_eq!(plain(&text_of(&answer["text"])), floor);
    }
    let said = down.stop();
    assert!(said.contains("left alone"), "the model was asked every time:\n{said}");
}

#[test]
fn a_hostile_model_gets_nothing_through_on_the_own_questions() {
    let home = Home::empty();
    let done = run(home.path(), &["eval", "rephrase", "--model", "stub-hostile", "--limit", "60"]).exits(0);
    let report: Value = serde_json::from_str(&done.out).expect("a JSON object");
    assert_eq!(report["unsupported_sentences"], 0, "{:#}", report["failing"]);
    let count = |name: &str| report[name].as_i64().unwrap_or_else(|| panic!("no {name}"));
    // It was shown where it told the truth, and dropped where it lied.
    assert!(count("shown_sentences") > 20 && count("generated_sentences") > 600, "{done}");
    assert!(report["dropped_share"].as_f64().is_some_and(|share| share > 0.7), "{done}");
}

#[test]
fn settings_that_cannot_be_meant_are_named() {
    let home = Home::empty();
    let wrong = |name: &str, value: &str| {
        Launch::at(&home).env("PORTER_ANSWERS__MODEL_URL", "http://127.0.0.1:9/v1").env(name, value).run_to_the_end().exits(2)
    };
    wrong("PORTER_ANSWERS__LOCAL", "true").tells(&["answers.model_url and answers.local"]);
    wrong("PORTER_ANSWERS__MAX_TOKENS", "100").tells(&["answers.model is not set"]);
}
