//! The policy of the chat: what is to be done with a message that was understood. It decides from closed types; the only words of a message
//! that go anywhere are those that an agent reads in a ticket.

use porter_actions::ActionName;
use porter_kernel::ids::Ids;
use porter_triage::{Decision, Reason, Urgency};

use crate::domain::{BotReply, Card, Citation, NewTicket, Turn, Wish};
use crate::respond::Understood;
use crate::{texts, ticket};

/// Nearness from which an article answers a question whose intent is not sure.
const PLAINLY_ANSWERED: f32 = 0.65;
/// The same where the message reads like a question that can wait.
const ANSWERED_AT_LEISURE: f32 = 0.5;

/// Articles that are named where none plainly answers.
const MOST_ARTICLES: usize = 2;
/// By how much less like the article's own questions a question may be than like those that nobody answers, for the article to be named.
const MAY_ANSWER: f32 = -0.4;
/// And how near it must be at least: what has nothing to do with an academy lies below.
const NEAR_ENOUGH_TO_NAME: f32 = 0.44;
/// Wishes that a person is asked to choose from.
const MOST_WISHES: usize = 3;
/// From this probability on something may have been meant.
const MAY_BE_MEANT: f32 = 0.1;

/// What is to be done with a turn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    /// It is answered as it is.
    Answer(Answer),
    /// Something is done for the person in the session, and what comes of it is the answer.
    Act(ActionName),
}

/// How a turn ends.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Answer {
    /// The bot says something; `pieces` are shown as they come.
    Reply { pieces: Vec<String>, reply: Box<BotReply> },
    /// A person gets the case, after the bot has said what it has to say.
    HandOff { reply: Option<Box<BotReply>>, ticket: Box<NewTicket>, announcement: &'static str },
}

impl Answer {
    /// A reply that comes in one piece.
    pub(super) fn say(reply: BotReply) -> Self {
        Self::Reply { pieces: vec![reply.text.clone()], reply: Box::new(reply) }
    }
}

/// Whether somebody is in the session, as far as the conversation knows. The LMS has the last word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Session {
    /// Nobody is, or was.
    SignedOut,
    /// Somebody was, and nothing vouches for them any more.
    RanOut,
    /// Somebody is.
    Known,
}

impl Session {
    pub(crate) fn of(turn: &Turn) -> Self {
        match (&turn.subject, &turn.identity) {
            (None, _) => Self::SignedOut,
            (Some(_), None) => Self::RanOut,
            (Some(_), Some(_)) => Self::Known,
        }
    }
}

/// Not sure of the intent, but the help centre plainly has it: answer, and offer a person with it.
pub(super) fn is_plainly_answered(understood: &Understood) -> bool {
    let assessment = &understood.assessment;
    let least = if assessment.decision == Decision::Answer { ANSWERED_AT_LEISURE } else { PLAINLY_ANSWERED };
    assessment.reason == Reason::Uncertain
        && assessment.urgency <= Urgency::Normal
        && understood.extract.as_ref().is_some_and(|extract| extract.score >= least)
}

/// What the message may have meant, where asking is better than handing over: it is not sure, and nothing in it forbids or presses.
fn may_mean(understood: &Understood) -> Vec<Wish> {
    let assessment = &understood.assessment;
    let candidates = assessment.candidates.iter().filter(|own| own.probability >= MAY_BE_MEANT).take(MOST_WISHES);
    if assessment.reason != Reason::Uncertain || assessment.urgency > Urgency::Normal || !understood.further.is_empty() {
        return Vec::new();
    }
    candidates.filter_map(|own| Some(Wish { intent: own.intent, text: texts::wish(own.intent)?.to_owned() })).collect()
}

/// What is to be done for the person.
pub(super) fn wish(understood: &Understood) -> Option<ActionName> {
    understood.assessment.action.filter(|_| understood.assessment.decision == Decision::Act)
}

/// Whether a person decides. Acting without an action is a contradiction; a person looks at it.
pub(super) fn needs_a_person(understood: &Understood) -> bool {
    let assessment = &understood.assessment;
    let escalate =
        assessment.decision == Decision::Escalate || (assessment.decision == Decision::Act && wish(understood).is_none());
    (escalate && !is_plainly_answered(understood)) || assessment.urgency == Urgency::Critical
}

/// What is to be done.
pub(crate) fn plan_for(understood: &Understood, message: &str, session: Session, clarified: bool, ids: &dyn Ids) -> Plan {
    let assessment = &understood.assessment;
    let plain = is_plainly_answered(understood);
    let act = wish(understood);
    let wishes = may_mean(understood);
    if !plain && !clarified && !wishes.is_empty() {
        return Plan::Answer(Answer::say(BotReply {
            text: texts::WHICH_WISH.to_owned(),
            card: Some(Card::Wishes { wishes }),
            citations: nearest(understood),
            offer_person: true,
            clarified: true,
            ..reply_of(understood)
        }));
    }
    if needs_a_person(understood) {
        return Plan::Answer(Answer::HandOff {
            reply: None,
            ticket: Box::new(ticket::from_message(understood, message, ids)),
            announcement: texts::handed_off(assessment.intent, assessment.urgency),
        });
    }
    if let Some(action) = act {
        return match session {
            Session::Known => Plan::Act(action),
            Session::RanOut => Plan::Answer(ask_to_sign_in(understood, texts::SIGN_IN_AGAIN)),
            // The one action whose account can be named by somebody who cannot sign in; code reads the form, not the model.
            Session::SignedOut if action == ActionName::PasswordReset => Plan::Answer(Answer::say(BotReply {
                text: texts::ADDRESS_FORM.to_owned(),
                card: Some(Card::AddressForm),
                offer_person: assessment.urgency >= Urgency::High,
                ..reply_of(understood)
            })),
            Session::SignedOut => Plan::Answer(ask_to_sign_in(understood, texts::SIGN_IN)),
        };
    }
    Plan::Answer(answer(understood, message, clarified, plain))
}

/// A sign-in card. A person is one click away, whatever happens to the sign-in.
pub(super) fn ask_to_sign_in(understood: &Understood, text: &str) -> Answer {
    Answer::say(BotReply { text: text.to_owned(), card: Some(Card::SignIn), offer_person: true, ..reply_of(understood) })
}

/// What every reply to this message has: the article that is nearest, and how it came about.
pub(super) fn reply_of(understood: &Understood) -> BotReply {
    let citation = understood.extract.as_ref().map(|extract| Citation { title: extract.title.clone(), url: extract.url.clone() });
    BotReply {
        citations: citation.into_iter().collect(),
        trace: serde_json::to_value(&understood.assessment).ok(),
        ..BotReply::default()
    }
}

/// Articles that may have the answer, where none plainly has. Whoever asks may look; the bot claims nothing.
fn nearest(understood: &Understood) -> Vec<Citation> {
    let near = understood
        .passages
        .iter()
        .filter(|found| found.score >= NEAR_ENOUGH_TO_NAME && found.standing.is_some_and(|standing| standing >= MAY_ANSWER))
        .take(MOST_ARTICLES);
    near.map(|found| Citation { title: found.title.clone(), url: found.url() }).collect()
}

/// Small talk in kind, the extract of an article, or a question back.
fn answer(understood: &Understood, message: &str, clarified: bool, plain: bool) -> Answer {
    let reply = reply_of(understood);
    // It would have been done, had not something spoken against it: whoever still wants that finds a person beside the answer.
    let guarded = matches!(understood.assessment.reason, Reason::Guarded(_));
    if let Some(text) = understood.chatter(message) {
        return Answer::say(BotReply { text: text.to_owned(), citations: Vec::new(), clarified, ..reply });
    }
    match &understood.extract {
        Some(extract) => Answer::Reply {
            pieces: extract.pieces.clone(),
            reply: Box::new(BotReply { text: extract.text(), offer_person: plain || guarded, ..reply }),
        },
        None => {
            let citations = nearest(understood);
            let text = match (clarified, citations.is_empty()) {
                (true, _) => texts::NO_ANSWER,
                (false, true) => texts::ASK_FOR_MORE,
                (false, false) => texts::NEAREST,
            };
            Answer::say(BotReply { text: text.to_owned(), citations, offer_person: true, clarified: !clarified, ..reply })
        }
    }
}
