//! Markdown of instructors as HTML: text, emphasis, lists, code and links. Raw HTML is shown as it was typed; pictures become their description.

use pulldown_cmark::{Event, Parser, Tag, TagEnd, html::push_html};

pub(super) fn html(markdown: &str) -> String {
    let mut html = String::new();
    push_html(&mut html, Parser::new(markdown).filter_map(plain));
    html
}

fn plain(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. } | Tag::HtmlBlock) | Event::End(TagEnd::Image | TagEnd::HtmlBlock) => None,
        // The page has headings of its own.
        Event::Start(Tag::Heading { .. }) => Some(Event::Start(Tag::Paragraph)),
        Event::End(TagEnd::Heading(_)) => Some(Event::End(TagEnd::Paragraph)),
        Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
            let safe = dest_url.starts_with("https://") || dest_url.starts_with("http://");
            let dest_url = if safe { dest_url } else { "#".into() };
            Some(Event::Start(Tag::Link { link_type, dest_url, title: "".into(), id }))
        }
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_is_rendered_and_html_is_not() {
        assert_eq!(html("a **b** `c`"), "<p>a <strong>b</strong> <code>c</code></p>\n");
        for hostile in [
            "<script>alert(1)</script>",
            "x <img src=x onerror=alert(1)> y",
            "[x](javascript:alert(1))",
            "[x](JAVASCRIPT:alert(1))",
            "[x](data:text/html,<script>alert(1)</script>)",
            "<javascript:alert(1)>",
            "![x](http://evil.example/x.png)",
            "[x](https://a.example \"\\\" onclick=alert(1)\")",
            "<div\nonclick=alert(1)>",
        ] {
            let html = html(hostile);
            let tags: Vec<&str> = html.split('<').skip(1).collect();
            assert!(
                tags.iter().all(|tag| ["p>", "/p>", "a href=\"#\"", "a href=\"https://a.example\"", "/a>"]
                    .iter()
                    .any(|good| tag.starts_with(good))),
                "{hostile}: {html}"
            );
            assert!(!html.contains("src=\"http") && !html.contains(" title="), "{hostile}: {html}");
        }
    }
}
