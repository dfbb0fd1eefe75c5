//! Live fan-out inside the process: a wake-up, never the truth. A subscriber that missed something reads it from the store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{Notify, broadcast};

use crate::domain::{ConversationId, TicketId};

/// Events that a slow subscriber may fall behind before it is told to read the store again.
const BACKLOG: usize = 64;

/// Something that the widgets of one conversation may want to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConversationEvent {
    /// Messages or the state have changed: read them.
    Changed,
    /// The bot is at work, or no longer.
    Typing(bool),
    /// The bot's answer so far. Not yet a message; the message that follows replaces it.
    Draft(String),
}

/// Wakes widgets, inboxes and the workers that answer.
#[derive(Debug)]
pub struct Live {
    conversations: Mutex<HashMap<ConversationId, broadcast::Sender<ConversationEvent>>>,
    tickets: broadcast::Sender<TicketId>,
    turns: Notify,
}

impl Default for Live {
    fn default() -> Self {
        Self { conversations: Mutex::default(), tickets: broadcast::channel(BACKLOG).0, turns: Notify::new() }
    }
}

impl Live {
    /// Events of one conversation from now on.
    pub fn watch(&self, conversation: ConversationId) -> broadcast::Receiver<ConversationEvent> {
        let mut conversations = self.conversations.lock().unwrap_or_else(PoisonError::into_inner);
        conversations.retain(|_, sender| sender.receiver_count() > 0);
        conversations.entry(conversation).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }

    /// Tells those who watch this conversation.
    pub fn tell(&self, conversation: ConversationId, event: ConversationEvent) {
        let conversations = self.conversations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = conversations.get(&conversation) {
            // Nobody watching is no error.
            let _ = sender.send(event);
        }
    }

    /// Tickets that change from now on.
    pub fn watch_tickets(&self) -> broadcast::Receiver<TicketId> {
        self.tickets.subscribe()
    }

    /// Tells the inboxes that a ticket has changed.
    pub fn ticket_changed(&self, ticket: TicketId) {
        let _ = self.tickets.send(ticket);
    }

    /// Wakes a worker: a student waits for the bot.
    pub fn turn_waits(&self) {
        self.turns.notify_one();
    }

    /// Returns when a student may be waiting for the bot.
    pub async fn turn_waiting(&self) {
        self.turns.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_watchers_of_a_conversation_are_told() {
        let live = Live::default();
        let (one, two) = (ConversationId(uuid::Uuid::from_u128(1)), ConversationId(uuid::Uuid::from_u128(2)));
        let (mut first, mut second) = (live.watch(one), live.watch(two));
        live.tell(one, ConversationEvent::Typing(true));
        assert_eq!(first.recv().await.unwrap(), ConversationEvent::Typing(true));
        assert!(second.try_recv().is_err());
    }

    #[test]
    fn conversations_that_nobody_watches_are_forgotten() {
        let live = Live::default();
        for n in 0..100 {
            drop(live.watch(ConversationId(uuid::Uuid::from_u128(n))));
        }
        assert_eq!(live.conversations.lock().unwrap().len(), 1);
    }
}
