//! How long a failed job waits.

use std::time::Duration;

use uuid::Uuid;

/// After the first failure.
const FIRST: u64 = 2_000;
/// Before the jitter, so that the longest pause is five minutes.
const LONGEST: u64 = 240_000;

/// The pause after the `failures`th failure in a row: 2 s, doubled each time, up to 4 min, and up to a quarter more. What is added
/// follows from the id, so that jobs which failed together do not come back together, and a test can foretell it.
pub(super) fn backoff(id: Uuid, failures: i64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1).clamp(0, 16)).unwrap_or_default();
    let base = (FIRST << doublings).min(LONGEST);
    let (high, low) = id.as_u64_pair();
    // Fibonacci hashing: consecutive ids land far apart. The top 16 bits are the even ones.
    let spread = (high ^ low).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
    Duration::from_millis(base + base / 4 * spread / 0xffff)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::ids::{Ids as _, SequentialIds};

    #[test]
    fn it_doubles_from_two_seconds_to_five_minutes() {
        let id = SequentialIds::default().uuid();
        let pauses: Vec<Duration> = [1, 2, 3, 7, 8, 60, i64::MAX].map(|failures| backoff(id, failures)).to_vec();
        for (pause, base) in pauses.iter().zip([2, 4, 8, 128, 240, 240, 240]) {
            let base = Duration::from_secs(base);
            assert!(*pause >= base && *pause <= base + base / 4, "{pause:?} for {base:?}");
        }
        assert_eq!(backoff(id, 0), backoff(id, 1));
        assert_eq!(backoff(id, i64::MIN), backoff(id, 1));
    }

    #[test]
    fn jobs_that_failed_together_come_back_apart() {
        let ids = SequentialIds::default();
        let pauses: BTreeSet<Duration> = (0..100).map(|_| backoff(ids.uuid(), 5)).collect();
        assert!(pauses.len() > 95, "{} different pauses", pauses.len());
        let spread = pauses.last().unwrap().saturating_sub(*pauses.first().unwrap());
        assert!(spread > Duration::from_secs(7), "{spread:?} of at most 8 s");
    }
}
