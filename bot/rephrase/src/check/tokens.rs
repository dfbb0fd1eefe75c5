//! A sentence as the words that matter, in their order.

use super::words;

/// A word that matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// What it is compared by.
    pub(crate) key: String,
    /// The part of the sentence that it stands in, between commas and the like.
    pub(crate) clause: usize,
    /// The sentence holds as a whole or not at all.
    pub(crate) binding: bool,
}

/// The words that matter. Addresses, numbers, dates and amounts are compared letter by letter.
pub(crate) fn tokens(sentence: &str) -> Vec<Token> {
    let mut reader = Reader { tokens: Vec::new(), clause: 0 };
    for chunk in sentence.split_whitespace() {
        reader.read(chunk);
    }
    reader.tokens
}

/// Whether the sentence says nothing sure without the one before it.
pub(crate) fn points_back(sentence: &str) -> bool {
    let first = sentence.split_whitespace().next().unwrap_or_default();
    let word = first.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    let word = word.split(['\'', '\u{2019}']).next().unwrap_or_default();
    words::points_back(word)
}

/// Whether it holds an address: of a page, a mailbox, or a place on a site.
pub(crate) fn is_address(chunk: &str) -> bool {
    let inner = chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '/');
    // `northlight.example`, but not `3.5` or the end of a sentence without its space.
    let dotted = inner.split('.').collect::<Vec<_>>();
    let domain = dotted.len() > 1
        && dotted.iter().all(|part| !part.is_empty())
        && dotted.last().is_some_and(|last| last.chars().take_while(|c| c.is_alphabetic()).count() >= 2);
    chunk.contains("://") || inner.contains('@') || inner.starts_with('/') || inner.starts_with("www.") || domain
}

struct Reader {
    tokens: Vec<Token>,
    clause: usize,
}

impl Reader {
    fn read(&mut self, chunk: &str) {
        if chunk.starts_with(['(', '[']) || matches!(chunk, "–" | "—" | "-") {
            self.clause += 1;
        }
        if is_address(chunk) {
            let address = chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '/').trim_end_matches('/');
            self.push(address.to_owned(), false);
        } else {
            for part in parts(chunk) {
                self.part(&part);
            }
        }
        let end = chunk.trim_end_matches(['"', '\'', '”', '’']);
        if end.ends_with([',', ';', ':', ')', ']', '—', '–']) {
            self.clause += 1;
        }
    }

    fn part(&mut self, part: &str) {
        let word = part.to_lowercase();
        let (word, negated) = expand(&word);
        for word in word {
            if word.is_empty() {
                continue;
            }
            if word.chars().any(|c| c.is_ascii_digit() || !c.is_alphanumeric() || !c.is_ascii()) {
                self.push(word.to_owned(), false);
            } else if let Some(digits) = words::digits(word) {
                self.push(digits, false);
            } else if words::is_binding(word) {
                self.push(word.to_owned(), true);
            } else if !words::is_free(word) {
                self.push(words::stem(word), false);
            }
        }
        if negated {
            self.push("not".to_owned(), true);
        }
    }

    fn push(&mut self, key: String, binding: bool) {
        self.tokens.push(Token { key, clause: self.clause, binding });
    }
}

/// Words, numbers and signs that count, out of what stands between two spaces. `sign-in` is two words, `1,000` one number.
fn parts(chunk: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut current = String::new();
    let mut rest = chunk.chars().peekable();
    while let Some(c) = rest.next() {
        let after_digit = current.ends_with(|c: char| c.is_ascii_digit());
        let before_digit = rest.peek().is_some_and(char::is_ascii_digit);
        match c {
            _ if c.is_alphanumeric() => current.push(c),
            '\'' | '\u{2019}' if !current.is_empty() => current.push('\''),
            // A thousand's comma goes, a decimal point and a clock's colon stay.
            ',' if after_digit && before_digit => {}
            '.' | ':' if after_digit && before_digit => current.push(c),
            _ => {
                if !current.is_empty() {
                    parts.push(std::mem::take(&mut current));
                }
                // Signs that say something: of money, parts, sums, and whatever has no business in a sentence.
                if !(c.is_ascii_punctuation() || "–—‘’“”„…·•→".contains(c)) || "$%+=<>~^|\\{}#&*`[]_".contains(c)
                {
                    parts.push(c.to_string());
                }
            }
        }
    }
    if !current.is_empty() {
        parts.push(current);
    }
    parts
}

/// A word without its contraction, and whether that denied it. Who owns something is no word of its own.
fn expand(word: &str) -> (Vec<&str>, bool) {
    match word.trim_matches('\'') {
        "cannot" | "can't" => (vec!["can"], true),
        "won't" => (vec!["will"], true),
        "shan't" => (vec!["shall"], true),
        other => {
            if let Some(verb) = other.strip_suffix("n't") {
                return (vec![verb], true);
            }
            let endings = [("'ll", "will"), ("'re", "are"), ("'ve", "have"), ("'d", "would"), ("'m", "am"), ("'s", "")];
            match endings.iter().find_map(|(ending, full)| Some((other.strip_suffix(ending)?, *full))) {
                Some((stem, full)) => (vec![stem, full], false),
                None => (vec![other], false),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(sentence: &str) -> Vec<String> {
        tokens(sentence).into_iter().map(|token| token.key).collect()
    }

    #[test]
    fn numbers_amounts_and_addresses_are_kept_letter_by_letter() {
        assert_eq!(
            keys("Pay €1,500.50 by 5:30 p.m. at https://a.example/Pay?x=1, or write to Help@A.example."),
            ["pay", "€", "1500.50", "by", "5:30", "p", "m", "https://a.example/Pay?x=1", "or", "writ", "to", "Help@A.example"]
        );
        assert_eq!(keys("fourteen days, 10 % or 10%"), ["14", "day", "10", "%", "or", "10", "%"]);
        assert_ne!(keys("a.example/one"), keys("a.example/two"));
    }

    #[test]
    fn contractions_are_written_out_and_denials_seen() {
        assert_eq!(keys("You can't, and it won't"), keys("You cannot and will not"));
        assert_eq!(keys("We don’t refund it"), ["we", "not", "refund"]);
        assert_eq!(keys("You'll pay"), keys("You will pay"));
        assert!(tokens("You cannot pay").iter().any(|token| token.binding));
    }

    #[test]
    fn clauses_end_at_commas_and_brackets() {
        let clauses: Vec<usize> = tokens("Open it, choose one (or two): wait").into_iter().map(|token| token.clause).collect();
        assert_eq!(clauses, [0, 1, 1, 2, 2, 3]);
    }

    #[test]
    fn what_points_back_is_seen() {
        assert!(points_back("It's paid out.") && points_back("\"This\" is it.") && !points_back("Items are paid out."));
    }
}
