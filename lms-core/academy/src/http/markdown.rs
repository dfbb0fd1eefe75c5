//! What instructors write, as a safe piece of a page.
//!
//! Two walls stand between an author and the reader's browser: raw HTML is dropped before rendering, and the rendered page passes a whitelist, so that
//! a mistake in one is caught by the other.

use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::html::push_html;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

static WHITELIST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut builder = Builder::default();
    builder
        .tags(HashSet::from(tags))
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener nofollow"));
    builder
});

/// Markdown as safe HTML. The page has the heading of level 1; pictures are shown as their description, as a page that loads them from elsewhere
/// would tell that place who reads it.
pub(super) fn render(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut html = String::new();
    push_html(&mut html, Parser::new_ext(markdown, options).filter_map(shown));
    WHITELIST.clean(&html).to_string()
}

fn shown(event: Event<'_>) -> Option<Event<'_>> {
    let level = |level: HeadingLevel| level.max(HeadingLevel::H2);
    Some(match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => return None,
        Event::Start(Tag::Heading { level: found, .. }) => {
            Event::Start(Tag::Heading { level: level(found), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(found)) => Event::End(TagEnd::Heading(level(found))),
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_keep_their_form_and_lose_what_could_harm() {
        let html = render("# Top\n\nA *word*, a [link](https://x.example) and a table.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");
        assert!(html.contains("<h2>Top</h2>") && html.contains("<em>word</em>") && html.contains("<td>1</td>"), "{html}");
        assert!(html.contains(r#"href="https://x.example" rel="noopener nofollow""#), "{html}");
        for bad in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "![x](https://evil.example/pixel)",
            "<a href='data:text/html,x'>x</a>",
            "<div style='position:fixed'>x</div>",
        ] {
            let html = render(bad);
            for word in ["<script", "onerror", "javascript:", "<img", "data:", "style="] {
                assert!(!html.contains(word), "{bad}: {html}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_becomes_a_script(text in "[<>a-z/\"'=() \\[\\]!:`&;#\\n]{0,80}") {
            let html = render(&text).to_lowercase();
            prop_assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("href=\"javascript"), "{}", html);
        }
    }
}
