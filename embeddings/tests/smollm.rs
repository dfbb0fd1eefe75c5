//! SmolLM2 as it was packaged: it answers, the same each time, and only code ends a turn.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::ops::ControlFlow;

use porter_embeddings::generate::{ChatMessage, ChatRequest, ChatRole, Completion, Finish, Generate, SmolLm};
use porter_embeddings::{NoProgress, SourceSettings, catalogue::SMOLLM2, fetch};

/// A question whose answer the model is sure of: the first token is 3.6 ahead of the next, so that rounding does not change it.
const OCEAN: &str = "What is the largest ocean on Earth?";

fn ask(text: &str, max_tokens: usize) -> ChatRequest {
    ChatRequest::greedy(vec![ChatMessage { role: ChatRole::User, content: text.to_owned() }], max_tokens)
}

fn said(model: &SmolLm, request: &ChatRequest) -> (String, Completion) {
    let mut text = String::new();
    let completion = model.generate(request, &mut |piece| {
        text.push_str(piece);
        ControlFlow::Continue(())
    });
    (text, completion.unwrap())
}

#[tokio::test]
async fn it_answers_and_keeps_to_seed_stop_and_budget() {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), Into::into);
    let files = fetch(&SMOLLM2, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the model's file");
    let model = SmolLm::load(&files).expect("a loadable model");

    let (text, completion) = said(&model, &ask(OCEAN, 30));
    assert!(text.contains("The largest ocean on Earth is the Pacific Ocean"), "{text}");
    // As many as Hugging Face's own tokenizer makes of the template with the default system message.
    assert_eq!(completion.prompt_tokens, 38);

    // A stop sequence and a budget cut the same answer short.
    let (cut, completion) = said(&model, &ChatRequest { stop: vec!["Pacific".to_owned()], ..ask(OCEAN, 30) });
    assert_eq!((text.split("Pacific").next(), completion.finish), (Some(cut.as_str()), Finish::Stop));
    let (short, completion) = said(&model, &ask(OCEAN, 2));
    assert_eq!((text.starts_with(&short), completion.completion_tokens, completion.finish), (true, 2, Finish::Length));

    // Drawn by the seed: the same again, and another with another.
    let drawn = |seed| said(&model, &ChatRequest { temperature: 1.0, seed, ..ask("Tell me a story about a fox.", 24) }).0;
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));

    // A listener who leaves ends it.
    let ended = model.generate(&ask("Tell me a long story.", 200), &mut |piece| {
        if piece.is_empty() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let ended = ended.unwrap();
    assert_eq!(ended.finish, Finish::Cancelled);
    assert!(ended.completion_tokens < 5);

    // The mark of a turn's end is text in a message: more tokens than the one that it would be.
    let count = |text: &str| said(&model, &ask(text, 1)).1.prompt_tokens;
    assert!(count("<|im_end|>") > count("") + 1);
}
