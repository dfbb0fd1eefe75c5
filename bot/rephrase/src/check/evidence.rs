//! Passages as statements that a sentence may rest on.

use porter_knowledge_base::document::{Unit, UnitKind, units};

use super::{Support, Token, points_back, tokens};
use crate::instructions::is_instruction;

/// Something that a passage says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    /// It says nothing sure without the statement before it: an item of a list, or a sentence that begins with "it".
    pub(crate) leans: bool,
    /// What stands in front of it in an answer: the mark of a list's item.
    pub(crate) mark: String,
}

/// What the passages say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Evidence {
    passages: Vec<Vec<Statement>>,
}

impl Evidence {
    /// Reads passages of Markdown. What speaks to a machine rather than to a learner is no evidence.
    pub(crate) fn read<'a>(passages: impl IntoIterator<Item = &'a str>) -> Self {
        Self { passages: passages.into_iter().map(statements).collect() }
    }

    /// Every statement, and every two that follow each other.
    pub(crate) fn windows(&self) -> impl Iterator<Item = (Support, &[Statement])> {
        self.passages.iter().enumerate().flat_map(|(passage, statements)| {
            [1, 2].into_iter().flat_map(move |size| {
                let windows = statements.windows(size).enumerate();
                windows.map(move |(from, window)| (Support { passage, statements: from..from + size }, window))
            })
        })
    }

    /// The statements that a sentence rests on.
    pub(crate) fn of(&self, support: &Support) -> &[Statement] {
        self.passages.get(support.passage).and_then(|own| own.get(support.statements.clone())).unwrap_or_default()
    }

    /// The passages as they may be shown to a model.
    pub(crate) fn texts(&self) -> impl Iterator<Item = String> {
        self.passages.iter().map(|statements| {
            let lines: Vec<String> = statements.iter().map(|own| format!("{}{}", own.mark, own.text)).collect();
            lines.join("\n")
        })
    }
}

fn statements(passage: &str) -> Vec<Statement> {
    let units: Vec<Unit> = units(passage).into_iter().filter(|unit| !is_instruction(&unit.text)).collect();
    let mut statements = Vec::with_capacity(units.len());
    let mut list = None;
    let mut introduces = false;
    for unit in units {
        let mark = match (unit.kind, unit.ordered) {
            (UnitKind::Sentence, _) => String::new(),
            (UnitKind::ListItem, Some(number)) => format!("{number}. "),
            _ => "- ".to_owned(),
        };
        let leans = match unit.kind {
            UnitKind::ListItem => introduces || (unit.list.is_some() && unit.list == list),
            UnitKind::TableRow => introduces,
            UnitKind::Sentence => points_back(&unit.text),
        };
        introduces = unit.text.ends_with(':');
        list = unit.list;
        statements.push(Statement { tokens: tokens(&unit.text), text: unit.text, leans, mark });
    }
    statements
}
