//! The bot's workers: each takes a conversation that waits for the bot, understands what was written, and answers or hands over.
//!
//! What waits is read from the tables (a student's message newer than the last one answered), so a worker that is killed in the middle
//! loses nothing: its lease runs out and another takes the turn.

use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use porter_kernel::clock::Clock;
use porter_kernel::ids::Ids;
use porter_kernel::shutdown::Shutdown;
use porter_triage::{Decision, Reason, Urgency};
use uuid::Uuid;

use crate::domain::{BotReply, Citation, NewTicket, Turn};
use crate::live::{ConversationEvent, Live};
use crate::respond::{Responder, Understood};
use crate::store::{DeskError, DeskStore};
use crate::{texts, ticket};

/// How long a worker may take for a turn before another takes it over.
const LEASE: Duration = Duration::from_secs(30);
/// How often the tables are looked at when nothing wakes the workers: turns left behind by a killed process.
const SWEEP: Duration = Duration::from_secs(5);
/// Nearness from which an article answers a question whose intent is not sure.
const PLAINLY_ANSWERED: f32 = 0.65;
/// Turns answered at the same time.
const WORKERS: usize = 4;

/// Answers students.
#[derive(Debug, Clone)]
pub struct Turns {
    pub store: Arc<dyn DeskStore>,
    pub responder: Responder,
    pub live: Arc<Live>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

/// What is to be done with a turn.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Plan {
    Reply { pieces: Vec<String>, reply: BotReply },
    HandOff { ticket: Box<NewTicket>, announcement: &'static str },
}

impl Turns {
    /// Runs the workers until shutdown; each ends after the turn that it is in.
    pub async fn run(self, shutdown: Shutdown) {
        let workers = (0..WORKERS).map(|_| {
            let (turns, shutdown) = (self.clone(), shutdown.clone());
            tokio::spawn(async move { turns.work(shutdown).await })
        });
        for worker in futures::future::join_all(workers).await {
            if let Err(error) = worker {
                tracing::error!(%error, "a worker that answers students has failed");
            }
        }
    }

    async fn work(&self, shutdown: Shutdown) {
        let owner = self.ids.uuid();
        let mut sweep = tokio::time::interval(SWEEP);
        sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.triggered() => return,
                () = self.live.turn_waiting() => {}
                _ = sweep.tick() => {}
            }
            while !shutdown.is_triggered() {
                match self.next(owner).await {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(error) => {
                        tracing::warn!(%error, "a turn could not be taken or finished; it stays in the tables");
                        break;
                    }
                }
            }
        }
    }

    /// Takes and answers one turn; `false` when nobody waits.
    pub async fn next(&self, owner: Uuid) -> Result<bool, DeskError> {
        let Some(turn) = self.store.take_turn(owner, self.clock.now(), LEASE).await? else { return Ok(false) };
        // Another may be waiting; wake a colleague while this one is answered.
        self.live.turn_waits();
        self.live.tell(turn.conversation, ConversationEvent::Typing(true));
        let plan = self.plan(&turn).await;
        let done = match plan {
            Plan::Reply { pieces, reply } => {
                self.stream(&turn, &pieces);
                self.store.bot_reply(&turn, &reply, self.clock.now()).await.map(|_| ())
            }
            Plan::HandOff { ticket, announcement } => {
                self.store.bot_hand_off(&turn, &ticket, announcement, self.clock.now()).await.map(|handed| {
                    counter!("porter_handoffs_total", "by" => "bot").increment(1);
                    self.live.ticket_changed(handed.ticket);
                })
            }
        };
        self.live.tell(turn.conversation, ConversationEvent::Typing(false));
        self.live.tell(turn.conversation, ConversationEvent::Changed);
        match done {
            Ok(()) => Ok(true),
            // A person was faster, or another worker: what they did stands, and the bot stays silent.
            Err(DeskError::TakenOver | DeskError::LeaseLost) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Shows the answer as it grows. Drafts are not messages: the one that counts is checked and written afterwards.
    fn stream(&self, turn: &Turn, pieces: &[String]) {
        let mut shown = String::new();
        for piece in pieces {
            if !shown.is_empty() {
                shown.push(' ');
            }
            shown.push_str(piece);
            self.live.tell(turn.conversation, ConversationEvent::Draft(shown.clone()));
        }
    }

    async fn plan(&self, turn: &Turn) -> Plan {
        let message = turn.unanswered.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n");
        match self.responder.understand(&message).await {
            Ok(understood) => {
                let assessment = &understood.assessment;
                counter!("porter_turns_total", "intent" => assessment.intent.as_str(), "decision" => assessment.decision.as_str())
                    .increment(1);
                plan_for(&understood, &message, turn.clarified, self.ids.as_ref())
            }
            Err(error) => {
                tracing::error!(%error, "a message could not be understood; a person gets the case");
                let reason = "A part of the assistant is not working.";
                let ticket = Box::new(ticket::without_reading(Some(&message), reason, self.ids.as_ref()));
                Plan::HandOff { ticket, announcement: texts::HANDED_OFF_FAULT }
            }
        }
    }
}

/// The policy of the chat, where nobody is signed in.
pub(crate) fn plan_for(understood: &Understood, message: &str, clarified: bool, ids: &dyn Ids) -> Plan {
    let assessment = &understood.assessment;
    let hand_off = || Plan::HandOff {
        ticket: Box::new(ticket::from_message(understood, message, ids)),
        announcement: texts::handed_off(assessment.intent, assessment.urgency),
    };
    // An action needs a session, and there is none: who is blocked gets a person, others the way to help themselves.
    let blocked = assessment.decision == Decision::Act && assessment.urgency >= Urgency::High;
    // Not sure of the intent, but the help centre plainly has it: answer, and offer a person with it.
    let plain = assessment.reason == Reason::Uncertain
        && assessment.urgency <= Urgency::Normal
        && understood.extract.as_ref().is_some_and(|extract| extract.score >= PLAINLY_ANSWERED);
    if (assessment.decision == Decision::Escalate && !plain) || assessment.urgency == Urgency::Critical || blocked {
        return hand_off();
    }
    let trace = serde_json::to_value(assessment).ok();
    let reply = |pieces: Vec<String>, text: String, citations, offer_person, clarified| Plan::Reply {
        pieces,
        reply: BotReply { text, citations, offer_person, clarified, trace },
    };
    if let Some(text) = understood.chatter(message) {
        return reply(vec![text.to_owned()], text.to_owned(), Vec::new(), false, clarified);
    }
    match &understood.extract {
        Some(extract) => {
            let citations = vec![Citation { title: extract.title.clone(), url: extract.url.clone() }];
            let (mut pieces, mut text) = (extract.pieces.clone(), extract.text());
            let act = assessment.decision == Decision::Act;
            if act {
                pieces.insert(0, texts::SIGN_IN_FIRST.to_owned());
                text = format!("{}\n\n{text}", texts::SIGN_IN_FIRST);
            }
            reply(pieces, text, citations, act || plain, false)
        }
        None if clarified => reply(vec![texts::NO_ANSWER.to_owned()], texts::NO_ANSWER.to_owned(), Vec::new(), true, false),
        None => reply(vec![texts::ASK_FOR_MORE.to_owned()], texts::ASK_FOR_MORE.to_owned(), Vec::new(), true, true),
    }
}
