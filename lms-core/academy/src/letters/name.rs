//! Names and titles in mails. Other people wrote them, and mail programs make links of what looks like one.

/// The longest name or title that is repeated, in characters.
const MAX: usize = 80;
/// The longest name that a greeting repeats, in characters.
const MAX_GREETED: usize = 60;

/// One line without characters that steer how it is shown, cut to a sane length.
pub(super) fn plain(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !steers(*c)).collect();
    let line = line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX) {
        Some((end, _)) => line.get(..end).unwrap_or_default().trim_end().to_owned() + "…",
        None => line,
    }
}

/// `Hello Anna Keller,`; `Hello,` to a name that could carry somebody else's message into our mail.
pub(super) fn greeting(name: &str) -> String {
    let name = plain(name);
    let looks_like_a_name = !name.is_empty()
        && name.chars().count() <= MAX_GREETED
        && !name.chars().any(|c| matches!(c, '/' | ':' | '@' | '<' | '>' | '\\' | '{' | '}' | '[' | ']'))
        && !has_domain(&name);
    if looks_like_a_name { format!("Hello {name},") } else { "Hello,".to_owned() }
}

/// Whether a part of the text has a dot as in `evil.example`, other than the dots of initials (`J.R.R. Tolkien`).
fn has_domain(text: &str) -> bool {
    text.split(' ').any(|word| word.split('.').skip(1).any(|label| label.chars().filter(|c| c.is_alphanumeric()).count() > 1))
}

/// Control characters, and those that turn the direction of the text or take no space.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_greeted_by_their_names() {
        for name in ["Anna Keller", "J.R.R. Tolkien", "Nguyễn Thị Hoa", "O’Brien-Smith", "李小龍", "Dr. Dana Levi"] {
            assert_eq!(greeting(name), format!("Hello {name},"));
        }
    }

    #[test]
    fn a_name_that_carries_a_message_is_not_repeated() {
        for name in [
            "",
            " \n ",
            "https://evil.example",
            "Anna evil.example",
            "www.evil.example",
            "eve@evil.example",
            "<b>Anna</b>",
            "Anna:",
            "Your account is closed unless you call us now at the number that we have sent you",
        ] {
            assert_eq!(greeting(name), "Hello,", "{name}");
        }
    }

    #[test]
    fn a_plain_text_is_one_short_line() {
        assert_eq!(plain("Anna\r\nBcc: eve\u{202e}@x\u{200b}"), "Anna Bcc: eve@x");
        let long = plain(&"é".repeat(200));
        assert_eq!((long.chars().count(), long.ends_with("é…")), (MAX + 1, true));
    }
}
