//! Cutting an article into passages: what the index stores, what the encoder sees and what an answer may quote.

use std::borrow::Cow;

use pulldown_cmark::{Event, Tag};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    Article,
    markdown::{Block, BlockKind, blocks, parser},
    slug::anchors,
    text::plain_text,
};

/// A passage answers one thing and must fit the encoder's window; beyond this many words it is split.
const MAX_WORDS: usize = 160;

/// A section below this says too little to be found on its own.
const MIN_WORDS: usize = 15;

/// Bytes of a table's head that are worth repeating in every passage that the table is split into.
const MAX_HEAD: usize = 400;

/// A piece of an article that is indexed by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Place within the article, from 0.
    pub ordinal: u32,
    pub kind: ChunkKind,
    /// Id of the section's heading in the rendered page.
    pub anchor: Option<String>,
    pub heading: Option<String>,
    /// Markdown of the passage without its heading, as the author wrote it: it may hold raw HTML.
    pub text: String,
    /// Plain text for the encoder, with the title and the heading for context.
    pub embed_text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkKind {
    Body,
    /// One of the author's example questions. Found by the question, answered with the article's first passage.
    Question,
}

/// The passages of an article in reading order, then its questions.
///
/// Sections (headings of level 1 to 3) are the passages; long ones are split between blocks, list items or table rows,
/// tiny ones join the section before. No sentence is lost.
pub fn chunk(article: &Article) -> Vec<Chunk> {
    let mut chunks = Vec::new();
    for section in sections(&article.markdown) {
        let context = match &section.heading {
            Some(heading) => format!("{}: {heading}", article.title),
            None => article.title.clone(),
        };
        chunks.extend(passages(section.parts).into_iter().map(|text| Chunk {
            ordinal: 0,
            kind: ChunkKind::Body,
            anchor: section.anchor.clone(),
            heading: section.heading.clone(),
            embed_text: format!("{context}\n{}", plain_text(&text)),
            text,
        }));
    }
    let opening = chunks.first().map(|first| first.text.clone());
    chunks.extend(article.questions.iter().map(|question| Chunk {
        ordinal: 0,
        kind: ChunkKind::Question,
        anchor: None,
        heading: None,
        text: opening.clone().unwrap_or_default(),
        embed_text: question.clone(),
    }));
    for (ordinal, chunk) in (0..).zip(&mut chunks) {
        chunk.ordinal = ordinal;
    }
    chunks
}

struct Section<'a> {
    anchor: Option<String>,
    heading: Option<String>,
    parts: Vec<Part<'a>>,
}

/// What is never cut: a block, or an item or row of one that is too long.
struct Part<'a> {
    text: Cow<'a, str>,
    words: usize,
    /// Stands directly below the part before it, without an empty line.
    continues: bool,
    /// Introduces the part after it and must not end a passage.
    introduces: bool,
}

impl<'a> Part<'a> {
    fn new(text: impl Into<Cow<'a, str>>) -> Self {
        let text = text.into();
        Self {
            words: count_words(&text),
            text,
            continues: false,
            introduces: false,
        }
    }
}

fn count_words(markdown: &str) -> usize {
    plain_text(markdown).unicode_words().count()
}

/// The sections that have text, tiny ones merged into the one before them.
fn sections(markdown: &str) -> Vec<Section<'_>> {
    let blocks = blocks(markdown);
    let mut anchors = anchors(&blocks).into_iter();
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut rest = blocks.as_slice();
    while let Some(first) = rest.first() {
        let body_start = usize::from(matches!(first.kind, BlockKind::Section { .. }));
        let (opening, after) = rest.split_at(body_start);
        let is_heading = |block: &Block<'_>| matches!(block.kind, BlockKind::Section { .. });
        let body_len = after.iter().position(is_heading).unwrap_or(after.len());
        let (body, next) = after.split_at(body_len);
        rest = next;

        let heading = opening.first();
        let anchor = heading.and_then(|_| anchors.next());
        let words: usize = body.iter().map(|block| count_words(block.source)).sum();
        if words == 0 {
            continue;
        }
        match sections.last_mut() {
            Some(previous) if words < MIN_WORDS => {
                previous.parts.extend(parts(opening));
                previous.parts.extend(parts(body));
            }
            _ => sections.push(Section {
                anchor,
                heading: heading.and_then(|block| match &block.kind {
                    BlockKind::Section { heading, .. } => Some(heading.clone()),
                    _ => None,
                }),
                parts: parts(body),
            }),
        }
    }
    sections
}

fn parts<'a>(blocks: &[Block<'a>]) -> Vec<Part<'a>> {
    let mut parts: Vec<Part<'a>> = Vec::new();
    for (position, block) in blocks.iter().enumerate() {
        let next = blocks.get(position + 1).map(|next| &next.kind);
        let introduces = match block.kind {
            BlockKind::Section { .. } | BlockKind::Subheading => true,
            BlockKind::Paragraph => matches!(next, Some(BlockKind::List | BlockKind::Table)),
            _ => false,
        };
        let whole = Part {
            introduces,
            ..Part::new(block.source)
        };
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
                items.push(Part {
                    continues: !items.is_empty(),
                    ..Part::new(text)
                });
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
    Cow::Owned(format!("{marker}{}", rest.replace('\n', &format!("\n{wider}"))))
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
            _ => rows.push(Part {
                words,
                ..Part::new(format!("{head}\n{line}"))
            }),
        }
    }
    rows
}

/// Fills passages up to the limit; what introduces something goes with it.
fn passages(parts: Vec<Part<'_>>) -> Vec<String> {
    let mut passages: Vec<Vec<Part<'_>>> = Vec::new();
    let mut parts = parts.into_iter();
    while let Some(part) = parts.next() {
        let mut group = vec![part];
        while group.last().is_some_and(|part| part.introduces) {
            let Some(next) = parts.next() else { break };
            group.push(next);
        }
        match passages.last_mut() {
            Some(open) if words(open) + words(&group) <= MAX_WORDS => open.append(&mut group),
            _ => passages.push(group),
        }
    }
    // A last line that was left over is no passage.
    if passages.len() > 1
        && let Some(mut rest) = passages.pop_if(|last| words(last) < MIN_WORDS)
        && let Some(open) = passages.last_mut()
    {
        open.append(&mut rest);
    }
    passages.iter().map(|parts| join(parts)).collect()
}

fn words(parts: &[Part<'_>]) -> usize {
    parts.iter().map(|part| part.words).sum()
}

fn join(parts: &[Part<'_>]) -> String {
    let mut text = String::new();
    for part in parts {
        if !text.is_empty() {
            text.push_str(if part.continues { "\n" } else { "\n\n" });
        }
        text.push_str(&part.text);
    }
    text
}
