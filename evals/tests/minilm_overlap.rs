//! Training text and test cases are kept apart: a test that could be passed by heart proves nothing.
#![expect(clippy::expect_used, reason = "tests")]

use std::path::PathBuf;

use porter_embeddings::catalogue::MINILM;
use porter_embeddings::{Embedding, Encoder, MiniLm, NoProgress, SourceSettings, fetch};
use porter_evals::{CachedEncoder, VectorCache, own_answer_cases, own_triage_cases, shared_five_grams, too_close};
use porter_knowledge_base::document::parse;
use porter_knowledge_base::{builtin_documents, builtin_facts};
use porter_triage::{Example, TriageModel, calibration_examples, parse_examples, training_examples};

fn cases() -> Vec<Example> {
    parse_examples(&own_triage_cases()).expect("readable cases")
}

fn learnt_or_tuned_on() -> Vec<Example> {
    let mut examples = training_examples().expect("readable training data");
    examples.extend(calibration_examples().expect("readable calibration data"));
    examples
}

/// Texts that have no labels, in the form that the check reads.
fn unlabelled(texts: impl IntoIterator<Item = (String, String)>) -> Vec<Example> {
    let line = |(id, text): (String, String)| {
        serde_json::json!({"id": id, "text": text, "intent": "smalltalk", "decision": "answer", "urgency": "low"}).to_string()
    };
    let lines: Vec<String> = texts.into_iter().map(line).collect();
    parse_examples(&lines.join("\n")).expect("readable texts")
}

/// The questions that answers are graded by.
fn questions() -> Vec<Example> {
    let cases = own_answer_cases(&|text| Ok(text.to_owned())).expect("readable cases");
    unlabelled(cases.into_iter().map(|case| (case.id, case.text)))
}

/// The questions that articles are found by, and those that they are silent about.
fn asked_in_articles() -> Vec<Example> {
    let facts = builtin_facts().expect("facts");
    let articles =
        builtin_documents().into_iter().map(|document| parse(&document.path, &document.bytes, &facts).expect("an article"));
    let of = |article: porter_knowledge_base::document::Article| {
        let texts = article.questions.into_iter().chain(article.asked.into_values().flatten()).chain(article.unanswered);
        texts.enumerate().map(|(place, text)| (format!("{}-{place}", article.slug), text)).collect::<Vec<_>>()
    };
    unlabelled(articles.flat_map(of))
}

#[test]
fn no_question_shares_five_words_in_a_row_with_a_question_of_an_article() {
    let shared = shared_five_grams(&asked_in_articles(), &questions());
    assert!(shared.is_empty(), "{shared:#?}");
}

#[test]
fn every_label_has_ten_frozen_cases() {
    let cases = cases();
    for intent in porter_triage::Intent::ALL {
        assert!(cases.iter().filter(|case| case.intent == *intent).count() >= 10, "{intent}");
    }
}

#[test]
fn no_five_words_in_a_row_are_shared() {
    let shared = shared_five_grams(&learnt_or_tuned_on(), &cases());
    assert!(shared.is_empty(), "{shared:#?}");
}

/// Keeps what it has computed for the next run, in a file of that test's own.
async fn encoder(test: &str) -> CachedEncoder {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), PathBuf::from);
    let files = fetch(&MINILM, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the encoder's files");
    let model = MiniLm::load(&files).expect("a loadable model");
    let folder = cache.join("overlap").join(test);
    let kept = VectorCache::open(&folder, model.fingerprint(), model.dimensions()).expect("a readable cache");
    CachedEncoder::new(Box::new(model), kept)
}

/// The texts' vectors. Some hundreds at a time, so that what is cut short goes on where it was.
fn vectors_of(encoder: &CachedEncoder, texts: impl Iterator<Item = String>) -> Vec<Embedding> {
    let texts: Vec<String> = texts.collect();
    let encode = |step: &[String]| encoder.encode(&step.iter().map(String::as_str).collect::<Vec<_>>()).expect("vectors");
    texts.chunks(512).flat_map(encode).collect()
}

/// Triage learns from other words about the same things, so that a run of five may be shared by chance ("dear sir or madam i"); a meaning may not.
#[tokio::test]
async fn no_question_comes_closer_to_an_article_or_to_training_text_than_the_limit() {
    let encoder = encoder("questions").await;
    let encode = |examples: &[Example]| vectors_of(&encoder, examples.iter().map(|example| example.text.clone()));
    let questions = questions();
    let vectors = encode(&questions);
    for other in [asked_in_articles(), learnt_or_tuned_on()] {
        let close = too_close((&other, &encode(&other)), (&questions, &vectors));
        assert!(close.is_empty(), "{close:#?}");
    }
}

#[tokio::test]
async fn no_case_comes_closer_than_the_limit() {
    let encoder = encoder("cases").await;
    let encode =
        |examples: &[Example]| vectors_of(&encoder, examples.iter().map(|example| TriageModel::encoder_text(&example.text)));
    let (training, cases) = (learnt_or_tuned_on(), cases());
    let close = too_close((&training, &encode(&training)), (&cases, &encode(&cases)));
    assert!(close.is_empty(), "{close:#?}");
}
