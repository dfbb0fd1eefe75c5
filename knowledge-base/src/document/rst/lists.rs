//! Bullet, numbered, field and definition lists.

use super::{
    blocks::{Block, Reader},
    lines::{Line, body_len, field},
};

type Found = Option<(usize, Vec<Block>)>;

/// What stands in front of a list item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marker {
    Bullet(char),
    /// `#.`, to be counted.
    Auto,
    Number(u64),
    /// `a.` or `iv)`; a list in letters begins with the first of them, or any `J. Smith` would be one.
    Letter {
        first: bool,
    },
}

impl Marker {
    fn may_open(self) -> bool {
        !matches!(self, Self::Letter { first: false })
    }

    /// Whether an item with this marker goes on a list that was opened by `first` and has come to `number`.
    fn continues(self, first: Self, number: Option<u64>) -> bool {
        match (first, self) {
            (Self::Bullet(sign), Self::Bullet(other)) => sign == other,
            (Self::Bullet(_), _) | (_, Self::Bullet(_)) => false,
            (_, Self::Auto) => true,
            (Self::Letter { .. }, Self::Letter { .. }) => true,
            (Self::Auto | Self::Number(_), Self::Number(written)) => number == Some(written),
            _ => false,
        }
    }
}

/// The marker at the start of a line and the text after it.
fn marker(text: &str) -> Option<(Marker, &str)> {
    let (sign, rest) = match text.split_once(' ') {
        Some((sign, rest)) => (sign, rest.trim_start()),
        None => (text, ""),
    };
    let bullet = ["*", "-", "+", "•", "‣", "⁃"].contains(&sign);
    if let Some(sign) = sign.chars().next().filter(|_| bullet) {
        return Some((Marker::Bullet(sign), rest));
    }
    let inner = sign.strip_suffix('.').or_else(|| {
        let inner = sign.strip_suffix(')')?;
        Some(inner.strip_prefix('(').unwrap_or(inner))
    })?;
    let roman = |c: char| matches!(c.to_ascii_lowercase(), 'i' | 'v' | 'x');
    let marker = if inner == "#" {
        Marker::Auto
    } else if let Ok(number) = inner.parse() {
        Marker::Number(number)
    } else if inner.len() == 1 && inner.chars().all(|c| c.is_ascii_alphabetic())
        || matches!(inner.len(), 2..=4) && inner.chars().all(roman)
    {
        let first = matches!(inner, "a" | "A" | "i" | "I");
        Marker::Letter { first }
    } else {
        return None;
    };
    Some((marker, rest))
}

/// A bullet or numbered list. `resume` is the number with which an automatic list goes on after a picture.
pub(super) fn list(reader: &mut Reader<'_>, lines: &[Line<'_>], base: usize, resume: Option<u64>) -> Found {
    let (opening, _) = marker(lines.first()?.text).filter(|(marker, _)| marker.may_open())?;
    // A paragraph may begin with a number; then its second line is neither indented nor an item.
    let is_paragraph =
        lines.get(1).is_some_and(|second| !second.is_blank() && second.indent <= base && marker(second.text).is_none());
    if is_paragraph && !matches!(opening, Marker::Bullet(_)) {
        return None;
    }
    let start = match opening {
        Marker::Bullet(_) => None,
        Marker::Auto => Some(resume.unwrap_or(1)),
        Marker::Number(number) => Some(number),
        Marker::Letter { .. } => Some(1),
    };
    let mut items = Vec::new();
    let mut number = start;
    let mut taken = 0;
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        let Some((sign, text)) = marker(line.text).filter(|_| line.indent == base) else {
            break;
        };
        if !items.is_empty() && !sign.continues(opening, number) {
            break;
        }
        let len = body_len(after, base);
        items.push(item(reader, line, text, after.get(..len).unwrap_or_default()));
        number = number.map(|number| number.saturating_add(1));
        let after = after.get(len..).unwrap_or_default();
        let blank = after.iter().take_while(|line| line.is_blank()).count();
        taken += 1 + len + blank;
        rest = after.get(blank..).unwrap_or_default();
    }
    Some((taken, vec![Block::List { start, items }]))
}

/// Everything that is indented at all belongs to the item: authors often indent by less than the marker is wide.
fn item(reader: &mut Reader<'_>, line: &Line<'_>, text: &str, body: &[Line<'_>]) -> Vec<Block> {
    let width = line.text.chars().count() - text.chars().count();
    let indent = line.indent + width;
    let first = Line { indent, text };
    let more = body.iter().map(|line| Line { indent: line.indent.max(indent), ..*line });
    let lines: Vec<Line<'_>> = std::iter::once(first).filter(|line| !line.is_blank()).chain(more).collect();
    reader.blocks(&lines)
}

/// `:name: value`, as a list of names in bold.
pub(super) fn fields(reader: &mut Reader<'_>, lines: &[Line<'_>], base: usize) -> Found {
    let entry = |lines: &[Line<'_>]| {
        let (line, after) = lines.split_first()?;
        field(line.text).filter(|_| line.indent == base)?;
        Some(1 + body_len(after, base))
    };
    entries(lines, entry, |lines| {
        let (line, after) = lines.split_first()?;
        let (name, value) = field(line.text)?;
        Some(named(reader, name, value, after))
    })
}

/// A term, and below it, indented, what it means.
pub(super) fn definitions(reader: &mut Reader<'_>, lines: &[Line<'_>], base: usize) -> Found {
    let entry = |lines: &[Line<'_>]| {
        let (line, after) = lines.split_first()?;
        let second = after.first().filter(|second| !second.is_blank() && second.indent > base)?;
        let is_term = line.indent == base && second.indent > base && !line.text.ends_with("::");
        is_term.then(|| 1 + body_len(after, base))
    };
    entries(lines, entry, |lines| {
        let (line, after) = lines.split_first()?;
        let term = line.text.split(" : ").next().unwrap_or_default();
        Some(named(reader, term, "", after))
    })
}

/// A list of entries: `entry` says how many lines the one at the top takes, if there is one.
fn entries(
    lines: &[Line<'_>],
    entry: impl Fn(&[Line<'_>]) -> Option<usize>,
    mut read: impl FnMut(&[Line<'_>]) -> Option<Vec<Block>>,
) -> Found {
    let mut items = Vec::new();
    let mut taken = 0;
    let mut rest = lines;
    while let Some(len) = entry(rest) {
        items.extend(read(rest.get(..len).unwrap_or_default()));
        let after = rest.get(len..).unwrap_or_default();
        let blank = after.iter().take_while(|line| line.is_blank()).count();
        taken += len + blank;
        rest = after.get(blank..).unwrap_or_default();
    }
    (taken > 0).then(|| (taken, vec![Block::List { start: None, items }]))
}

fn named(reader: &mut Reader<'_>, name: &str, value: &str, body: &[Line<'_>]) -> Vec<Block> {
    let label = reader.text(name);
    // Markdown cannot put bold into bold.
    let label = if label.contains(['*', '`', '[']) { label } else { format!("**{label}**") };
    let mut blocks = Vec::new();
    if !value.is_empty() {
        blocks.push(Block::Paragraph(reader.text(value)));
    }
    blocks.extend(reader.blocks(body));
    labelled(&label, blocks)
}

/// `blocks` with `label` in front of their first words.
pub(super) fn labelled(label: &str, mut blocks: Vec<Block>) -> Vec<Block> {
    match blocks.first_mut() {
        Some(Block::Paragraph(text)) if !text.starts_with("![") => *text = format!("{label}: {text}"),
        _ => blocks.insert(0, Block::Paragraph(label.to_owned())),
    }
    blocks
}
