//! What a section consists of when it is cut up: blocks, or the items and rows of those that are too long.

use std::borrow::Cow;

use pulldown_cmark::{Event, Tag};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    chunk::MAX_WORDS,
    markdown::{Block, BlockKind, parser},
    text::plain_text,
};

/// Bytes of a table's head that are worth repeating in every passage that the table is split into.
const MAX_HEAD: usize = 400;

/// What is never cut: a block, or an item or row of one that is too long.
pub(super) struct Part<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) words: usize,
    /// Stands directly below the part before it, without an empty line.
    pub(super) continues: bool,
    /// Introduces the part after it and must not end a passage.
    pub(super) introduces: bool,
}

impl<'a> Part<'a> {
    fn new(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        Self { words: count_words(&text), text, continues: false, introduces: false }
    }
}

pub(super) fn count_words(markdown: &str) -> usize {
    plain_text(markdown).unicode_words().count()
}

/// The parts of a section's blocks. Blocks that fit a passage stay whole.
pub(super) fn parts<'a>(blocks: &[Block<'a>]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (position, block) in blocks.iter().enumerate() {
        let next = blocks.get(position + 1).map(|next| &next.kind);
        let introduces = match block.kind {
            BlockKind::Section { .. } | BlockKind::Subheading => true,
            BlockKind::Paragraph => matches!(next, Some(BlockKind::List | BlockKind::Table)),
            _ => false,
        };
        let whole = Part { introduces, ..Part::new(block.source) };
        let introduction = parts.last().filter(|part| part.introduces);
        let together = whole.words + introduction.map_or(0, |part| part.words);
        match block.kind {
            BlockKind::List if together > MAX_WORDS => parts.extend(items(block.source)),
            BlockKind::Table if together > MAX_WORDS => parts.extend(rows(block.source)),
            _ => parts.push(whole),
        }
    }
    parts
}

/// The items of a list, each with the number that it has in the whole list.
fn items(list: &str) -> Vec<Part<'_>> {
    let mut items = Vec::new();
    let mut depth = 0usize;
    let mut number = None;
    for (event, range) in parser(list).into_offset_iter() {
        match event {
            Event::Start(Tag::List(start)) if depth == 0 => {
                number = start;
                depth += 1;
            }
            Event::Start(Tag::Item) if depth == 1 => {
                let source = list.get(range).unwrap_or_default().trim_end();
                let text = match number {
                    Some(number) => numbered(source, number),
                    None => Cow::Borrowed(source),
                };
                number = number.map(|number| number.saturating_add(1));
                items.push(Part { continues: !items.is_empty(), ..Part::new(text) });
                depth += 1;
            }
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    items
}

/// Markdown lets authors write `1.` before every item; a list that is cut in two would start again at one.
fn numbered(item: &str, number: u64) -> Cow<'_, str> {
    let rest = item.trim_start_matches(|c: char| c.is_ascii_digit());
    let written = item.len() - rest.len();
    let marker = number.to_string();
    if item.get(..written) == Some(marker.as_str()) {
        return Cow::Borrowed(item);
    }
    // A wider marker moves the text to the right, and the lines below must follow to stay in the item.
    let wider = " ".repeat(marker.len().saturating_sub(written));
    let mut text = marker;
    for (position, line) in rest.lines().enumerate() {
        if position > 0 {
            text.push('\n');
        }
        if position > 0 && !line.is_empty() {
            text.push_str(&wider);
        }
        text.push_str(line);
    }
    Cow::Owned(text)
}

/// The rows of a table in groups, each group below the head: rows without one are not a table.
fn rows(table: &str) -> Vec<Part<'_>> {
    let head_end = table.match_indices('\n').nth(1).map(|(position, _)| position);
    let (head, body) = table.split_at_checked(head_end.unwrap_or(0)).unwrap_or(("", table));
    if head.is_empty() || head.len() > MAX_HEAD {
        return vec![Part::new(table)];
    }
    let mut rows: Vec<Part<'_>> = Vec::new();
    for line in body.lines().filter(|line| !line.is_empty()) {
        let words = count_words(line);
        match rows.last_mut() {
            Some(open) if open.words + words <= MAX_WORDS => {
                let text = open.text.to_mut();
                text.push('\n');
                text.push_str(line);
                open.words += words;
            }
            _ => rows.push(Part { words, ..Part::new(format!("{head}\n{line}")) }),
        }
    }
    rows
}
