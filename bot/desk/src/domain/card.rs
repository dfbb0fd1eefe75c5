//! What a message shows besides its text. Cards are made by code from closed types; a model can neither write one nor fill one in.

use porter_actions::{Choice, Finding, Outcome, Receipt};
use porter_triage::Intent;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A form, a question or a result. All texts in it are data: shown as they stand, never read as links or markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Card {
    /// Asks for the address of the account whose password is to be set anew. The answer goes to the LMS and nowhere else.
    AddressForm,
    /// Asks the person to sign in; the turn is answered again once they have.
    SignIn,
    /// Asks which one is meant.
    Choice { choice: Choice },
    /// Asks which wish is meant. Pressing one sends its text as the person's own message, read like any other.
    Wishes { wishes: Vec<Wish> },
    /// What was done.
    Receipt { receipt: Receipt },
    /// What the facts say.
    Findings { receipt: Receipt, findings: Vec<Finding> },
}

/// What a message may have meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wish {
    #[schema(value_type = String)]
    pub intent: Intent,
    /// In the person's words.
    pub text: String,
}

impl Card {
    /// The kind in one word, as it is serialised.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::AddressForm => "address_form",
            Self::SignIn => "sign_in",
            Self::Choice { .. } => "choice",
            Self::Wishes { .. } => "wishes",
            Self::Receipt { .. } => "receipt",
            Self::Findings { .. } => "findings",
        }
    }
}

impl From<Outcome> for Card {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done { receipt } => Self::Receipt { receipt },
            Outcome::Explained { receipt, findings } => Self::Findings { receipt, findings },
            Outcome::Choose { choice } => Self::Choice { choice },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_tagged_by_its_kind() {
        for card in [Card::AddressForm, Card::SignIn] {
            let json = serde_json::to_value(&card).unwrap();
            assert_eq!(json, serde_json::json!({ "kind": card.kind() }));
            assert_eq!(serde_json::from_value::<Card>(json).unwrap(), card);
        }
        let choice =
            Choice { action: porter_actions::ActionName::CertificateResend, prompt: "Which?".to_owned(), options: Vec::new() };
        let json = serde_json::to_value(Card::Choice { choice }).unwrap();
        assert_eq!((json["kind"].as_str(), json["choice"]["prompt"].as_str()), (Some("choice"), Some("Which?")));
    }
}
