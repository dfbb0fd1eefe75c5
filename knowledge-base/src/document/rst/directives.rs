//! Everything that begins with two dots: directives, and what only matters to the author.

use super::{
    blocks::{Block, Reader},
    lines::{Line, base_indent, body_len, field, verbatim},
    lists::labelled,
    tables,
};

/// Directives that steer Sphinx, or bring in what is a document of its own.
const DROPPED: [&str; 18] = [
    "contents",
    "highlight",
    "include",
    "index",
    "literalinclude",
    "meta",
    "only",
    "raw",
    "role",
    "sectionauthor",
    "sectnum",
    "spelling",
    "tabularcolumns",
    "tags",
    "target-notes",
    "title",
    "toctree",
    "todo",
];

/// Directives whose argument is a heading for what they hold.
const TITLED: [&str; 10] =
    ["card", "centered", "collapse", "dropdown", "grid-item-card", "rubric", "sidebar", "tab", "tab-item", "topic"];

/// A directive in its parts.
#[derive(Debug)]
pub(super) struct Directive<'a, 'l> {
    name: &'l str,
    pub(super) argument: &'l str,
    options: Vec<(&'l str, String)>,
    pub(super) content: &'a [Line<'l>],
}

impl Directive<'_, '_> {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        let found = self.options.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// What the markup at the top of `lines` shows, and how many lines it takes.
pub(super) fn explicit(reader: &mut Reader<'_>, lines: &[Line<'_>], base: usize) -> (usize, Vec<Block>) {
    let Some((line, after)) = lines.split_first() else {
        return (1, Vec::new());
    };
    let markup = line.text.trim_start_matches("..").trim_start();
    // An empty comment ends above an empty line, so that a quotation can follow.
    if markup.is_empty() && after.first().is_none_or(Line::is_blank) {
        return (1, Vec::new());
    }
    let len = body_len(after, base);
    let body = after.get(..len).unwrap_or_default();
    let shown = match markup.chars().next() {
        Some('_' | '|') => Vec::new(),
        Some('[') => footnote(reader, markup, body),
        _ => match directive(markup, body) {
            Some(directive) => show(reader, &directive),
            None => Vec::new(),
        },
    };
    (1 + len, shown)
}

/// `[1] What it says.`
fn footnote(reader: &mut Reader<'_>, markup: &str, body: &[Line<'_>]) -> Vec<Block> {
    let Some((label, text)) = markup.trim_start_matches('[').split_once(']') else {
        return Vec::new();
    };
    let blocks = reader.blocks(&with_argument(text.trim(), body));
    match label.starts_with(['#', '*']) {
        true => blocks,
        false => labelled(&format!("\\[{}\\]", reader.text(label)), blocks),
    }
}

/// `None` for a comment.
fn directive<'a, 'l>(markup: &'l str, body: &'a [Line<'l>]) -> Option<Directive<'a, 'l>> {
    let (name, argument) = markup.split_once("::")?;
    let name = name.trim_end();
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '+' | ':');
    let well_formed = !name.is_empty() && name.chars().all(is_name);
    if !well_formed || !(argument.is_empty() || argument.starts_with(char::is_whitespace)) {
        return None;
    }
    let mut options: Vec<(&str, String)> = Vec::new();
    let mut rest = body;
    while let Some((line, after)) = rest.split_first().filter(|(line, _)| !line.is_blank()) {
        let Some((name, value)) = field(line.text) else { break };
        let more = after.iter().take_while(|next| next.indent > line.indent).count();
        let (more, after) = after.split_at_checked(more).unwrap_or((&[], after));
        let value = more.iter().fold(value.to_owned(), |value, line| value + " " + line.text);
        options.push((name, value));
        rest = after;
    }
    Some(Directive { name: name.rsplit(':').next().unwrap_or(name), argument: argument.trim(), options, content: rest })
}

fn show(reader: &mut Reader<'_>, directive: &Directive<'_, '_>) -> Vec<Block> {
    let name = directive.name.to_lowercase();
    let argument = directive.argument;
    if DROPPED.contains(&name.as_str()) {
        return Vec::new();
    }
    if let Some(label) = admonition(&name) {
        let blocks = reader.blocks(&with_argument(argument, directive.content));
        return vec![Block::Quote(labelled(&format!("**{label}**"), blocks))];
    }
    match name.as_str() {
        "admonition" => {
            let blocks = reader.blocks(directive.content);
            vec![Block::Quote(labelled(&bold(&reader.text(argument)), blocks))]
        }
        "versionadded" => since(reader, "New in version", directive),
        "versionchanged" => since(reader, "Changed in version", directive),
        "deprecated" => since(reader, "Deprecated since version", directive),
        "code" | "code-block" | "sourcecode" | "parsed-literal" | "prompt" => match verbatim(directive.content) {
            code if code.is_empty() => Vec::new(),
            code => vec![Block::Code(code)],
        },
        "math" => vec![Block::Code(verbatim(&with_argument(argument, directive.content)))],
        "image" => picture(reader, directive).into_iter().collect(),
        "figure" => {
            let caption = reader.blocks(directive.content);
            picture(reader, directive).into_iter().chain(caption).collect()
        }
        "list-table" | "flat-table" => tables::of_lists(reader, directive),
        "csv-table" => tables::of_values(reader, directive),
        "table" => {
            let table = reader.blocks(directive.content);
            heading(reader, argument).into_iter().chain(table).collect()
        }
        titled if TITLED.contains(&titled) => {
            let content = reader.blocks(directive.content);
            heading(reader, argument).into_iter().chain(content).collect()
        }
        _ => reader.blocks(directive.content),
    }
}

/// The word that Sphinx prints over a box.
fn admonition(name: &str) -> Option<&'static str> {
    Some(match name {
        "attention" => "Attention",
        "caution" => "Caution",
        "danger" => "Danger",
        "error" => "Error",
        "hint" => "Hint",
        "important" => "Important",
        "note" => "Note",
        "seealso" => "See also",
        "tip" => "Tip",
        "warning" => "Warning",
        _ => return None,
    })
}

/// The lines of a directive whose text may begin on its own line.
fn with_argument<'l>(argument: &'l str, content: &[Line<'l>]) -> Vec<Line<'l>> {
    let first = Line { indent: base_indent(content), text: argument };
    let first = Some(first).filter(|line| !line.is_blank());
    first.into_iter().chain(content.iter().copied()).collect()
}

fn since(reader: &mut Reader<'_>, words: &str, directive: &Directive<'_, '_>) -> Vec<Block> {
    let (version, text) = directive.argument.split_once(' ').unwrap_or((directive.argument, ""));
    let label = format!("**{words} {}**", reader.text(version));
    let blocks = reader.blocks(&with_argument(text.trim(), directive.content));
    vec![Block::Quote(labelled(&label, blocks))]
}

/// The description only: the file is not here.
fn picture(reader: &Reader<'_>, directive: &Directive<'_, '_>) -> Option<Block> {
    let alt = reader.text(directive.option("alt")?);
    (!alt.is_empty()).then(|| Block::Paragraph(format!("![{alt}]()")))
}

/// The title of a table or box. Not a heading, since it opens no section.
pub(super) fn heading(reader: &Reader<'_>, text: &str) -> Option<Block> {
    let text = reader.text(text);
    (!text.is_empty()).then(|| Block::Paragraph(bold(&text)))
}

fn bold(text: &str) -> String {
    if text.contains('*') { text.to_owned() } else { format!("**{text}**") }
}
