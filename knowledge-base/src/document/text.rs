//! What is left of Markdown when the markup is gone: a plain text for the encoder, quotable units for answers.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::{
    markdown::{parser, words},
    sentences::sentences,
};

/// The text without markup: links as their text, pictures as their description, list items and table rows on lines of
/// their own. Raw HTML is dropped.
pub fn plain_text(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len());
    for event in parser(markdown) {
        match event {
            Event::Text(text) | Event::Code(text) => out.push_str(&text),
            Event::SoftBreak => out.push(' '),
            Event::HardBreak | Event::Start(Tag::Item) => new_line(&mut out),
            Event::End(TagEnd::TableCell) => out.push_str("; "),
            Event::End(TagEnd::TableHead | TagEnd::TableRow) => {
                out.truncate(out.trim_end_matches("; ").len());
                new_line(&mut out);
            }
            Event::Start(Tag::Paragraph)
            | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::List(_) | TagEnd::CodeBlock) => {
                new_line(&mut out)
            }
            _ => {}
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn new_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

/// A piece of an article that can be quoted word for word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub kind: UnitKind,
    /// Plain text on one line.
    pub text: String,
    /// The list that an item stands in, counted from 0 within the Markdown given. A nested list has its own number.
    pub list: Option<u32>,
    /// The number in front of an item of a numbered list.
    pub ordered: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitKind {
    Sentence,
    /// All that an item says before a list or a quote inside it.
    ListItem,
    /// `Column: cell; Column: cell`, since a row means little without its head.
    TableRow,
}

/// The quotable units in reading order.
///
/// Headings, code, raw HTML and descriptions of pictures are not sentences and yield none.
pub fn units(markdown: &str) -> Vec<Unit> {
    let mut reader = Reader::default();
    for event in parser(markdown) {
        reader.read(event);
    }
    reader.flush();
    reader.units
}

#[derive(Default)]
struct Reader {
    units: Vec<Unit>,
    text: String,
    /// More than zero inside something that is not quoted.
    silent: usize,
    /// From the outside in.
    containers: Vec<Container>,
    lists: u32,
    head: Vec<String>,
    cells: Vec<String>,
}

enum Container {
    List { number: u32, next: Option<u64> },
    Item { list: u32, ordered: Option<u64> },
    Quote,
}

impl Reader {
    fn read(&mut self, event: Event<'_>) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_) | Tag::Image { .. }) => {
                self.silent += 1;
            }
            Event::End(TagEnd::Heading(_) | TagEnd::CodeBlock | TagEnd::Image) => {
                self.silent = self.silent.saturating_sub(1);
            }
            _ if self.silent > 0 => {}
            Event::Text(text) | Event::Code(text) => self.text.push_str(&text),
            Event::SoftBreak => self.text.push(' '),
            Event::HardBreak => self.text.push('\n'),
            Event::Start(Tag::List(start)) => {
                self.flush();
                self.containers.push(Container::List { number: self.lists, next: start });
                self.lists += 1;
            }
            Event::Start(Tag::Item) => self.open_item(),
            Event::Start(Tag::BlockQuote(_)) => {
                self.flush();
                self.containers.push(Container::Quote);
            }
            Event::End(TagEnd::List(_) | TagEnd::Item | TagEnd::BlockQuote(_)) => {
                self.flush();
                self.containers.pop();
            }
            Event::End(TagEnd::Paragraph) => match self.containers.last() {
                Some(Container::Item { .. }) => self.text.push(' '),
                _ => self.flush(),
            },
            Event::End(TagEnd::TableCell) => {
                self.cells.push(words(&self.text));
                self.text.clear();
            }
            Event::End(TagEnd::TableHead) => self.head = std::mem::take(&mut self.cells),
            Event::End(TagEnd::TableRow) => self.close_row(),
            Event::Start(Tag::Table(_)) => self.flush(),
            _ => {}
        }
    }

    fn open_item(&mut self) {
        let Some(Container::List { number, next }) = self.containers.last_mut() else {
            return;
        };
        let item = Container::Item { list: *number, ordered: *next };
        *next = next.map(|number| number.saturating_add(1));
        self.containers.push(item);
    }

    fn close_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        let mut text = String::new();
        for (position, cell) in cells.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            if !text.is_empty() {
                text.push_str(if text.ends_with(['.', '!', '?']) { " " } else { "; " });
            }
            if let Some(column) = self.head.get(position).filter(|column| !column.is_empty()) {
                text.push_str(column);
                text.push_str(": ");
            }
            text.push_str(cell);
        }
        self.push(UnitKind::TableRow, text, None, None);
    }

    /// Ends the running text: inside an item it is the item, elsewhere it is split into sentences.
    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        if let Some(Container::Item { list, ordered }) = self.containers.last_mut() {
            let text = words(&text);
            if !text.is_empty() {
                // What follows a nested list belongs to the same step and must not repeat its number.
                let (list, ordered) = (*list, ordered.take());
                self.push(UnitKind::ListItem, text, Some(list), ordered);
            }
            return;
        }
        for line in text.lines() {
            for sentence in sentences(&words(line)) {
                self.push(UnitKind::Sentence, sentence, None, None);
            }
        }
    }

    fn push(&mut self, kind: UnitKind, text: String, list: Option<u32>, ordered: Option<u64>) {
        if !text.is_empty() {
            self.units.push(Unit { kind, text, list, ordered });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_keeps_the_words_and_the_lines() {
        assert_eq!(
            plain_text(
                "Open **[Orders](/help/x)**\nnow.\n\n1. *One*\n2. Two `x_y`\n   - deep\n\n     more\n\n\
                 | A | B |\n|---|---|\n| 1 |  |\n| a | b |\n\n> Note <b>this</b>\n\n```\nlet x\n```\n\n![Alt](p.png)"
            ),
            "Open Orders now.\nOne\nTwo x_y\ndeep\nmore\nA; B\n1\na; b\nNote this\nlet x\nAlt"
        );
    }

    fn of(markdown: &str) -> Vec<(UnitKind, String, Option<u32>, Option<u64>)> {
        units(markdown).into_iter().map(|unit| (unit.kind, unit.text, unit.list, unit.ordered)).collect()
    }

    #[test]
    fn sentences_items_and_rows_come_in_order() {
        use UnitKind::{ListItem, Sentence, TableRow};
        let found = of("# No\n\nFirst. Second\none.\n\n3. Step one. Still it.\n4. Step two\n\n   goes on.\n   - deep\n\n   \
             End.\n\n> **Note:** Mind this.\n\n- x\n\n| Plan | Price |\n|--|--|\n| Free | None. |\n|  | 3 |\n");
        let expected = [
            (Sentence, "First.", None, None),
            (Sentence, "Second one.", None, None),
            (ListItem, "Step one. Still it.", Some(0), Some(3)),
            (ListItem, "Step two goes on.", Some(0), Some(4)),
            (ListItem, "deep", Some(1), None),
            (ListItem, "End.", Some(0), None),
            (Sentence, "Note: Mind this.", None, None),
            (ListItem, "x", Some(2), None),
            (TableRow, "Plan: Free; Price: None.", None, None),
            (TableRow, "Price: 3", None, None),
        ];
        assert_eq!(found, expected.map(|(kind, text, list, ordered)| (kind, text.to_owned(), list, ordered)));
    }

    #[test]
    fn code_pictures_and_raw_html_are_not_quoted() {
        let found = units("![A picture.](x)\n\n    code\n\nText <script>x</script>.\n\n<p>Raw.</p>\n");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].text, "Text x.");
    }

    #[test]
    fn a_hard_break_ends_a_sentence() {
        let found = of("**Mail:** a@b.example  \n**Hours:** 9 to 5");
        assert_eq!(found[0].1, "Mail: a@b.example");
        assert_eq!(found[1].1, "Hours: 9 to 5");
    }
}
