//! Whether a new password is strong enough.

use std::fmt;

use zxcvbn::{Score, zxcvbn};

/// The longest password that is taken, in bytes. A passphrase fits; a flood of work does not.
pub const MAX_BYTES: usize = 256;

/// Why a new password is refused, in a sentence for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weakness {
    /// Fewer characters than the academy asks for.
    TooShort { at_least: usize },
    /// More than [`MAX_BYTES`].
    TooLong,
    /// A guesser would find it: what it is made of, when that is known.
    Guessable { why: Option<String> },
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { at_least } => write!(f, "The password is too short: it needs at least {at_least} characters."),
            Self::TooLong => write!(f, "The password is too long: it may have at most {MAX_BYTES} bytes."),
            Self::Guessable { why } => {
                f.write_str("This password would be easy to guess.")?;
                if let Some(why) = why {
                    write!(f, " {why}")?;
                }
                f.write_str(" Try a few words that do not belong together.")
            }
        }
    }
}

/// Why the password is too weak, if it is. `about` is what a guesser knows of the person: name, address, the academy's name.
///
/// Strength is estimated by zxcvbn; a score under 3 (10^8 guesses) is refused.
#[must_use]
pub fn weakness(password: &str, at_least: usize, about: &[&str]) -> Option<Weakness> {
    if password.chars().count() < at_least {
        return Some(Weakness::TooShort { at_least });
    }
    if password.len() > MAX_BYTES {
        return Some(Weakness::TooLong);
    }
    // zxcvbn compares with whole inputs, and takes three known words in a row for a good password: so names count in parts and joined.
    let joined: Vec<String> = about.iter().map(|text| text.chars().filter(|c| c.is_alphanumeric()).collect()).collect();
    let locals = about.iter().filter_map(|text| text.split_once('@')).map(|(local, _)| local);
    let local: Vec<String> = locals.map(|local| local.chars().filter(|c| c.is_alphanumeric()).collect()).collect();
    let pieces = about.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let known = pieces.chain(joined.iter().map(String::as_str)).chain(local.iter().map(String::as_str));
    let parts: Vec<&str> = known.chain(about.iter().copied()).filter(|part| part.len() > 2).collect();
    let entropy = zxcvbn(password, &parts);
    (entropy.score() < Score::Three).then(|| Weakness::Guessable {
        why: entropy.feedback().and_then(zxcvbn::feedback::Feedback::warning).map(|warning| warning.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weak_passwords_are_refused_with_a_reason() {
        let about = ["anna.keller@learner.example", "Anna Keller", "Northlight Academy"];
        let why = |password: &str| weakness(password, 10, &about).map(|weakness| weakness.to_string());
        assert!(why("short").unwrap().contains("at least 10 characters"));
        assert!(why(&"é".repeat(129)).unwrap().contains("256 bytes"));
        for guessable in ["password123", "1234567890", "annakeller1", "northlight1", "qwertyuiop", "aaaaaaaaaaaa", "learner2026"] {
            assert!(why(guessable).is_some_and(|why| why.contains("easy to guess")), "{guessable}");
        }
        assert_eq!(why("tram lamp quarry violin"), None);
        assert_eq!(why("k7!Wq0-zRt5m"), None);
    }

    #[test]
    fn the_personal_parts_make_the_difference() {
        assert_eq!(weakness("brzeczyszczykiewicz", 10, &[]), None);
        assert!(weakness("brzeczyszczykiewicz", 10, &["g.brzeczyszczykiewicz@learner.example"]).is_some());
    }
}
