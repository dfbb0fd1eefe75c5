//! Markdown of authors as HTML: what looks like HTML in it stays text, and links lead to web pages or mail.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, html};

/// Safe to put into a page unescaped.
pub(super) fn render(text: &str) -> String {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: harmless(dest_url), title, id })
        }
        Event::Start(Tag::Image { link_type, title, id, .. }) => {
            Event::Start(Tag::Image { link_type, dest_url: CowStr::Borrowed(""), title, id })
        }
        // The page has its own first heading.
        Event::Start(Tag::Heading { id, classes, attrs, .. }) => {
            Event::Start(Tag::Heading { level: pulldown_cmark::HeadingLevel::H3, id, classes, attrs })
        }
        Event::End(pulldown_cmark::TagEnd::Heading(_)) => {
            Event::End(pulldown_cmark::TagEnd::Heading(pulldown_cmark::HeadingLevel::H3))
        }
        other => other,
    });
    let mut out = String::with_capacity(text.len() * 2);
    html::push_html(&mut out, events);
    out
}

fn harmless(url: CowStr<'_>) -> CowStr<'_> {
    let lower = url.to_ascii_lowercase();
    let known = ["https://", "http://", "mailto:", "/", "#"].iter().any(|start| lower.starts_with(start));
    if known && !lower.starts_with("//") { url } else { CowStr::Borrowed("#") }
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn markup_of_strangers_stays_text() {
        let page = render(
            "# Hi\n\n<script>alert(1)</script>\n\n**bold** [x](javascript:alert(1)) [y](https://a.example) ![i](https://t.example/p.png)",
        );
        assert!(
            page.contains("<h3>Hi</h3>") && page.contains("&lt;script&gt;") && page.contains("<strong>bold</strong>"),
            "{page}"
        );
        assert!(!page.contains("<script") && !page.contains("javascript:") && !page.contains("t.example"), "{page}");
        assert!(page.contains(r#"<a href="https://a.example">y</a>"#), "{page}");
    }
}
