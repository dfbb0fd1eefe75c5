//! Markdown that an instructor wrote, as HTML that is safe to show.

use ammonia::Builder;
use pulldown_cmark::{Options, Parser, html};

/// Paragraphs, lists, emphasis, code, quotes, tables, headings below the page's own, and links to the web or to mail. No pictures: they would tell their owner who reads. Nothing
/// that runs, no styles, no forms.
#[must_use]
pub(crate) fn to_html(markdown: &str) -> String {
    let mut rendered = String::new();
    html::push_html(&mut rendered, Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH));
    Builder::default()
        .tags(
            [
                "p",
                "ul",
                "ol",
                "li",
                "em",
                "strong",
                "del",
                "code",
                "pre",
                "blockquote",
                "h2",
                "h3",
                "h4",
                "hr",
                "br",
                "a",
                "table",
                "thead",
                "tbody",
                "tr",
                "th",
                "td",
            ]
            .into(),
        )
        .generic_attributes([].into())
        .tag_attributes([("a", ["href"].into())].into())
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener noreferrer nofollow"))
        .clean(&rendered)
        .to_string()
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
            "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
        ] {
            let html = to_html(hostile).to_lowercase();
            for bad in [
                "<script",
                "onerror",
                "<img",
                "javascript:",
                " href=\"data:",
                "<form",
                "<input",
                "style=",
                "<svg",
                "<iframe",
                "<math",
            ] {
                assert!(!html.contains(bad), "{hostile}: {html}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_an_element_that_is_not_listed(text in "[<>a-z/\"'=:&;!\\[\\]()*_#`\n -]{0,120}") {
            let html = to_html(&text);
            for bad in ["<script", "<img", "<style", "<svg", "<form", "<iframe", "<input"] {
                prop_assert!(!html.contains(bad), "{html}");
            }
        }
    }
}
