//! The blocks of a document: what is a paragraph, a title, a list, and where each ends.

use super::{
    definitions::Definitions,
    directives,
    inline::convert,
    lines::{Line, base_indent, body_len, field, joined, rule, title, verbatim},
    lists, tables,
};

/// Lists within notes within lists. What lies deeper is read as one paragraph.
const MAX_DEPTH: usize = 24;

/// A block with its text already in Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Block {
    Heading { level: usize, text: String },
    Paragraph(String),
    Code(String),
    Quote(Vec<Block>),
    List { start: Option<u64>, items: Vec<Vec<Block>> },
    Table { head: Vec<String>, rows: Vec<Vec<String>> },
}

#[derive(Debug)]
pub(super) struct Reader<'a> {
    definitions: &'a Definitions,
    /// Styles of titles in order of appearance: this order is their level.
    styles: Vec<(char, bool)>,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(definitions: &'a Definitions) -> Self {
        Self { definitions, styles: Vec::new(), depth: 0 }
    }

    pub(super) fn document(mut self, lines: &[Line<'_>]) -> Vec<Block> {
        // A field list at the very top holds what is said about the document (`:orphan:`), not what it says.
        let start = lines.iter().position(|line| !line.is_blank()).unwrap_or(0);
        let mut rest = lines.get(start..).unwrap_or_default();
        while let Some(line) = rest.first().filter(|line| field(line.text).is_some()) {
            let after = rest.get(1..).unwrap_or_default();
            rest = after.get(body_len(after, line.indent)..).unwrap_or_default();
        }
        self.blocks(rest)
    }

    pub(super) fn text(&self, text: &str) -> String {
        convert(text, self.definitions)
    }

    /// The blocks that `lines` consist of.
    pub(super) fn blocks(&mut self, lines: &[Line<'_>]) -> Vec<Block> {
        if self.depth == MAX_DEPTH {
            let text = self.text(&joined(lines));
            return if text.is_empty() { Vec::new() } else { vec![Block::Paragraph(text)] };
        }
        self.depth += 1;
        let base = base_indent(lines);
        let mut blocks = Vec::new();
        let mut rest = lines;
        // The number after the last numbered list, as long as only pictures follow it.
        let mut resume = None;
        while let Some(line) = rest.first() {
            let (len, found) = if line.is_blank() { (1, Vec::new()) } else { self.next(rest, base, resume) };
            for block in &found {
                resume = match block {
                    Block::List { start: Some(start), items } => {
                        Some(start.saturating_add(u64::try_from(items.len()).unwrap_or(u64::MAX)))
                    }
                    Block::Paragraph(text) if text.starts_with("![") => resume,
                    _ => None,
                };
            }
            blocks.extend(found);
            rest = rest.get(len.max(1)..).unwrap_or_default();
        }
        self.depth -= 1;
        blocks
    }

    /// What begins at the first of `lines`, which is not blank, and how many of them it takes.
    fn next(&mut self, lines: &[Line<'_>], base: usize, resume: Option<u64>) -> (usize, Vec<Block>) {
        let Some((line, after)) = lines.split_first() else {
            return (1, Vec::new());
        };
        if line.indent > base {
            // docutils calls this a quotation. In manuals it is a slip of the space bar, or a step's second paragraph.
            let len = body_len(lines, base);
            return (len, self.blocks(lines.get(..len).unwrap_or_default()));
        }
        if is_markup(line.text) {
            return directives::explicit(self, lines, base);
        }
        if let Some(title) = title(lines).filter(|_| self.depth == 1) {
            return (title.len, vec![self.heading(title.text, title.style)]);
        }
        if rule(line.text).is_some() && line.text.len() >= 4 && after.first().is_none_or(Line::is_blank) {
            return (1, Vec::new());
        }
        tables::grid(self, lines)
            .or_else(|| tables::simple(self, lines))
            .or_else(|| lists::list(self, lines, base, resume))
            .or_else(|| lists::fields(self, lines, base))
            .or_else(|| lists::definitions(self, lines, base))
            .or_else(|| self.line_block(lines))
            .unwrap_or_else(|| self.paragraph(lines, base))
    }

    fn heading(&mut self, text: &str, style: (char, bool)) -> Block {
        let known = self.styles.iter().position(|known| *known == style);
        let level = known.unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        });
        Block::Heading { level: (level + 1).min(6), text: self.text(text) }
    }

    /// Lines that begin with a bar keep their breaks.
    fn line_block(&self, lines: &[Line<'_>]) -> Option<(usize, Vec<Block>)> {
        let bars = lines.iter().map_while(|line| match line.text.strip_prefix('|') {
            Some(text) if text.is_empty() || text.starts_with(' ') => Some(text.trim()),
            _ => None,
        });
        let texts: Vec<String> = bars.map(|text| self.text(text)).collect();
        let shown: Vec<&str> = texts.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        (!texts.is_empty()).then(|| (texts.len(), vec![Block::Paragraph(shown.join("\\\n"))]))
    }

    fn paragraph(&self, lines: &[Line<'_>], base: usize) -> (usize, Vec<Block>) {
        let ends = |position: usize, line: &Line<'_>| {
            let from_here = lines.get(position..).unwrap_or_default();
            line.is_blank()
                || (position > 0 && line.indent <= base && is_markup(line.text))
                || (position > 0 && self.depth == 1 && title(from_here).is_some())
        };
        let end = lines.iter().enumerate().position(|(position, line)| ends(position, line));
        let len = end.unwrap_or(lines.len());
        let text = joined(lines.get(..len).unwrap_or_default());
        let after = lines.get(len..).unwrap_or_default();
        let literal_len = match text.ends_with("::") {
            true => body_len(after, base),
            false => 0,
        };
        if literal_len == 0 {
            return (len, vec![Block::Paragraph(self.text(&text))]);
        }
        let mut blocks = Vec::new();
        // `Text::` is shown as `Text:`, and `Text ::` or a lone `::` without any.
        let introduction = text.strip_suffix("::").unwrap_or(&text);
        if !introduction.is_empty() {
            let colon = if introduction.ends_with(' ') { "" } else { ":" };
            blocks.push(Block::Paragraph(self.text(introduction.trim_end()) + colon));
        }
        let code = verbatim(after.get(..literal_len).unwrap_or_default());
        blocks.push(Block::Code(code));
        (len + literal_len, blocks)
    }
}

/// Explicit markup: directives, targets, comments.
fn is_markup(text: &str) -> bool {
    text == ".." || text.starts_with(".. ") || text.starts_with("__ ")
}
