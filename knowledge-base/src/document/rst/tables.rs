//! Tables, drawn or listed.

use super::{
    blocks::{Block, Reader},
    directives::{Directive, heading},
    escape::code,
    lines::{Line, read, verbatim},
};
use crate::document::markdown::MAX_COLUMNS;

type Found = Option<(usize, Vec<Block>)>;

/// `+---+---+` with rows between. Cells that reach over several columns count as the first of them.
pub(super) fn grid(reader: &mut Reader<'_>, lines: &[Line<'_>]) -> Found {
    let first = lines.first().filter(|line| is_border(line.text))?;
    let drawn = |line: &&Line<'_>| line.indent == first.indent && line.text.starts_with(['+', '|']);
    let len = lines.iter().take_while(drawn).count();
    let drawing = lines.get(..len)?;
    let borders = || drawing.iter().filter(|line| is_border(line.text));
    let mut columns: Vec<usize> = borders()
        .flat_map(|line| line.text.bytes().enumerate())
        .filter_map(|(position, sign)| (sign == b'+').then_some(position))
        .collect();
    columns.sort_unstable();
    columns.dedup();
    if columns.len() < 2 || columns.len() > MAX_COLUMNS {
        return None;
    }
    let head_rows = borders().position(|line| line.text.contains('=')).unwrap_or(0);
    let rows = drawing
        .split(|line| is_border(line.text))
        .filter(|row| !row.is_empty())
        .map(|row| grid_row(reader, row, &columns))
        .collect();
    Some((len, vec![table(rows, head_rows)]))
}

fn is_border(text: &str) -> bool {
    text.len() > 2 && text.starts_with('+') && text.ends_with('+') && text.bytes().all(|sign| matches!(sign, b'+' | b'-' | b'='))
}

fn grid_row(reader: &mut Reader<'_>, lines: &[Line<'_>], columns: &[usize]) -> Vec<String> {
    let mut cells = vec![String::new(); columns.len() - 1];
    for line in lines {
        let signs: Vec<char> = line.text.chars().collect();
        let mut open = 0;
        for (column, ends) in columns.windows(2).enumerate() {
            let &[left, right] = ends else { continue };
            let piece = signs.get(left..right.min(signs.len())).unwrap_or_default();
            let (border, text) = match piece.split_first() {
                Some((border, text)) => (Some(*border), text),
                None => (None, piece),
            };
            let walled = matches!(border, Some('|' | '+'));
            if walled {
                open = column;
            }
            let text: String = text.iter().collect();
            let is_line = !text.trim().is_empty() && text.trim().chars().all(|c| matches!(c, '-' | '+' | '='));
            if let Some(cell) = cells.get_mut(open).filter(|_| !is_line) {
                cell.extend(border.filter(|_| !walled));
                cell.push_str(&text);
            }
        }
        for cell in &mut cells {
            cell.push('\n');
        }
    }
    cells.iter().map(|cell| content(reader, cell)).collect()
}

/// Columns under `=====  =====`; a row without text in the first goes on the row above.
pub(super) fn simple(reader: &mut Reader<'_>, lines: &[Line<'_>]) -> Found {
    let first = lines.first()?;
    let starts = column_starts(first.text)?;
    // The table ends at the rule before an empty line, else at the last rule there is.
    let mut end = None;
    for (position, line) in lines.iter().enumerate().skip(1) {
        if is_rule(line.text) {
            end = Some(position);
            if lines.get(position + 1).is_none_or(Line::is_blank) {
                break;
            }
        }
    }
    let end = end?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut head_rows = 0;
    for line in lines.get(1..end)?.iter().filter(|line| !line.is_blank()) {
        if is_rule(line.text) {
            head_rows = rows.len();
            continue;
        }
        if line.text.chars().all(|c| matches!(c, '-' | ' ')) {
            continue;
        }
        let cells = simple_row(line, first.indent, &starts);
        match rows.last_mut() {
            Some(above) if cells.first().is_some_and(String::is_empty) => {
                for (cell, more) in above.iter_mut().zip(&cells) {
                    cell.push('\n');
                    cell.push_str(more);
                }
            }
            _ => rows.push(cells),
        }
    }
    let rows = rows.iter().map(|row| row.iter().map(|cell| content(reader, cell)).collect()).collect();
    Some((end + 1, vec![table(rows, head_rows)]))
}

fn is_rule(text: &str) -> bool {
    text.len() > 2 && text.contains(' ') && text.bytes().all(|sign| matches!(sign, b'=' | b' '))
}

fn column_starts(rule: &str) -> Option<Vec<usize>> {
    if !is_rule(rule) {
        return None;
    }
    let mut starts = Vec::new();
    let mut previous = b' ';
    for (position, sign) in rule.bytes().enumerate() {
        if sign == b'=' && previous == b' ' {
            starts.push(position);
        }
        previous = sign;
    }
    (starts.len() <= MAX_COLUMNS).then_some(starts)
}

fn simple_row(line: &Line<'_>, base: usize, starts: &[usize]) -> Vec<String> {
    let outdent = line.indent.saturating_sub(base);
    let mut cells = vec![String::new(); starts.len()];
    for (position, sign) in line.text.chars().enumerate() {
        let column = starts.iter().rposition(|start| *start <= position + outdent);
        if let Some(cell) = cells.get_mut(column.unwrap_or(0)) {
            cell.push(sign);
        }
    }
    cells.iter().map(|cell| cell.trim().to_owned()).collect()
}

/// `list-table`: a list of rows, each a list of cells.
pub(super) fn of_lists(reader: &mut Reader<'_>, directive: &Directive<'_, '_>) -> Vec<Block> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for block in reader.blocks(directive.content) {
        let Block::List { items, .. } = block else { continue };
        for row in items {
            match row.first() {
                Some(Block::List { items: cells, .. }) => {
                    rows.push(cells.iter().map(|cell| flat(cell)).collect());
                }
                _ => rows.push(vec![flat(&row)]),
            }
        }
    }
    captioned(reader, directive, rows, 0)
}

/// `csv-table`: values with signs between them.
pub(super) fn of_values(reader: &mut Reader<'_>, directive: &Directive<'_, '_>) -> Vec<Block> {
    let separator = match directive.option("delim") {
        Some("tab") => '\t',
        Some("space") => ' ',
        Some(sign) => sign.chars().next().unwrap_or(','),
        None => ',',
    };
    let mut values = directive.option("header").map(|header| records(header, separator)).unwrap_or_default();
    let written_head = values.len();
    values.extend(records(&verbatim(directive.content), separator));
    let rows = values.iter().map(|row| row.iter().map(|cell| content(reader, cell)).collect()).collect();
    captioned(reader, directive, rows, written_head)
}

/// Comma-separated values: quoted ones may hold separators, line ends and doubled quotes.
fn records(text: &str, separator: char) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut row = Vec::new();
    let mut value = String::new();
    let mut quoted = false;
    let mut signs = text.chars().chain(['\n']).peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '"' if quoted && signs.peek() == Some(&'"') => value.extend(signs.next()),
            '"' if quoted || value.trim().is_empty() => quoted = !quoted,
            '\n' if !quoted || signs.peek().is_none() => {
                row.push(std::mem::take(&mut value).trim().to_owned());
                records.push(std::mem::take(&mut row));
            }
            sign if sign == separator && !quoted => {
                row.push(std::mem::take(&mut value).trim().to_owned());
            }
            sign => value.push(sign),
        }
    }
    records.retain(|row: &Vec<String>| row.iter().any(|value| !value.is_empty()));
    records
}

fn captioned(reader: &Reader<'_>, directive: &Directive<'_, '_>, rows: Vec<Vec<String>>, written_head: usize) -> Vec<Block> {
    if rows.is_empty() {
        return Vec::new();
    }
    let head_rows = directive.option("header-rows").and_then(|rows| rows.parse().ok());
    let table = table(rows, written_head.max(head_rows.unwrap_or(0)));
    heading(reader, directive.argument).into_iter().chain([table]).collect()
}

/// Markdown knows one row of headings; further ones become ordinary rows. Rows that are too wide become a list.
fn table(mut rows: Vec<Vec<String>>, head_rows: usize) -> Block {
    if rows.iter().any(|row| row.len() > MAX_COLUMNS) {
        let items = rows.into_iter().map(|row| vec![Block::Paragraph(row.join(" "))]);
        return Block::List { start: None, items: items.collect() };
    }
    let head = if head_rows > 0 && !rows.is_empty() { rows.remove(0) } else { Vec::new() };
    Block::Table { head, rows }
}

/// A cell is a small document.
fn content(reader: &mut Reader<'_>, text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    flat(&reader.blocks(&read(text)))
}

/// Blocks on one line, which is all that a cell of Markdown can hold.
fn flat(blocks: &[Block]) -> String {
    let texts: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Heading { text, .. } | Block::Paragraph(text) => text.replace("\\\n", " "),
            Block::Code(text) => code(&text.replace('\n', " ")),
            Block::Quote(inner) => flat(inner),
            Block::List { items, .. } => {
                let items: Vec<String> = items.iter().map(|item| flat(item)).collect();
                items.join("; ")
            }
            Block::Table { head, rows } => {
                let rows: Vec<String> = std::iter::once(head).chain(rows).map(|row| row.join(" ")).collect();
                rows.join("; ")
            }
        })
        .filter(|text| !text.is_empty())
        .collect();
    texts.join(" ")
}
