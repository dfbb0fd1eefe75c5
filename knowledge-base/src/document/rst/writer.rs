//! Blocks as Markdown.

use super::blocks::Block;
use crate::document::html::table_line;

pub(super) fn write(blocks: &[Block]) -> String {
    let mut out = String::new();
    let mut previous: Option<&Block> = None;
    let mut alternate = false;
    for block in blocks {
        alternate = previous.is_some_and(|previous| would_merge(previous, block)) && !alternate;
        let text = match block {
            Block::Heading { level, text } => format!("{} {text}", "#".repeat(*level)),
            Block::Paragraph(text) => paragraph(text),
            Block::Code(text) => code(text),
            Block::Quote(inner) => prefixed(&write(inner), "> ", ">"),
            Block::List { start, items } => list(*start, items, alternate),
            Block::Table { head, rows } => table(head, rows),
        };
        if text.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push_str("\n\n");
        }
        out.push_str(&text);
        previous = Some(block);
    }
    out
}

/// Two lists that touch are one list in Markdown unless their markers differ; numbers that go on may stay together.
fn would_merge(previous: &Block, block: &Block) -> bool {
    let (Block::List { start: before, items }, Block::List { start, .. }) = (previous, block) else {
        return false;
    };
    let len = u64::try_from(items.len()).unwrap_or(u64::MAX);
    let goes_on = before.is_some() && before.map(|before| before.saturating_add(len)) == *start;
    before.is_some() == start.is_some() && !goes_on
}

/// The text is escaped already, but its first sign may still look like the start of a list, quote, heading or fence.
fn paragraph(text: &str) -> String {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, rest) = text.split_at_checked(digits).unwrap_or(("", text));
    if text.starts_with(['#', '>', '+', '-', '=']) || !number.is_empty() && rest.starts_with(['.', ')']) {
        return format!("{number}\\{rest}");
    }
    text.to_owned()
}

fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}\n{text}\n{fence}")
}

fn list(start: Option<u64>, items: &[Vec<Block>], alternate: bool) -> String {
    let mut number = start;
    let tight = items.iter().all(|item| matches!(item.as_slice(), [] | [Block::Paragraph(_)]));
    let mut texts = Vec::new();
    for item in items {
        let marker = match (number, alternate) {
            (Some(number), false) => format!("{number}. "),
            (Some(number), true) => format!("{number}) "),
            (None, false) => "- ".to_owned(),
            (None, true) => "* ".to_owned(),
        };
        number = number.map(|number| number.saturating_add(1));
        let content = write(item);
        if !content.is_empty() {
            let indented = prefixed(&content, &" ".repeat(marker.len()), "");
            texts.push(format!("{marker}{}", indented.trim_start()));
        }
    }
    texts.join(if tight { "\n" } else { "\n\n" })
}

fn table(head: &[String], rows: &[Vec<String>]) -> String {
    let width = rows.iter().map(Vec::len).chain([head.len()]).max().unwrap_or(0);
    if width == 0 {
        return String::new();
    }
    let mut titles = head.to_vec();
    titles.resize(width, String::new());
    let mut lines = vec![table_line(&titles), table_line(&vec!["---"; width])];
    lines.extend(rows.iter().map(|row| table_line(row)));
    lines.join("\n")
}

/// Every line with `prefix` in front, empty ones with `bare`.
fn prefixed(text: &str, prefix: &str, bare: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line.is_empty() {
            true => bare.to_owned(),
            false => format!("{prefix}{line}"),
        })
        .collect();
    lines.join("\n")
}
