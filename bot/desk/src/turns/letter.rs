//! The policy for letters: mail, and what other systems file. Nobody is in a session, so nothing is carried out; nobody can be asked back, so what no
//! article answers goes to a person.

use metrics::counter;
use porter_kernel::ids::Ids;
use porter_mail::inbound::own_subject;
use porter_triage::Intent;

use super::Turns;
use super::plan::{Answer, needs_a_person, reply_of, wish};
use crate::domain::{BotReply, Correspondent, Turn};
use crate::respond::Understood;
use crate::{texts, ticket};

/// Words with which alone a person is called, whatever triage makes of them: every automatic answer names the first.
const CALLS: &[&str] = &["person", "a person", "human", "a human", "agent", "mensch", "personne", "persona", "pessoa"];

const NOTHING_OWN: &str = "The letter holds nothing but what is quoted or forwarded.";
const EXHAUSTED: &str =
    "This address has had as many automatic answers as one may get within the hour; nothing was sent to it this time.";
const NO_ANSWER: &str = "The help centre has no answer to this.";
const CALLED: &str = "The student asks for a person.";
const BROKEN: &str = "A part of the assistant is not working.";

impl Turns {
    pub(super) async fn find_answer_to_letter(&self, turn: &Turn, correspondent: &Correspondent) -> Answer {
        let message = words(turn, correspondent);
        let to_a_person = |reason: &str, announcement| Answer::HandOff {
            reply: None,
            ticket: Box::new(ticket::without_reading(Some(&message), reason, self.ids.as_ref())),
            announcement,
        };
        if turn.unanswered.iter().all(|message| message.text == texts::letter::NOTHING_OWN) {
            return to_a_person(NOTHING_OWN, texts::letter::HANDED_OFF);
        }
        if turn.unanswered.iter().any(|message| is_call(&message.text)) {
            return to_a_person(CALLED, texts::letter::HANDED_OFF);
        }
        match self.understand.understand(&message).await {
            Ok(understood) => {
                let assessment = &understood.assessment;
                counter!("porter_turns_total", "intent" => assessment.intent.as_str(), "decision" => assessment.decision.as_str())
                    .increment(1);
                plan_for_letter(&understood, &message, correspondent, self.academy_url.as_deref(), self.ids.as_ref())
            }
            Err(error) => {
                tracing::error!(%error, "a letter could not be understood; a person gets the case");
                to_a_person(BROKEN, texts::letter::HANDED_OFF_FAULT)
            }
        }
    }
}

/// What the writer wrote: the letters that wait, and above the first one of a conversation its subject, where the writer made it.
fn words(turn: &Turn, correspondent: &Correspondent) -> String {
    let begins = turn.unanswered.first().is_some_and(|message| message.seq == 1);
    let subject = Some(own_subject(&correspondent.subject)).filter(|subject| begins && !subject.trim().is_empty());
    let texts = turn.unanswered.iter().map(|message| message.text.as_str());
    subject.into_iter().chain(texts).collect::<Vec<_>>().join("\n\n")
}

/// Whether the text is nothing but a call for a person.
fn is_call(text: &str) -> bool {
    let bare: String =
        text.chars().filter(|char| char.is_alphanumeric() || char.is_whitespace()).collect::<String>().to_lowercase();
    let words = bare.split_whitespace().collect::<Vec<_>>().join(" ");
    CALLS.contains(&words.trim_end_matches(" please"))
}

/// What is to be done with a letter that was understood.
pub(super) fn plan_for_letter(
    understood: &Understood,
    message: &str,
    correspondent: &Correspondent,
    academy: Option<&str>,
    ids: &dyn Ids,
) -> Answer {
    let assessment = &understood.assessment;
    let to_a_person = |reason: Option<&str>| {
        let mut ticket = ticket::from_message(understood, message, ids);
        if let Some(reason) = reason {
            reason.clone_into(&mut ticket.reason);
        }
        if !understood.further.is_empty() {
            ticket.summary = ticket::with_wishes(&ticket.summary, understood);
        }
        let announcement = texts::letter::handed_off(assessment.intent, assessment.urgency);
        Answer::HandOff { reply: None, ticket: Box::new(ticket), announcement }
    };
    // One letter gets one answer: a person reads the letter that wishes several things.
    if needs_a_person(understood) || !understood.further.is_empty() {
        return to_a_person(None);
    }
    // What would be said would not be sent: a person looks who writes so much, and to whom.
    if correspondent.exhausted {
        return to_a_person(Some(EXHAUSTED));
    }
    let reply = reply_of(understood);
    if let Some(action) = wish(understood) {
        return Answer::say(BotReply { text: texts::letter::to_be_done_by_oneself(action, academy), ..reply });
    }
    if let Some(text) = understood.chatter(message) {
        let text = if assessment.intent == Intent::OutOfScope { texts::letter::OUT_OF_SCOPE } else { text };
        return Answer::say(BotReply { text: text.to_owned(), citations: Vec::new(), ..reply });
    }
    match &understood.extract {
        Some(extract) => {
            Answer::Reply { pieces: extract.pieces.clone(), reply: Box::new(BotReply { text: extract.text(), ..reply }) }
        }
        None => to_a_person(Some(NO_ANSWER)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_called_by_one_word() {
        for text in ["person", "Person!", " A person, please. ", "Mensch"] {
            assert!(is_call(text), "{text}");
        }
        for text in ["", "persons", "the person who sold me this", "please"] {
            assert!(!is_call(text), "{text}");
        }
    }
}
