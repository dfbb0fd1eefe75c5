//! Order numbers in what people write.

use std::sync::LazyLock;

use regex::Regex;

/// An order's number as a message may name it, `NL-100234`: two to four letters, a dash, four to ten digits. Whose order it is, is for the LMS to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderNumber(String);

/// `None` only if the pattern were wrong, which a test would show. The dashes: the hyphen of the keyboard, and those that word processors put in its place.
static NUMBER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?:^|[^\pL\pN_])([A-Za-z]{2,4})[-\u{2010}-\u{2013}]([0-9]{4,10})(?:[^\pL\pN_]|$)").ok());

impl OrderNumber {
    /// The first number in a text that nobody vouches for.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let found = NUMBER.as_ref()?.captures(text)?;
        let (letters, digits) = (found.get(1)?.as_str(), found.get(2)?.as_str());
        Some(Self(format!("{}-{digits}", letters.to_ascii_uppercase())))
    }

    /// The number in capitals: letters, digits and one dash, of ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Option<String> {
        OrderNumber::find(text).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn a_number_is_found_wherever_it_stands() {
        for text in [
            "NL-100234",
            "where is my refund for nl-100234?",
            "(NL-100234)",
            "order:NL–100234,",
            "«Nl‑100234»",
            "NL-100234 or NL-100235",
        ] {
            assert_eq!(found(text).as_deref(), Some("NL-100234"), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_one_is_passed_over() {
        for text in [
            "",
            "100234",
            "N-100234",
            "ORDER-100234",
            "NL-123",
            "NL-12345678901",
            "NL 100234",
            "xNL_100234",
            "éNL-100234",
            "NL-100234x",
            "NL-١٠٠٢٣٤",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_only_a_number_comes_out(text in "\\PC{0,40}([a-zA-Z]{1,5}[-–_][0-9]{3,11})?\\PC{0,40}") {
            if let Some(number) = found(&text) {
                let (letters, digits) = number.split_once('-').unwrap();
                prop_assert!((2..=4).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_uppercase()));
                prop_assert!((4..=10).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
                prop_assert!(text.to_uppercase().contains(letters) && text.contains(digits));
            }
        }
    }
}
