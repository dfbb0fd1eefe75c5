//! The wishes beside the main one: each is answered, carried out or handed over with the main wish's answer, in one reply.

use porter_actions::{ActionName, Outcome};
use porter_triage::{Assessment, Decision};

use super::Turns;
use super::plan::{Answer, Session};
use crate::domain::{BotReply, Card, Citation, Turn};
use crate::respond::Understood;
use crate::store::DeskError;
use crate::{texts, ticket};

impl Turns {
    /// The answer with what becomes of the further wishes added to it.
    pub(super) async fn with_further(
        &self,
        turn: &Turn,
        answer: Answer,
        understood: &Understood,
        message: &str,
    ) -> Result<Answer, DeskError> {
        if understood.further.is_empty() {
            return Ok(answer);
        }
        let (pieces, mut reply) = match answer {
            // A person reads the whole message, and finds every wish in it.
            Answer::HandOff { reply, mut ticket, announcement } => {
                ticket.summary = ticket::with_wishes(&ticket.summary, understood);
                return Ok(Answer::HandOff { reply, ticket, announcement });
            }
            // What waits for a sign-in is answered as a whole once they have.
            Answer::Reply { pieces, reply } if reply.card == Some(Card::SignIn) => return Ok(Answer::Reply { pieces, reply }),
            // So does what waits for an answer to a question back: the main wish was not understood yet.
            Answer::Reply { pieces, reply } if reply.clarified || reply.text == texts::NO_ANSWER => {
                return Ok(Answer::Reply { pieces, reply });
            }
            Answer::Reply { pieces, reply } => (pieces, reply),
        };
        let mut added: Vec<String> = Vec::new();
        let mut person = false;
        for wish in &understood.further {
            match (wish.assessment.decision, wish.assessment.action, &wish.extract) {
                (Decision::Act, Some(action), _) => {
                    let came_of_it = self.also_act(turn, action, &wish.assessment, &mut reply, message).await?;
                    person |= came_of_it.is_none();
                    added.extend(came_of_it);
                }
                (Decision::Answer, _, Some(extract)) => {
                    added.push(extract.text());
                    reply.citations.push(Citation { title: extract.title.clone(), url: extract.url.clone() });
                }
                _ => person = true,
            }
        }
        let mut all = pieces;
        for text in added {
            reply.text = format!("{}\n\n{} {text}", reply.text, texts::ALSO);
            all.push(format!("\n\n{} {text}", texts::ALSO));
        }
        if !person {
            return Ok(Answer::Reply { pieces: all, reply });
        }
        let mut ticket = ticket::from_message(understood, message, self.ids.as_ref());
        ticket.summary = ticket::with_wishes(&ticket.summary, understood);
        Ok(Answer::HandOff { reply: Some(reply), ticket: Box::new(ticket), announcement: texts::HANDED_OFF_REST })
    }

    /// Does what is wished besides and says what came of it; `None` when that takes a person.
    async fn also_act(
        &self,
        turn: &Turn,
        action: ActionName,
        assessment: &Assessment,
        reply: &mut BotReply,
        message: &str,
    ) -> Result<Option<String>, DeskError> {
        match Session::of(turn) {
            Session::Known => {}
            Session::SignedOut if action == ActionName::PasswordReset && reply.card.is_none() => {
                reply.card = Some(Card::AddressForm);
                return Ok(Some(texts::ADDRESS_FORM.to_owned()));
            }
            Session::SignedOut | Session::RanOut if reply.card.is_none() => {
                reply.card = Some(Card::SignIn);
                reply.offer_person = true;
                return Ok(Some(texts::SIGN_IN.to_owned()));
            }
            Session::SignedOut | Session::RanOut => return Ok(None),
        }
        self.store.still_mine(turn).await?;
        let done = match (&turn.subject, &turn.identity) {
            (Some(subject), Some(token)) => self.run_action(turn, action, subject, token, message).await,
            _ => return Ok(None),
        };
        Ok(match done {
            Ok(Outcome::Explained { findings, .. }) if findings.iter().any(|finding| finding.needs_person) => None,
            Ok(outcome) if reply.card.is_none() => {
                let text = texts::outcome(&outcome).to_owned();
                reply.card = Some(Card::from(outcome));
                Some(text)
            }
            Ok(Outcome::Done { receipt }) => Some(receipt.title),
            // The sentence would repeat the number that was asked about, which may be anybody's.
            Ok(Outcome::Explained { findings, .. }) if findings.iter().any(|finding| finding.reason == "no_such_order") => {
                Some(texts::ASK_AGAIN_ALONE.to_owned())
            }
            Ok(Outcome::Explained { findings, .. }) => {
                Some(findings.iter().map(|finding| finding.sentence.as_str()).collect::<Vec<_>>().join(" "))
            }
            // One message holds one card: which one is meant is asked when the wish comes by itself.
            Ok(Outcome::Choose { .. }) => Some(texts::ASK_AGAIN_ALONE.to_owned()),
            Err(error) => {
                tracing::warn!(%error, action = action.as_str(), intent = assessment.intent.as_str(), "a further wish was not carried out");
                None
            }
        })
    }
}
