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

/// The amounts in euro that a text names, as it writes them.
pub(crate) fn amounts(text: &str) -> Vec<String> {
    let words = text.split_whitespace().filter_map(|word| word.find('€').map(|at| &word[at..]));
    words.map(|word| word.trim_end_matches(|last: char| !last.is_ascii_digit()).to_owned()).collect()
}

/// The dates that a text names, such as `24 November 2026`.
pub(crate) fn dates(text: &str) -> Vec<String> {
    const MONTHS: &str = "January February March April May June July August September October November December";
    let bare = |word: &str| word.trim_matches(|edge: char| !edge.is_alphanumeric()).to_owned();
    let words: Vec<String> = text.split_whitespace().map(bare).collect();
    let is_date = |three: &&[String]| {
        three[0].parse::<u8>().is_ok_and(|day| (1..=31).contains(&day))
            && MONTHS.split(' ').any(|month| month == three[1])
            && three[2].parse::<u16>().is_ok_and(|year| year > 2000)
    };
    words.windows(3).filter(is_date).map(|three| three.join(" ")).collect()
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
