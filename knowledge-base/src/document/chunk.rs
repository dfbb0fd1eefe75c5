//! Cutting an article into passages: what the index stores, what the encoder sees and what an answer may quote.

use super::{
    Article,
    markdown::{Block, BlockKind, blocks},
    parts::{Part, count_words, parts},
    slug::anchors,
    text::plain_text,
};

/// A passage answers one thing and must fit the encoder's window; beyond this many words it is split.
pub(super) const MAX_WORDS: usize = 160;

/// A section below this says too little to be found on its own.
const MIN_WORDS: usize = 15;

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
    /// One of the author's example questions. Found by the question, answered with the passage whose text it carries.
    Question,
    /// A question that no article answers. Never found and never quoted: what is like it is for a person.
    Unanswered,
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
    let questions = asked(article, &chunks);
    chunks.extend(questions);
    chunks.extend(article.unanswered.iter().map(|text| Chunk {
        ordinal: 0,
        kind: ChunkKind::Unanswered,
        anchor: None,
        heading: None,
        text: String::new(),
        embed_text: text.clone(),
    }));
    for (ordinal, chunk) in (0..).zip(&mut chunks) {
        chunk.ordinal = ordinal;
    }
    chunks
}

/// The author's example questions, each with the passage that answers it: the opening, or the beginning of the section that they stand for.
fn asked(article: &Article, bodies: &[Chunk]) -> Vec<Chunk> {
    let Some(opening) = bodies.first() else { return Vec::new() };
    let question = |text: &String, body: &Chunk| Chunk { kind: ChunkKind::Question, embed_text: text.clone(), ..body.clone() };
    let whole = Chunk { anchor: None, heading: None, ..opening.clone() };
    let mut questions: Vec<Chunk> = article.questions.iter().map(|text| question(text, &whole)).collect();
    for (heading, texts) in &article.asked {
        // A section that is too small to stand alone is part of the one before it.
        let own = bodies.iter().find(|body| body.heading.as_ref() == Some(heading));
        let body = own.or_else(|| bodies.iter().find(|body| body.text.contains(&format!("## {heading}")))).unwrap_or(&whole);
        questions.extend(texts.iter().map(|text| question(text, body)));
    }
    questions
}

struct Section<'a> {
    anchor: Option<String>,
    heading: Option<String>,
    parts: Vec<Part<'a>>,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn article(markdown: &str) -> Article {
        Article {
            slug: "a".to_owned(),
            title: "Title".to_owned(),
            summary: None,
            category: None,
            intents: Vec::new(),
            questions: vec!["how?".to_owned()],
            asked: Default::default(),
            unanswered: Vec::new(),
            updated: None,
            audience: crate::Audience::Everyone,
            markdown: markdown.to_owned(),
        }
    }

    fn words(count: usize) -> String {
        vec!["word"; count].join(" ")
    }

    fn body(markdown: &str) -> Vec<Chunk> {
        let mut chunks = chunk(&article(markdown));
        chunks.retain(|chunk| chunk.kind == ChunkKind::Body);
        chunks
    }

    #[test]
    fn a_section_is_a_passage_and_a_question_points_to_the_first() {
        let text = format!("Opening **words**.\n\n## Part `one`\n\n{}\n\n### Part one\n\n{}\n", words(20), words(20));
        let chunks = chunk(&article(&text));
        let seen: Vec<_> = chunks.iter().map(|c| (c.ordinal, c.kind, c.anchor.as_deref(), c.heading.as_deref())).collect();
        assert_eq!(
            seen,
            [
                (0, ChunkKind::Body, None, None),
                (1, ChunkKind::Body, Some("part-one"), Some("Part one")),
                (2, ChunkKind::Body, Some("part-one-2"), Some("Part one")),
                (3, ChunkKind::Question, None, None),
            ]
        );
        assert_eq!(chunks[0].text, "Opening **words**.");
        assert_eq!(chunks[0].embed_text, "Title\nOpening words.");
        assert_eq!(chunks[1].embed_text, format!("Title: Part one\n{}", words(20)));
        assert_eq!(chunks[3].text, chunks[0].text);
        assert_eq!(chunks[3].embed_text, "how?");
    }

    #[test]
    fn a_question_about_a_section_points_to_it() {
        let text = format!("Opening.\n\n## Part\n\n{}\n\n## Next\n\n{}\n\n## Tiny\n\nWord.\n", words(20), words(30));
        let asked = [("Next", "which?"), ("Tiny", "small?")].map(|(heading, text)| (heading.to_owned(), vec![text.to_owned()]));
        let chunks = chunk(&Article { asked: asked.into(), questions: Vec::new(), ..article(&text) });
        let seen: Vec<_> =
            chunks.iter().filter(|c| c.kind == ChunkKind::Question).map(|c| (c.anchor.as_deref(), c.embed_text.as_str())).collect();
        assert_eq!(seen, [(Some("next"), "which?"), (Some("next"), "small?")]);
        let ends: Vec<_> = chunks.iter().map(|c| c.text.ends_with("Word.")).collect();
        assert_eq!(ends, [false, false, true, true, true]);
    }

    #[test]
    fn what_nobody_answers_carries_no_text_that_could_be_quoted() {
        let chunks = chunk(&Article { unanswered: vec!["who owns it?".to_owned()], ..article("Opening.") });
        let last = chunks.last().unwrap();
        assert_eq!((last.kind, last.embed_text.as_str(), last.text.as_str()), (ChunkKind::Unanswered, "who owns it?", ""));
    }

    #[test]
    fn long_sections_split_between_blocks_and_keep_their_anchor() {
        let chunks = body(&format!("## A\n\n{}\n\n{}\n\n{}\n\nEnd.\n", words(90), words(60), words(90)));
        let lengths: Vec<usize> = chunks.iter().map(|chunk| count_words(&chunk.text)).collect();
        assert_eq!(lengths, [150, 91]);
        assert!(chunks.iter().all(|chunk| chunk.anchor.as_deref() == Some("a")));
    }

    #[test]
    fn a_list_stays_with_the_sentence_that_introduces_it() {
        let list = format!("Do this:\n\n- {}\n- {}", words(30), words(30));
        let chunks = body(&format!("{}\n\n{list}\n", words(120)));
        assert_eq!(chunks.len(), 2);
        assert_eq!(chunks[1].text, list);
    }

    #[test]
    fn a_long_list_splits_between_items_and_goes_on_counting() {
        let items: String = (0..12).map(|_| format!("1. {}\n\n   - deep\n", words(20))).collect();
        let chunks = body(&format!("Steps:\n\n{items}"));
        assert_eq!(chunks.len(), 2);
        assert!(chunks[0].text.starts_with("Steps:\n\n1. word"), "{}", chunks[0].text);
        assert!(chunks[1].text.starts_with("8. word"), "{}", chunks[1].text);
        assert!(chunks[1].text.contains("\n10. word"), "{}", chunks[1].text);
        assert!(chunks[1].text.ends_with("\n\n    - deep"), "{}", chunks[1].text);
    }

    #[test]
    fn a_long_table_repeats_its_head() {
        let rows: String = (0..30).map(|n| format!("| {n} | {} |\n", words(9))).collect();
        let chunks = body(&format!("| N | W |\n|---|---|\n{rows}"));
        assert_eq!(chunks.len(), 2);
        assert!(chunks.iter().all(|chunk| chunk.text.starts_with("| N | W |\n|---|---|\n| ")));
    }

    #[test]
    fn tiny_sections_join_the_one_before_with_their_heading() {
        let chunks = body(&format!("## A\n\n{}\n\n## B\n\nTiny.\n\n## Empty\n\n### C\n\nTiny too.\n", words(20)));
        assert_eq!(chunks.len(), 1);
        assert_eq!(chunks[0].text, format!("{}\n\n## B\n\nTiny.\n\n### C\n\nTiny too.", words(20)));
        assert_eq!(body("## A\n\nTiny.").len(), 1);
    }
}
