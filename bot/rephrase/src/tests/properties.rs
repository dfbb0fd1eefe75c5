//! Whatever a model says, what is shown passes the check, and holds nothing that is nowhere in the passages.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::check::{Evidence, is_address, support, tokens};
use crate::testing::{CERTIFICATES, REFUNDS, floor, said};

/// Sentences of the passages, lies, markup, noise, and words of the passages in any order.
fn babble() -> impl Strategy<Value = String> {
    let words: Vec<String> = format!("{REFUNDS} {CERTIFICATES}").split_whitespace().map(str::to_owned).collect();
    let true_ones: Vec<String> =
        [REFUNDS, CERTIFICATES].iter().flat_map(|text| text.split_inclusive(". ")).map(str::to_owned).collect();
    let sentence = prop_oneof![
        3 => prop::sample::select(true_ones.clone()),
        2 => (prop::sample::select(true_ones), prop::sample::select(vec!["not", "never", "99", "free", "must", "https://evil.example"]), 0_usize..12)
            .prop_map(|(sentence, word, place)| {
                let mut words: Vec<&str> = sentence.split(' ').collect();
                words.insert(place.min(words.len()), word);
                words.join(" ")
            }),
        2 => prop::collection::vec(prop::sample::select(words), 1..12).prop_map(|words| format!("{}. ", words.join(" "))),
        1 => prop::sample::select(vec!["\n\n", "\n- ", "\n1. ", "**", "# ", "[x](https://evil.example) ", "<script>", "```\n", "> ", "| a |\n|--|\n"])
            .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(sentence, 0..14).prop_map(|parts| parts.concat())
}

#[test]
fn whatever_is_said_only_supported_sentences_are_shown() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let evidence = Evidence::read([REFUNDS, CERTIFICATES]);
    let known: Vec<String> = [REFUNDS, CERTIFICATES].iter().flat_map(|text| tokens(text)).map(|token| token.key).collect();
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let shown_some = std::cell::Cell::new(0);
    runner
        .run(&babble(), |text| {
            let (found, drafts) = runtime.block_on(said(&text, &floor(&[])));
            for piece in drafts.iter().flatten().chain(found.pieces.iter().flatten()) {
                let sentence =
                    piece.trim_start_matches("- ").trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(". ");
                prop_assert!(support(sentence, &evidence).is_some(), "{sentence:?}");
                prop_assert!(tokens(sentence).iter().all(|token| known.contains(&token.key)), "{sentence:?}");
                prop_assert!(!sentence.contains("evil") && !sentence.split_whitespace().any(is_address), "{sentence:?}");
                prop_assert!(!sentence.contains(['<', '>', '[', ']', '*', '`', '#', '\n']), "{sentence:?}");
                prop_assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
                shown_some.set(shown_some.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    assert!(shown_some.get() > 200, "the babble holds true sentences, and {} were shown", shown_some.get());
}
