//! Lines with their indentation told apart from their text, and what can be said about one by looking at it.

/// Tab stops as docutils sets them.
const TAB: usize = 8;

/// A line of the source; `text` has no white space around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) indent: usize,
    pub(super) text: &'a str,
}

impl Line<'_> {
    pub(super) fn is_blank(&self) -> bool {
        self.text.is_empty()
    }
}

pub(super) fn read(text: &str) -> Vec<Line<'_>> {
    text.lines()
        .map(|line| {
            let text = line.trim();
            let mut indent = 0;
            for c in line.chars().take_while(|c| c.is_whitespace()) {
                indent = if c == '\t' { (indent / TAB + 1) * TAB } else { indent + 1 };
            }
            Line { indent: if text.is_empty() { 0 } else { indent }, text }
        })
        .collect()
}

/// How many of `lines` belong to something whose first line is indented by `indent`: all that are deeper, with the empty
/// lines between them but not those after.
pub(super) fn body_len(lines: &[Line<'_>], indent: usize) -> usize {
    let mut len = 0;
    for (position, line) in lines.iter().enumerate() {
        if line.is_blank() {
            continue;
        }
        if line.indent <= indent {
            break;
        }
        len = position + 1;
    }
    len
}

/// The indentation of a block: that of its leftmost line.
pub(super) fn base_indent(lines: &[Line<'_>]) -> usize {
    lines.iter().filter(|line| !line.is_blank()).map(|line| line.indent).min().unwrap_or(0)
}

/// The lines as they were, less the indentation that they share.
pub(super) fn verbatim(lines: &[Line<'_>]) -> String {
    let base = base_indent(lines);
    let mut text = String::new();
    for line in lines {
        if !line.is_blank() {
            text.push_str(&" ".repeat(line.indent.saturating_sub(base)));
            text.push_str(line.text);
        }
        text.push('\n');
    }
    text.trim_matches('\n').to_owned()
}

/// The text of the lines as one line.
pub(super) fn joined(lines: &[Line<'_>]) -> String {
    let texts: Vec<&str> = lines.iter().map(|line| line.text).filter(|text| !text.is_empty()).collect();
    texts.join(" ")
}

/// A section title at the top of `lines`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Title<'a> {
    pub(super) text: &'a str,
    /// The sign of its line and whether there is one above, too: this tells its level.
    pub(super) style: (char, bool),
    /// How many lines it takes.
    pub(super) len: usize,
}

pub(super) fn title<'a>(lines: &[Line<'a>]) -> Option<Title<'a>> {
    let first = lines.first()?;
    let second = lines.get(1)?;
    if first.is_blank() || second.is_blank() {
        return None;
    }
    if let Some(sign) = rule(first.text) {
        let below = lines.get(2).and_then(|third| rule(third.text))?;
        let long_enough = is_long_enough(first.text, second.text);
        return (below == sign && long_enough && rule(second.text).is_none()).then_some(Title {
            text: second.text,
            style: (sign, true),
            len: 3,
        });
    }
    let sign = rule(second.text)?;
    let aligned = first.indent == second.indent;
    (aligned && is_long_enough(second.text, first.text)).then_some(Title { text: first.text, style: (sign, false), len: 2 })
}

/// The sign of a line that consists of one punctuation sign repeated.
pub(super) fn rule(text: &str) -> Option<char> {
    let sign = text.chars().next().filter(char::is_ascii_punctuation)?;
    let is_marker = matches!(text, "::" | "..");
    (!is_marker && text.chars().all(|c| c == sign)).then_some(sign)
}

/// docutils takes a line that is shorter than its title if it cannot be anything else.
fn is_long_enough(rule: &str, title: &str) -> bool {
    rule.len() >= 4 || rule.len() >= title.chars().count()
}

/// `:name: value`, the line of a field list and of a directive's options.
pub(super) fn field(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.strip_prefix(':')?.split_once(':')?;
    let is_field = !name.is_empty()
        && !name.starts_with(char::is_whitespace)
        && !name.contains('`')
        && (value.is_empty() || value.starts_with(char::is_whitespace));
    is_field.then_some((name, value.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_told_by_their_lines() {
        let of = |text: &'static str| title(&read(text)).map(|t| (t.text, t.style, t.len));
        assert_eq!(of("#####\n Head \n#####\n"), Some(("Head", ('#', true), 3)));
        assert_eq!(of("Head\n****"), Some(("Head", ('*', false), 2)));
        assert_eq!(of("No\n--"), Some(("No", ('-', false), 2)));
        for none in ["Heading\n--", "Head\n\n----", "Head\n::", "----\nHead\n====", "----\n\n", "Text\nmore"] {
            assert_eq!(of(none), None, "{none}");
        }
    }

    #[test]
    fn indentation_counts_tabs_and_blank_lines_have_none() {
        let lines = read("a\n\tb\n   \n  c\n");
        let indents: Vec<usize> = lines.iter().map(|line| line.indent).collect();
        assert_eq!(indents, [0, 8, 0, 2]);
        assert_eq!(body_len(lines.get(1..).unwrap(), 0), 3);
        assert_eq!(verbatim(lines.get(1..).unwrap()), "      b\n\nc");
    }

    #[test]
    fn fields_are_not_roles() {
        assert_eq!(field(":alt: A picture"), Some(("alt", "A picture")));
        assert_eq!(field(":local:"), Some(("local", "")));
        assert_eq!(field(":ref:`Label` (how-to)"), None);
        assert_eq!(field("::"), None);
    }
}
