//! Training text and test cases are kept apart: a test that could be passed by heart proves nothing.
#![expect(clippy::expect_used, reason = "tests")]

use std::path::PathBuf;

use porter_embeddings::catalogue::MINILM;
use porter_embeddings::{Encoder, MiniLm, NoProgress, SourceSettings, fetch};
use porter_evals::{OWN_TRIAGE_CASES, shared_five_grams, too_close};
use porter_triage::{Example, TriageModel, calibration_examples, parse_examples, training_examples};

fn cases() -> Vec<Example> {
    parse_examples(OWN_TRIAGE_CASES).expect("readable cases")
}

fn learnt_or_tuned_on() -> Vec<Example> {
    let mut examples = training_examples().expect("readable training data");
    examples.extend(calibration_examples().expect("readable calibration data"));
    examples
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

#[tokio::test]
async fn no_case_comes_closer_than_the_limit() {
    let cache = std::env::var_os("PORTER_CACHE_DIR").map_or_else(|| std::env::temp_dir().join("porter-test-cache"), PathBuf::from);
    let files = fetch(&MINILM, &cache, &SourceSettings::from_environment(), &NoProgress).await.expect("the encoder's files");
    let encoder = MiniLm::load(&files).expect("a loadable model");
    let encode = |examples: &[Example]| {
        let texts: Vec<String> = examples.iter().map(|example| TriageModel::encoder_text(&example.text)).collect();
        encoder.encode(&texts.iter().map(String::as_str).collect::<Vec<_>>()).expect("vectors")
    };
    let (training, cases) = (learnt_or_tuned_on(), cases());
    let close = too_close((&training, &encode(&training)), (&cases, &encode(&cases)));
    assert!(close.is_empty(), "{close:#?}");
}
