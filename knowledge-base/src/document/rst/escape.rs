//! Text on its way from one markup to the other.

/// The text of a title or label without its markup.
pub(super) fn plain(text: &str) -> String {
    text.replace(['*', '`'], "")
}

/// Plain text as Markdown that reads the same.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let entity = c == '&' && chars.peek().is_some_and(|next| next.is_ascii_alphabetic() || *next == '#');
        if entity || matches!(c, '\\' | '*' | '_' | '`' | '[' | ']' | '<' | '~') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Text in which a backslash takes the meaning from the sign after it, or takes away the space.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next().filter(|next| !next.is_whitespace())),
            c => out.push(c),
        }
    }
    out
}

/// Text as a code span, fenced by more backquotes than it holds.
pub(super) fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

#[cfg(test)]
mod tests {
    use super::super::super::text::plain_text;
    use super::*;

    #[test]
    fn escaped_text_reads_the_same_after_markdown() {
        for text in ["a*b* _c_ `d` [e](f) <b>g</b> &amp; h\\i ~~j~~", "snake_case and x^2", "AT&T & co"] {
            assert_eq!(plain_text(&escape(text)), text);
        }
        for text in ["a`b", "`", "``x``", "{ }"] {
            assert_eq!(plain_text(&code(text)), text);
        }
    }

    #[test]
    fn backslashes_are_taken_at_their_word() {
        assert_eq!(unescape(r"a\*b\\c d\ e\"), r"a*b\c de");
    }
}
