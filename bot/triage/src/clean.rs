//! Reduces a message to what the person wrote: no quoted replies, no signature, no boilerplate.

use std::sync::LazyLock;

use regex::Regex;

/// The part of a message that is read; the rest is kept in the record and for people.
const MAX_CHARS: usize = 4_000;

static QUOTE_HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)^\s*(
            (on|am|le|el)\s.{4,90}\s(wrote|schrieb|a\ écrit|escribió)\s*:\s*$
          | -{2,}\s*(original\ message|forwarded\ message|ursprüngliche\ nachricht)
          | _{8,}\s*$
          | (from|von|de|sent)\s*:\s.+@.+$
        )",
    )
    .ok()
});

static SIGNATURE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?xi)^\s*(
            --\s*$
          | sent\ from\ my\ .{2,40}$
          | get\ outlook\ for\ .{2,20}$
          | (best|kind|warm|many|with\ (kind|best))?\s*(regards|wishes)\s*[,.!]?\s*$
          | (yours\ (sincerely|faithfully|truly)|sincerely|cheers|cordially|respectfully)\s*[,.!]?\s*$
          | (thanks|thank\ you)(\ and\ regards|\ in\ advance)?\s*[,!]\s*$
        )",
    )
    .ok()
});

static GREETING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^\s*(hi|hello|hey|dear|good (morning|afternoon|evening|day)|greetings)\b[^.?!\n]{0,40}[,!:]?\s*$").ok()
});

fn matches(pattern: &LazyLock<Option<Regex>>, line: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(line))
}

/// What the person wrote, at most 4,000 characters. When nothing would be left, the beginning of the whole message.
pub fn reduce(message: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in message.lines() {
        if matches(&QUOTE_HEADER, line) || (!kept.is_empty() && matches(&SIGNATURE, line)) {
            break;
        }
        let quoted = line.trim_start().starts_with('>');
        let greeting = kept.is_empty() && matches(&GREETING, line);
        if quoted || greeting || (kept.is_empty() && line.trim().is_empty()) {
            continue;
        }
        kept.push(line);
    }
    let reduced = kept.join("\n");
    let source = if reduced.trim().is_empty() { message } else { &reduced };
    source.trim().chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_signatures_and_greetings_go() {
        let mail = "Dear support team,\n\nI never got my certificate.\n\nKind regards\nIvo Marek\nTel. 0123\n\nOn 12 May 2026 at 10:00 Anna <anna@example.com> wrote:\n> reset my password\n";
        assert_eq!(reduce(mail), "I never got my certificate.");
    }

    #[test]
    fn a_reply_above_and_below_a_quote_keeps_both_parts() {
        assert_eq!(
            reduce("> Have you tried it again?\nYes, it still fails.\n> Which browser?\nFirefox."),
            "Yes, it still fails.\nFirefox."
        );
    }

    #[test]
    fn a_message_that_is_only_a_greeting_or_only_quoted_stays() {
        assert_eq!(reduce("hello"), "hello");
        assert_eq!(reduce("> help"), "> help");
        assert_eq!(reduce(""), "");
    }

    #[test]
    fn a_hundred_thousand_characters_are_cut_and_not_split_inside_a_character() {
        assert_eq!(reduce(&"é".repeat(100_000)).chars().count(), 4_000);
    }
}
