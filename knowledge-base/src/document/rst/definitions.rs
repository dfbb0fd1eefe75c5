//! What a document defines for use elsewhere in it: addresses of links, titles behind labels, substitutions.

use std::collections::HashMap;

use super::{
    escape::plain,
    lines::{Line, body_len, joined, title},
};

/// Longer values are not taken: a long one that is used often would make the result far larger than the source.
const MAX_VALUE: usize = 400;

#[derive(Debug, Default)]
pub(super) struct Definitions {
    addresses: HashMap<String, String>,
    titles: HashMap<String, String>,
    substitutions: HashMap<String, String>,
}

impl Definitions {
    pub(super) fn collect(lines: &[Line<'_>]) -> Self {
        let mut found = Self::default();
        // Labels that wait for the title below them.
        let mut labels: Vec<String> = Vec::new();
        let mut rest = lines;
        while let Some((line, after)) = rest.split_first() {
            let markup = line.text.strip_prefix(".. ").map(str::trim_start);
            if let Some(target) = markup.and_then(|markup| markup.strip_prefix('_')) {
                match target_parts(target) {
                    Some((name, "")) => labels.push(key(name)),
                    Some((name, address)) => insert(&mut found.addresses, name, address),
                    None => {}
                }
            } else if let Some(substitution) = markup.and_then(|markup| markup.strip_prefix('|')) {
                found.substitute(substitution, line, after);
            } else if let Some(title) = title(rest) {
                let text = plain(title.text);
                for label in labels.drain(..) {
                    insert(&mut found.titles, &label, &text);
                }
            } else if !line.is_blank() {
                labels.clear();
            }
            rest = after;
        }
        found
    }

    /// `x| replace:: text`, which may go on below.
    fn substitute(&mut self, definition: &str, line: &Line<'_>, after: &[Line<'_>]) {
        let Some((name, directive)) = definition.split_once('|') else {
            return;
        };
        let Some((kind, value)) = directive.split_once("::") else {
            return;
        };
        let more = after.get(..body_len(after, line.indent)).unwrap_or_default();
        let value = match kind.trim() {
            "replace" if more.iter().all(|line| !line.is_blank()) => {
                format!("{} {}", value.trim(), joined(more))
            }
            "unicode" => unicode(value),
            "image" => more.iter().find_map(|line| line.text.strip_prefix(":alt:")).unwrap_or_default().to_owned(),
            _ => return,
        };
        insert(&mut self.substitutions, name, value.trim());
    }

    /// The address that `` `name`_ `` leads to, if it leads out of the document.
    pub(super) fn address(&self, name: &str) -> Option<&str> {
        self.addresses.get(&key(name)).map(String::as_str)
    }

    /// The title of the section that `` :ref:`label` `` points to, if it is in this document.
    pub(super) fn title(&self, label: &str) -> Option<&str> {
        self.titles.get(&key(label)).map(String::as_str)
    }

    pub(super) fn substitution(&self, name: &str) -> Option<&str> {
        self.substitutions.get(&key(name)).map(String::as_str)
    }
}

/// The first definition of a name counts, as in docutils.
fn insert(map: &mut HashMap<String, String>, name: &str, value: &str) {
    if value.len() <= MAX_VALUE {
        map.entry(key(name)).or_insert_with(|| value.to_owned());
    }
}

/// Names are compared without regard to case and white space.
fn key(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// `name: address` after `.. _`; the name may stand in backquotes, because it may hold a colon.
fn target_parts(target: &str) -> Option<(&str, &str)> {
    let (name, address) = match target.strip_prefix('`') {
        Some(quoted) => {
            let (name, rest) = quoted.split_once('`')?;
            (name, rest.trim_start().strip_prefix(':')?)
        }
        None => match target.split_once(": ") {
            Some(parts) => parts,
            None => (target.strip_suffix(':')?, ""),
        },
    };
    Some((name, address.trim()))
}

/// `U+00A9` and `0xA9` as their characters; other words stand for themselves.
fn unicode(codes: &str) -> String {
    codes
        .split_whitespace()
        .take_while(|word| *word != "..")
        .map(|word| {
            let hex = ["U+", "u+", "0x", "\\x", "\\u"].iter().find_map(|prefix| word.strip_prefix(prefix));
            hex.and_then(|hex| u32::from_str_radix(hex, 16).ok())
                .and_then(char::from_u32)
                .map_or_else(|| word.to_owned(), String::from)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::lines::read;
    use super::*;

    #[test]
    fn targets_labels_and_substitutions_are_found() {
        let source = ".. _one:\n.. _Two  words:\n\nA *title*\n=========\n\n.. _lost:\n\nText.\n\n.. _Site: https://a.example\n\
                      .. _`a: b`: https://b.example\n.. |name| replace:: North\n   light\n.. |c| unicode:: U+00A9 .. copyright\n\
                      .. |i| image:: x.png\n   :alt: Icon\n";
        let found = Definitions::collect(&read(source));
        assert_eq!(found.title("one"), Some("A title"));
        assert_eq!(found.title("two words"), Some("A title"));
        assert_eq!(found.title("lost"), None);
        assert_eq!(found.address("SITE"), Some("https://a.example"));
        assert_eq!(found.address("a: b"), Some("https://b.example"));
        assert_eq!(found.substitution("name"), Some("North light"));
        assert_eq!(found.substitution("c"), Some("©"));
        assert_eq!(found.substitution("i"), Some("Icon"));
    }

    #[test]
    fn a_value_too_long_is_not_kept() {
        let source = format!(".. |x| replace:: {}\n", "long ".repeat(100));
        assert_eq!(Definitions::collect(&read(&source)).substitution("x"), None);
    }
}
