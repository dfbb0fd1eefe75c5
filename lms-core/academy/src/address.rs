//! E-mail addresses as they are stored, compared and shown.
//!
//! Two addresses are the same account only when they are the same text after the ASCII letters are lower-cased. Nothing is normalised further:
//! a Unicode look-alike, a `+tag` or a `%40` is another address, so no form of writing can reach somebody else's mailbox.

/// The longest address that SMTP can carry, in bytes (RFC 5321, 4.5.3.1.3, without the brackets).
pub const MAX_BYTES: usize = 254;

/// The form in which an address is stored and compared: without spaces and tabs around it and with ASCII letters in lower case. `None` when it is
/// no address: empty or too long, not exactly one `@` with something on both sides, or a space or control character in it.
#[must_use]
pub fn stored_form(text: &str) -> Option<String> {
    // Only what a form field may leave behind; a line break is not trimmed away but refused.
    let text = text.trim_matches([' ', '\t']);
    let (local, domain) = text.split_once('@')?;
    let fits = text.len() <= MAX_BYTES && !local.is_empty() && !domain.is_empty() && !domain.contains('@');
    let plain = !text.chars().any(|character| character.is_control() || character.is_whitespace());
    (fits && plain).then(|| text.to_ascii_lowercase())
}

/// Enough for the owner to know the address again, and no more: `a•••@example.com`.
#[must_use]
pub fn masked(email: &str) -> String {
    match email.split_once('@') {
        Some((local, domain)) => format!("{}•••@{domain}", local.chars().next().map(String::from).unwrap_or_default()),
        None => "•••".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_case_and_outer_spaces_are_forgiven() {
        assert_eq!(stored_form(" Anna.Keller@Learner.Example\t").as_deref(), Some("anna.keller@learner.example"));
        for other in
            ["anna.keller+x@learner.example", "anna.keller%40learner.example@learner.example", "annakeller@learner.example"]
        {
            assert_eq!(stored_form(other).as_deref(), Some(other));
        }
        // KELVIN SIGN lower-cases to k, LONG S upper-cases to S, fullwidth letters fold under NFKC: none of them may.
        for alike in [
            "anna.\u{212a}eller@learner.example",
            "anna.keller@learner.example".replace('s', "\u{17f}").as_str(),
            "ａnna@learner.example",
        ] {
            assert_eq!(stored_form(alike).unwrap(), alike);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@learner.example", "a".repeat(MAX_BYTES));
        for text in [
            "",
            "@",
            "anna",
            "anna@",
            "@learner.example",
            "a@b@c",
            "an na@learner.example",
            "anna@learner.example\r\nBcc: eve@evil.example",
            "anna@learner.example\n",
            "anna@learner.example\0",
            "anna@\u{a0}learner.example",
            "\u{2028}anna@learner.example",
            &long,
        ] {
            assert_eq!(stored_form(text), None, "{text:?}");
        }
        assert!(stored_form(&long[long.len() - MAX_BYTES..]).is_some());
    }

    #[test]
    fn a_masked_address_keeps_the_first_letter_and_the_domain() {
        assert_eq!(masked("anna.keller@learner.example"), "a•••@learner.example");
        assert_eq!(masked("é@x"), "é•••@x");
        assert_eq!(masked("nonsense"), "•••");
    }

    proptest! {
        #[test]
        fn the_stored_form_is_itself_stored_so(text in "\\PC{0,30}@?\\PC{0,30}") {
            if let Some(stored) = stored_form(&text) {
                prop_assert_eq!(stored_form(&stored), Some(stored.clone()));
                prop_assert!(stored.eq_ignore_ascii_case(text.trim_matches([' ', '\t'])));
            }
        }

        #[test]
        fn any_other_text_is_another_address(text in "[a-zA-Z.+%@_\u{17f}\u{212a}\u{131}\u{ff41} \r\n-]{0,40}") {
            let anna = "anna.keller@learner.example";
            if !text.trim_matches([' ', '\t']).eq_ignore_ascii_case(anna) {
                prop_assert_ne!(stored_form(&text), Some(anna.to_owned()));
            }
        }

        #[test]
        fn the_mask_never_shows_more_of_the_name(local in "[a-z]{2,20}") {
            let shown = masked(&format!("{local}@learner.example"));
            prop_assert_eq!(shown.split_once('@').unwrap().0, format!("{}•••", &local[..1]));
        }
    }
}
