//! A grader of single sentences, stricter than a reader: it compares with the cited article alone.

/// Words that deny, however they are written.
const DENIALS: &[&str] = &["not", "no", "never", "cannot", "without", "none", "nor", "neither", "nobody", "nothing"];
const MODALS: &[&str] = &["can", "cannot", "must", "may", "might", "should", "will", "would", "could", "need"];
const CONDITIONS: &[&str] = &["if", "unless", "only", "until", "except"];
/// Words that may stand for each other without a change of meaning.
const ALIKE: &[&[&str]] = &[
    &["choose", "select", "click", "press", "tap", "pick", "chosen", "clicked", "selected"],
    &["begin", "start"],
    &["buy", "purchase"],
    &["get", "receive", "obtain"],
    &["show", "display"],
    &["delete", "remove"],
];
const NUMBERS: &[&str] =
    &["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
/// Letters by which words are compared, which lets endings differ.
const LETTERS: usize = 4;
/// Share of a sentence's runs of three words that the article must hold.
const RUNS: f64 = 0.5;

/// Why no sentence of the article, and no two that follow each other, say this; `None` when some do.
pub fn unsupported(sentence: &str, article: &str) -> Option<&'static str> {
    let sentence = sentence.trim_start_matches("- ");
    let sentence = sentence.split_once(". ").filter(|(mark, _)| mark.parse::<u32>().is_ok()).map_or(sentence, |(_, rest)| rest);
    let known = sentences(article);
    let windows = known.windows(1).chain(known.windows(2));
    let mut best: Option<(usize, &'static str)> = None;
    for window in windows {
        match fault(sentence, &window.join(" ")) {
            None => return None,
            // The fault found last in the order of the tests belongs to the nearest window.
            Some(found) if best.is_none_or(|(rank, _)| found.0 > rank) => best = Some(found),
            Some(_) => {}
        }
    }
    Some(best.map_or("the article is empty", |(_, why)| why))
}

fn sentences(article: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in article.lines() {
        let mut rest = line.trim();
        while let Some(at) = [". ", "! ", "? "].iter().filter_map(|end| rest.find(end)).min() {
            let (head, tail) = rest.split_at(at + 1);
            found.push(head.to_owned());
            rest = tail.trim_start();
        }
        if !rest.is_empty() {
            found.push(rest.to_owned());
        }
    }
    found
}

fn fault(sentence: &str, window: &str) -> Option<(usize, &'static str)> {
    let (said, known) = (words(sentence), words(window));
    let strange = said.iter().any(|word| !word.contains(|c: char| c.is_ascii_digit()) && !knows(&known, word));
    let count = |of: &[String], words: &[&str]| of.iter().filter(|word| words.contains(&word.as_str())).count();
    let tests: [(&'static str, bool); 7] = [
        ("a word that is not there", strange),
        ("a run of words that is not there", runs(&said, &known) < RUNS),
        ("an address that is not there", addresses(sentence).any(|address| !window.contains(address))),
        ("a number that is not there", numbers(sentence).iter().any(|number| !numbers(window).contains(number))),
        ("another modal verb", MODALS.iter().any(|modal| count(&said, &[modal]) > count(&known, &[modal]))),
        ("something else denied", denied(&said).iter().any(|own| !denied(&known).contains(own))),
        ("another denial or condition", [DENIALS, CONDITIONS].iter().any(|own| count(&said, own) != count(&known, own))),
    ];
    tests.into_iter().enumerate().find(|(_, (_, fails))| *fails).map(|(rank, (why, _))| (rank, why))
}

fn words(text: &str) -> Vec<String> {
    let text = text
        .to_lowercase()
        .replace('\u{2019}', "'")
        .replace("n't", " not")
        .replace("cannot", "can not")
        .replace("ca not", "can not");
    let alike = |word: &str| {
        ALIKE.iter().find(|line| line.contains(&word)).and_then(|line| line.first()).map_or(word, |first| first).to_owned()
    };
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(alike).collect()
}

fn knows(known: &[String], word: &str) -> bool {
    let begins = |one: &str| one.chars().take(LETTERS).collect::<String>();
    // Modal verbs have a test of their own.
    let small = word.chars().count() < LETTERS || MODALS.contains(&word) || DENIALS.contains(&word) || CONDITIONS.contains(&word);
    small
        || NUMBERS.contains(&word)
        || known.iter().any(|own| begins(own) == begins(word))
        || ["your", "yours", "this", "that", "please", "then", "also", "have", "been", "which", "these", "their"].contains(&word)
}

fn runs(said: &[String], known: &[String]) -> f64 {
    let total = said.windows(3).count();
    if total == 0 {
        return 1.0;
    }
    let held = said.windows(3).filter(|run| known.windows(3).any(|own| own == *run)).count();
    held as f64 / total as f64
}

/// Denials with the word that follows.
fn denied(words: &[String]) -> Vec<[&str; 2]> {
    let pairs = words.windows(2).filter_map(|pair| <&[String; 2]>::try_from(pair).ok());
    pairs.filter(|[denial, _]| DENIALS.contains(&denial.as_str())).map(|[denial, next]| [denial.as_str(), next.as_str()]).collect()
}

fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let chunks = text.split_whitespace().map(|chunk| chunk.trim_matches(|c: char| !c.is_alphanumeric() && c != '/'));
    chunks.filter(|chunk| chunk.contains("://") || chunk.contains('@') || chunk.starts_with("www.") || chunk.starts_with('/'))
}

/// Digits with what stands between them, and small numbers in words.
fn numbers(text: &str) -> Vec<String> {
    let digits = text
        .split(|c: char| !(c.is_ascii_digit() || ".,:".contains(c)))
        .map(|number| number.trim_matches(|c: char| !c.is_ascii_digit()).replace(',', ""))
        .filter(|number| !number.is_empty());
    let spelled =
        words(text).into_iter().filter_map(|word| NUMBERS.iter().position(|own| *own == word)).map(|number| number.to_string());
    digits.chain(spelled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARTICLE: &str = "You can ask for a refund within 14 days. Refunds are not possible for gift cards.\nOpen Orders and choose the order. \
        Write to help@a.example if it fails. The money arrives after five days.";

    #[test]
    fn what_an_article_says_passes() {
        for sentence in [
            "You can ask for a refund within 14 days.",
            "1. Open Orders and select the order.",
            "- Open Orders and choose the order.",
            "Refunds aren't possible for gift cards.",
            "The money arrives after 5 days.",
            "Open Orders and choose the order. Write to help@a.example if it fails.",
        ] {
            assert_eq!(unsupported(sentence, ARTICLE), None, "{sentence}");
        }
    }

    #[test]
    fn what_it_does_not_say_has_a_reason() {
        for (sentence, why) in [
            ("You can ask for a refund within 15 days.", "a number that is not there"),
            ("You must ask for a refund within 14 days.", "another modal verb"),
            ("Refunds are possible for gift cards.", "another denial or condition"),
            ("You cannot ask for a refund within 14 days.", "something else denied"),
            ("Write to help@a.example.", "another denial or condition"),
            ("Write to evil@a.example if it fails.", "a word that is not there"),
            ("You can ask for a platypus within 14 days.", "a word that is not there"),
            ("Cards gift for refund a days within.", "a run of words that is not there"),
            ("The money arrives after 7 days.", "a number that is not there"),
        ] {
            assert_eq!(unsupported(sentence, ARTICLE), Some(why), "{sentence}");
        }
        assert_eq!(unsupported("Fine.", ""), Some("the article is empty"));
    }
}
