//! The YAML that an author may put between two `---` lines at the top of a Markdown file.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::audience::Audience;

/// What an author may say about an article. Anything else is a typing error and refused by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontMatter {
    pub title: Option<String>,
    pub summary: Option<String>,
    pub category: Option<String>,
    #[serde(default)]
    pub intents: Vec<String>,
    #[serde(default)]
    pub questions: Vec<String>,
    /// Questions that one section answers, by its heading.
    #[serde(default)]
    pub asked: BTreeMap<String, Vec<String>>,
    /// Questions near to the article that neither it nor any other answers: what a person is to be asked.
    #[serde(default)]
    pub unanswered: Vec<String>,
    pub updated: Option<String>,
    pub slug: Option<String>,
    /// Who may read it: `everyone`, which is what is meant when nothing is said, or `staff`.
    #[serde(default)]
    pub audience: Audience,
}

/// The front matter cannot be read; `line` counts from the top of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct FrontMatterError {
    pub line: u64,
    pub message: String,
}

const FENCE: &str = "---";

/// Splits a text into its front matter, if it opens with some, and the body.
pub(super) fn split(text: &str) -> Result<(Option<FrontMatter>, &str), FrontMatterError> {
    let Some((first, rest)) = text.split_once('\n') else {
        return Ok((None, text));
    };
    if first.trim_end() != FENCE {
        return Ok((None, text));
    }
    let mut yaml_end = 0;
    for line in rest.split_inclusive('\n') {
        let after = yaml_end + line.len();
        if line.trim_end() == FENCE {
            let yaml = rest.get(..yaml_end).unwrap_or_default();
            let body = rest.get(after..).unwrap_or_default();
            return Ok((Some(parse(yaml)?), body));
        }
        yaml_end = after;
    }
    Err(FrontMatterError { line: 1, message: "the front matter is not closed: end it with a line of three dashes".to_owned() })
}

fn parse(yaml: &str) -> Result<FrontMatter, FrontMatterError> {
    serde_saphyr::from_str(yaml).map_err(|error| {
        let text = error.without_snippet().to_string();
        // The parser counts from the line after the opening fence, so its own "at line …" would mislead.
        let message = match text.rsplit_once(" at line ") {
            Some((message, _)) => message.to_owned(),
            None => text,
        };
        FrontMatterError { line: error.location().map_or(1, |location| location.line()) + 1, message }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_and_the_body_are_told_apart() {
        let (matter, body) =
            split("---\ntitle: Log in\nquestions:\n  - no\n  - how do i log in\nupdated: 2026-11-20\n---\nBody.\n---\n").unwrap();
        let matter = matter.unwrap();
        assert_eq!(matter.title.as_deref(), Some("Log in"));
        assert_eq!(matter.questions, ["no", "how do i log in"]);
        assert_eq!(matter.updated.as_deref(), Some("2026-11-20"));
        assert_eq!(body, "Body.\n---\n");
    }

    #[test]
    fn a_text_without_front_matter_is_all_body() {
        for text in ["", "---", "Hello\n---\n", "----\ntitle: x\n---\n"] {
            assert_eq!(split(text).unwrap(), (None, text));
        }
        assert_eq!(split("---\n---\nx").unwrap(), (Some(FrontMatter::default()), "x"));
    }

    #[test]
    fn errors_name_the_key_and_the_line_of_the_file() {
        for (text, line, part) in [
            ("---\ntitle: a\nsumary: b\n---\n", 3, "`sumary`"),
            ("---\ntitle: a: b\n---\n", 2, "mapping values"),
            ("---\ntitle: a\naudience: nobody\n---\n", 3, "nobody"),
            ("---\ntitle: a\ntitle: b\n---\n", 3, "duplicate"),
            ("---\ntitle: a\n", 1, "not closed"),
        ] {
            let error = split(text).unwrap_err();
            assert_eq!(error.line, line, "{error}");
            assert!(error.message.contains(part), "{error}");
            assert!(!error.message.contains("at line"), "{error}");
        }
    }
}
