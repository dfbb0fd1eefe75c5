//! What a figure means and what to do about it, in one plain sentence each: a support lead reads the report, not a statistician.

use super::figures::KNOWN;
use crate::run::{Better, Measure, Miss, RunKind, Unit};

/// A figure in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) meaning: String,
    pub(super) advice: String,
}

pub(super) fn kind(kind: RunKind) -> (&'static str, &'static str) {
    match kind {
        RunKind::Intents => ("Intents", "How well a message is sorted by what it is about, on a public data set."),
        RunKind::Retrieval => ("Finding passages", "How well the right passages are found for a question."),
        RunKind::Triage => {
            ("Triage", "What the assistant makes of a message: what it is about, how urgent it is, and what happens to it.")
        }
        RunKind::Answers => ("Answers", "Whether questions get the facts of the right article, and nothing else."),
        RunKind::Rephrase => ("Wording", "Whether a model that words answers says nothing but what the articles say."),
        RunKind::Dialogues => (
            "Dialogues",
            "Whole conversations with a live assistant and an academy of their own, graded by what was true in the end.",
        ),
        RunKind::Attacks => (
            "Attacks",
            "Whether messages that give the assistant orders are noticed. It is a signal for agents; rights are enforced elsewhere.",
        ),
    }
}

pub(super) fn miss(miss: Miss) -> (&'static str, &'static str) {
    match miss {
        Miss::NotInKnowledgeBase => ("not in the knowledge base", "An article has to be written."),
        Miss::NotRetrieved => (
            "not retrieved",
            "The article is there and was not found: give it the words that people use, in its title or its questions.",
        ),
        Miss::Misread => (
            "retrieved but misread",
            "The article was found, and the wrong part of it was quoted: say it in one sentence of its own.",
        ),
        Miss::WronglyDecided => {
            ("wrongly decided", "The message was taken for something else: correct such cases in the inbox, and train anew.")
        }
    }
}

/// The figure in words; a figure without an entry says what can be told from its form.
pub(super) fn measure(measure: &Measure) -> Words {
    let known = KNOWN.iter().find(|(name, ..)| *name == measure.name);
    match known {
        Some((_, title, meaning, advice)) => {
            Words { title: (*title).to_owned(), meaning: (*meaning).to_owned(), advice: (*advice).to_owned() }
        }
        None => unknown(measure),
    }
}

fn unknown(measure: &Measure) -> Words {
    if let Some(about) = measure.name.strip_prefix("pass_1_") {
        return Words {
            title: format!("Dialogues about “{about}” that end well"),
            meaning: "A part of the dialogues, by what they are about.".to_owned(),
            advice: String::new(),
        };
    }
    let mut title = measure.name.replace('_', " ");
    if let Some(first) = title.get(..1).map(str::to_uppercase) {
        title.replace_range(..1, &first);
    }
    let meaning = match (measure.better, measure.unit) {
        (Better::Higher, _) => "Higher is better.",
        (Better::Lower, _) => "Lower is better.",
        (Better::Neither, Unit::Count) => "How many there were; neither good nor bad.",
        (Better::Neither, _) => "It describes the run; neither good nor bad.",
    };
    Words { title, meaning: meaning.to_owned(), advice: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_figures_have_a_meaning_and_names_occur_once() {
        for (place, (name, title, meaning, _)) in KNOWN.iter().enumerate() {
            assert!(!title.is_empty() && meaning.ends_with('.'), "{name}");
            assert!(!KNOWN[..place].iter().any(|(other, ..)| other == name), "{name}");
        }
    }

    #[test]
    fn a_figure_without_an_entry_is_told_by_its_form() {
        let words = measure(&Measure::share("über_figure", &[1.0], Better::Lower));
        assert_eq!((words.title.as_str(), words.meaning.as_str()), ("über figure", "Lower is better."));
        assert_eq!(measure(&Measure::share("new_share", &[1.0], Better::Higher)).title, "New share");
    }
}
