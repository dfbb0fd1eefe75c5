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
