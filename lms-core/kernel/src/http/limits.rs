//! How often one may ask. A limit slows a flood down; it never closes the door to a person for long.

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::Problem;

/// Keys kept before those that are idle are forgotten.
const KEYS: usize = 10_000;

/// So many per minute for each key, with as many at once. Kept in memory, per process.
#[derive(Debug)]
pub struct PerMinute<K: Hash + Eq + Clone>(DefaultKeyedRateLimiter<K>);

impl<K: Hash + Eq + Clone> PerMinute<K> {
    /// `count` a minute.
    #[must_use]
    pub fn new(count: u32) -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN))))
    }

    /// Counts one; the problem says when to come back.
    pub fn take(&self, key: &K) -> Result<(), Problem> {
        if self.0.len() > KEYS {
            self.0.retain_recent();
        }
        self.0.check_key(key).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now()).max(Duration::from_secs(1));
            Problem::too_many_requests("That was a lot at once. Please wait a moment and try again; nothing is lost.", wait)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_one_is_told_to_wait_and_others_are_not() {
        let limit = PerMinute::new(3);
        assert!((0..3).all(|_| limit.take(&"one").is_ok()));
        assert!(limit.take(&"one").is_err_and(|problem| problem.status().as_u16() == 429));
        assert!(limit.take(&"two").is_ok());
    }
}
