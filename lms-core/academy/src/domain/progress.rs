//! How progress follows from events, whatever order they come in: the furthest percent, the latest position, the first completion.

use porter_kernel::clock::Timestamp;

/// What was done in one lesson.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub percent: i64,
    pub position: i64,
    pub position_at: Option<Timestamp>,
    pub completed_at: Option<Timestamp>,
    pub updated_at: Timestamp,
}

impl Progress {
    /// Before anything is known.
    #[must_use]
    pub fn begun(at: Timestamp) -> Self {
        Self { percent: 0, position: 0, position_at: None, completed_at: None, updated_at: at }
    }

    /// The learner got so far. Of two positions of one moment the further one counts, so that the order of events does not matter.
    #[must_use]
    pub fn reached(self, percent: i64, position: i64, at: Timestamp) -> Self {
        let newer = self.position_at.is_none_or(|known| (known, self.position) < (at, position));
        Self {
            percent: self.percent.max(percent),
            position: if newer { position } else { self.position },
            position_at: if newer { Some(at) } else { self.position_at },
            updated_at: self.updated_at.max(at),
            ..self
        }
    }

    /// The lesson is done.
    #[must_use]
    pub fn completed(self, at: Timestamp) -> Self {
        let first = self.completed_at.map_or(at, |known| known.min(at));
        Self { percent: 100, completed_at: Some(first), updated_at: self.updated_at.max(at), ..self }
    }
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use proptest::prelude::*;
    use std::time::Duration;

    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Told {
        Reached(i64, i64),
        Completed,
    }

    fn fold(events: &[(Told, u64)]) -> Option<Progress> {
        let start = ManualClock::default().now();
        events.iter().fold(None, |progress, (told, seconds)| {
            let at = start + Duration::from_secs(*seconds);
            let progress = progress.unwrap_or_else(|| Progress::begun(at));
            Some(match told {
                Told::Reached(percent, position) => progress.reached(*percent, *position, at),
                Told::Completed => progress.completed(at),
            })
        })
    }

    fn events() -> impl Strategy<Value = Vec<(Told, u64)>> {
        let told = prop_oneof![3 => (0_i64..=100, 0_i64..500).prop_map(|(percent, position)| Told::Reached(percent, position)), 1 => Just(Told::Completed)];
        prop::collection::vec((told, 0_u64..20), 0..12)
    }

    proptest! {
        #[test]
        fn the_order_of_events_does_not_matter(events in events(), seed in any::<u64>()) {
            let mut shuffled = events.clone();
            let length = shuffled.len().max(1);
            for place in 0..shuffled.len() {
                shuffled.swap(place, usize::try_from(seed.rotate_left(u32::try_from(place).unwrap() * 7) % 1_000).unwrap() % length);
            }
            prop_assert_eq!(fold(&events), fold(&shuffled));
        }

        #[test]
        fn progress_never_goes_back_and_hearing_something_twice_changes_nothing(events in events()) {
            for end in 1..=events.len() {
                let (before, after) = (fold(&events[..end - 1]), fold(&events[..end]));
                let percent = |progress: Option<Progress>| progress.map_or(0, |progress| progress.percent);
                prop_assert!(percent(before) <= percent(after));
                let again: Vec<_> = events[..end].iter().chain(&events[..end]).copied().collect();
                prop_assert_eq!(fold(&again), after);
            }
        }
    }
}
