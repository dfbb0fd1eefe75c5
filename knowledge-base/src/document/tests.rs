//! Whole documents, from bytes to passages.

use super::*;

const ARTICLE: &str = include_str!("../../fixtures/documents/article.md");
const FACTS: &str = include_str!("../../fixtures/documents/facts.toml");

fn facts() -> Facts {
    Facts::from_toml(FACTS).unwrap()
}

fn read(path: &str, text: &str) -> Article {
    parse(path, text.as_bytes(), &facts()).unwrap()
}

fn refused(path: &str, bytes: &[u8]) -> String {
    parse(path, bytes, &facts()).unwrap_err().to_string()
}

#[test]
fn an_article_comes_with_its_front_matter_and_its_facts() {
    let article = read("seminars/change_room.md", ARTICLE);
    assert_eq!(article.slug, "change-room");
    assert_eq!(article.title, "Change the room of a seminar");
    assert_eq!(article.summary.as_deref(), Some("A seminar can move to another room until 3 days before it begins."));
    assert_eq!(article.category.as_deref(), Some("seminars"));
    assert_eq!(article.intents, ["room_change"]);
    assert_eq!(article.questions, ["can we get a bigger room", "room B 12 is too small"]);
    assert_eq!(article.updated.as_deref(), Some("2026-11-20"));
    assert!(article.markdown.starts_with("A seminar can move to another room until 3 days"));
    assert!(article.markdown.contains("[the plan](</help/floor-plan>)"));
    assert!(!article.markdown.contains("{{"));
}

#[test]
fn byte_order_marks_foreign_line_ends_and_control_characters_change_nothing() {
    let plain = read("a.md", ARTICLE);
    let foreign = format!("\u{feff}{}", ARTICLE.replace('\n', "\r\n").replace("hall", "ha\0ll"));
    assert_eq!(read("a.md", &foreign), plain);
}

#[test]
fn the_title_is_written_or_the_first_heading_or_the_file_name() {
    for (text, title, markdown) in [
        ("---\ntitle: Given\n---\n# Given\n\nText.\n", "Given", "Text."),
        ("---\ntitle: Given\n---\n# Other\n\nText.\n", "Given", "# Other\n\nText."),
        ("---\nslug: x\n---\n# Heading\n\nText.\n", "Heading", "Text."),
        ("Text.\n\n## Section\n", "Some file", "Text.\n\n## Section"),
    ] {
        let article = read("a/some_file.md", text);
        assert_eq!((article.title.as_str(), article.markdown.as_str()), (title, markdown));
    }
}

#[test]
fn formats_go_by_the_extension_and_slugs_by_the_path() {
    for (path, text, format) in [
        ("x/Guide.MD", "# T\n\nText.", Format::Markdown),
        ("x/Guide.markdown", "# T\n\nText.", Format::Markdown),
        ("x/Guide.htm", "<h1>T</h1><p>Text.", Format::Html),
        ("x/Guide.rst", "T\n=\n\nText.", Format::Rst),
    ] {
        assert_eq!(Format::of(path), Some(format));
        let article = read(path, text);
        assert_eq!((article.slug.as_str(), article.title.as_str(), article.markdown.as_str()), ("x-guide", "T", "Text."));
    }
    assert_eq!(Format::of("md"), None);
}

#[test]
fn placeholders_are_filled_only_where_there_is_front_matter() {
    assert_eq!(read("a.md", "Write {{ name }}.").markdown, "Write {{ name }}.");
    assert_eq!(read("a.rst", "Write {{ name }}.").markdown, "Write {{ name }}.");
}

#[test]
fn a_refusal_says_where_what_and_what_to_do() {
    for (path, bytes, parts) in [
        ("a.pdf", &b"%PDF"[..], ["a.pdf", "format", "name the file"]),
        ("a.md", b"ok \xff", ["a.md", "byte 3", "save the file"]),
        ("a.md", b"---\nsumary: x\n---\nText.", ["a.md: line 2", "`sumary`", "correct the front matter"]),
        ("a.md", b"---\ntitle: x\n---\n{{seminar.rooms}}", ["a.md", "{{seminar.rooms}}", "facts.toml"]),
        ("a.md", b"---\ntitle: '{{x}}'\n---\nText.", ["a.md", "{{x}}", "facts.toml"]),
        ("a.rst", b".. toctree::\n\n   b\n", ["a.rst", "no text", "remove the file"]),
        ("a.html", b"<script>let x</script>", ["a.html", "no text", "remove the file"]),
        ("a.md", b"# Only\n\n## Headings\n", ["a.md", "no text", "remove the file"]),
    ] {
        let message = refused(path, bytes);
        for part in parts {
            assert!(message.contains(part), "{part} in {message}");
        }
    }
    let deep = refused("a.md", "> ".repeat(200).as_bytes());
    assert!(deep.contains("nested too deeply"), "{deep}");
    let wide = refused("a.md", format!("{0}\n{1}\nx", "|a".repeat(40), "|-".repeat(40)).as_bytes());
    assert!(wide.contains("columns"), "{wide}");
}

#[test]
fn every_passage_can_be_found_on_the_page() {
    for (path, text) in FIXTURES {
        let article = read(path, text);
        let page = render_html(&article.markdown);
        for chunk in chunk(&article) {
            let Some(anchor) = chunk.anchor else { continue };
            assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor} in {page}");
        }
    }
}

pub(super) const FIXTURES: [(&str, &str); 3] = [
    ("article.md", ARTICLE),
    ("manual.rst", include_str!("../../fixtures/documents/manual.rst")),
    ("page.html", include_str!("../../fixtures/documents/page.html")),
];
