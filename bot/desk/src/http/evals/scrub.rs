//! Takes out of a message what names a person or a thing of theirs, before it becomes a case that others read and files carry.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// From so many digits on, groups of digits are a phone, a card or an account.
const MANY: usize = 7;

/// What goes, with the word that says what was there. A pattern that does not compile would let things through, so a test compiles them.
static PATTERNS: LazyLock<Vec<(Option<Regex>, &'static str)>> = LazyLock::new(|| {
    let patterns = [
        (r"(?i)\b(?:https?://|www\.)[^\s<>]+", "[link]"),
        (r#"[^\s<>"'(),;:]+@[^\s<>"'(),;:]+[\p{L}\p{N}]"#, "[address]"),
        // An order's number, whatever stands before it.
        (r"(?i)\b[a-z]{1,4}-?\d{4,}\b|\b\d{5,}\b", "[number]"),
    ];
    patterns.into_iter().map(|(pattern, word)| (Regex::new(pattern).ok(), word)).collect()
});
static GROUPS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\+?\(?\d[\d .()/\-]{4,}\d").ok());
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^\d{4}-\d{2}-\d{2}$|^\d{1,2}[./]\d{1,2}[./]\d{4}$").ok());

/// The text with addresses, links and long numbers replaced.
pub(super) fn scrub(text: &str) -> String {
    let mut scrubbed = text.to_owned();
    if let Some(groups) = GROUPS.as_ref() {
        scrubbed =
            groups.replace_all(&scrubbed, |found: &Captures<'_>| group(found.get(0).map_or("", |own| own.as_str()))).into_owned();
    }
    for (pattern, word) in PATTERNS.iter() {
        if let Some(pattern) = pattern {
            scrubbed = pattern.replace_all(&scrubbed, *word).into_owned();
        }
    }
    scrubbed
}

fn group(digits: &str) -> String {
    let is_date = DATE.as_ref().is_some_and(|date| date.is_match(digits));
    let count = digits.chars().filter(char::is_ascii_digit).count();
    if is_date || count < MANY { digits.to_owned() } else { "[number]".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_compiles() {
        assert!(PATTERNS.iter().all(|(pattern, _)| pattern.is_some()) && GROUPS.is_some() && DATE.is_some());
    }

    #[test]
    fn addresses_links_and_long_numbers_go() {
        for (text, scrubbed) in [
            ("I am <Anna.Keller@learner.example>, order NL-100205.", "I am <[address]>, order [number]."),
            ("Call +44 20 7946 0958 now", "Call [number] now"),
            ("see https://my.site/anna?x=1 please", "see [link] please"),
            ("card 4111-1111-1111-1111!", "card [number]!"),
            ("Order:NL100205; tel:004420794609", "Order:[number]; tel:[number]"),
            ("müller@uni-köln.de and again\nmüller@uni-köln.de", "[address] and again\n[address]"),
        ] {
            assert_eq!(scrub(text), scrubbed);
            assert_eq!(scrub(scrubbed), scrubbed, "once is enough");
        }
    }

    #[test]
    fn amounts_dates_and_percentages_stay() {
        for text in [
            "I paid 149 euros on 12 May 2026 and got 62 %.",
            "lesson 3, quiz 2: 18/20",
            "",
            "  two  spaces ",
            "on 2026-05-12 or 12.05.2026",
        ] {
            assert_eq!(scrub(text), text);
        }
    }
}
