//! A dialogue as a case: what a person says and presses, and what must be true in the end.

use std::collections::HashSet;

use porter_triage::{Intent, Urgency};
use serde::{Deserialize, Serialize};

/// The project's own dialogues.
pub const OWN_DIALOGUES: &str = include_str!("../../cases/dialogues.jsonl");

/// Fewer wordings than this and repetitions would say the same.
const FEWEST_WORDINGS: usize = 5;

/// One dialogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dialogue {
    pub id: String,
    pub title: String,
    /// Who is signed in from the beginning, by address.
    pub person: Option<String>,
    pub turns: Vec<Step>,
    pub faults: Faults,
    pub expect: Expected,
}

/// What the person does next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Step {
    /// Says one of these. Asked back which wish is meant, the person presses the one that it `means`, if it is among those offered.
    Say {
        say: Vec<String>,
        #[serde(default)]
        means: Vec<Intent>,
    },
    /// Fills in the form that was shown.
    Submit { submit: FormCard, address: String },
    /// Presses the n-th button of the choice that was shown.
    Choose { choose: usize },
    /// Presses the button that fetches a person.
    Press { press: Button },
    /// Signs in and goes on as this learner.
    SignIn { sign_in: String },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormCard {
    AddressForm,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    Person,
}

/// Whether parts may fail while it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Faults {
    None,
    Any,
}

/// The end state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    pub holder: ExpectedHolder,
    pub ticket: Option<ExpectedTicket>,
    /// Exactly these mails were sent, in any order.
    pub mails: Vec<Sent>,
    /// Exactly these actions were carried out.
    pub runs: Vec<String>,
    /// Nothing has changed in the academy but what the mails and runs bring.
    pub untouched: bool,
    /// Of each group one is in some reply.
    pub replies_hold: Vec<Vec<String>>,
    /// None of these is in any reply.
    pub replies_lack: Vec<String>,
    /// Articles of which one is linked; none: no demand.
    pub links: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedHolder {
    Bot,
    Queue,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedTicket {
    /// One of these; none named: any will do.
    pub intents: Vec<String>,
    pub least_urgency: Urgency,
}

/// A mail by its reader and what it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    pub to: String,
    pub kind: String,
}

/// A file of dialogues that cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum DialogueError {
    #[error("line {line}: {cause}")]
    Line { line: usize, cause: serde_json::Error },
    #[error("line {line}: the id {id} occurs twice")]
    Twice { line: usize, id: String },
    #[error("line {line}: {id} has a message with fewer than {FEWEST_WORDINGS} wordings, so repetitions would say the same")]
    Wordings { line: usize, id: String },
    #[error("there is no dialogue in it")]
    Empty,
}

/// Reads JSON Lines of [`Dialogue`].
pub fn parse_dialogues(text: &str) -> Result<Vec<Dialogue>, DialogueError> {
    let (mut ids, mut dialogues) = (HashSet::new(), Vec::new());
    for (place, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let number = place + 1;
        let dialogue: Dialogue = serde_json::from_str(line).map_err(|cause| DialogueError::Line { line: number, cause })?;
        if !ids.insert(dialogue.id.clone()) {
            return Err(DialogueError::Twice { line: number, id: dialogue.id });
        }
        if dialogue.turns.iter().any(|step| matches!(step, Step::Say { say, .. } if say.len() < FEWEST_WORDINGS)) {
            return Err(DialogueError::Wordings { line: number, id: dialogue.id });
        }
        dialogues.push(dialogue);
    }
    if dialogues.is_empty() { Err(DialogueError::Empty) } else { Ok(dialogues) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_dialogues_are_readable_and_sixty() {
        let own = parse_dialogues(OWN_DIALOGUES).unwrap();
        assert_eq!(own.len(), 60);
        assert!(own.iter().filter(|own| own.faults == Faults::Any).count() >= 25);
        assert!(
            own.iter()
                .all(|own| own.turns.len() >= 2 && (own.expect.holder == ExpectedHolder::Queue) == own.expect.ticket.is_some())
        );
    }

    #[test]
    fn a_bad_line_is_named() {
        let one = OWN_DIALOGUES.lines().next().unwrap();
        let error = |text: &str| parse_dialogues(text).unwrap_err().to_string();
        assert!(error(&format!("{one}\n{one}")).starts_with("line 2: the id d-"), "twice");
        assert!(error("\n{\"id\":1}").starts_with("line 2:"), "no dialogue");
        let mut few: serde_json::Value = serde_json::from_str(one).unwrap();
        few["turns"] = serde_json::json!([{ "say": ["only this"] }]);
        assert!(error(&few.to_string()).contains("fewer than 5 wordings"));
        few["turns"] = serde_json::json!([{ "shout": ["only this"] }]);
        assert!(error(&few.to_string()).starts_with("line 1:"));
    }
}
