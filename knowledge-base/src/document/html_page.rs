//! An article as a fragment of an HTML page.
//!
//! Two walls stand between an author and the reader's browser: raw HTML is dropped before rendering, and the rendered
//! page passes a whitelist, so that a mistake in one is caught by the other.

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd, html::push_html};

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
fn rendered<'a>(event: Event<'a>, at_top: bool, anchors: &mut impl Iterator<Item = String>) -> Option<Event<'a>> {
    Some(match event {
        Event::Html(_) | Event::InlineHtml(_) | Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => return None,
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: on_page(level),
            id: (at_top && level <= HeadingLevel::H3).then(|| anchors.next().map(CowStr::from)).flatten(),
            classes: Vec::new(),
            attrs: Vec::new(),
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(on_page(level))),
        Event::Start(Tag::Image { .. }) => Event::Start(Tag::Emphasis),
        Event::End(TagEnd::Image) => Event::End(TagEnd::Emphasis),
        Event::Start(Tag::Link { link_type, dest_url, .. }) => {
            let scheme = if link_type == LinkType::Email { "mailto:" } else { "" };
            let address = escaped(&dest_url);
            let rel = if dest_url.starts_with(OWN_PAGES) { "" } else { " rel=\"noopener nofollow\"" };
            Event::InlineHtml(format!("<a href=\"{scheme}{address}\"{rel}>").into())
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
    attribute.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_carry_the_anchors_of_the_passages() {
        let html = render_html("# Part\n\n## Step\n\n### Step\n\n#### Detail\n\n> ## Quoted\n\n## Last *one*\n");
        for expected in [
            "<h2 id=\"part\">Part</h2>",
            "<h2 id=\"step\">Step</h2>",
            "<h3 id=\"step-2\">Step</h3>",
            "<h4>Detail</h4>",
            "<h2>Quoted</h2>",
            "<h2 id=\"last-one\">Last <em>one</em></h2>",
        ] {
            assert!(html.contains(expected), "{expected} in {html}");
        }
    }

    #[test]
    fn links_that_lead_away_are_not_vouched_for() {
        assert_eq!(
            render_html("[a](/help/x) [b](https://b.example/?q=1&r=\"2\") [c](/account) <mail@d.example>"),
            "<p><a href=\"/help/x\">a</a> <a href=\"https://b.example/?q=1&amp;r=&quot;2&quot;\" rel=\"noopener nofollow\">b</a> \
             <a href=\"/account\" rel=\"noopener nofollow\">c</a> <a href=\"mailto:mail@d.example\" rel=\"noopener nofollow\">\
             mail@d.example</a></p>\n"
        );
    }

    #[test]
    fn pictures_become_their_description() {
        assert_eq!(render_html("![A **red** box](https://spy.example/pixel.png)"), "<p><em>A <strong>red</strong> box</em></p>\n");
    }

    #[test]
    fn tables_lists_and_code_are_kept() {
        let html = render_html("3. a\n\n| x | y |\n|:--|---|\n| 1 | ~~2~~ |\n\n```js\n<b>\n```\n");
        for expected in ["<ol start=\"3\">", "<th>x</th>", "<del>2</del>", "<pre><code>&lt;b&gt;\n</code></pre>"] {
            assert!(html.contains(expected), "{expected} in {html}");
        }
    }

    /// What an author, or somebody who edits an imported manual, may try to bring to a reader's browser.
    const HOSTILE: [&str; 24] = [
        "<script>alert(1)</script>",
        "text <script src=//evil.example/x.js></script> text",
        "<img src=x onerror=alert(1)>",
        "text <svg/onload=alert(1)> text",
        "<iframe src=\"https://evil.example\"></iframe>",
        "<a href=\"javascript:alert(1)\">x</a>",
        "[x](javascript:alert(1))",
        "[x](<java\nscript:alert(1)>)",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:msgbox(1))",
        "<javascript:alert(1)>",
        "![x](javascript:alert(1))",
        "[x](https://a.example \"\\\" onmouseover=alert(1) x=\\\"\")",
        "[x](https://a.example/\"onmouseover=\"alert(1))",
        "[x]: javascript:alert(1)\n\n[x]",
        "<style>body{display:none}</style>",
        "<form action=https://evil.example><input name=password></form>",
        "<base href=https://evil.example>",
        "<meta http-equiv=refresh content=0;url=https://evil.example>",
        "## x\" onclick=\"alert(1)\n\n## <b onclick=alert(1)>y</b> { #id onclick=alert(1) }",
        "```\"><script>alert(1)</script>\n</code></pre><script>alert(1)</script>\n```",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    ];

    #[test]
    fn nothing_hostile_survives() {
        for snippet in HOSTILE {
            for markdown in [snippet.to_owned(), format!("- item\n\n  {snippet}"), format!("| a |\n|---|\n| {snippet} |")] {
                let html = render_html(&markdown);
                for (tag, attributes) in tags(&html) {
                    let allowed = match tag {
                        "a" => &["href", "rel"][..],
                        "h2" | "h3" => &["id"],
                        "ol" => &["start"],
                        "p" | "ul" | "li" | "em" | "pre" | "code" | "table" | "thead" | "tbody" | "tr" | "th" | "td" => &[],
                        _ => panic!("<{tag}> in {html} from {markdown}"),
                    };
                    for (name, value) in attributes {
                        assert!(allowed.contains(&name), "{name} in {html} from {markdown}");
                        let value = value.to_lowercase();
                        assert!(!value.contains("script:") && !value.starts_with("data:"), "{html} from {markdown}");
                    }
                }
            }
        }
    }

    /// The start tags of serialised HTML, whose attributes are always quoted.
    fn tags(html: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
        let starts = html.split('<').skip(1).filter(|tag| !tag.starts_with('/'));
        starts
            .map(|tag| {
                let (tag, _) = tag.split_once('>').unwrap();
                let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
                let pairs = rest.split_terminator("\" ").filter_map(|pair| pair.split_once("=\""));
                (name, pairs.map(|(name, value)| (name, value.trim_end_matches('"'))).collect())
            })
            .collect()
    }
}
