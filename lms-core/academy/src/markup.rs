//! Markdown that an instructor wrote, as HTML that is safe to show.
//!
//! Two walls stand between an author and the reader's browser: what looks like HTML is text before rendering, and the rendered
//! page passes a whitelist, so that a mistake in one is caught by the other.

use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

const TAGS: [&str; 24] = [
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

static WHITELIST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    builder
        .tags(TAGS.into())
        .generic_attributes([].into())
        .tag_attributes([("a", ["href"].into()), ("ol", ["start"].into())].into())
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// Paragraphs, lists, emphasis, code, quotes, tables, headings below the page's own, and links to the web or to mail. A picture becomes its description, as one that is loaded
/// from elsewhere would tell that place who reads. Nothing that runs, no styles, no forms.
#[must_use]
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, options).filter_map(shown));
    WHITELIST.clean(&rendered).to_string()
}

fn shown(event: Event<'_>) -> Option<Event<'_>> {
    let level = |level: HeadingLevel| level.max(HeadingLevel::H2);
    Some(match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
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
    fn what_instructors_write_is_set() {
        let html = to_html("Hello **all**,\n\n- one\n- [two](https://a.example/x)\n\n| a | b |\n|---|---|\n| 1 | 2 |");
        for part in [
            "<strong>all</strong>",
            "<li>one</li>",
            r#"<a href="https://a.example/x" rel="noopener noreferrer nofollow">two</a>"#,
            "<td>1</td>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn the_page_keeps_its_first_heading_and_typed_html_is_shown() {
        assert_eq!(to_html("# Hi"), "<h2>Hi</h2>\n");
        assert!(to_html("Which tag starts a list, <ul> or <b>?").contains("&lt;ul&gt;"));
        assert_eq!(to_html("![A map](https://t.example/p.png)"), "<p><em>A map</em></p>\n");
    }

    #[test]
    fn what_could_run_or_report_is_not() {
        for hostile in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "![x](https://evil.example/pixel.gif)",
            "[x](javascript:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "[x](JaVaScRiPt:alert(1))",
            "<a href='java\nscript:alert(1)'>x</a>",
            "<form action=/x><input name=a></form>",
            "<p style=\"position:fixed\">x</p>",
            "<svg><script>alert(1)</script></svg>",
            "<iframe src=https://evil.example></iframe>",
            "x <img src=x onerror=alert(1)> y",
            "<javascript:alert(1)>",
            "[x](https://a.example \"\\\" onclick=alert(1)\")",
            "<div\nonclick=alert(1)>",
            "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
        ] {
            let html = to_html(hostile).to_lowercase();
            // What is typed may be read; only what stands within a tag could do anything.
            for tag in html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()) {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(TAGS.contains(&name), "{hostile}: {html}");
                for bad in ["javascript:", "data:", "style=", "onerror", "onclick", "title=", "evil.example"] {
                    assert!(!tag.contains(bad), "{hostile}: {html}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_an_element_that_is_not_listed(text in "[<>a-z/\"'=:&;!\\[\\]()*_#`\n -]{0,120}") {
            let html = to_html(&text).to_lowercase();
            prop_assert!(!html.contains("href=\"javascript"), "{html}");
            for bad in ["<script", "<img", "<style", "<svg", "<form", "<iframe", "<input"] {
                prop_assert!(!html.contains(bad), "{html}");
            }
        }
    }
}
