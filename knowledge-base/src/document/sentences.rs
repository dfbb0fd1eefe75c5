//! Splitting a line of prose into sentences.
//!
//! The Unicode rules (UAX 29) find the candidates; they know neither abbreviations nor addresses, so pieces that do not
//! read as an end are joined again. A wrong join costs little (two sentences are quoted together), a wrong split leaves
//! half a sentence in an answer: in doubt, join.

use unicode_segmentation::UnicodeSegmentation;

/// Words that end in a full stop in mid-sentence. Those that often end one too (`etc.`, `a.m.`) are missing on purpose:
/// the Unicode rules already join them to a following small letter.
const ABBREVIATIONS: [&str; 16] =
    ["approx", "ca", "cf", "dept", "dr", "esp", "incl", "misc", "mr", "mrs", "ms", "prof", "resp", "st", "viz", "vs"];

/// Words that are abbreviations in front of a number only: `No. 5`, but `The answer is no. Ask again.`
const BEFORE_NUMBERS: [&str; 14] = ["art", "ch", "eq", "fig", "max", "min", "no", "nos", "nr", "para", "pp", "sec", "tel", "vol"];

/// The sentences of one line of text, without white space around them.
pub(super) fn sentences(line: &str) -> Vec<String> {
    let mut sentences = Vec::new();
    let mut current = String::new();
    for piece in line.split_sentence_bounds() {
        if !current.is_empty() && parts(&current, piece) {
            sentences.push(current.trim().to_owned());
            current.clear();
        }
        current.push_str(piece);
    }
    sentences.push(current.trim().to_owned());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Whether one sentence ends with `text` and another begins with `next`.
fn parts(text: &str, next: &str) -> bool {
    // `"Are you sure?" appears` goes on: a sentence does not begin with a small letter.
    let first = next.chars().find(|c| c.is_alphanumeric());
    if first.is_some_and(char::is_lowercase) {
        return false;
    }
    // `?` within an address is followed by no space. Scripts that write no spaces have their own full stops.
    if !text.ends_with(char::is_whitespace) {
        return text.ends_with(['。', '！', '？', '．', '｡']);
    }
    let last = text.split_whitespace().next_back().unwrap_or_default();
    let word = last.trim_start_matches(|c: char| !c.is_alphanumeric());
    let Some(stem) = word.strip_suffix('.') else {
        return true;
    };
    let numbering = stem.chars().all(|c| c.is_ascii_digit()) && word.len() == text.trim().len();
    let lower = stem.to_lowercase();
    let before_number = first.is_some_and(|c| c.is_ascii_digit());
    !(numbering
        || is_initials(stem)
        || ABBREVIATIONS.contains(&lower.as_str())
        || before_number && BEFORE_NUMBERS.contains(&lower.as_str()))
}

/// `e.g`, `U.S` or one capital as in a name; `p.m` may end a sentence, and so may the word or number `I`.
fn is_initials(stem: &str) -> bool {
    let mut parts = stem.split('.');
    let letters = parts.all(|part| part.chars().count() == 1 && part.chars().all(char::is_alphabetic));
    match stem {
        "a.m" | "p.m" | "I" => false,
        _ if stem.contains('.') => letters,
        _ => letters && stem.chars().all(char::is_uppercase),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_where_a_reader_ends_them() {
        for expected in [
            &["One ends.", "Two ends!", "Is three?", "Four"][..],
            &["Use a browser, e.g. Firefox, i.e. No. 5 of the list.", "Done."],
            &["Pay €3.50 by 5 p.m. on Monday.", "Version 2.10.1 is out."],
            &["We open at 9 a.m.", "Monday is closed."],
            &["Open https://a.example/x?Q=1&r=2.b and northlight.example/verify.", "Then wait."],
            &["Write to dr. Smith or J. R. Hale.", "They answer."],
            &["The box asks \"Are you sure?\" and waits.", "Choose **Yes**."],
            &["(This is an aside.)", "This is not."],
            &["1. Open the page.", "Wait..."],
            &["Ask in the U.S. Department of Work.", "Or ask us, etc.", "Fine."],
            &["See fig. 3 vs. Fig. 4, approx. 10 times."],
            &["The answer is no.", "Ask again in 5 min.", "Really."],
            &["これは一つ。", "これは二つ。"],
            &["Your grade is in tab I.", "The next is II."],
        ] {
            let joiner = if expected.concat().contains('。') { "" } else { " " };
            let line = expected.join(joiner);
            assert_eq!(sentences(&line), expected);
        }
        assert!(sentences("  ").is_empty());
    }
}
