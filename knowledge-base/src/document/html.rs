//! HTML to Markdown: the content of a page without what surrounds it.
//!
//! `htmd` converts. This module decides what a page's content is, lays out tables (htmd flattens those without a head and
//! pads every cell to the widest one, which a single long cell can blow up) and refuses pages that would overflow the
//! stack in htmd's recursive walk.

use std::rc::Rc;

use htmd::{
    Element, HtmlToMarkdown, Node,
    element_handler::{HandlerResult, Handlers},
    options::{BulletListMarker, Options},
};

use super::markdown::{MAX_COLUMNS, words};

/// Elements within elements; real pages stay below 50.
const MAX_DEPTH: usize = 256;

/// The parser is quadratic in the tags of a hostile page, and a help page has a few hundred.
const MAX_TAGS: usize = 20_000;

/// Elements that the parser opens again in every block until they are closed, and how many may be open at a time.
const REOPENED: [&str; 13] = ["b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];
const MAX_REOPENED: usize = 32;

/// Elements that are dropped with all they hold. `header` is treated by [`page_header`].
const DROPPED: [&str; 19] = [
    "aside", "audio", "button", "canvas", "dialog", "embed", "footer", "head", "iframe", "input", "nav", "noscript", "object",
    "script", "select", "style", "svg", "textarea", "video",
];

/// Marks that handlers leave for [`content`] and [`table`]: control characters, which a normalised page has none of.
const MAIN: [char; 2] = ['\u{1}', '\u{2}'];
const ARTICLE: [char; 2] = ['\u{3}', '\u{4}'];
const HEADER: char = '\u{5}';
const ROW: char = '\u{6}';
const HEAD_CELL: char = '\u{7}';
const CELL: char = '\u{8}';

/// The page nests too deeply or has too many tags to be converted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooComplex;

pub(super) fn to_markdown(html: &str) -> Result<String, TooComplex> {
    if has_too_many_tags(html) {
        return Err(TooComplex);
    }
    let converter = HtmlToMarkdown::builder()
        .options(Options {
            bullet_list_marker: BulletListMarker::Dash,
            ul_bullet_spacing: 1,
            ol_number_spacing: 1,
            ..Options::default()
        })
        .skip_tags(DROPPED.to_vec())
        .add_handler(vec!["main"], |handlers: &dyn Handlers, element: Element| marked(handlers, &element, MAIN))
        .add_handler(vec!["article"], |handlers: &dyn Handlers, element: Element| marked(handlers, &element, ARTICLE))
        .add_handler(vec!["header"], page_header)
        .add_handler(vec!["a"], link)
        .add_handler(vec!["td"], |handlers: &dyn Handlers, element: Element| Some(begun(CELL, handlers, &element)))
        .add_handler(vec!["th"], |handlers: &dyn Handlers, element: Element| Some(begun(HEAD_CELL, handlers, &element)))
        .add_handler(vec!["tr"], |handlers: &dyn Handlers, element: Element| Some(begun(ROW, handlers, &element)))
        .add_handler(vec!["thead", "tbody"], |handlers: &dyn Handlers, element: Element| Some(handlers.walk_children(element.node)))
        .add_handler(vec!["table"], table)
        .build();
    // Parsing from memory has no input to fail on; the signature allows for readers.
    let Ok(tree) = converter.html_to_tree(html) else {
        return Err(TooComplex);
    };
    if is_deeper_than(&tree, MAX_DEPTH) {
        return Err(TooComplex);
    }
    Ok(content(&converter.tree_to_markdown(&tree)))
}

fn has_too_many_tags(html: &str) -> bool {
    let mut open = [0usize; REOPENED.len()];
    for (position, tag) in html.split('<').enumerate().skip(1) {
        let (closes, name) = match tag.strip_prefix('/') {
            Some(name) => (true, name),
            None => (false, tag),
        };
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let name = name.get(..end).unwrap_or_default();
        let known = REOPENED.iter().position(|known| known.eq_ignore_ascii_case(name));
        if let Some(count) = known.and_then(|known| open.get_mut(known)) {
            *count = if closes { count.saturating_sub(1) } else { *count + 1 };
        }
        if position > MAX_TAGS || open.iter().sum::<usize>() > MAX_REOPENED {
            return true;
        }
    }
    false
}

/// Without recursion, which is what it protects from.
fn is_deeper_than(tree: &Rc<Node>, limit: usize) -> bool {
    let mut level = vec![Rc::clone(tree)];
    for _ in 0..limit {
        level = level.iter().flat_map(|node| node.children.borrow().clone()).collect();
        if level.is_empty() {
            return false;
        }
    }
    true
}

/// The text of `<main>`, else of the only `<article>`, else of the whole body.
fn content(markdown: &str) -> String {
    let inside = |[open, close]: [char; 2]| {
        let (_, rest) = markdown.split_once(open)?;
        let (inner, _) = rest.rsplit_once(close)?;
        Some(inner)
    };
    let one_article = markdown.matches(ARTICLE).count() == 2;
    let found = inside(MAIN).or_else(|| inside(ARTICLE).filter(|_| one_article));
    let lines = found.unwrap_or(markdown).lines().filter_map(|line| match line.trim_start().strip_prefix(HEADER) {
        Some(title) => found.is_some().then_some(title),
        None => Some(line),
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
}

fn marked(handlers: &dyn Handlers, element: &Element, [open, close]: [char; 2]) -> Option<HandlerResult> {
    let inner = handlers.walk_children(element.node).content;
    Some(format!("\n\n{open}{}{close}\n\n", inner.trim_matches('\n')).into())
}

/// Many pages put their title into the header of the article. The banner of the site has a title too; [`content`] keeps
/// the line only where it is inside what it selects.
fn page_header(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let inner = handlers.walk_children(element.node).content;
    let title = inner.lines().find(|line| line.starts_with("# "))?;
    Some(format!("\n\n{HEADER}{title}\n\n").into())
}

/// Documentation tools hang a sign on every heading that links to it.
fn link(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    // Looked at afterwards: walking the children here as well would double the work with every link inside a link.
    let result = handlers.fallback(element)?;
    let is_sign = ["[](", "[¶](", "[#](", "[\\#](", "[§]("].iter().any(|sign| result.content.starts_with(sign));
    (!is_sign).then_some(result)
}

fn begun(mark: char, handlers: &dyn Handlers, element: &Element) -> HandlerResult {
    format!("{mark}{}", handlers.walk_children(element.node).content).into()
}

fn table(handlers: &dyn Handlers, element: Element) -> Option<HandlerResult> {
    let inner = handlers.walk_children(element.node).content;
    let mut rows = inner.split(ROW);
    let caption = rows.next().unwrap_or_default().trim();
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split([CELL, HEAD_CELL]).skip(1).map(str::trim).collect()).collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or_default();
    let has_heading = |cell: &&str| cell.lines().any(|line| line.starts_with('#'));
    // A table that lays out the page is not one.
    if !(2..=MAX_COLUMNS).contains(&width) || rows.iter().flatten().any(has_heading) {
        let cells: Vec<&str> = std::iter::once(caption).chain(rows.into_iter().flatten()).collect();
        return Some(format!("\n\n{}\n\n", cells.join("\n\n")).into());
    }
    let first = inner.split(ROW).nth(1).unwrap_or_default();
    let has_head = first.contains(HEAD_CELL) && !first.contains(CELL);
    let mut lines: Vec<String> = rows.iter().map(|row| table_line(row)).collect();
    if !has_head {
        lines.insert(0, table_line(&vec![""; width]));
    }
    lines.insert(1, table_line(&vec!["---"; width]));
    Some(format!("\n\n{caption}\n\n{}\n\n", lines.join("\n")).into())
}

/// A row of a Markdown table. Shared with the reStructuredText converter so that cells are escaped in one way.
pub(super) fn table_line<S: AsRef<str>>(cells: &[S]) -> String {
    let mut line = "|".to_owned();
    for cell in cells {
        line.push(' ');
        line.push_str(&words(cell.as_ref()).replace('|', "\\|"));
        line.push_str(" |");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = include_str!("../../fixtures/documents/page.html");
    const EXPECTED: &str = include_str!("../../fixtures/documents/page.expected.md");

    #[test]
    fn a_page_becomes_its_content() {
        assert_eq!(to_markdown(PAGE).unwrap().trim(), EXPECTED.trim());
    }

    #[test]
    fn the_content_is_main_else_the_only_article_else_the_body() {
        let around = |inner: &str| format!("<body><header><h1>Site</h1></header><p>Around.</p>{inner}</body>");
        let of = |inner: &str| to_markdown(&around(inner)).unwrap().trim().to_owned();
        assert_eq!(of("<main><article>A</article><p>B</p></main>"), "A\n\nB");
        assert_eq!(of("<article><header><h1>T</h1>by me</header>A</article>"), "# T\n\nA");
        assert_eq!(of("<article>A</article><article>B</article>"), "Around.\n\nA\n\nB");
    }

    #[test]
    fn a_page_that_would_cost_too_much_is_refused() {
        for hostile in
            ["<div>".repeat(MAX_DEPTH + 1), "<p>x</p>".repeat(MAX_TAGS), (0..100).map(|n| format!("<p><b id={n}>")).collect()]
        {
            assert_eq!(to_markdown(&hostile), Err(TooComplex));
        }
    }

    #[test]
    fn the_deepest_page_allowed_fits_the_stack_and_costs_little() {
        let links = "<table><tr><td><a href=x>".repeat(MAX_DEPTH / 5 - 1);
        let depth = MAX_DEPTH - 4;
        for (tag, text) in [("div", "x"), ("blockquote", "x"), ("span", "x")] {
            let page = format!("{}{text}{}", format!("<{tag}>").repeat(depth), format!("</{tag}>").repeat(depth));
            assert!(to_markdown(&page).unwrap().contains(text));
        }
        assert!(to_markdown(&format!("{links}x")).unwrap().contains('x'));
    }
}
