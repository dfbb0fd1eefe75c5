//! The demo academy's articles, part of the binary so that a first start needs no checkout.

use rust_embed::RustEmbed;

use crate::document::{Facts, FactsError};
use crate::ingest::Document;

/// The source under which the built-in articles are kept.
pub const BUILTIN_SOURCE: &str = "academy";

#[derive(RustEmbed)]
#[folder = "articles/"]
struct Articles;

/// The built-in articles, by path.
pub fn builtin_documents() -> Vec<Document> {
    Articles::iter()
        .filter(|path| path.ends_with(".md"))
        .filter_map(|path| {
            let file = Articles::get(&path)?;
            Some(Document { path: path.into_owned(), bytes: file.data.into_owned() })
        })
        .collect()
}

/// The academy's facts that the articles name.
pub fn builtin_facts() -> Result<Facts, FactsError> {
    Facts::from_toml(include_str!("../articles/facts.toml"))
}
