//! Markdown, the one form that every document is reduced to: reading it in blocks and making it fit to be cut up.

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};

/// The dialect of the whole knowledge base: CommonMark with tables and struck-out text.
const DIALECT: Options = Options::ENABLE_TABLES.union(Options::ENABLE_STRIKETHROUGH);

/// Quotes, lists and emphasis within each other; no author comes near.
const MAX_NESTING: usize = 100;

/// A wider "table" is a drawing or an attack.
pub(super) const MAX_COLUMNS: usize = 32;

pub(super) fn parser(markdown: &str) -> Parser<'_> {
    Parser::new_ext(markdown, DIALECT)
}

/// A block at the top level of a document.
#[derive(Debug)]
pub(super) struct Block<'a> {
    pub(super) kind: BlockKind,
    pub(super) source: &'a str,
    range: Range<usize>,
}

impl<'a> Block<'a> {
    /// `range` begins with the text; the indentation belongs to the block, or indented code would become a paragraph.
    fn new(markdown: &'a str, kind: BlockKind, range: Range<usize>) -> Self {
        let before = markdown.get(..range.start).unwrap_or_default();
        let range = before.trim_end_matches([' ', '\t']).len()..range.end;
        Self { kind, source: markdown.get(range.clone()).unwrap_or_default().trim_end(), range }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum BlockKind {
    /// A heading of level 1 to 3, which opens a section. (The page's own level 1 is the article's title.)
    Section {
        level: u8,
        heading: String,
    },
    /// A deeper heading, which stays inside its passage.
    Subheading,
    Paragraph,
    List,
    Table,
    Other,
}

/// The top-level blocks in order.
pub(super) fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut depth = 0usize;
    let mut heading = String::new();
    let mut open = BlockKind::Other;
    for (event, range) in parser(markdown).into_offset_iter() {
        match event {
            Event::Start(tag) => {
                if depth == 0 {
                    heading.clear();
                    open = kind_of(&tag);
                }
                depth += 1;
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                if depth > 0 {
                    continue;
                }
                if let BlockKind::Section { heading: text, .. } = &mut open {
                    *text = words(&heading);
                }
                let kind = std::mem::replace(&mut open, BlockKind::Other);
                blocks.push(Block::new(markdown, kind, range));
            }
            Event::Rule if depth == 0 => {
                blocks.push(Block::new(markdown, BlockKind::Other, range));
            }
            Event::Text(text) | Event::Code(text) if matches!(open, BlockKind::Section { .. }) => {
                heading.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => heading.push(' '),
            _ => {}
        }
    }
    blocks
}

fn kind_of(tag: &Tag<'_>) -> BlockKind {
    match tag {
        Tag::Heading { level, .. } => match *level as u8 {
            level @ 1..=3 => BlockKind::Section { level, heading: String::new() },
            _ => BlockKind::Subheading,
        },
        Tag::Paragraph => BlockKind::Paragraph,
        Tag::List(_) => BlockKind::List,
        Tag::Table(_) => BlockKind::Table,
        _ => BlockKind::Other,
    }
}

/// Text with every run of white space as one space.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Takes the heading that names the document out of it: the first of level 1, or whatever heading comes first of all.
pub(super) fn take_title(markdown: &str) -> Option<(String, String)> {
    let blocks = blocks(markdown);
    let named = |(position, block): (usize, &Block<'_>)| match &block.kind {
        BlockKind::Section { level, heading } if !heading.is_empty() && (position == 0 || *level == 1) => {
            Some((heading.clone(), block.range.clone()))
        }
        _ => None,
    };
    let (heading, range) = blocks.iter().enumerate().find_map(named)?;
    let before = markdown.get(..range.start).unwrap_or_default();
    let after = markdown.get(range.end..).unwrap_or_default();
    Some((heading, format!("{before}{after}")))
}

/// Whether the text can be rendered at a cost that follows its length: rendering is quadratic in nesting, and short rows
/// of a wide table are filled up with empty cells.
pub(super) fn is_simple(markdown: &str) -> bool {
    // Before parsing, because the parser fills up the rows itself.
    let draws_a_line = |c: char| c.is_ascii_digit() || matches!(c, '|' | '-' | ':' | '>' | ' ' | '\t' | '.' | ')' | '*' | '+');
    let too_wide = |line: &str| line.matches('|').count() > MAX_COLUMNS + 1 && line.chars().all(draws_a_line);
    if markdown.lines().any(too_wide) {
        return false;
    }
    let mut depth = 0usize;
    for event in parser(markdown) {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return false;
        }
    }
    true
}

/// Writes every `[text][name]` as `[text](<address>)`.
///
/// A passage is cut out of its document, and a definition at the end of the file would not come with it.
pub(super) fn inline_references(markdown: &str) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut open: Vec<Reference> = Vec::new();
    for (event, range) in parser(markdown).into_offset_iter() {
        match event {
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let Some(link) = open.pop() else { continue };
                if let (Some(inner), Some(target)) = (&link.inner, &link.target) {
                    edits.push((link.range.start..inner.start, link.opening.to_owned()));
                    edits.push((inner.end..link.range.end, format!("](<{target}>)")));
                }
                if let Some(parent) = open.last_mut() {
                    parent.contains(&link.range);
                }
            }
            Event::Start(Tag::Link { link_type, dest_url, .. }) => {
                open.push(Reference::new("[", link_type, &dest_url, range));
            }
            Event::Start(Tag::Image { link_type, dest_url, .. }) => {
                open.push(Reference::new("![", link_type, &dest_url, range));
            }
            _ => {
                if let Some(link) = open.last_mut() {
                    link.contains(&range);
                }
            }
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(markdown.len());
    let mut done = 0;
    for (range, replacement) in edits {
        out.push_str(markdown.get(done..range.start).unwrap_or_default());
        out.push_str(&replacement);
        done = range.end;
    }
    out.push_str(markdown.get(done..).unwrap_or_default());
    out
}

/// A link or an image that is being read; `target` is set where its address stands elsewhere.
struct Reference {
    opening: &'static str,
    range: Range<usize>,
    inner: Option<Range<usize>>,
    target: Option<String>,
}

impl Reference {
    fn new(opening: &'static str, kind: LinkType, address: &CowStr<'_>, range: Range<usize>) -> Self {
        let elsewhere = matches!(kind, LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut);
        Self { opening, range, inner: None, target: elsewhere.then(|| bracketed(address)) }
    }

    fn contains(&mut self, range: &Range<usize>) {
        let inner = self.inner.get_or_insert_with(|| range.clone());
        inner.end = inner.end.max(range.end);
    }
}

/// An address as it must be spelt between `<` and `>`.
fn bracketed(address: &str) -> String {
    let mut out = String::with_capacity(address.len());
    for c in address.chars() {
        match c {
            '<' => out.push_str("%3C"),
            '>' => out.push_str("%3E"),
            '\\' => out.push_str("%5C"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_come_with_their_whole_source() {
        let source = "# A `b`\n\nOne\ntwo.\n\n---\n\n- x\n\n  y\n- z\n\n    code\n\n<div>raw</div>\n\n#### Deep\n";
        let found: Vec<_> = blocks(source).into_iter().map(|b| (b.kind, b.source)).collect();
        let heading = BlockKind::Section { level: 1, heading: "A b".to_owned() };
        assert_eq!(
            found,
            [
                (heading, "# A `b`"),
                (BlockKind::Paragraph, "One\ntwo."),
                (BlockKind::Other, "---"),
                (BlockKind::List, "- x\n\n  y\n- z\n\n    code"),
                (BlockKind::Other, "<div>raw</div>"),
                (BlockKind::Subheading, "#### Deep"),
            ]
        );
        assert_eq!(blocks("    code\n").first().unwrap().source, "    code");
    }

    #[test]
    fn the_title_is_the_first_heading_and_leaves_the_body() {
        assert_eq!(take_title("## Name\n\nText.\n").unwrap(), ("Name".to_owned(), "\nText.\n".to_owned()));
        assert_eq!(take_title("Text.\n\n# Name\n\n# Other\n").unwrap().0, "Name");
        for untitled in ["Text.\n\n## Section\n", "#\n\nText.", ""] {
            assert_eq!(take_title(untitled), None);
        }
    }

    #[test]
    fn reference_links_carry_their_address() {
        assert_eq!(
            inline_references("See [the *page*][p], [p] and ![pic][p].\n\n[p]: https://a.example/?x=1&copy=2\n"),
            "See [the *page*](<https://a.example/?x=1&amp;copy=2>), [p](<https://a.example/?x=1&amp;copy=2>) and \
             ![pic](<https://a.example/?x=1&amp;copy=2>).\n\n[p]: https://a.example/?x=1&copy=2\n"
        );
        for untouched in ["[a](b) [c] <https://d.example>", "[x][y]\n\n[z]: /q\n"] {
            assert_eq!(inline_references(untouched), untouched);
        }
        assert_eq!(inline_references("[![i](j)][r]\n\n[r]: /s"), "[![i](j)](</s>)\n\n[r]: /s");
    }
}
