//! Faults on purpose, so that tests see what happens when a mail server says no.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use super::reply::Reply;

/// Where in the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// At `MAIL FROM`.
    Sender,
    /// At `RCPT TO`.
    Recipient,
    /// After the whole mail has arrived.
    Content,
}

/// How the sink refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 451: later, please. Nothing is kept.
    Later,
    /// 550: never. Nothing is kept.
    Never,
    /// Hangs up without an answer. At [`Stage::Content`] the mail is kept all the same: the sender cannot know.
    HangUp,
}

/// What the sink shall refuse next, in this order; when there is no more it takes everything again. Clones are one list.
#[derive(Debug, Clone, Default)]
pub struct Refusals(Arc<Mutex<VecDeque<(Stage, Refusal)>>>);

impl Refusals {
    /// The next time that `stage` is reached (and all that was asked for before has happened).
    pub fn push(&self, stage: Stage, refusal: Refusal) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back((stage, refusal));
    }

    pub(super) fn take(&self, reached: Stage) -> Option<Refusal> {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match list.front() {
            Some((stage, refusal)) if *stage == reached => {
                let refusal = *refusal;
                list.pop_front();
                Some(refusal)
            }
            _ => None,
        }
    }
}

impl Refusal {
    /// `None` to hang up.
    pub(super) fn reply(self) -> Option<Reply> {
        match self {
            Self::Later => Some(Reply::new(451, "4.3.0 Not now")),
            Self::Never => Some(Reply::new(550, "5.1.1 No such mailbox")),
            Self::HangUp => None,
        }
    }
}
