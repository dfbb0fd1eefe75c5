//! reStructuredText to Markdown.
//!
//! Most manuals made with Sphinx are written in it. No maintained crate converts it, so this is our own reader of what
//! such manuals use: sections, paragraphs, lists, definition and field lists, literal blocks, tables, admonitions,
//! figures, roles, links and substitutions. It is lenient where docutils reports an error, since a line is indented a
//! column too little in many a manual; unknown directives give up their content and unknown roles their text. Included
//! files stay out: they are documents of their own.
//!
//! Reading takes two passes over the lines ([`definitions`] first, since links may be defined below their use), and is
//! linear in the input: nesting is capped, and a search for the end of a construct never runs twice over the same text.

mod blocks;
mod definitions;
mod directives;
mod escape;
mod inline;
mod lines;
mod lists;
mod roles;
mod tables;
mod writer;

use self::{blocks::Reader, definitions::Definitions};

pub(super) fn to_markdown(text: &str) -> String {
    let lines = lines::read(text);
    let definitions = Definitions::collect(&lines);
    let blocks = Reader::new(&definitions).document(&lines);
    writer::write(&blocks)
}

#[cfg(test)]
mod tests {
    use super::to_markdown;

    const MANUAL: &str = include_str!("../../fixtures/documents/manual.rst");
    const EXPECTED: &str = include_str!("../../fixtures/documents/manual.expected.md");

    #[test]
    fn a_manual_becomes_its_text() {
        assert_eq!(to_markdown(MANUAL).trim(), EXPECTED.trim());
    }

    #[test]
    fn slips_of_indentation_do_not_tear_lists_apart() {
        for (rst, markdown) in [
            ("#. One\n\n  more\n\n#. Two\n", "1. One\n\n   more\n\n2. Two"),
            ("#. One\n\n.. image:: x.png\n\n#. Two\n", "1. One\n\n2. Two"),
            ("* A\n* B\n\n  .. note:: N\n", "- A\n\n- B\n\n  > **Note**: N"),
            ("Text\n.. image:: x.png\n   :alt: Alt\n", "Text\n\n![Alt]()"),
        ] {
            assert_eq!(to_markdown(rst), markdown, "{rst}");
        }
    }

    #[test]
    fn what_only_looks_like_markup_is_text() {
        for (rst, markdown) in [
            ("2024. It was a year\nof rain.", "2024\\. It was a year of rain."),
            ("- 5 degrees\n\n-5 degrees", "- 5 degrees\n\n\\-5 degrees"),
            ("J. Smith wrote\nthis.", "J. Smith wrote this."),
            ("# not a heading", "\\# not a heading"),
            ("A :: B", "A :: B"),
            ("::", "::"),
        ] {
            assert_eq!(to_markdown(rst), markdown, "{rst}");
        }
    }

    #[test]
    fn directives_without_text_leave_nothing() {
        for rst in [
            ".. toctree::\n   :maxdepth: 1\n\n   a\n   b\n",
            ".. Just a comment\n   over two lines\n",
            ".. tags a, b\n",
            ".. index:: x\n.. _label:\n.. |s| replace:: t\n",
            ".. image:: no-alt.png\n",
            ".. raw:: html\n\n   <script>alert(1)</script>\n",
            "..\n",
            "__ https://a.example\n",
        ] {
            assert_eq!(to_markdown(rst), "", "{rst}");
        }
    }

    #[test]
    fn boxes_carry_their_label() {
        for (rst, markdown) in [
            (".. warning:: Mind\n   this.\n", "> **Warning**: Mind this."),
            (".. admonition:: By the way\n\n   So it is.\n", "> **By the way**: So it is."),
            (".. versionadded:: 2.1 Exports\n", "> **New in version 2.1**: Exports"),
            (".. topic:: Rules\n\n   None.\n", "**Rules**\n\nNone."),
            (".. tip::\n\n   - a\n", "> **Tip**\n>\n> - a"),
        ] {
            assert_eq!(to_markdown(rst), markdown, "{rst}");
        }
    }
}
