//! What kind a word is, for the question whether a sentence says what another says.

/// Words that a sentence may have or lack without saying something else. Neither negations nor modal verbs nor who does something are among them.
const FREE: &[&str] = &[
    "a", "an", "the", "this", "that", "these", "those", "is", "are", "be", "been", "being", "am", "do", "does", "it", "its",
    "your", "yours", "their", "of", "in", "on", "at", "as", "and", "there", "here", "please", "so", "which", "who", "has", "have",
    "simply", "just", "also", "too", "then", "again", "well", "easily",
];

/// Words with which a sentence holds as a whole or not at all: what is denied, conditional, alternative, or counted.
const BINDING: &[&str] = &[
    "not",
    "no",
    "never",
    "none",
    "nobody",
    "nothing",
    "neither",
    "nor",
    "without",
    "hardly",
    "rarely",
    "unable",
    "or",
    "either",
    "if",
    "unless",
    "when",
    "whenever",
    "while",
    "until",
    "once",
    "only",
    "except",
    "provided",
    "before",
    "after",
    "during",
    "since",
    "where",
    "whether",
    "although",
    "though",
    "because",
    "otherwise",
    "instead",
    "than",
    "all",
    "every",
    "each",
    "any",
    "most",
    "many",
    "some",
    "few",
    "several",
    "least",
    "always",
    "usually",
    "often",
    "sometimes",
    "first",
    "next",
    "finally",
    "together",
    "rather",
    "both",
];

/// Words that point back: the sentence says nothing sure without the one before it.
const POINTING: &[&str] = &[
    "it",
    "its",
    "this",
    "that",
    "these",
    "those",
    "they",
    "them",
    "their",
    "he",
    "she",
    "then",
    "otherwise",
    "instead",
    "however",
    "there",
];

/// Words that say the same here. Each line is read as its first word.
const SAME: &[&[&str]] = &[
    &["choose", "select", "click", "press", "tap", "pick"],
    &["begin", "start"],
    &["buy", "purchase"],
    &["get", "receive", "obtain"],
    &["show", "display"],
    &["picture", "image"],
    &["sign", "log"],
    &["delete", "remove"],
    &["fix", "repair"],
];

const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

pub(super) fn is_free(word: &str) -> bool {
    FREE.contains(&word)
}

pub(super) fn is_binding(word: &str) -> bool {
    BINDING.contains(&word)
}

pub(super) fn points_back(word: &str) -> bool {
    POINTING.contains(&word)
}

/// A number's digits, where the word is a number.
pub(super) fn digits(word: &str) -> Option<String> {
    NUMBERS.iter().position(|own| *own == word).map(|number| number.to_string())
}

/// What all forms of a word have in common, and all words that say the same.
pub(super) fn stem(word: &str) -> String {
    let stem = bare(word);
    let same = SAME.iter().find(|line| line.iter().any(|own| bare(own) == stem));
    same.and_then(|line| line.first()).map_or(stem, |first| bare(first))
}

/// Takes endings off: plural, past and gerund, and the `e` that some of these swallow.
fn bare(word: &str) -> String {
    let mut stem = word;
    if let Some(rest) = stem.strip_suffix("ies").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    if let Some(rest) =
        ["sses", "shes", "ches", "xes"].iter().find_map(|end| stem.ends_with(end).then(|| stem.strip_suffix("es")).flatten())
    {
        stem = rest;
    } else if stem.len() > 3 && !["ss", "us", "is"].iter().any(|end| stem.ends_with(end)) {
        stem = stem.strip_suffix('s').unwrap_or(stem);
    }
    if let Some(rest) = stem.strip_suffix("ied").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    let shorter =
        ["ing", "ed"].iter().find_map(|end| stem.strip_suffix(end)).filter(|rest| rest.len() > 2 && rest.contains(is_vowel));
    if let Some(rest) = shorter {
        stem = rest;
        // `stopped`, but `missed` and `called`.
        let mut back = stem.chars().rev();
        if let (Some(last), Some(before)) = (back.next(), back.next())
            && last == before
            && !"sleo".contains(last)
        {
            stem = stem.strip_suffix(last).unwrap_or(stem);
        }
    }
    if stem.len() > 3 { stem.strip_suffix('e').unwrap_or(stem).to_owned() } else { stem.to_owned() }
}

fn is_vowel(letter: char) -> bool {
    "aeiouy".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem_and_different_words_have_two() {
        for forms in [
            &["refund", "refunds", "refunded", "refunding"][..],
            &["enable", "enables", "enabled", "enabling"],
            &["stop", "stopped", "stopping"],
            &["miss", "misses", "missed"],
            &["reply", "replies", "replied"],
            &["choose", "click", "clicked", "selecting"],
            &["certificate", "certificates"],
            &["address", "addresses"],
        ] {
            let stems: Vec<String> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|own| *own == stems[0]), "{stems:?}");
        }
        for (one, two) in
            [("lock", "unlock"), ("course", "card"), ("status", "state"), ("free", "fee"), ("paid", "pay"), ("us", "use")]
        {
            assert_ne!(stem(one), stem(two), "{one} and {two}");
        }
    }

    #[test]
    fn no_word_is_both_free_and_binding() {
        assert!(FREE.iter().all(|word| !is_binding(word)));
        assert_eq!((digits("fourteen").as_deref(), digits("forty")), (Some("14"), None));
    }
}
