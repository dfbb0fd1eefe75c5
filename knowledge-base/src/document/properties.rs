//! What holds for every text, however it was written.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{tests::FIXTURES, *};

/// Everything that is done with a document; a panic in it fails the test.
fn process(path: &str, text: &str) {
    if let Ok(article) = parse(path, text.as_bytes(), &Facts::default()) {
        for chunk in chunk(&article) {
            let _ = units(&chunk.text);
        }
        let _ = render_html(&article.markdown);
    }
}

/// The units of the body and of its passages, less the numbers of lists, which start anew in each passage.
fn quotable(article: &Article) -> [Vec<(UnitKind, String, Option<u64>)>; 2] {
    let of = |markdown: &str| units(markdown).into_iter().map(|unit| (unit.kind, unit.text, unit.ordered)).collect::<Vec<_>>();
    let passages = chunk(article).into_iter().filter(|chunk| chunk.kind == ChunkKind::Body);
    [of(&article.markdown), passages.flat_map(|chunk| of(&chunk.text)).collect()]
}

/// Signs and words that mean something in one of the formats, in any order.
fn soup(tokens: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::collection::vec(prop_oneof![4 => prop::sample::select(tokens).prop_map(str::to_owned), 1 => ".{0,6}"], 0..60)
        .prop_map(|tokens| tokens.concat())
}

const RST: &[&str] = &[
    "\n",
    "\n",
    "\n\n",
    " ",
    "  ",
    "   ",
    "\t",
    "word",
    "é",
    ".. ",
    "..",
    "note::",
    "list-table::",
    "csv-table::",
    "figure:: x",
    "code::",
    "|x| replace:: y",
    "_x:",
    "_x: https://a.example",
    ":alt: z",
    ":header-rows: 1",
    "* ",
    "- ",
    "#. ",
    "1. ",
    "(a) ",
    "iv) ",
    "* - ",
    "::",
    "====",
    "----",
    "== ==",
    "+--+--+",
    "+==+==+",
    "| a | b |",
    "|",
    "**",
    "*",
    "``",
    "`",
    "`_",
    "__",
    "_",
    ":ref:",
    ":a:`",
    "<x>",
    "[1]_",
    "\\",
    "\"",
    ",",
    "|x|",
    "toctree::",
    "x\n=\n",
];

const MARKDOWN: &[&str] = &[
    "\n",
    "\n",
    "\n\n",
    " ",
    "  ",
    "    ",
    "\t",
    "word",
    "é",
    "# ",
    "## ",
    "### ",
    "#### ",
    "- ",
    "* ",
    "1. ",
    "7) ",
    "> ",
    "---",
    "===",
    "```",
    "~~~",
    "| a | b |\n",
    "|--|--|\n",
    "|",
    "**",
    "*",
    "_",
    "`",
    "[x]",
    "[x]: y",
    "](",
    ")",
    "![",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "<https://a>",
    "&amp;",
    "\\",
    "---\n",
    "title: x",
    ". ",
    "e.g. ",
    "? ",
    "No. 5",
];

const HTML: &[&str] = &[
    "<",
    ">",
    "word",
    " ",
    "\n",
    "é",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<main>",
    "</main>",
    "<article>",
    "</article>",
    "<header>",
    "</header>",
    "<h1>",
    "</h1>",
    "<h2>",
    "</h2>",
    "<ul>",
    "</ul>",
    "<ol start=7>",
    "</ol>",
    "<li>",
    "</li>",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "<th>",
    "<thead>",
    "<caption>",
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<b>",
    "</b>",
    "<a href=x>",
    "</a>",
    "<br>",
    "<img alt=y>",
    "<script>",
    "</script>",
    "<svg>",
    "<template>",
    "<blockquote>",
    "&amp;",
    "&#1;",
    "&#6;",
    "&lt;",
    "|",
    "*",
    "¶",
    "<!--",
    "-->",
];

/// A document as people write them, with everything that passages are cut at.
fn document() -> impl Strategy<Value = String> {
    let words = |most| prop::collection::vec("[A-Za-z]{1,8}", 1..most).prop_map(|words| words.join(" ") + ".");
    let list = |marker: &'static str| {
        prop::collection::vec((words(30), prop::option::of(words(10))), 1..12).prop_map(move |items| {
            let item = |(text, nested): (String, Option<String>)| match nested {
                Some(nested) => format!("{marker} {text}\n\n   - {nested}\n"),
                None => format!("{marker} {text}\n"),
            };
            items.into_iter().map(item).collect::<String>()
        })
    };
    let table = prop::collection::vec((words(12), words(12)), 1..20).prop_map(|rows| {
        let rows: String = rows.iter().map(|(a, b)| format!("| {a} | {b} |\n")).collect();
        format!("| Head | Other |\n| --- | --- |\n{rows}")
    });
    let block = prop_oneof![
        3 => words(60),
        2 => words(3).prop_map(|heading| format!("## {heading}")),
        1 => words(3).prop_map(|heading| format!("### {heading}")),
        1 => words(3).prop_map(|heading| format!("##### {heading}")),
        2 => list("1."),
        1 => list("-"),
        1 => table,
        1 => words(20).prop_map(|text| format!("> {text}")),
        1 => Just("---".to_owned()),
    ];
    prop::collection::vec(block, 1..20).prop_map(|blocks| blocks.join("\n\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_us_panic(text in "(?s).{0,300}", path in prop::sample::select(&["a.md", "a.html", "a.rst"][..])) {
        process(path, &text);
    }

    #[test]
    fn no_manual_makes_us_panic(text in soup(RST)) {
        process("a.rst", &text);
    }

    #[test]
    fn no_markdown_makes_us_panic(text in soup(MARKDOWN)) {
        process("a.md", &text);
    }

    #[test]
    fn no_page_makes_us_panic(text in soup(HTML)) {
        process("a.html", &text);
    }

    #[test]
    fn passages_lose_no_sentence(text in document()) {
        if let Ok(article) = parse("a.md", text.as_bytes(), &Facts::default()) {
            let [whole, passages] = quotable(&article);
            prop_assert_eq!(whole, passages);
        }
    }

    #[test]
    fn sentences_are_the_words_of_the_paragraph(line in "([A-Za-z0-9]{1,6}[.?!,:]{0,2} ?){0,40}") {
        let line = markdown::words(&line);
        let sentences = sentences::sentences(&line);
        prop_assert_eq!(sentences.join(" ").replace(' ', ""), line.replace(' ', ""));
    }
}

#[test]
fn the_passages_of_the_fixtures_lose_no_sentence() {
    let facts = Facts::from_toml("[seminar]\nnotice_days = 3\ndefault_room = \"B 12\"\n").unwrap();
    for (path, text) in FIXTURES {
        let [whole, passages] = quotable(&parse(path, text.as_bytes(), &facts).unwrap());
        assert!(!whole.is_empty());
        assert_eq!(whole, passages, "{path}");
    }
}

/// A quadratic step would take minutes at this length; what is linear takes well under a second.
#[test]
fn cost_follows_length() {
    const LENGTH: usize = 100_000;
    let hostile = [
        (
            "a.rst",
            &["**a ", "`a ", "``a ", ":a:`", "|a ", "a-", "_`", "[1]_", "(*", "- ", "=== ===\na\n", "a\n  b\n", "#. a\n", "\n"][..],
        ),
        ("a.md", &["[", "[a](", "*a ", "`", "# a\n", "1. a\n", "> ", "|a|b|\n|-|-|\n", "a. ", "e.g. ", "<!--", "\n"]),
        ("a.html", &["<div>", "<b id=1>", "<p>", "&amp;", "a ", "<!--", "<table><tr><td>", "\n"]),
    ];
    for (path, patterns) in hostile {
        for pattern in patterns {
            let text = pattern.repeat(LENGTH / pattern.len());
            let start = Instant::now();
            process(path, &text);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(20), "{pattern:?} as {path} took {took:?}");
        }
    }
}
