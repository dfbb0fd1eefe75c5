//! Doing something for the person in the session, and saying what came of it.

use metrics::counter;
use porter_actions::{About, ActionError, ActionName, At, Finding, IdentityToken, OrderNumber, Outcome, Tier};
use uuid::Uuid;

use super::Turns;
use super::plan::{Answer, ask_to_sign_in, reply_of};
use crate::domain::{BotReply, Card, Subject, Turn};
use crate::respond::Understood;
use crate::store::DeskError;
use crate::{texts, ticket};

/// The key of a turn's request. It begins with the first unanswered message: a worker that takes the turn of a killed one over, maybe with a
/// message more, asks for an effect under the same key.
fn key(turn: &Turn, action: ActionName, order: Option<&OrderNumber>) -> Uuid {
    let first = turn.unanswered.first().map_or(turn.last_student_seq, |message| message.seq);
    let order = order.map_or("", OrderNumber::as_str);
    Uuid::new_v5(&turn.conversation.0, format!("turn/{first}/{action}/{order}").as_bytes())
}

/// What a look is narrowed down to. An effect is not about an order.
fn order(action: ActionName, message: &str) -> Option<OrderNumber> {
    if action.spec().tier == Tier::Act { None } else { OrderNumber::find(message) }
}

impl Turns {
    /// Carries the action out for the turn's subject. What the message says has no part in it but an order's number, which the LMS looks up
    /// among the subject's own.
    pub(super) async fn act(
        &self,
        turn: &Turn,
        action: ActionName,
        understood: &Understood,
        message: &str,
    ) -> Result<Answer, DeskError> {
        let (Some(subject), Some(token)) = (&turn.subject, &turn.identity) else {
            return Ok(ask_to_sign_in(understood, texts::SIGN_IN));
        };
        // An agent may have come, or another worker, while the message was read.
        self.store.still_mine(turn).await?;
        let done = self.run_action(turn, action, subject, token, message).await;
        let outcome = done.as_ref().map_or_else(|error| error.as_str(), Outcome::as_str);
        counter!("porter_turn_actions_total", "action" => action.as_str(), "outcome" => outcome).increment(1);
        Ok(match done {
            Ok(outcome) => self.tell_outcome(outcome, understood, message),
            Err(error) => self.tell_failure(error, action, understood, message),
        })
    }

    pub(super) async fn run_action(
        &self,
        turn: &Turn,
        action: ActionName,
        subject: &Subject,
        token: &IdentityToken,
        message: &str,
    ) -> Result<Outcome, ActionError> {
        let principal = match self.actions.identify(token).await {
            // Nothing was asked for yet, so the student has not asked too often.
            Err(ActionError::OverBudget { .. }) => return Err(ActionError::Unavailable),
            identified => identified?,
        };
        if principal.learner() != subject.learner {
            // The two are written together; should they ever differ, nothing happens.
            tracing::error!(conversation = %turn.conversation, "a conversation's token is not its subject's");
            return Err(ActionError::SignedOut);
        }
        let order = order(action, message);
        let at = At { conversation: turn.conversation.0, key: key(turn, action, order.as_ref()) };
        self.actions.run(&principal, action, About { order }, at).await
    }

    fn tell_outcome(&self, outcome: Outcome, understood: &Understood, message: &str) -> Answer {
        let stuck: Option<Vec<Finding>> = match &outcome {
            Outcome::Explained { findings, .. } if findings.iter().any(|finding| finding.needs_person) => Some(findings.clone()),
            _ => None,
        };
        let text = texts::outcome(&outcome);
        let reply =
            BotReply { text: text.to_owned(), citations: Vec::new(), card: Some(Card::from(outcome)), ..reply_of(understood) };
        match stuck {
            Some(findings) => Answer::HandOff {
                reply: Some(Box::new(reply)),
                ticket: Box::new(ticket::with_findings(understood, message, &findings, self.ids.as_ref())),
                announcement: texts::HANDED_OFF_FOUND,
            },
            None => Answer::say(reply),
        }
    }

    fn tell_failure(&self, error: ActionError, action: ActionName, understood: &Understood, message: &str) -> Answer {
        let hand_off = |why: &str, announcement| Answer::HandOff {
            reply: None,
            ticket: Box::new(ticket::not_carried_out(understood, message, action, why, self.ids.as_ref())),
            announcement,
        };
        match error {
            ActionError::SignedOut => ask_to_sign_in(understood, texts::SIGN_IN_AGAIN),
            ActionError::OverBudget { .. } => {
                Answer::say(BotReply { text: texts::OVER_BUDGET.to_owned(), offer_person: true, ..reply_of(understood) })
            }
            ActionError::Unavailable => hand_off(UNREACHABLE, texts::HANDED_OFF_UNREACHABLE),
            ActionError::Unclear => hand_off(UNCLEAR, texts::HANDED_OFF_UNCLEAR),
            ActionError::NotOffered | ActionError::Conflict => {
                tracing::error!(%error, action = action.as_str(), "an action was refused that the plan should not have asked for");
                hand_off(REFUSED, texts::HANDED_OFF_FAULT)
            }
        }
    }
}

/// Why a ticket exists whose action met a part that is down.
pub(crate) const UNREACHABLE: &str = "The academy's system could not be reached, so nothing was done.";
/// Why a ticket exists whose effect may have happened.
pub(crate) const UNCLEAR: &str = "The academy's system was asked and did not answer: it may have been done.";
const REFUSED: &str = "The assistant could not carry this out.";
