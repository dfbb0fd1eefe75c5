//! Documents as they come from authors, and what the knowledge base makes of them.
//!
//! Whatever the format, a document is reduced to Markdown first ([`parse`]); everything after that (passages, quotable
//! units, the page that a learner reads) has one form to deal with.

mod chunk;
mod facts;
mod front_matter;
mod html;
mod html_page;
mod markdown;
mod parts;
#[cfg(test)]
mod properties;
mod rst;
mod sentences;
mod slug;
#[cfg(test)]
mod tests;
mod text;

pub use chunk::{Chunk, ChunkKind, chunk};
pub use facts::{Facts, FactsError, UnknownFact};
pub use front_matter::{FrontMatter, FrontMatterError};
pub use html_page::render_html;
pub use slug::slug_for;
pub use text::{Unit, UnitKind, plain_text, units};

use std::collections::BTreeMap;

use crate::audience::Audience;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Markdown,
    Html,
    /// reStructuredText as Sphinx manuals use it.
    Rst,
}

impl Format {
    /// By the extension of the file name, in either case.
    pub fn of(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            "rst" => Some(Self::Rst),
            _ => None,
        }
    }
}

/// A document that is ready to be indexed, quoted and shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Article {
    /// Its address below `/help/`.
    pub slug: String,
    pub title: String,
    pub summary: Option<String>,
    pub category: Option<String>,
    pub intents: Vec<String>,
    /// Ways in which learners ask for it.
    pub questions: Vec<String>,
    /// Ways in which they ask for what one section says, by its heading.
    pub asked: BTreeMap<String, Vec<String>>,
    /// What they ask about its subject and no article answers.
    pub unanswered: Vec<String>,
    /// The date that the author wrote, as written.
    pub updated: Option<String>,
    pub audience: Audience,
    /// The body without the title, all facts filled in.
    pub markdown: String,
}

/// Why a document is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("{path}: the format is not known: name the file .md, .html or .rst")]
    UnknownFormat { path: String },
    #[error("{path}: not UTF-8 from byte {valid_up_to} on: save the file in that encoding")]
    NotUtf8 { path: String, valid_up_to: usize },
    #[error("{path}: {source}: correct the front matter")]
    FrontMatter { path: String, source: FrontMatterError },
    #[error("{path}: {source}")]
    UnknownFact { path: String, source: UnknownFact },
    #[error("{path}: `asked` names the section {heading:?}, which is not there: write the heading as it stands in the text")]
    UnknownSection { path: String, heading: String },
    #[error("{path}: nested too deeply, or with too many tags or table columns: simplify or split it")]
    TooComplex { path: String },
    /// Tables of contents and the like; callers may skip them.
    #[error("{path}: no text is left without markup: write some or remove the file")]
    Empty { path: String },
}

/// Reads a document; `path` is relative to the folder of documents, with forward slashes.
pub fn parse(path: &str, bytes: &[u8], facts: &Facts) -> Result<Article, DocumentError> {
    let too_complex = || DocumentError::TooComplex { path: path.to_owned() };
    let format = Format::of(path).ok_or_else(|| DocumentError::UnknownFormat { path: path.to_owned() })?;
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DocumentError::NotUtf8 { path: path.to_owned(), valid_up_to: error.valid_up_to() })?;
    let text = normalise(text);
    let (matter, body) = match format {
        Format::Markdown => read_markdown(path, &text, facts)?,
        Format::Html => {
            let body = html::to_markdown(&text).map_err(|html::TooComplex| too_complex())?;
            (None, body)
        }
        Format::Rst => (None, rst::to_markdown(&text)),
    };
    if !markdown::is_simple(&body) {
        return Err(too_complex());
    }
    let article = assemble(path, matter, markdown::inline_references(&body));
    if let Some(heading) = article.asked.keys().find(|heading| !has_section(&article.markdown, heading)) {
        return Err(DocumentError::UnknownSection { path: path.to_owned(), heading: heading.clone() });
    }
    if !has_text(&article.markdown) {
        return Err(DocumentError::Empty { path: path.to_owned() });
    }
    Ok(article)
}

/// Plain line ends and no control characters: editors leave byte order marks, and PostgreSQL refuses a NUL.
fn normalise(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let text = text.replace('\r', "\n");
    text.replace(|c: char| c.is_control() && c != '\n' && c != '\t', "")
}

/// Facts are for our own articles, which have front matter; `{{` in a foreign manual is just text.
fn read_markdown(path: &str, text: &str, facts: &Facts) -> Result<(Option<FrontMatter>, String), DocumentError> {
    let (matter, body) =
        front_matter::split(text).map_err(|source| DocumentError::FrontMatter { path: path.to_owned(), source })?;
    let Some(matter) = matter else {
        return Ok((None, body.to_owned()));
    };
    let filled = |text: &str| facts.apply(text).map_err(|source| DocumentError::UnknownFact { path: path.to_owned(), source });
    let matter = FrontMatter {
        title: matter.title.as_deref().map(filled).transpose()?,
        summary: matter.summary.as_deref().map(filled).transpose()?,
        questions: matter.questions.iter().map(|question| filled(question)).collect::<Result<_, _>>()?,
        asked: matter.asked.into_iter().map(|(heading, questions)| Ok((filled(&heading)?, questions))).collect::<Result<_, _>>()?,
        ..matter
    };
    Ok((Some(matter), filled(body)?))
}

fn assemble(path: &str, matter: Option<FrontMatter>, body: String) -> Article {
    let slug = match &matter {
        Some(matter) => slug::own_slug(matter.slug.as_deref(), path),
        None => slug_for(path),
    };
    let matter = matter.unwrap_or_default();
    let heading = markdown::take_title(&body);
    let (title, body) = match (matter.title, heading) {
        // Some tools want the title in both places; the reader should see it once.
        (Some(title), Some((heading, rest))) if title == heading => (title, rest),
        (Some(title), _) => (title, body),
        (None, Some((heading, rest))) => (heading, rest),
        (None, None) => (slug::readable_stem(path), body),
    };
    Article {
        slug,
        title,
        summary: matter.summary,
        category: matter.category,
        intents: matter.intents,
        questions: matter.questions,
        asked: matter.asked,
        unanswered: matter.unanswered,
        updated: matter.updated,
        audience: matter.audience,
        markdown: body.trim_start_matches('\n').trim_end().to_owned(),
    }
}

fn has_section(markdown: &str, wanted: &str) -> bool {
    let is_wanted =
        |block: &markdown::Block<'_>| matches!(&block.kind, markdown::BlockKind::Section { heading, .. } if heading == wanted);
    markdown::blocks(markdown).iter().any(is_wanted)
}

/// Headings alone answer nothing.
fn has_text(markdown: &str) -> bool {
    use markdown::BlockKind::{Section, Subheading};
    markdown::blocks(markdown)
        .iter()
        .filter(|block| !matches!(block.kind, Section { .. } | Subheading))
        .any(|block| !plain_text(block.source).is_empty())
}
