//! Other people's text as one line of a header or of a page.

/// The text with every control character, line break and direction mark as a space, runs of spaces as one, and no more than `most`
/// characters.
pub(crate) fn one_line(text: &str, most: usize) -> String {
    let mut line = String::new();
    let mut left = most;
    for word in text.split(|char: char| char.is_whitespace() || breaks_a_line(char)).filter(|word| !word.is_empty()) {
        if !line.is_empty() && left > 0 {
            line.push(' ');
            left -= 1;
        }
        let part: String = word.chars().take(left).collect();
        left -= part.chars().count();
        line.push_str(&part);
        if left == 0 {
            break;
        }
    }
    line.truncate(line.trim_end().len());
    line
}

fn breaks_a_line(char: char) -> bool {
    char.is_control() || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_short_and_steers_nothing() {
        assert_eq!(one_line(" Anna\r\nBcc: eve\u{202e}@x ", 120), "Anna Bcc: eve @x");
        assert_eq!(one_line("one two", 4), "one");
        assert_eq!(one_line("one two", 5), "one t");
        assert_eq!(one_line("ééé", 2), "éé");
        assert_eq!(one_line("\0\u{feff}", 9), "");
    }
}
