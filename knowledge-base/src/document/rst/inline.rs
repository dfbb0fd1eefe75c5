//! Markup within a paragraph.
//!
//! One walk over the text; what does not turn out to be markup is text and is escaped for Markdown.

use super::{
    definitions::Definitions,
    escape::{code, escape, unescape},
    roles::{link, to_name, with_role},
};

/// Substitutions, footnotes and role names are short; looking no further keeps stray signs cheap.
const SHORT: usize = 80;

/// The paragraph as Markdown on one line.
pub(super) fn convert(text: &str, definitions: &Definitions) -> String {
    let mut walk =
        Walk { text, definitions, at: 0, out: String::with_capacity(text.len() + text.len() / 8), exhausted: Vec::new() };
    while walk.at < text.len() {
        walk.step();
    }
    walk.out
}

struct Walk<'a> {
    text: &'a str,
    definitions: &'a Definitions,
    at: usize,
    out: String,
    /// Closing signs that do not come again, so that they are not searched for again.
    exhausted: Vec<&'static str>,
}

impl<'a> Walk<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes one construct or one sign.
    fn step(&mut self) {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            self.at = self.text.len();
            return;
        };
        let construct = match first {
            '\\' => {
                let next = rest.chars().nth(1);
                self.at += 1 + next.map_or(0, char::len_utf8);
                let kept = next.filter(|c| !c.is_whitespace()).map(String::from);
                self.out.push_str(&escape(&kept.unwrap_or_default()));
                return;
            }
            _ if !self.may_open(first) => None,
            '`' => self.literal().or_else(|| self.interpreted(None)),
            '*' => self.emphasis("**").or_else(|| self.emphasis("*")),
            ':' => self.role(),
            '|' => self.substitution(),
            '[' => self.footnote(),
            '_' if rest.starts_with("_`") => {
                self.at += 1;
                self.interpreted(None)
            }
            c if c.is_alphanumeric() => self.reference(),
            _ => None,
        };
        match construct {
            Some(markdown) => self.out.push_str(&markdown),
            None => self.plain_run(first),
        }
    }

    /// Text up to the next sign that may mean something, at least one character. A word is taken as a whole.
    fn plain_run(&mut self, first: char) {
        let rest = self.rest();
        let len = if first.is_alphanumeric() { rest.find(|c: char| !c.is_alphanumeric()) } else { Some(first.len_utf8()) };
        let (run, _) = rest.split_at_checked(len.unwrap_or(rest.len())).unwrap_or((rest, ""));
        self.out.push_str(&escape(run));
        self.at += run.len();
    }

    /// Markup opens at the start of a word only, and not where it stands between brackets or quotes like `(*)`.
    fn may_open(&self, sign: char) -> bool {
        let before = self.text.get(..self.at).unwrap_or_default();
        let mut before = before.chars().rev();
        let previous = before.next();
        // `\ ` is how authors put markup inside a word.
        if previous == Some(' ') && before.next() == Some('\\') {
            return true;
        }
        let Some(previous) = previous else { return true };
        let closing = match previous {
            '(' => ')',
            '[' => ']',
            '{' => '}',
            '<' => '>',
            quote => quote,
        };
        let after = self.rest().chars().take(3).find(|c| *c != sign);
        let quoted = !previous.is_whitespace() && !previous.is_alphanumeric() && after == Some(closing);
        !previous.is_alphanumeric() && !quoted
    }

    /// The length of what stands between here (after `open` bytes) and `close`, where `close` can end a construct.
    fn find_close(&mut self, open: usize, close: &'static str) -> Option<usize> {
        if self.exhausted.contains(&close) {
            return None;
        }
        let inner = self.rest().get(open..)?;
        if inner.starts_with(char::is_whitespace) {
            return None;
        }
        let literal = close == "``";
        for (position, _) in inner.match_indices(close) {
            let (content, after) = inner.split_at_checked(position)?;
            let after = after.get(close.len()..)?.chars().next();
            let last = content.chars().next_back();
            let escaped = !literal && last == Some('\\');
            let ends_word = after.is_none_or(|c| !c.is_alphanumeric());
            // A run of backquotes at the end belongs to the literal.
            let in_run = literal && after == Some('`');
            if last.is_some_and(|c| !c.is_whitespace()) && !escaped && ends_word && !in_run {
                return Some(position);
            }
        }
        self.exhausted.push(close);
        None
    }

    /// Takes `open`, what `find_close` found, and `close`.
    fn take(&mut self, open: usize, len: usize, close: usize) -> &'a str {
        let content = self.rest().get(open..open + len).unwrap_or_default();
        self.at += open + len + close;
        content
    }

    fn literal(&mut self) -> Option<String> {
        if !self.rest().starts_with("``") {
            return None;
        }
        let len = self.find_close(2, "``")?;
        Some(code(self.take(2, len, 2)))
    }

    fn emphasis(&mut self, sign: &'static str) -> Option<String> {
        if !self.rest().starts_with(sign) {
            return None;
        }
        let len = self.find_close(sign.len(), sign)?;
        let content = self.take(sign.len(), len, sign.len());
        Some(format!("{sign}{}{sign}", escape(&unescape(content))))
    }

    /// `` `text` `` with what follows: a link, a role or nothing.
    fn interpreted(&mut self, role: Option<&str>) -> Option<String> {
        if !self.rest().starts_with('`') {
            return None;
        }
        let len = self.find_close(1, "`")?;
        let content = self.take(1, len, 1);
        if let Some(role) = role {
            return Some(with_role(role, content, self.definitions));
        }
        for suffix in ["__", "_"] {
            if self.rest().starts_with(suffix) {
                self.at += suffix.len();
                return Some(link(content, self.definitions));
            }
        }
        if let Some(role) = role_name(self.rest()) {
            self.at += role.len() + 2;
            return Some(with_role(role, content, self.definitions));
        }
        Some(escape(&unescape(content)))
    }

    fn role(&mut self) -> Option<String> {
        let start = self.at;
        let role = role_name(self.rest())?;
        self.at += role.len() + 2;
        let taken = self.interpreted(Some(role));
        if taken.is_none() {
            self.at = start;
        }
        taken
    }

    /// `name_`, which looks like a file name often enough that only defined names count.
    fn reference(&mut self) -> Option<String> {
        let rest = short(self.rest(), 0);
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
        let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
        let name = rest.get(..end)?.trim_end_matches('.');
        let stem = name.strip_suffix('_')?;
        let stem = stem.strip_suffix('_').unwrap_or(stem);
        self.definitions.address(stem)?;
        self.at += name.len();
        Some(to_name(stem, self.definitions))
    }

    fn substitution(&mut self) -> Option<String> {
        let (name, _) = short(self.rest(), 1).split_once('|')?;
        if name.is_empty() || name.trim() != name {
            return None;
        }
        self.at += name.len() + 2;
        let marks = self.rest().len() - self.rest().trim_start_matches('_').len();
        self.at += marks.min(2);
        let value = self.definitions.substitution(name).unwrap_or(name);
        Some(escape(value))
    }

    /// `[1]_`; what the note says follows as a paragraph of its own.
    fn footnote(&mut self) -> Option<String> {
        let (label, _) = short(self.rest(), 1).split_once("]_")?;
        if label.is_empty() || label.contains(['[', ' ']) {
            return None;
        }
        self.at += label.len() + 3;
        // Numbers that docutils would give are unknown here.
        let automatic = label.starts_with(['#', '*']);
        Some(if automatic { String::new() } else { format!("\\[{}\\]", escape(label)) })
    }
}

/// The beginning of `text` after `skip` bytes, not longer than [`SHORT`].
fn short(text: &str, skip: usize) -> &str {
    let text = text.get(skip..).unwrap_or_default();
    let mut end = text.len().min(SHORT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// `name` out of `:name:` in front of a backquote, or of `:name:` at all after one.
fn role_name(text: &str) -> Option<&str> {
    let inner = short(text.strip_prefix(':')?, 0);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | ':');
    let end = inner.find(|c| !is_name(c)).unwrap_or(inner.len());
    let name = inner.get(..end)?.strip_suffix(':')?;
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (starts_well && !name.contains("::")).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::super::lines::read;
    use super::*;

    fn md(text: &str) -> String {
        let source = ".. _sec:\n\nThe section\n===========\n\n.. _Site: https://a.example/?a=1&b=2\n.. _In: file.html\n\
                      .. |name| replace:: Northlight\n";
        convert(text, &Definitions::collect(&read(source)))
    }

    #[test]
    fn emphasis_and_literals() {
        for (rst, markdown) in [
            ("Select **Save** or *leave*.", "Select **Save** or *leave*."),
            ("``a*b`` and ``{ }``, ``x`y``", "`a*b` and `{ }`, ``x`y``"),
            ("a `thing` b", "a thing b"),
            ("multiplication (*), (-) and 2 * 3 * 4", "multiplication (\\*), (-) and 2 \\* 3 \\* 4"),
            ("an open **strong and *em", "an open \\*\\*strong and \\*em"),
            ("in*fix* and **bold**\\ s", "in\\*fix\\* and **bold**s"),
            ("\\*stars\\* and a\\b", "\\*stars\\* and ab"),
            ("snake_case a_ __init__", "snake\\_case a\\_ \\_\\_init\\_\\_"),
        ] {
            assert_eq!(md(rst), markdown, "{rst}");
        }
    }

    #[test]
    fn roles_give_their_text() {
        for (rst, markdown) in [
            ("see :ref:`sec`.", "see The section."),
            ("see :ref:`the  text<sec>`", "see the  text"),
            (":ref:`about_this`", "about this"),
            (":doc:`/how-tos/add_links`", "add links"),
            (":doc:`Title </x>`", "Title"),
            (":menuselection:`Account --> Orders`", "**Account › Orders**"),
            (":guilabel:`&Save`", "**Save**"),
            (":py:func:`~a.b.c` and :kbd:`Ctrl`", "c and Ctrl"),
            (":file:`a_b` :strange:`text`", "`a_b` text"),
            (":rspan:`6` Daily", " Daily"),
            ("`x`:sub: and 9:30: `", "x and 9:30: \\`"),
        ] {
            assert_eq!(md(rst), markdown, "{rst}");
        }
    }

    #[test]
    fn links_lead_out_or_become_text() {
        for (rst, markdown) in [
            ("`Us <https://b.example/x_y>`_.", "[Us](<https://b.example/x_y>)."),
            ("`site`_ and Site_", "[site](<https://a.example/?a=1&amp;b=2>) and [Site](<https://a.example/?a=1&amp;b=2>)"),
            ("`Us <Site_>`__", "[Us](<https://a.example/?a=1&amp;b=2>)"),
            ("`sec`_, `lost`_, `In`_", "The section, lost, In"),
            ("`a <javascript:alert(1)>`_", "a"),
            ("See [1]_ and [#]_ and a[0]", "See \\[1\\] and  and a\\[0\\]"),
            ("_`here` and |name| |lost| a||b", "here and Northlight lost a||b"),
        ] {
            assert_eq!(md(rst), markdown, "{rst}");
        }
    }
}
