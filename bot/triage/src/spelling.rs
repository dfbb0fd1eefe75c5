//! Mends typing mistakes before a message is read: "certificte" says little to an encoder, and a message that says little goes to a person.
//!
//! A word that the training messages do not know becomes the word that they know best within one slip of the fingers (two in a long word): a letter too many, too few, another, or
//! two exchanged. Short words, words with capitals (names) and digits stay, and so does all that a person sees.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use strsim::osa_distance;

use crate::example::training_examples;

/// Shorter words have too many neighbours: "wont" is no "want", and a rare word of five letters is near to a common one.
const SHORTEST: usize = 7;
/// From here on two slips are mended.
const LONG: usize = 11;
/// A word that occurs this often is no slip.
const KNOWN_FROM: usize = 2;
/// Unless it is a slip that several make: the word that it is mended to occurs this many times as often.
const FAR_COMMONER: usize = 100;
/// A slip is mended to a word that occurs this often.
const COMMON_FROM: usize = 4;

static TRAINING: LazyLock<Spelling> = LazyLock::new(|| {
    let examples = training_examples().unwrap_or_default();
    Spelling::of(examples.iter().map(|example| example.text.as_str()))
});

/// The message with the slips mended that the training messages explain.
pub(crate) fn mend(text: &str) -> Cow<'_, str> {
    TRAINING.mend(text)
}

/// How often words occur.
#[derive(Debug, Default)]
struct Spelling {
    counts: HashMap<String, usize>,
    /// Common words by their first letter.
    common: BTreeMap<char, Vec<(String, usize)>>,
}

impl Spelling {
    fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for text in texts {
            for word in text.split(|own: char| !own.is_alphabetic()).filter(|word| !word.is_empty()) {
                *counts.entry(word.to_lowercase()).or_default() += 1;
            }
        }
        let mut common: BTreeMap<char, Vec<(String, usize)>> = BTreeMap::new();
        for (word, count) in counts.iter().filter(|(word, count)| **count >= COMMON_FROM && word.is_ascii()) {
            if let Some(first) = word.chars().next().filter(|_| word.len() >= SHORTEST - 1) {
                common.entry(first).or_default().push((word.clone(), *count));
            }
        }
        // The most frequent first: of equally near words it is meant.
        for words in common.values_mut() {
            words.sort_by(|(a, often), (b, rarely)| rarely.cmp(often).then_with(|| a.cmp(b)));
        }
        Self { counts, common }
    }

    fn mend<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut mended = String::new();
        let mut copied = 0;
        let mut rest = text;
        while let Some(begin) = rest.find(char::is_alphabetic) {
            let place = text.len() - rest.len() + begin;
            let from_word = rest.get(begin..).unwrap_or_default();
            let end = from_word.find(|own: char| !own.is_alphabetic()).unwrap_or(from_word.len());
            let (word, after) = from_word.split_at(end);
            // A part of an address, a number or a word with an apostrophe is no word.
            let alone = |own: Option<char>| own.is_none_or(|own| !(own.is_alphanumeric() || "@'’_/".contains(own)));
            let before = text.get(..place).and_then(|text| text.chars().next_back());
            if alone(before)
                && alone(after.chars().next())
                && let Some(meant) = self.meant(word)
            {
                mended.push_str(text.get(copied..place).unwrap_or_default());
                mended.push_str(meant);
                copied = place + word.len();
            }
            rest = after;
        }
        if copied == 0 {
            return Cow::Borrowed(text);
        }
        mended.push_str(text.get(copied..).unwrap_or_default());
        Cow::Owned(mended)
    }

    /// What a word that nobody knows is a slip of.
    fn meant(&self, word: &str) -> Option<&str> {
        let plain = word.len() >= SHORTEST && word.bytes().all(|own| own.is_ascii_lowercase());
        if !plain {
            return None;
        }
        let least = match self.counts.get(word) {
            Some(count) if *count >= KNOWN_FROM => count * FAR_COMMONER,
            _ => COMMON_FROM,
        };
        let slips = if word.len() >= LONG { 2 } else { 1 };
        let near = |(own, _): &&(String, usize)| own.len().abs_diff(word.len()) <= slips;
        self.common
            .get(&word.chars().next()?)?
            .iter()
            .filter(near)
            .filter(|(_, count)| *count >= least)
            .map(|(own, _)| (osa_distance(own, word), own.as_str()))
            .filter(|(distance, _)| *distance <= slips)
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, own)| own)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slips_are_mended_and_the_rest_stays_as_it_is() {
        for (written, read) in [
            ("please send me my certificte once more", "please send me my certificate once more"),
            ("I cant rember my passwrod!!", "I cant rember my password!!"),
            ("the certficate was not recieved", "the certificate was not recieved"),
        ] {
            assert_eq!(mend(written), read, "{written}");
        }
    }

    #[test]
    fn names_addresses_numbers_short_and_foreign_words_stay() {
        for text in [
            "I wont pay, i'm Certificte Passwrod",
            "write to certificte@passwrod.example or see x/passwrod",
            "passwrod2 and passwrod's",
            "ich habe mein Zertifikat nicht bekommen",
            "",
            "¿cuándo llega mi pedido?",
        ] {
            assert_eq!(mend(text), text);
        }
    }

    #[test]
    fn the_nearest_then_the_most_frequent_word_is_meant() {
        let texts = ["courses courses courses courses courses", "coarses coarses coarses coarses", "unknown unknown"];
        let spelling = Spelling::of(texts.into_iter());
        assert_eq!(spelling.mend("my couress"), "my courses");
        assert_eq!(
            spelling.mend("my courzes unknown unknowm short shotr"),
            "my courses unknown unknowm short shotr",
            "a rare word is nobody's meaning"
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_mending_twice_is_mending_once_for_known_words(text in "\\PC{0,80}") {
            let once = mend(&text).into_owned();
            prop_assert_eq!(once.chars().filter(|own| !own.is_alphabetic()).count(), text.chars().filter(|own| !own.is_alphabetic()).count());
            let again = mend(&once).into_owned();
            prop_assert_eq!(again, once);
        }
    }
}
