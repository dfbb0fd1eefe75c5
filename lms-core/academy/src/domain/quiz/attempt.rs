//! The life of an attempt, as a pure state machine. Every time comes from the server; what the learner's clock says decides nothing.
//!
//! ```text
//!            the learner submits, or the clock runs out            marks
//! Started ───────────────────────────────────────────▶ Submitted ───────▶ Graded
//!    ▲ │ save: the newest of each question is kept
//!    └─┘
//! ```
//!
//! * The time is up at `due_at`; until [`GRACE`] after it, what is under way still arrives and counts.
//! * Saves carry a number that rises with each change. Of one question the highest counts, so late, doubled and reordered saves change nothing.
//! * Submitting twice is submitting once. Submitting after the grace is what the clock would have done: what was saved by then counts.

use std::str::FromStr;
use std::time::Duration;

use porter_kernel::clock::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Answer;
use crate::domain::UnknownWord;

/// How long after the deadline answers still count: for the way through the network, not for thinking.
pub const GRACE: Duration = Duration::from_secs(10);

words!(
    /// Who ended an attempt.
    SubmittedBy as "way to submit" { Learner = "learner", /// The time was up.
    Clock = "clock" }
);

/// An attempt's times and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    pub started_at: Timestamp,
    /// When the time is up; `None`: there is no limit.
    pub due_at: Option<Timestamp>,
    pub phase: Phase,
}

/// Where an attempt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Started,
    Submitted {
        at: Timestamp,
        by: SubmittedBy,
    },
    Graded {
        at: Timestamp,
        by: SubmittedBy,
        graded_at: Timestamp,
        /// From 0 to 100.
        percent: i64,
    },
}

/// What is kept of one question.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// The number of the newest change; 0: none yet.
    pub seq: i64,
    /// `None`: nothing, or it was taken back.
    pub answer: Option<Answer>,
}

/// A change of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Save {
    /// The change is newer than those with a lower number.
    pub seq: i64,
    /// The number that it is kept under, at least `seq`. A form without script knows only when it was shown, and is kept under the time of its arrival.
    pub stamp: i64,
    pub answer: Option<Answer>,
}

/// What became of a save.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    Kept,
    /// Something as new or newer is there: nothing changed, and nothing is wrong.
    Stale,
}

/// The attempt takes no answers any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this attempt is over")]
pub struct Closed;

impl Attempt {
    /// Begins now. `limit` with what is added for this person.
    #[must_use]
    pub fn begin(now: Timestamp, limit: Option<Duration>) -> Self {
        Self { started_at: now, due_at: limit.map(|limit| now + limit), phase: Phase::Started }
    }

    /// When the clock ends it: the deadline and the grace.
    #[must_use]
    pub fn closes_at(&self) -> Option<Timestamp> {
        self.due_at.map(|due| due + GRACE)
    }

    /// Whether an answer that arrives now counts.
    #[must_use]
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.phase == Phase::Started && self.closes_at().is_none_or(|end| now < end)
    }

    /// Keeps a change of one answer.
    ///
    /// # Errors
    /// [`Closed`] when the attempt is over: nothing changed.
    pub fn save(&self, kept: &mut Kept, save: Save, now: Timestamp) -> Result<Saved, Closed> {
        if !self.is_open(now) {
            return Err(Closed);
        }
        if save.seq <= kept.seq {
            return Ok(Saved::Stale);
        }
        *kept = Kept { seq: save.stamp.max(save.seq), answer: save.answer };
        Ok(Saved::Kept)
    }

    /// The learner submits. Over already: nothing changes; the time was up: it is the clock that submits.
    #[must_use]
    pub fn submit(self, now: Timestamp) -> Self {
        let this = self.run_out(now);
        match this.phase {
            Phase::Started => Self { phase: Phase::Submitted { at: now, by: SubmittedBy::Learner }, ..this },
            Phase::Submitted { .. } | Phase::Graded { .. } => this,
        }
    }

    /// The clock submits, as of the deadline, when the time is up and nobody did.
    #[must_use]
    pub fn run_out(self, now: Timestamp) -> Self {
        match (self.phase, self.due_at) {
            (Phase::Started, Some(due)) if !self.is_open(now) => {
                Self { phase: Phase::Submitted { at: due, by: SubmittedBy::Clock }, ..self }
            }
            _ => self,
        }
    }

    /// Gives a submitted attempt its result. One that is not submitted, or has its result, stays as it is.
    #[must_use]
    pub fn grade(self, percent: i64, now: Timestamp) -> Self {
        match self.phase {
            Phase::Submitted { at, by } => Self { phase: Phase::Graded { at, by, graded_at: now, percent }, ..self },
            Phase::Started | Phase::Graded { .. } => self,
        }
    }
}
