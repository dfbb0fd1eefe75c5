//! How far behind a replica is, in time.
//!
//! The distance in bytes says little, and the time of the last transaction replayed makes an idle primary look like a lagging replica. So we
//! note when the primary had which position, and a replica lags since the first of these that it has not replayed.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::db::Position;

/// Where the primary was, and when.
#[derive(Debug)]
pub(super) struct History {
    /// Each position once, with the time at which it was seen first. In order.
    seen: VecDeque<(Instant, Position)>,
    /// When the primary answered last.
    asked: Option<Instant>,
    /// Older positions than this are not told apart.
    keep: Duration,
}

impl History {
    pub(super) fn new(keep: Duration) -> Self {
        Self { seen: VecDeque::new(), asked: None, keep }
    }

    pub(super) fn note(&mut self, at: Instant, position: Position) {
        match self.seen.back() {
            Some((_, last)) if position == *last => {}
            Some((_, last)) if position < *last => {
                // Another primary took over, or this one was restored.
                self.seen.clear();
                self.seen.push_back((at, position));
            }
            _ => self.seen.push_back((at, position)),
        }
        self.asked = Some(at);
        while self.seen.get(1).is_some_and(|(second, _)| at.duration_since(*second) > self.keep) {
            self.seen.pop_front();
        }
    }

    /// How long the primary has had something that a replica at `replayed` has not. While the primary is silent this does not grow: nothing new is
    /// known to be missing. `None`: longer than we know.
    pub(super) fn lag(&self, replayed: Position) -> Option<Duration> {
        let (asked, (_, oldest)) = (self.asked?, self.seen.front()?);
        if replayed < *oldest {
            return None;
        }
        let missing = self.seen.iter().find(|(_, position)| *position > replayed);
        Some(missing.map_or(Duration::ZERO, |(since, _)| asked.duration_since(*since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn at(position: u64) -> Position {
        Position::from_raw(position)
    }

    #[test]
    fn an_idle_primary_is_no_lag() {
        let (start, mut history) = (Instant::now(), History::new(10 * SECOND));
        assert_eq!(history.lag(at(9)), None);
        for second in 0..3_600 {
            history.note(start + second * SECOND, at(5));
        }
        assert_eq!(history.lag(at(5)), Some(Duration::ZERO));
        assert_eq!(history.lag(at(4)), None);
    }

    #[test]
    fn lag_begins_with_the_first_position_that_is_missing() {
        let (start, mut history) = (Instant::now(), History::new(10 * SECOND));
        history.note(start, at(1));
        // After an hour of nothing, a write that the replica does not get.
        for second in 3_600..3_605 {
            history.note(start + second * SECOND, at(2));
        }
        assert_eq!(history.lag(at(1)), Some(4 * SECOND));
        assert_eq!(history.lag(at(2)), Some(Duration::ZERO));
        for second in 3_605..3_612 {
            history.note(start + second * SECOND, at(2 + u64::from(second - 3_604)));
        }
        // Beyond what is kept nobody knows how long.
        assert_eq!(history.lag(at(1)), None);
        assert_eq!(history.lag(at(9)), Some(Duration::ZERO));
        assert_eq!(history.lag(at(7)), Some(SECOND));
    }

    #[test]
    fn a_primary_that_went_back_is_another_one() {
        let (start, mut history) = (Instant::now(), History::new(10 * SECOND));
        history.note(start, at(100));
        history.note(start + SECOND, at(50));
        assert_eq!(history.lag(at(49)), None);
        assert_eq!(history.lag(at(50)), Some(Duration::ZERO));
    }
}
