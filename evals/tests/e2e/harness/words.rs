//! Comparing what is said with what is written.

use serde_json::Value;

/// A JSON string.
#[track_caller]
pub(crate) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}")).to_owned()
}

/// A JSON array.
#[track_caller]
pub(crate) fn list(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("not a list: {value}")).clone()
}

/// With one space wherever there is white space.
pub(crate) fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A line without the mark of a list.
fn unmarked(line: &str) -> &str {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("- ") {
        return rest;
    }
    match line.split_once(". ") {
        Some((number, rest)) if number.parse::<u32>().is_ok() => rest,
        _ => line,
    }
}

/// The sentences of a text, list marks taken off.
fn sentences(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines().map(unmarked) {
        let mut rest = line;
        while let Some(end) = rest.find(". ") {
            found.push(plain(&rest[..=end]));
            rest = &rest[end + 2..];
        }
        found.push(plain(rest));
    }
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// Asserts that the answer is short and that each of its sentences stands in the article, word for word.
#[track_caller]
pub(crate) fn assert_extract(answer: &str, article: &str) {
    let words = answer.split_whitespace().count();
    assert!(words <= 120, "{words} words: {answer}");
    let article = plain(article);
    let parts = sentences(answer);
    assert!(!parts.is_empty(), "an empty answer");
    for sentence in parts {
        assert!(article.contains(&sentence), "{sentence:?} is not in the article:\n{article}");
    }
}
