//! The bot's workers: each takes a conversation that waits for the bot, understands what was written, and answers or hands over.
//!
//! What waits is read from the tables (a student's message newer than the last one answered), so a worker that is killed in the middle
//! loses nothing: its lease runs out and another takes the turn.

pub(crate) mod act;
mod further;
mod letter;
pub(crate) mod plan;
mod word;

use std::sync::Arc;
use std::time::Duration;

use metrics::counter;
use porter_actions::Actions;
use porter_kernel::clock::Clock;
use porter_kernel::ids::Ids;
use porter_kernel::shutdown::Shutdown;
use uuid::Uuid;

use self::plan::{Answer, Plan, Session, plan_for};
use crate::domain::Turn;
use crate::live::{ConversationEvent, Live};
use crate::respond::Understand;
use crate::reword::Reword;
use crate::store::{DeskError, DeskStore};
use crate::{texts, ticket};

/// How long a worker may take for a turn before another takes it over.
const LEASE: Duration = Duration::from_secs(30);
/// How often the tables are looked at when nothing wakes the workers: turns left behind by a killed process.
const SWEEP: Duration = Duration::from_secs(5);
/// How often what vouched for people is looked through for what has run out.
const FORGET: Duration = Duration::from_secs(60);
/// Turns answered at the same time.
const WORKERS: usize = 4;

/// Answers students.
#[derive(Debug, Clone)]
pub struct Turns {
    pub store: Arc<dyn DeskStore>,
    pub understand: Arc<dyn Understand>,
    /// Words answers; without it they are the articles' own sentences.
    pub reword: Option<Arc<dyn Reword>>,
    pub actions: Arc<Actions>,
    pub live: Arc<Live>,
    /// Where learners sign in, without a slash at the end: letters name it.
    pub academy_url: Option<String>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl Turns {
    /// Runs the workers until shutdown; each ends after the turn that it is in.
    pub async fn run(self, shutdown: Shutdown) {
        let workers = (0..WORKERS).map(|_| {
            let (turns, shutdown) = (self.clone(), shutdown.clone());
            tokio::spawn(async move { turns.work(shutdown).await })
        });
        let forgetting = tokio::spawn(self.clone().forget(shutdown.clone()));
        for worker in futures::future::join_all(workers).await {
            if let Err(error) = worker {
                tracing::error!(%error, "a worker that answers students has failed");
            }
        }
        if let Err(error) = forgetting.await {
            tracing::error!(%error, "the task that forgets identities has failed");
        }
    }

    /// Removes the tokens that have run out: they are kept no longer than they are good for.
    async fn forget(self, shutdown: Shutdown) {
        let mut interval = tokio::time::interval(FORGET);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.triggered() => return,
                _ = interval.tick() => {}
            }
            if let Err(error) = self.store.forget_identities(self.clock.now()).await {
                tracing::warn!(%error, "identities that have run out could not be removed; tried again later");
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
        let done = self.answer(&turn).await;
        self.live.tell(turn.conversation, ConversationEvent::Typing(false));
        self.live.tell(turn.conversation, ConversationEvent::Changed);
        match done {
            Ok(()) => Ok(true),
            // A person was faster, or another worker: what they did stands, and the bot stays silent.
            Err(DeskError::TakenOver | DeskError::LeaseLost) => Ok(true),
            Err(error) => Err(error),
        }
    }

    async fn answer(&self, turn: &Turn) -> Result<(), DeskError> {
        let answer = self.find_answer(turn).await?;
        self.give(turn, answer).await
    }

    /// Writes the answer down, if the turn is still this worker's.
    async fn give(&self, turn: &Turn, answer: Answer) -> Result<(), DeskError> {
        match answer {
            Answer::Reply { pieces, reply } => {
                self.stream(turn, &pieces);
                self.store.bot_reply(turn, &reply, self.clock.now()).await?;
            }
            Answer::HandOff { reply, ticket, announcement } => {
                let handed = self.store.bot_hand_off(turn, reply.as_deref(), &ticket, announcement, self.clock.now()).await?;
                counter!("porter_handoffs_total", "by" => "bot").increment(1);
                self.live.ticket_changed(handed.ticket);
            }
        }
        Ok(())
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

    async fn find_answer(&self, turn: &Turn) -> Result<Answer, DeskError> {
        if let Some(correspondent) = &turn.correspondent {
            return Ok(self.find_answer_to_letter(turn, correspondent).await);
        }
        let message = turn.unanswered.iter().map(|message| message.text.as_str()).collect::<Vec<_>>().join("\n");
        let understood = match self.understand.understand(&message).await {
            Ok(understood) => understood,
            Err(error) => {
                tracing::error!(%error, "a message could not be understood; a person gets the case");
                let reason = "A part of the assistant is not working.";
                let ticket = Box::new(ticket::without_reading(Some(&message), reason, self.ids.as_ref()));
                return Ok(Answer::HandOff { reply: None, ticket, announcement: texts::HANDED_OFF_FAULT });
            }
        };
        let assessment = &understood.assessment;
        counter!("porter_turns_total", "intent" => assessment.intent.as_str(), "decision" => assessment.decision.as_str())
            .increment(1);
        let answer = match plan_for(&understood, &message, Session::of(turn), turn.clarified, self.ids.as_ref()) {
            Plan::Act(action) => self.act(turn, action, &understood, &message).await?,
            Plan::Answer(answer) => self.worded(turn, answer, &understood, &message).await,
        };
        self.with_further(turn, answer, &understood, &message).await
    }
}

#[cfg(test)]
mod tests;
