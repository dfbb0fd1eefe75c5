//! Several wishes in one message. The message is read as a whole first; then each of its parts is read by itself, and what a part asks for beside the main
//! wish is a further wish.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::Regex;
use serde::Serialize;

use crate::assess::{Assessment, Reason};
use crate::guards::Guards;
use crate::intent::{Decision, Intent};
use crate::model::TriageModel;

/// A shorter part asks for nothing by itself.
const FEWEST_WORDS: usize = 4;
/// Parts that are read; a person reads the rest.
const MOST_PARTS: usize = 8;
/// A longer message is no list of wishes: it is read as a whole.
const LONGEST: usize = 8_000;
/// A part's own intent must be this sure. Found on the training messages that are marked as holding several wishes.
const LEAST_IN_PART: f32 = 0.70;
/// And the message as a whole must not speak against it.
const LEAST_IN_WHOLE: f32 = 0.01;

/// Where one wish may end and the next begin: the end of a sentence or line, or a word that adds something.
static BORDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?ix)
        (?: [.!?;]+ (?:\s+|$) | \n+ )
        | (?: ,?\s+ (?:and\ also | and\ (?:can|could|would|please|what|why|how|where|when|is|do|i\ (?:also|need|want|would|still))\b | but\ also | also,? | plus,? | as\ well\ as
            | besides | another\ thing | one\ more\ thing | secondly | second,? | on\ top\ of\ that | while\ (?:you|i|we)(?:\ are|'re|\ am|'m)?\ at\ it | by\ the\ way,? | btw,?) \s )",
    )
    .ok()
});

/// A wish beside the main one, as an index of the part that it was found in and what that part means.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Wish {
    /// Which of [`TriageModel::parts`] it was found in.
    #[serde(skip)]
    pub part: usize,
    pub assessment: Assessment,
}

impl TriageModel {
    /// The parts of a message that may each hold a wish; none for a message of one part.
    pub fn parts(message: &str) -> Vec<String> {
        let text = Self::encoder_text(message);
        let Some(border) = BORDER.as_ref() else { return Vec::new() };
        let mut parts = Vec::new();
        let mut start = 0;
        for found in border.find_iter(&text) {
            // A word that adds something belongs to what it adds; what ends a sentence, to the sentence.
            let ends = found.as_str().trim_start().starts_with(['.', '!', '?', ';']) || found.as_str().starts_with('\n');
            let cut = if ends { found.end() } else { found.start() };
            parts.extend(text.get(start..cut));
            start = cut;
        }
        parts.extend(text.get(start..));
        // Who says the same again and again wishes one thing.
        let mut seen = HashSet::new();
        let parts =
            parts.into_iter().map(str::trim).filter(|part| part.split_whitespace().count() >= FEWEST_WORDS && seen.insert(*part));
        let parts: Vec<String> = parts.map(str::to_owned).take(MOST_PARTS).collect();
        if parts.len() < 2 || message.len() > LONGEST { Vec::new() } else { parts }
    }

    /// What the parts ask for beside the main wish, each intent once and the surest part for it. `vectors` are those of the parts.
    ///
    /// A guard that the whole message trips holds for every part: "my friend" may stand in another sentence than the wish.
    pub fn further_wishes(&self, whole: &Assessment, parts: &[String], vectors: &[Vec<f32>]) -> Vec<Wish> {
        let mut wishes: Vec<Wish> = Vec::new();
        if whole.reason == Reason::Language || whole.reason == Reason::Alarm {
            return wishes;
        }
        for (part, (text, vector)) in parts.iter().zip(vectors).enumerate() {
            let own = self.assess(text, vector);
            let beside = own.intent != whole.intent && !own.intent.is_chatter() && own.intent != Intent::Complaint;
            let supported = whole.share_of(own.intent) >= LEAST_IN_WHOLE;
            if !(beside && own.confidence >= LEAST_IN_PART && supported) {
                continue;
            }
            let assessment = guarded(own, &whole.guards);
            match wishes.iter_mut().find(|wish| wish.assessment.intent == assessment.intent) {
                Some(known) if known.assessment.confidence >= assessment.confidence => {}
                Some(known) => *known = Wish { part, assessment },
                None => wishes.push(Wish { part, assessment }),
            }
        }
        wishes
    }
}

/// Acting needs a clear message; an answer does no harm.
fn guarded(mut own: Assessment, whole: &Guards) -> Assessment {
    if let Some(guard) = whole.iter().next().filter(|_| own.decision == Decision::Act) {
        own.decision = Decision::Escalate;
        own.action = None;
        own.reason = Reason::Guarded(guard);
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_where_a_wish_may_begin() {
        let parts =
            TriageModel::parts("I never got my certificate for pottery. Also could you tell me where my refund is? Thanks!");
        assert_eq!(parts, ["I never got my certificate for pottery.", "Also could you tell me where my refund is?"]);
        let parts = TriageModel::parts("please reset my password and also send me the invoice for March");
        assert_eq!(parts, ["please reset my password", "and also send me the invoice for March"]);
    }

    #[test]
    fn one_wish_has_no_parts() {
        for message in ["where is my refund", "Hello. Where is my refund for the course? Thanks.", ""] {
            assert_eq!(TriageModel::parts(message), [""; 0], "{message}");
        }
    }

    #[test]
    fn a_very_long_message_has_few_parts() {
        let message: String = (0..200).map(|number| format!("I would like to know this {number}. ")).collect();
        assert_eq!(TriageModel::parts(&"I would like to know this. ".repeat(20)), [""; 0]);
        assert_eq!(TriageModel::parts(&message).len(), MOST_PARTS);
    }
}
