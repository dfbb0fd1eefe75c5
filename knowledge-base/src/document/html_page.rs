//! An article as a fragment of an HTML page.
//!
//! Two walls stand between an author and the reader's browser: raw HTML is dropped before rendering, and the rendered
//! page passes a whitelist, so that a mistake in one is caught by the other.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Tag, TagEnd, html::push_html};

use super::{
    markdown::{blocks, parser},
    slug::anchors,
};

/// Links within the help centre, which need no distrust.
const OWN_PAGES: &str = "/help/";

static WHITELIST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from([
            "a", "blockquote", "br", "code", "del", "em", "h2", "h3", "h4", "h5", "h6", "hr", "li",
            "ol", "p", "pre", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
        ]))
        .add_tag_attributes("a", ["rel"])
        .add_tag_attributes("h2", ["id"])
        .add_tag_attributes("h3", ["id"])
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // The renderer below sets it, since it differs from link to link.
        .link_rel(None);
    builder
});

/// The body of an article as safe HTML. Section headings carry the anchors that passages cite.
///
/// Pictures are shown as their description: the knowledge base stores none, and a page that loads them from elsewhere
/// would tell that place who reads it.
pub fn render_html(markdown: &str) -> String {
    let blocks = blocks(markdown);
    let mut anchors = anchors(&blocks).into_iter();
    let mut depth = 0usize;
    let events = parser(markdown).filter_map(|event| {
        let at_top = depth == 0;
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        rendered(event, at_top, &mut anchors)
    });
    let mut html = String::new();
    push_html(&mut html, events);
    WHITELIST.clean(&html).to_string()
}

/// What an event becomes on the page.
fn rendered<'a>(
    event: Event<'a>,
    at_top: bool,
    anchors: &mut impl Iterator<Item = String>,
) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(_)
        | Event::InlineHtml(_)
        | Event::Start(Tag::HtmlBlock)
        | Event::End(TagEnd::HtmlBlock) => return None,
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: on_page(level),
            id: (at_top && level <= HeadingLevel::H3)
                .then(|| anchors.next().map(CowStr::from))
                .flatten(),
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(on_page(level))),
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        Event::Start(Tag::Link { dest_url, .. }) => {
            let address = escaped(&dest_url);
            let rel = if dest_url.starts_with(OWN_PAGES) {
                ""
            } else {
                " rel=\"noopener nofollow\""
            };
            Event::InlineHtml(format!("<a href=\"{address}\"{rel}>").into())
        }
        Event::End(TagEnd::Link) => Event::InlineHtml("</a>".into()),
        other => other,
    })
}

/// The page's only heading of level 1 is the title.
fn on_page(level: HeadingLevel) -> HeadingLevel {
    level.max(HeadingLevel::H2)
}

fn escaped(attribute: &str) -> String {
    attribute
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
