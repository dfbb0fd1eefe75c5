//! What an action works with, and the words that receipts have in common.

use porter_kernel::clock::{Clock, Timestamp};
use uuid::Uuid;

use crate::store::Runs;
use crate::{ActionError, ActionName, Fact, Lms, Receipt};

/// Receipts' ids are version 5 of their key in this namespace: the same key, the same receipt.
const RECEIPTS: Uuid = Uuid::from_u128(0x3f1c_8b5e_7a42_4c0d_9e6b_52d1_60c9_a714);

/// What an effect concerns, when that is written down before the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target(pub(crate) Uuid);

/// What an action works with.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) lms: &'a dyn Lms,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) runs: &'a dyn Runs,
    /// Names the effect to the LMS: asked again with the same key, it repeats its answer.
    pub(crate) key: Uuid,
    /// What an earlier attempt under this key had chosen. It may have been carried out already, so this attempt must choose the same.
    pub(crate) target: Option<Target>,
}

impl Context<'_> {
    /// Writes down what the effect will concern, before it; the first choice under this key stays.
    ///
    /// Errors: [`ActionError::Conflict`] when another attempt has ended meanwhile: the executor answers with its outcome.
    pub(crate) async fn aim(&self, target: Target) -> Result<Target, ActionError> {
        self.runs.aim(self.key, target.0).await?.map(Target).ok_or(ActionError::Conflict)
    }

    /// The receipt of this request.
    pub(crate) fn receipt(&self, action: ActionName, title: &str, facts: Vec<Fact>, done_at: Timestamp) -> Receipt {
        let id = Uuid::new_v5(&RECEIPTS, self.key.as_bytes());
        Receipt { id, action, title: title.to_owned(), facts, done_at }
    }
}

impl Fact {
    pub(crate) fn new(label: &str, value: impl Into<String>) -> Self {
        Self { label: label.to_owned(), value: value.into() }
    }
}

/// `24 November 2026, 10:00 UTC`
pub(crate) fn moment(time: Timestamp) -> String {
    time.datetime().format("%-d %B %Y, %H:%M UTC").to_string()
}

/// `24 November 2026`
pub(crate) fn date(time: Timestamp) -> String {
    time.datetime().format("%-d %B %Y").to_string()
}

/// `works once, for 30 minutes`
pub(crate) fn works_once(minutes: u64) -> String {
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!("works once, for {minutes} {unit}")
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::ManualClock;

    use super::*;

    #[test]
    fn times_are_written_out() {
        let now = ManualClock::default().now();
        assert_eq!(moment(now), "24 November 2026, 10:00 UTC");
        assert_eq!(date(now), "24 November 2026");
        assert_eq!(
            (works_once(1), works_once(30)),
            ("works once, for 1 minute".to_owned(), "works once, for 30 minutes".to_owned())
        );
    }
}
